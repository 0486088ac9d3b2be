"""Reads of notices."""

from typing import Any

from sqlalchemy import func, select

from marketplace.database import db
from marketplace.notices.models import DeliveredMail, Notice


def inbox(user: Any, limit: int = 100) -> list[Notice]:
    return list(
        db.session.scalars(select(Notice).where(Notice.user_id == user.id).order_by(Notice.id.desc()).limit(limit))
    )


def unread(user: Any) -> int:
    return (
        db.session.scalar(select(func.count(Notice.id)).where(Notice.user_id == user.id, Notice.read_at.is_(None))) or 0
    )


def delivered(limit: int = 200) -> list[DeliveredMail]:
    return list(db.session.scalars(select(DeliveredMail).order_by(DeliveredMail.id.desc()).limit(limit)))

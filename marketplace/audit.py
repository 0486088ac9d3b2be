"""Who did what, when and why: one line per decision, each sealed with the hash of the line before it.

A line cannot be edited or dropped unnoticed: :func:`broken_at` walks the chain and names the first line that does not
fit. Lines never hold what their readers may not see (no bidder codes, no passwords, no account numbers).
"""

import hashlib
import json
from datetime import datetime
from typing import Any

from sqlalchemy import Index, select
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database import Base, Key, db


class AuditLine(Base):
    """One decision, never changed."""

    __tablename__ = "audit_line"
    __table_args__ = (Index("ix_audit_line_subject", "subject", "id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    at: Mapped[datetime]
    event: Mapped[str]
    """``listing.published``: the thing and the participle."""
    subject: Mapped[str]
    """``listing:42``: the thing it happened to."""
    actor_id: Mapped[int | None]
    """The user; None when the clock did it."""
    organisation_id: Mapped[int | None]
    why: Mapped[str] = mapped_column(default="")
    facts: Mapped[dict[str, Any]]
    previous_hash: Mapped[str]
    hash: Mapped[str] = mapped_column(unique=True)


class AuditHead(Base):
    """The one row every new line locks, so that the chain has one order."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    hash: Mapped[str] = mapped_column(default="")


def _seal(line: AuditLine) -> str:
    body = [
        line.previous_hash,
        line.at.isoformat(),
        line.event,
        line.subject,
        line.actor_id,
        line.organisation_id,
        line.why,
        line.facts,
    ]
    return hashlib.sha256(json.dumps(body, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def record(event: str, subject: str, *, by: Any = None, now: datetime, why: str = "", **facts: Any) -> AuditLine:
    """Write one line in this transaction; ``by`` is the user who acted, or None for the clock."""
    head = db.session.get(AuditHead, 1, with_for_update=True)
    if head is None:
        head = AuditHead(id=1, hash="")
        db.session.add(head)
    line = AuditLine(
        at=now,
        event=event,
        subject=subject,
        actor_id=by.id if by is not None else None,
        organisation_id=by.organisation_id if by is not None else None,
        why=why,
        facts={name: value if isinstance(value, int | bool | None) else str(value) for name, value in facts.items()},
        previous_hash=head.hash,
    )
    line.hash = head.hash = _seal(line)
    db.session.add(line)
    return line


def lines(subject: str) -> list[AuditLine]:
    """Everything that happened to one thing, oldest first."""
    return list(db.session.scalars(select(AuditLine).where(AuditLine.subject == subject).order_by(AuditLine.id)))


def broken_at() -> int | None:
    """The id of the first line whose seal does not fit, or None if the chain is whole."""
    previous = ""
    for line in db.session.scalars(select(AuditLine).order_by(AuditLine.id).execution_options(yield_per=1000)):
        if line.previous_hash != previous or line.hash != _seal(line):
            return line.id
        previous = line.hash
    head = db.session.get(AuditHead, 1)
    if head is not None and head.hash != previous:
        return -1
    return None

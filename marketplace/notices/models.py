"""Notices inside the market, and the mail that was delivered where no mail server is set."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database import Base, Key


class Notice(Base):
    """One thing one person was told."""

    __tablename__ = "notice"
    __table_args__ = (Index("ix_notice_inbox", "user_id", "read_at", "id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    user_id: Mapped[int | None]
    """Who reads it inside; None when only a mail was sent (nobody is signed up under the address yet)."""
    name: Mapped[str]
    """Which template under templates/mail: its first line is the subject and the line shown inside."""
    facts: Mapped[dict[str, Any]]
    link: Mapped[str] = mapped_column(default="")
    """Path of the page it is about."""
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class DeliveredMail(Base):
    """A mail as it was delivered inside the market, because no mail server is set (the demo market's mail page)."""

    __tablename__ = "delivered_mail"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    recipient: Mapped[str] = mapped_column(index=True)
    subject: Mapped[str]
    body: Mapped[str]
    sent_at: Mapped[datetime]

"""Telling people: a row for the inbox and an outbox effect for the mail, in the transaction of what happened."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from marketplace.core.errors import NotFound
from marketplace.core.money import Money
from marketplace.database import db
from marketplace.notices.models import Notice
from marketplace.outbox import enqueue


def _plain(value: Any) -> Any:
    """A fact as JSON keeps it; money and moments are marked so that the template can write them."""
    if isinstance(value, Money):
        return {"money": [value.minor, value.currency]}
    if isinstance(value, datetime):
        return {"moment": value.isoformat()}
    if hasattr(value, "isoformat"):
        return {"day": value.isoformat()}
    return value if isinstance(value, int | bool | None) else str(value)


def tell(recipients: Iterable[Any], name: str, *, link: str = "", now: datetime, **facts: Any) -> None:
    """Put a notice into each user's inbox and queue its mail.

    :param name: of the template ``templates/mail/<name>.txt``, whose first line is the subject
    """
    kept = {key: _plain(value) for key, value in facts.items()}
    for user in recipients:
        notice = Notice(user_id=user.id, name=name, facts=kept, link=link, created_at=now)
        db.session.add(notice)
        db.session.flush()
        _queue(user.email, name, kept, link, locale=user.locale, key=f"notice:{notice.id}", now=now)


def mail(address: str, name: str, *, link: str = "", key: str, now: datetime, locale: str = "", **facts: Any) -> None:
    """Queue a mail to an address that may belong to nobody yet; the same ``key`` is sent once."""
    kept = {name_: _plain(value) for name_, value in facts.items()}
    _queue(address, name, kept, link, locale=locale, key=key, now=now)


def _queue(address: str, name: str, facts: dict[str, Any], link: str, *, locale: str, key: str, now: datetime) -> None:
    payload = {"to": address, "name": name, "facts": facts, "link": link, "locale": locale, "key": key}
    enqueue("mail.send", payload, key=f"mail:{key}", now=now)


def mark_read(user: Any, notice_id: int, *, now: datetime) -> str:
    """Mark one notice read and return the page it is about.

    :raises NotFound: for another's
    """
    notice = db.session.scalar(select(Notice).where(Notice.id == notice_id, Notice.user_id == user.id))
    if notice is None:
        raise NotFound
    notice.read_at = notice.read_at or now
    return notice.link


def mark_all_read(user: Any, *, now: datetime) -> None:
    db.session.execute(update(Notice).where(Notice.user_id == user.id, Notice.read_at.is_(None)).values(read_at=now))

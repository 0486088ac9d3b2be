"""The journal: every movement of client money, balanced, keyed by its cause, never edited."""

from datetime import datetime

from sqlalchemy import func, select

from marketplace.core.money import Money
from marketplace.database import db
from marketplace.payments.models import JournalEntry, JournalPosting
from marketplace.payments.rules import Posting


def post(posting: Posting, *, now: datetime) -> JournalPosting:
    """Write a posting; the same cause again returns the one that stands."""
    known = db.session.scalar(select(JournalPosting).where(JournalPosting.key == posting.key))
    if known is not None:
        return known
    row = JournalPosting(key=posting.key, memo=posting.memo, posted_at=now)
    row.entries = [
        JournalEntry(account=entry.account, amount_minor=entry.amount.minor, currency=entry.amount.currency)
        for entry in posting.entries
    ]
    db.session.add(row)
    db.session.flush()
    return row


def balance(account: str) -> Money:
    """What an account holds; client accounts are credit balances and come back negative."""
    held = db.session.scalar(select(func.sum(JournalEntry.amount_minor)).where(JournalEntry.account == account))
    return Money(int(held or 0))


def trial_balance() -> list[tuple[str, Money]]:
    """Every kind of account with its balance; they sum to nought."""
    rows = db.session.execute(
        select(JournalEntry.account, func.sum(JournalEntry.amount_minor)).group_by(JournalEntry.account)
    )
    kinds: dict[str, int] = {}
    for account, held in rows:
        kind = account.partition(":")[0]
        kinds[kind] = kinds.get(kind, 0) + int(held)
    return [(kind, Money(held)) for kind, held in sorted(kinds.items())]


def newest(limit: int = 100) -> list[JournalPosting]:
    return list(db.session.scalars(select(JournalPosting).order_by(JournalPosting.id.desc()).limit(limit)))

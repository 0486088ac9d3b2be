"""Reads of the operator's verification desk."""

from sqlalchemy import func, or_, select

from marketplace.accounts.models import Organisation
from marketplace.accounts.rules import Verification
from marketplace.database import db

PER_PAGE = 50


def counts() -> dict[Verification, int]:
    rows = db.session.execute(select(Organisation.verification, func.count()).group_by(Organisation.verification))
    return dict(rows.tuples().all())


def organisations(state: Verification | None, words: str, page: int) -> tuple[list[Organisation], int]:
    """One page and the number of all that match, those longest waiting first."""
    query = select(Organisation)
    if state is not None:
        query = query.where(Organisation.verification == state)
    if words:
        like = f"%{words.strip()}%"
        query = query.where(or_(Organisation.name.ilike(like), Organisation.uscc.ilike(like)))
    whole = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = db.session.scalars(query.order_by(Organisation.id).limit(PER_PAGE).offset((page - 1) * PER_PAGE))
    return list(rows), whole

"""Reads of imports: a bank sees its own."""

from sqlalchemy import select

from marketplace.accounts.models import User
from marketplace.accounts.queries import tenant_ids
from marketplace.core.errors import NotFound
from marketplace.database import db
from marketplace.intake.models import ImportBatch, ImportRow
from marketplace.intake.rules import BatchState

PER_PAGE = 100


def visible(ref: str, viewer: User) -> ImportBatch:
    """:raises NotFound: when there is none, or it is another bank's"""
    batch = db.session.scalar(select(ImportBatch).where(ImportBatch.ref == ref))
    if batch is None or batch.bank_id not in tenant_ids(viewer):
        raise NotFound
    return batch


def batches(viewer: User) -> list[ImportBatch]:
    return list(
        db.session.scalars(
            select(ImportBatch)
            .where(ImportBatch.bank_id.in_(tenant_ids(viewer)), ImportBatch.state != BatchState.DISCARDED)
            .order_by(ImportBatch.id.desc())
            .limit(100)
        )
    )


def rows(batch: ImportBatch, *, only_wrong: bool, page: int) -> list[ImportRow]:
    """One page of verdicts in the file's order."""
    query = select(ImportRow).where(ImportRow.batch_id == batch.id)
    if only_wrong:
        query = query.where(ImportRow.is_ok.is_(False))
    return list(db.session.scalars(query.order_by(ImportRow.row_no).limit(PER_PAGE).offset((page - 1) * PER_PAGE)))


def wrong_rows(batch: ImportBatch) -> list[ImportRow]:
    return list(
        db.session.scalars(
            select(ImportRow)
            .where(ImportRow.batch_id == batch.id, ImportRow.is_ok.is_(False))
            .order_by(ImportRow.row_no)
        )
    )

"""An uploaded spreadsheet and the verdict on each of its rows."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Organisation, User
from marketplace.database import Base, Key, Word
from marketplace.intake.rules import BatchState


class ImportBatch(Base):
    """One file of one bank: checked first, accepted by a second act, worked off in the worker row by row."""

    __tablename__ = "import_batch"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)
    bank_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    filename: Mapped[str]
    media_type: Mapped[str]
    sha256: Mapped[str]
    state: Mapped[BatchState] = mapped_column(Word(BatchState))
    rows_total: Mapped[int] = mapped_column(default=0)
    rows_checked: Mapped[int] = mapped_column(default=0)
    rows_ok: Mapped[int] = mapped_column(default=0)
    rows_imported: Mapped[int] = mapped_column(default=0)
    unknown_columns: Mapped[list[Any]] = mapped_column(default=list)
    failure: Mapped[str] = mapped_column(default="")
    """Why the file as a whole could not be read, as a message id."""
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    """None when it came in on the command line."""
    uploaded_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    bank: Mapped[Organisation] = relationship()
    uploaded_by: Mapped[User | None] = relationship()


class ImportRow(Base):
    """One row of the file with its verdict; ``asset_id`` is set in the transaction that made the asset."""

    __tablename__ = "import_row"
    __table_args__ = (UniqueConstraint("batch_id", "row_no"), Index("ix_import_row_key", "batch_id", "key"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"), index=True)
    row_no: Mapped[int]
    """As the spreadsheet counts: the heads are row 1."""
    key: Mapped[str] = mapped_column(default="")
    """``invention:CN202010288867.7``: what makes two rows the same right; empty where the number was refused."""
    cells: Mapped[dict[str, Any]]
    verdict: Mapped[dict[str, Any]]
    """``{"ok", "kind", "number", "in_force_until", "next_due_on", "errors", "warnings", "normalised"}``"""
    is_ok: Mapped[bool]
    asset_id: Mapped[int | None] = mapped_column(ForeignKey("asset.id"))

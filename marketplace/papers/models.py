"""Papers: files with a controlled type, versions and a hash, belonging to a thing named by its subject."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database import Base, Key, Word
from marketplace.papers.rules import PaperKind


class Paper(Base):
    """One version of one paper; a later upload of the same kind and title is a further version, none is overwritten."""

    __tablename__ = "paper"
    __table_args__ = (
        UniqueConstraint("subject", "kind", "title", "version"),
        Index("ix_paper_subject", "subject"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)
    subject: Mapped[str]
    """``asset:7``, ``case:3``, ``organisation:2``, ``deal:9``, ``payment:4``: whoever may see that may see this."""
    kind: Mapped[PaperKind] = mapped_column(Word(PaperKind))
    title: Mapped[str]
    version: Mapped[int]
    filename: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    is_public: Mapped[bool] = mapped_column(default=False)
    """Shown on the public lot page once the lot is published (valuation report, notice …)."""
    uploaded_by_id: Mapped[int | None]
    """The user; None when the market made it (notices, confirmations)."""
    uploaded_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]

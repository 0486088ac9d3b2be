"""The pledged right: identity, dates, classes, co-owners, burdens, pledges by rank, valuations, priority holders."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Organisation
from marketplace.assets.kinds import PATENTS, Kind
from marketplace.assets.rules import EncumbranceKind, Status
from marketplace.assets.valuation import Method
from marketplace.cases.models import Case
from marketplace.core import identifiers
from marketplace.core.money import Money
from marketplace.database import Base, Fen, Key, Word


class Asset(Base):
    """One right of any kind in a bank's portfolio; what a kind needs is said in ``assets/kinds.py``."""

    __tablename__ = "asset"
    __table_args__ = (UniqueConstraint("bank_id", "kind", "number"), Index("ix_asset_case", "case_id"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)
    bank_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))
    kind: Mapped[Kind] = mapped_column(Word(Kind))
    number: Mapped[str]
    """Normalised by the kind's reader."""
    title: Mapped[str]
    abstract: Mapped[str] = mapped_column(default="")
    holder: Mapped[str] = mapped_column(default="")
    status: Mapped[Status] = mapped_column(Word(Status), default=Status.IN_FORCE)
    region_code: Mapped[str] = mapped_column(default="")
    filed_on: Mapped[date | None]
    granted_on: Mapped[date | None]
    registered_on: Mapped[date | None]
    first_published_on: Mapped[date | None]
    completed_on: Mapped[date | None]
    first_used_on: Mapped[date | None]
    author_died_on: Mapped[date | None]
    term_adjust_days: Mapped[int] = mapped_column(default=0)
    fee_paid_through_year: Mapped[int | None]
    """The last patent year whose annual fee is known to be paid."""
    renewed_until: Mapped[date | None]
    is_mark_family_complete: Mapped[bool] = mapped_column(default=True)
    """For trademarks: no similar mark on similar goods is left out (Trademark Law art. 42)."""
    is_secret: Mapped[bool] = mapped_column(default=False)
    is_export_controlled: Mapped[bool] = mapped_column(default=False)
    is_service_invention: Mapped[bool] = mapped_column(default=False)
    is_foreign_buyer_allowed: Mapped[bool] = mapped_column(default=False)
    held_at: Mapped[datetime | None]
    """Since when a lot that was handed in, published or sold rests on what is said here."""
    created_at: Mapped[datetime]

    bank: Mapped[Organisation] = relationship()
    case: Mapped[Case | None] = relationship()
    classes: Mapped[list["AssetClass"]] = relationship(
        back_populates="asset", order_by="AssetClass.id", cascade="all, delete-orphan"
    )
    co_owners: Mapped[list["CoOwner"]] = relationship(
        back_populates="asset", order_by="CoOwner.id", cascade="all, delete-orphan"
    )
    encumbrances: Mapped[list["Encumbrance"]] = relationship(back_populates="asset", order_by="Encumbrance.id")
    pledges: Mapped[list["Pledge"]] = relationship(back_populates="asset", order_by="Pledge.rank")
    valuations: Mapped[list["Valuation"]] = relationship(back_populates="asset", order_by="Valuation.id")
    priority_holders: Mapped[list["PriorityHolder"]] = relationship(
        back_populates="asset", order_by="PriorityHolder.rank"
    )

    @property
    def subject(self) -> str:
        return f"asset:{self.id}"

    @property
    def reference(self) -> "Valuation | None":
        """The one valuation that prices are measured against."""
        return next((v for v in self.valuations if v.is_reference), None)

    @property
    def shown_number(self) -> str:
        """The number as people write it."""
        return identifiers.patent_number(self.number).display if self.kind in PATENTS else self.number

    @property
    def main_class(self) -> str:
        return next((c.code for c in self.classes), "")


class AssetClass(Base):
    """A class symbol of one scheme: ``ipc``, ``locarno``, ``nice``, ``similar_group``, ``work``, ``industry``."""

    __tablename__ = "asset_class"
    __table_args__ = (UniqueConstraint("asset_id", "scheme", "code"), Index("ix_asset_class_code", "scheme", "code"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    asset_id: Mapped[int] = mapped_column(ForeignKey("asset.id"), index=True)
    scheme: Mapped[str]
    code: Mapped[str]

    asset: Mapped[Asset] = relationship(back_populates="classes")


class CoOwner(Base):
    """Another owner of the right; whether they agreed in writing to its disposal."""

    __tablename__ = "co_owner"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    asset_id: Mapped[int] = mapped_column(ForeignKey("asset.id"), index=True)
    name: Mapped[str]
    uscc: Mapped[str] = mapped_column(default="")
    consented_on: Mapped[date | None]

    asset: Mapped[Asset] = relationship(back_populates="co_owners")


class Encumbrance(Base):
    """A licence, freeze, dispute or attack on the right, with the order's own end date, never a computed one."""

    __tablename__ = "encumbrance"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    asset_id: Mapped[int] = mapped_column(ForeignKey("asset.id"), index=True)
    kind: Mapped[EncumbranceKind] = mapped_column(Word(EncumbranceKind))
    party: Mapped[str] = mapped_column(default="")
    """Licensee, court, or whoever attacks."""
    document_no: Mapped[str] = mapped_column(default="")
    from_on: Mapped[date | None]
    until_on: Mapped[date | None]
    lifted_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(default="")

    asset: Mapped[Asset] = relationship(back_populates="encumbrances")


class Pledge(Base):
    """A registered pledge over the right; ranks follow the registration (Civil Code art. 414)."""

    __tablename__ = "pledge"
    __table_args__ = (UniqueConstraint("asset_id", "registration_no"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    asset_id: Mapped[int] = mapped_column(ForeignKey("asset.id"), index=True)
    rank: Mapped[int]
    pledgee_name: Mapped[str]
    pledgee_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    """The pledgee in this market, if it is one of ours."""
    registration_no: Mapped[str]
    registered_on: Mapped[date]
    expires_on: Mapped[date | None]
    cancelled_on: Mapped[date | None]
    cap_minor: Mapped[int | None] = mapped_column(Fen)
    """The registered maximum of a maximum-amount pledge (Civil Code art. 439); None for an ordinary one."""
    claim_principal_minor: Mapped[int] = mapped_column(Fen, default=0)
    claim_interest_minor: Mapped[int] = mapped_column(Fen, default=0)
    claim_costs_minor: Mapped[int] = mapped_column(Fen, default=0)
    """The secured claim of this pledge; rank 1 of the selling bank follows its case when these are nought."""

    asset: Mapped[Asset] = relationship(back_populates="pledges")


class Valuation(Base):
    """One valuation of the right; exactly one per asset is the reference price."""

    __tablename__ = "valuation"
    __table_args__ = (
        Index(
            "uq_valuation_reference",
            "asset_id",
            unique=True,
            sqlite_where=text("is_reference"),
            postgresql_where=text("is_reference"),
        ),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    asset_id: Mapped[int] = mapped_column(ForeignKey("asset.id"), index=True)
    method: Mapped[Method] = mapped_column(Word(Method))
    amount_minor: Mapped[int] = mapped_column(Fen)
    base_on: Mapped[date]
    valid_until: Mapped[date]
    firm_name: Mapped[str] = mapped_column(default="")
    firm_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    firm_uscc: Mapped[str] = mapped_column(default="")
    signers: Mapped[list[Any]] = mapped_column(default=list)
    report_no: Mapped[str] = mapped_column(default="")
    paper_id: Mapped[int | None] = mapped_column(ForeignKey("paper.id"))
    is_reference: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]

    asset: Mapped[Asset] = relationship(back_populates="valuations")

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor)


class PriorityHolder(Base):
    """Somebody who may buy at the same price (completer, co-owner …), with the notification and the answer."""

    __tablename__ = "priority_holder"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    asset_id: Mapped[int] = mapped_column(ForeignKey("asset.id"), index=True)
    name: Mapped[str]
    uscc: Mapped[str] = mapped_column(default="")
    basis: Mapped[str]
    """The article the priority rests on, as ``民法典 第847条``."""
    rank: Mapped[int] = mapped_column(default=1)
    notified_on: Mapped[date | None]
    response: Mapped[str] = mapped_column(default="")

    asset: Mapped[Asset] = relationship(back_populates="priority_holders")

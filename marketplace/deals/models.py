"""Deals, their milestones and the outcome record."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Organisation
from marketplace.core.money import Money
from marketplace.database import Base, Fen, Key, Word
from marketplace.deals.rules import DealState, MilestoneCode, MilestoneState
from marketplace.listings.models import Listing


class Deal(Base):
    """A lot struck to a buyer at a price, under the version of the rules it remembers."""

    __tablename__ = "deal"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"), unique=True)
    buyer_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    bidder_code: Mapped[str] = mapped_column(default="")
    state: Mapped[DealState] = mapped_column(Word(DealState))
    price_minor: Mapped[int] = mapped_column(Fen)
    deposit_minor: Mapped[int] = mapped_column(Fen, default=0)
    policy_version: Mapped[str]
    struck_at: Mapped[datetime]
    balance_due_on: Mapped[date]
    settled_at: Mapped[datetime | None]
    defaulted_at: Mapped[datetime | None]
    confirmation_id: Mapped[int | None] = mapped_column(ForeignKey("paper.id"))
    version: Mapped[int] = mapped_column(default=1)

    listing: Mapped[Listing] = relationship()
    buyer: Mapped[Organisation] = relationship()
    milestones: Mapped[list["Milestone"]] = relationship(back_populates="deal", order_by="Milestone.position")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @property
    def subject(self) -> str:
        return f"deal:{self.id}"

    @property
    def price(self) -> Money:
        return Money(self.price_minor)

    @property
    def deposit(self) -> Money:
        return Money(self.deposit_minor)

    @property
    def balance(self) -> Money:
        return self.price - self.deposit


class Milestone(Base):
    """One line of the closing checklist."""

    __tablename__ = "milestone"
    __table_args__ = (UniqueConstraint("deal_id", "code"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    deal_id: Mapped[int] = mapped_column(ForeignKey("deal.id"), index=True)
    position: Mapped[int]
    code: Mapped[MilestoneCode] = mapped_column(Word(MilestoneCode))
    state: Mapped[MilestoneState] = mapped_column(Word(MilestoneState), default=MilestoneState.PENDING)
    due_on: Mapped[date | None]
    met_on: Mapped[date | None]
    """The day the thing happened in law (recorded, announced, received), not the day it was typed in."""
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    note: Mapped[str] = mapped_column(default="")
    reminded_on: Mapped[date | None]

    deal: Mapped[Deal] = relationship(back_populates="milestones")


class Outcome(Base):
    """What came of a lot: one row for every lot that ended, sold or not; the market's memory."""

    __tablename__ = "outcome"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"), unique=True)
    result: Mapped[str] = mapped_column(index=True)
    """``sold``, ``failed``, ``withdrawn``, ``terminated``, ``defaulted``"""
    reason: Mapped[str] = mapped_column(default="")
    kind: Mapped[str]
    form: Mapped[str]
    bank_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    region_code: Mapped[str]
    attempt: Mapped[int]
    items: Mapped[int] = mapped_column(default=1)
    bidders: Mapped[int] = mapped_column(default=0)
    bids: Mapped[int] = mapped_column(default=0)
    claim_minor: Mapped[int] = mapped_column(Fen)
    reference_minor: Mapped[int] = mapped_column(Fen)
    start_minor: Mapped[int] = mapped_column(Fen)
    price_minor: Mapped[int | None] = mapped_column(Fen)
    recovered_minor: Mapped[int | None] = mapped_column(Fen)
    """What reached the selling bank's claim, after costs and prior ranks."""
    days_to_notice: Mapped[int | None]
    days_notice: Mapped[int | None]
    days_bidding: Mapped[int | None]
    days_to_settle: Mapped[int | None]
    ended_at: Mapped[datetime] = mapped_column(index=True)
    facts: Mapped[dict[str, Any]]

    listing: Mapped[Listing] = relationship()

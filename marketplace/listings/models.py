"""What is offered: one or several rights, in which form, at what terms, under which version of the rules."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Organisation, User
from marketplace.assets.models import Asset
from marketplace.core.money import Money
from marketplace.core.policy import Regime
from marketplace.database import Base, Fen, Key, Word
from marketplace.listings.routes import Form
from marketplace.listings.rules import State


class Listing(Base):
    """One indivisible lot; its state moves by the table in ``listings/rules.py``, its stage also follows the clock."""

    __tablename__ = "listing"
    __table_args__ = (Index("ix_listing_state", "state", "closes_at"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)
    bank_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    form: Mapped[Form] = mapped_column(Word(Form), default=Form.BIDDING)
    state: Mapped[State] = mapped_column(Word(State), default=State.DRAFT)
    regime: Mapped[Regime] = mapped_column(Word(Regime), default=Regime.OTC)
    policy_version: Mapped[str] = mapped_column(default="")
    """The policy it was published under; empty until then."""
    title: Mapped[str]
    summary: Mapped[str] = mapped_column(default="")
    defects: Mapped[str] = mapped_column(default="")
    """Known flaws and burdens, in the bank's words; mandatory, 'none known' is an answer."""
    tax_terms: Mapped[str] = mapped_column(default="")
    handover_terms: Mapped[str] = mapped_column(default="")
    qualification: Mapped[str] = mapped_column(default="")
    """What a bidder must be or hold, in words; empty: anybody with capacity."""
    contact: Mapped[str] = mapped_column(default="")
    region_code: Mapped[str] = mapped_column(default="410000")
    attempt: Mapped[int] = mapped_column(default=1)
    previous_id: Mapped[int | None] = mapped_column(ForeignKey("listing.id"))
    """The failed round this one follows."""
    reference_minor: Mapped[int] = mapped_column(Fen, default=0)
    start_minor: Mapped[int] = mapped_column(Fen, default=0)
    increment_minor: Mapped[int] = mapped_column(Fen, default=0)
    deposit_minor: Mapped[int] = mapped_column(Fen, default=0)
    balance_due_days: Mapped[int] = mapped_column(default=15)
    notice_at: Mapped[datetime | None]
    """When the notice was published."""
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    """The scheduled end while open; the final one after."""
    reason: Mapped[str] = mapped_column(default="")
    """Why it was sent back, suspended, withdrawn or ended: a reason code where the list has one."""
    reason_note: Mapped[str] = mapped_column(default="")
    created_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    final_price_minor: Mapped[int | None] = mapped_column(Fen)
    version: Mapped[int] = mapped_column(default=1)

    bank: Mapped[Organisation] = relationship()
    previous: Mapped["Listing | None"] = relationship(remote_side=[id])
    created_by: Mapped[User] = relationship(foreign_keys=[created_by_id])
    items: Mapped[list["ListingItem"]] = relationship(
        back_populates="listing", order_by="ListingItem.position", cascade="all, delete-orphan"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @property
    def subject(self) -> str:
        return f"listing:{self.id}"

    @property
    def start(self) -> Money:
        return Money(self.start_minor)

    @property
    def reference(self) -> Money:
        return Money(self.reference_minor)

    @property
    def increment(self) -> Money:
        return Money(self.increment_minor)

    @property
    def deposit(self) -> Money:
        return Money(self.deposit_minor)

    @property
    def final_price(self) -> Money | None:
        return None if self.final_price_minor is None else Money(self.final_price_minor)


class ListingItem(Base):
    """One right in a lot, with the share of the price it carries when there are several."""

    __tablename__ = "listing_item"
    __table_args__ = (UniqueConstraint("listing_id", "asset_id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"), index=True)
    asset_id: Mapped[int] = mapped_column(ForeignKey("asset.id"), index=True)
    position: Mapped[int] = mapped_column(default=1)
    allocation_minor: Mapped[int | None] = mapped_column(Fen)

    listing: Mapped[Listing] = relationship(back_populates="items")
    asset: Mapped[Asset] = relationship()


class Watch(Base):
    """Somebody keeps an eye on a lot."""

    __tablename__ = "watch"
    __table_args__ = (UniqueConstraint("user_id", "listing_id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"), index=True)
    created_at: Mapped[datetime]


class ListingEntry(Base):
    """The public card of a published lot: everything search, filters, sorting and cards need, in one row."""

    __tablename__ = "listing_entry"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    """The listing's id."""
    ref: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    number: Mapped[str]
    kind: Mapped[str]
    ipc: Mapped[str]
    """Main IPC symbol (or Locarno/Nice class with its scheme's prefix)."""
    region_code: Mapped[str]
    form: Mapped[str]
    state: Mapped[str]
    bank_id: Mapped[int]
    bank_name: Mapped[str]
    price_minor: Mapped[int] = mapped_column(Fen)
    """Current price: the start price, then the highest bid, then the final price."""
    reference_minor: Mapped[int] = mapped_column(Fen)
    notice_at: Mapped[datetime]
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    in_force_until_day: Mapped[int | None]
    """Proleptic ordinal of the last day in force of the shortest right in the lot."""
    attempt: Mapped[int] = mapped_column(default=1)
    items: Mapped[int] = mapped_column(default=1)
    bid_count: Mapped[int] = mapped_column(default=0)


class EntryChange(Base):
    """Which card changed, in order, so that every process can keep its arrays fresh by reading what is new."""

    __tablename__ = "entry_change"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    listing_id: Mapped[int]


class Policies(Base):
    """An operator's record that a version of the market's rules was announced and when it takes effect."""

    __tablename__ = "rule_announcement"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    policy_version: Mapped[str] = mapped_column(unique=True)
    announced_at: Mapped[datetime]
    effective_at: Mapped[datetime]
    facts: Mapped[dict[str, Any]]

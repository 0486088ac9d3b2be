"""Bidding: one auction per lot, the bidders as codes, and the bids in the order they arrived."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Organisation, User
from marketplace.auctions.formats import Format
from marketplace.auctions.rules import AuctionState, RegistrationState
from marketplace.core.money import Money
from marketplace.database import Base, Fen, Key, Word
from marketplace.listings.models import Listing


class Auction(Base):
    """The row that arbitrates: every accepted bid changes it, so two contenders can never both win.

    It is a cache of the last line of its bid log plus the terms.
    """

    __tablename__ = "auction"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"), unique=True)
    format: Mapped[Format] = mapped_column(Word(Format), default=Format.OPEN_ASCENDING)
    state: Mapped[AuctionState] = mapped_column(Word(AuctionState), default=AuctionState.SCHEDULED)
    opens_at: Mapped[datetime]
    scheduled_end_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    start_minor: Mapped[int] = mapped_column(Fen)
    increment_minor: Mapped[int] = mapped_column(Fen)
    deposit_minor: Mapped[int] = mapped_column(Fen)
    extension_minutes: Mapped[int]
    policy_version: Mapped[str]
    price_minor: Mapped[int | None] = mapped_column(Fen)
    leader_id: Mapped[int | None] = mapped_column(ForeignKey("registration.id", use_alter=True))
    bid_count: Mapped[int] = mapped_column(default=0)
    extensions: Mapped[int] = mapped_column(default=0)
    closed_at: Mapped[datetime | None]
    """When the close was recorded; whether bidding is over follows from ``ends_at`` alone."""
    suspended_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    listing: Mapped[Listing] = relationship()
    leader: Mapped["Registration | None"] = relationship(foreign_keys=[leader_id])

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @property
    def price(self) -> Money | None:
        return None if self.price_minor is None else Money(self.price_minor)


class Registration(Base):
    """One organisation's standing in one auction. ``code`` is random and, until the close, shown to its owner alone."""

    __tablename__ = "registration"
    __table_args__ = (
        UniqueConstraint("auction_id", "organisation_id"),
        UniqueConstraint("auction_id", "code"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)
    auction_id: Mapped[int] = mapped_column(ForeignKey("auction.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    code: Mapped[str]
    state: Mapped[RegistrationState] = mapped_column(Word(RegistrationState), default=RegistrationState.APPLIED)
    rules_version: Mapped[str]
    rules_accepted_at: Mapped[datetime]
    is_deposit_exempt: Mapped[bool] = mapped_column(default=False)
    exemption_reason: Mapped[str] = mapped_column(default="")
    priority_rank: Mapped[int | None]
    confirmed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    auction: Mapped[Auction] = relationship(foreign_keys=[auction_id])
    organisation: Mapped[Organisation] = relationship()
    user: Mapped[User] = relationship()


class Bid(Base):
    """One accepted bid, never changed; ``seq`` counts within the auction without gaps."""

    __tablename__ = "bid"
    __table_args__ = (
        UniqueConstraint("auction_id", "seq"),
        UniqueConstraint("registration_id", "key"),
        CheckConstraint("amount_minor > 0", name="positive"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    auction_id: Mapped[int] = mapped_column(ForeignKey("auction.id"), index=True)
    seq: Mapped[int]
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    amount_minor: Mapped[int] = mapped_column(Fen)
    key: Mapped[str]
    """The confirm page's own key: the same page sent twice is one bid."""
    received_at: Mapped[datetime]
    """Server receipt, UTC, microseconds; what decides."""
    ends_at: Mapped[datetime]
    """The end as this bid left it."""
    previous_hash: Mapped[str]
    hash: Mapped[str]

    registration: Mapped[Registration] = relationship()

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor)

"""Money: payment orders in, payouts out, and the double-entry journal both leave behind."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Organisation
from marketplace.core.money import Money
from marketplace.database import Base, Fen, Key, Word
from marketplace.payments.rules import OrderState, PayoutState, Purpose


class JournalPosting(Base):
    """One balanced set of entries, written once under the key of its cause and never edited."""

    __tablename__ = "posting"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    memo: Mapped[str]
    posted_at: Mapped[datetime]

    entries: Mapped[list["JournalEntry"]] = relationship(back_populates="posting", order_by="JournalEntry.id")


class JournalEntry(Base):
    """One line of a posting: debits positive, credits negative."""

    __tablename__ = "entry"
    __table_args__ = (CheckConstraint("amount_minor <> 0", name="not_nought"), Index("ix_entry_account", "account"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    posting_id: Mapped[int] = mapped_column(ForeignKey("posting.id"), index=True)
    account: Mapped[str]
    amount_minor: Mapped[int] = mapped_column(Fen)
    currency: Mapped[str] = mapped_column(default="CNY")

    posting: Mapped[JournalPosting] = relationship(back_populates="entries")


class PaymentOrder(Base):
    """Money asked of a payer, to be recognised by its reference when it arrives in escrow."""

    __tablename__ = "payment_order"
    __table_args__ = (UniqueConstraint("purpose", "subject"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)
    """Written by the payer on the transfer; random, says nothing about the lot."""
    purpose: Mapped[Purpose] = mapped_column(Word(Purpose))
    subject: Mapped[str]
    """``registration:5`` for a deposit, ``deal:3`` for a balance."""
    payer_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    amount_minor: Mapped[int] = mapped_column(Fen)
    provider: Mapped[str] = mapped_column(default="bank_transfer")
    state: Mapped[OrderState] = mapped_column(Word(OrderState))
    due_at: Mapped[datetime | None]
    paid_on: Mapped[date | None]
    """The day the bank statement shows."""
    proof_id: Mapped[int | None] = mapped_column(ForeignKey("paper.id"))
    first_confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    confirmed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    payer: Mapped[Organisation] = relationship()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor)


class Payout(Base):
    """Money due out of escrow: a released deposit, a creditor's share, the surplus, a fee."""

    __tablename__ = "payout"
    __table_args__ = (UniqueConstraint("key"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    key: Mapped[str]
    """The cause: ``deposit:5``, ``deal:3:claim:1`` …; one payout per cause, ever."""
    purpose: Mapped[Purpose] = mapped_column(Word(Purpose))
    deal_ref: Mapped[str] = mapped_column(default="", index=True)
    payee_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    payee_name: Mapped[str]
    account: Mapped[str]
    """The journal account it leaves."""
    amount_minor: Mapped[int] = mapped_column(Fen)
    basis: Mapped[str] = mapped_column(default="")
    state: Mapped[PayoutState] = mapped_column(Word(PayoutState))
    due_at: Mapped[datetime]
    first_confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    paid_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    payee: Mapped[Organisation | None] = relationship()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor)


class Settlement(Base):
    """The settlement statement and the waterfall of one deal, as they were fixed."""

    __tablename__ = "settlement"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    deal_id: Mapped[int] = mapped_column(ForeignKey("deal.id"), unique=True)
    statement: Mapped[dict[str, Any]]
    """Lines with party, amount, rate, base and source."""
    waterfall: Mapped[dict[str, Any]]
    """Lines with rank, creditor, component, due, paid, short and article; surplus and shortfall."""
    proceeds_minor: Mapped[int] = mapped_column(Fen)
    surplus_minor: Mapped[int] = mapped_column(Fen)
    shortfall_minor: Mapped[int] = mapped_column(Fen)
    prepared_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    prepared_at: Mapped[datetime]
    approved_at: Mapped[datetime | None]

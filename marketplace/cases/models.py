"""The bad loan behind the pledge: what is owed, by whom, on what legal footing it may be realised."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Organisation, User
from marketplace.cases.rules import FiveTier, LegalBasis
from marketplace.core.money import Money
from marketplace.core.policy import Regime
from marketplace.database import Base, Fen, Key, Word


class Case(Base):
    """One defaulted loan with its pledge, seen by its bank (and operators once a lot of it is under review)."""

    __tablename__ = "case"
    __table_args__ = (UniqueConstraint("bank_id", "loan_ref"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)
    bank_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    loan_ref: Mapped[str]
    """The bank's own number of the loan."""
    debtor_name: Mapped[str]
    debtor_uscc: Mapped[str] = mapped_column(index=True)
    pledgor_name: Mapped[str]
    pledgor_uscc: Mapped[str] = mapped_column(index=True)
    """May differ from the debtor: a third party's pledge."""
    is_pledgor_state_owned: Mapped[bool] = mapped_column(default=False)
    is_state_sale_approved: Mapped[bool] = mapped_column(default=False)
    """For a state-owned pledgor: valuation filed and sale approved."""
    is_pledgor_bankrupt: Mapped[bool] = mapped_column(default=False)
    region_code: Mapped[str] = mapped_column(default="410000")
    principal_minor: Mapped[int] = mapped_column(Fen)
    interest_minor: Mapped[int] = mapped_column(Fen, default=0)
    costs_minor: Mapped[int] = mapped_column(Fen, default=0)
    lent_on: Mapped[date | None]
    due_on: Mapped[date | None]
    defaulted_on: Mapped[date]
    limitation_expires_on: Mapped[date | None]
    """Civil Code art. 188: three years from when the claim could be enforced, restarted by demands."""
    five_tier: Mapped[FiveTier] = mapped_column(Word(FiveTier))
    legal_basis: Mapped[LegalBasis] = mapped_column(Word(LegalBasis))
    regime: Mapped[Regime] = mapped_column(Word(Regime), default=Regime.OTC)
    has_forfeiture_clause: Mapped[bool] = mapped_column(default=False)
    forfeiture_clause_on: Mapped[date | None]
    """When the clause was agreed: before maturity it gives priority only (Civil Code art. 428)."""
    held_at: Mapped[datetime | None]
    """Since when a lot that was handed in, published or sold rests on what is said here."""
    repaid_at: Mapped[datetime | None]
    """The debtor paid in full: every sale of the case's pledge stops."""
    created_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime]

    bank: Mapped[Organisation] = relationship()
    created_by: Mapped[User] = relationship()

    @property
    def subject(self) -> str:
        return f"case:{self.id}"

    @property
    def claim(self) -> Money:
        """What is owed: costs, interest and principal."""
        return Money(self.principal_minor + self.interest_minor + self.costs_minor)

"""Organisations, their verification files, users, invitations and signed-in devices."""

from datetime import date, datetime
from typing import Any

from flask_login import UserMixin
from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.rules import FirmKind, Verification, has_standing
from marketplace.core.roles import Duty, Role
from marketplace.database import Base, Key, Word


class Organisation(Base):
    """A bank (or a branch of one), enterprise, platform, regulator, reserve body or service firm."""

    __tablename__ = "organisation"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[Role] = mapped_column(Word(Role), index=True)
    firm_kind: Mapped[FirmKind | None] = mapped_column(Word(FirmKind))
    """For service firms: appraiser, law firm, insurer or guarantor."""
    name: Mapped[str]
    uscc: Mapped[str] = mapped_column(unique=True)
    """Unified social credit code, GB 32100-2015."""
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    """The bank a branch belongs to; its people see the branch's things, not the other way round."""
    region_code: Mapped[str] = mapped_column(default="410000")
    """Division code, GB/T 2260."""
    is_state_owned: Mapped[bool] = mapped_column(default=False)
    verification: Mapped[Verification] = mapped_column(Word(Verification), default=Verification.DRAFT)
    verification_reason: Mapped[str] = mapped_column(default="")
    """What the operator asked to be put right, in the operator's words."""
    verified_at: Mapped[datetime | None]
    reverify_on: Mapped[date | None]
    """The last day the approval stands for; none while there is no approval to rely on."""
    blocked_at: Mapped[datetime | None]
    blocked_reason: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]

    parent: Mapped["Organisation | None"] = relationship(remote_side=[id])
    file: Mapped["VerificationFile | None"] = relationship(back_populates="organisation", uselist=False)
    related: Mapped[list["RelatedParty"]] = relationship(
        back_populates="organisation", order_by="RelatedParty.id", cascade="all, delete-orphan"
    )
    users: Mapped[list["User"]] = relationship(back_populates="organisation", order_by="User.id")

    def has_standing(self, today: date) -> bool:
        return has_standing(self.verification, self.reverify_on, is_blocked=self.blocked_at is not None, today=today)

    def is_overdue(self, today: date) -> bool:
        """Past its re-verification day."""
        return self.reverify_on is not None and self.reverify_on < today


class VerificationFile(Base):
    """The know-your-business file an operator reviews (DOMAIN of AML Law art. 34: kept ten years)."""

    __tablename__ = "verification_file"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), unique=True)
    legal_representative: Mapped[str] = mapped_column(default="")
    handler_name: Mapped[str] = mapped_column(default="")
    """The authorised handler (经办人), under a power of attorney."""
    handler_mobile: Mapped[str] = mapped_column(default="")
    account_name: Mapped[str] = mapped_column(default="")
    account_no: Mapped[str] = mapped_column(default="")
    account_bank: Mapped[str] = mapped_column(default="")
    beneficial_owners: Mapped[list[Any]] = mapped_column(default=list)
    """``[{"name": …, "share_bps": …}]``"""
    has_declared_related: Mapped[bool] = mapped_column(default=False)
    """The declaration of related parties was made, also when the list is empty."""
    submitted_at: Mapped[datetime | None]
    submitted_by_id: Mapped[int | None]

    organisation: Mapped[Organisation] = relationship(back_populates="file")


class RelatedParty(Base):
    """A party the organisation declared itself related to; bars it from bidding for that party's lots."""

    __tablename__ = "related_party"
    __table_args__ = (UniqueConstraint("organisation_id", "uscc"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    name: Mapped[str]
    uscc: Mapped[str]
    relation: Mapped[str]

    organisation: Mapped[Organisation] = relationship(back_populates="related")


class User(Base, UserMixin):
    """A person who acts for one organisation, within their duties."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    email: Mapped[str] = mapped_column(unique=True)
    """Lower-cased."""
    name: Mapped[str]
    password_hash: Mapped[str]
    duty_words: Mapped[list[Any]] = mapped_column("duties", default=list)
    locale: Mapped[str] = mapped_column(default="")
    totp_secret: Mapped[str] = mapped_column(default="")
    totp_confirmed_at: Mapped[datetime | None]
    totp_last_step: Mapped[int] = mapped_column(default=0)
    """The last time step a code was accepted for, so that no code works twice."""
    is_sample: Mapped[bool] = mapped_column(default=False)
    """An account of the demo market: signs in without a second factor, and says so."""
    email_confirmed_at: Mapped[datetime | None]
    deactivated_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    organisation: Mapped[Organisation] = relationship(back_populates="users", lazy="joined")

    @property
    def duties(self) -> frozenset[Duty]:
        return frozenset(Duty(word) for word in self.duty_words)

    @property
    def role(self) -> Role:
        return self.organisation.kind

    @property
    def is_active(self) -> bool:
        return self.deactivated_at is None and self.email_confirmed_at is not None

    def has(self, *duties: Duty) -> bool:
        return any(duty in self.duties for duty in duties)


class Invitation(Base):
    """A place in an organisation, offered to an address."""

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    email: Mapped[str]
    duty_words: Mapped[list[Any]] = mapped_column("duties", default=list)
    token_hash: Mapped[str] = mapped_column(unique=True)
    invited_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship()


class Device(Base):
    """One signed-in browser; the cookie holds its token, we hold the hash, and revoking the row signs it out."""

    __tablename__ = "device"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    user_agent: Mapped[str] = mapped_column(default="")
    signed_in_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(lazy="joined")

"""Who is let in and who is kept out: the life of a verification, and the reasons a party may not bid.

A verification starts as a draft, is submitted by the organisation and reviewed by an operator, who approves it, sends
it back with reasons, or rejects it. Example: an enterprise submits, the operator finds the licence unreadable and
sends it back; the enterprise uploads a better one, submits again and is approved for twelve months. Submitting the same
file again before the twelve months are over keeps its standing; changing an approved file gives the standing up until
an operator has seen the change, since accounts and declared relations are what others rely on.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from marketplace.core.errors import N_
from marketplace.core.roles import Duty, Role
from marketplace.core.states import LifeCycle, Move


class FirmKind(StrEnum):
    """What a service firm does."""

    APPRAISER = "appraiser"
    LAW_FIRM = "law_firm"
    INSURER = "insurer"
    GUARANTOR = "guarantor"


class Verification(StrEnum):
    """How far we know an organisation."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    SENT_BACK = "sent_back"
    APPROVED = "approved"
    REJECTED = "rejected"


ORGANISATION, OPERATOR, CLOCK = "organisation", "operator", "clock"

VERIFICATION = LifeCycle(
    "verification",
    #    from                    action       to                      by
    Move(Verification.DRAFT,     "submit",    Verification.SUBMITTED, ORGANISATION),
    Move(Verification.SENT_BACK, "submit",    Verification.SUBMITTED, ORGANISATION),
    Move(Verification.APPROVED,  "submit",    Verification.SUBMITTED, ORGANISATION),
    Move(Verification.APPROVED,  "change",    Verification.DRAFT,     ORGANISATION),
    Move(Verification.SUBMITTED, "approve",   Verification.APPROVED,  OPERATOR),
    Move(Verification.SUBMITTED, "send_back", Verification.SENT_BACK, OPERATOR),
    Move(Verification.SUBMITTED, "reject",    Verification.REJECTED,  OPERATOR),
)  # fmt: skip

LABELS = {
    FirmKind.APPRAISER: N_("评估机构"),
    FirmKind.LAW_FIRM: N_("律师事务所"),
    FirmKind.INSURER: N_("保险机构"),
    FirmKind.GUARANTOR: N_("担保机构"),
    Verification.DRAFT: N_("待提交"),
    Verification.SUBMITTED: N_("审核中"),
    Verification.SENT_BACK: N_("已退回"),
    Verification.APPROVED: N_("已认证"),
    Verification.REJECTED: N_("未通过"),
}


def has_standing(verification: Verification, reverify_on: date | None, *, is_blocked: bool, today: date) -> bool:
    """Whether an organisation may begin to trade: seen by an operator, not blocked, not past its re-verification day."""
    is_known = verification in (Verification.APPROVED, Verification.SUBMITTED)
    return is_known and not is_blocked and reverify_on is not None and today <= reverify_on


class Bar(StrEnum):
    """Why a party may not bid for a lot (法释〔2016〕18号 art. 34; Auction Law arts. 22, 30; market rules)."""

    PLATFORM = "platform"
    REGULATOR = "regulator"
    UNVERIFIED = "unverified"
    OVERDUE = "overdue"
    BLOCKED = "blocked"
    DEBTOR = "debtor"
    PLEDGOR = "pledgor"
    APPRAISER = "appraiser"
    RELATED = "related"
    DEFAULTER = "defaulter"


@dataclass(frozen=True)
class PartyFacts:
    """A would-be bidder; parties are compared by unified social credit code."""

    role: Role
    uscc: str
    has_standing: bool
    is_overdue: bool
    """Approved once, and past its re-verification day."""
    is_blocked: bool
    related: frozenset[str] = frozenset()


@dataclass(frozen=True)
class LotParties:
    """Who stands on the other side of a lot."""

    debtors: frozenset[str] = frozenset()
    pledgors: frozenset[str] = frozenset()
    appraisers: frozenset[str] = frozenset()
    defaulters: frozenset[str] = frozenset()
    """Buyers of an earlier round of this lot who did not pay."""
    related_to_pledgor: frozenset[str] = frozenset()
    """Parties that the pledgor or debtor declared itself related to."""


def bars(bidder: PartyFacts, lot: LotParties) -> list[Bar]:
    """Every reason this party may not bid for this lot; empty when it may."""
    inside = lot.debtors | lot.pledgors | lot.appraisers
    reasons = {
        Bar.PLATFORM: bidder.role is Role.PLATFORM,
        Bar.REGULATOR: bidder.role is Role.REGULATOR,
        Bar.BLOCKED: bidder.is_blocked,
        Bar.OVERDUE: bidder.is_overdue and not bidder.is_blocked,
        Bar.UNVERIFIED: not (bidder.has_standing or bidder.is_overdue or bidder.is_blocked),
        Bar.DEBTOR: bidder.uscc in lot.debtors,
        Bar.PLEDGOR: bidder.uscc in lot.pledgors,
        Bar.APPRAISER: bidder.uscc in lot.appraisers,
        Bar.RELATED: bool(bidder.related & inside) or bidder.uscc in lot.related_to_pledgor,
        Bar.DEFAULTER: bidder.uscc in lot.defaulters,
    }
    return [bar for bar, holds in reasons.items() if holds]


LABELS |= {
    Bar.PLATFORM: N_("平台及其工作人员不得参与竞价"),
    Bar.REGULATOR: N_("监管机构不参与竞价"),
    Bar.UNVERIFIED: N_("机构认证尚未通过"),
    Bar.OVERDUE: N_("机构认证已过复审日，请核对资料后重新提交审核"),
    Bar.BLOCKED: N_("机构已被限制交易"),
    Bar.DEBTOR: N_("贵单位是本案债务人"),
    Bar.PLEDGOR: N_("贵单位是本标的出质人"),
    Bar.APPRAISER: N_("贵单位是本标的评估机构"),
    Bar.RELATED: N_("贵单位申报了与债务人、出质人或评估机构的关联关系"),
    Bar.DEFAULTER: N_("贵单位曾就本标的悔拍"),
}


def needs_second_factor(role: Role, duties: frozenset[Duty]) -> bool:
    """Whoever approves, and everybody on the platform's side, signs in with two factors."""
    return role is Role.PLATFORM or Duty.APPROVER in duties


def is_weak(password: str, email: str) -> bool:
    """Fewer than ten characters, one character repeated, or the address itself; any mix is otherwise welcome."""
    word = password.lower()
    return len(password) < 10 or len(set(word)) < 4 or word in {email.lower(), email.split("@", maxsplit=1)[0].lower()}

"""One tone for every state of every life cycle, so that a colour means the same thing on every page."""

from marketplace.accounts.rules import Verification
from marketplace.auctions.rules import AuctionState, RegistrationState
from marketplace.cases.rules import Severity
from marketplace.deals.rules import DealState, MilestoneState
from marketplace.intake.rules import BatchState
from marketplace.listings.rules import Stage, State
from marketplace.payments.rules import OrderState, PayoutState

LIVE, BRASS, OK, QUIET, STOP, INK = "live", "brass", "ok", "quiet", "stop", "ink"
"""Red is for what is live or stopped; brass for what waits; green for what is done and paid."""

_BY_WORD = {
    "draft": QUIET, "awaiting_approval": BRASS, "under_review": BRASS, "sent_back": STOP, "published": INK, "notice": INK,
    "open": LIVE, "closing": LIVE, "closed": BRASS, "suspended": STOP, "sold": OK, "failed": QUIET, "withdrawn": QUIET,
    "terminated": QUIET, "defaulted": STOP, "settled": OK, "submitted": BRASS, "approved": OK, "rejected": STOP,
    "scheduled": INK, "cancelled": QUIET, "applied": BRASS, "confirmed": OK, "lapsed": QUIET, "awaiting_balance": BRASS,
    "handover": INK, "pending": QUIET, "met": OK, "not_applicable": QUIET, "checking": INK, "checked": BRASS,
    "importing": INK, "imported": OK, "discarded": QUIET, "unreadable": STOP, "open_order": BRASS, "proof_submitted": INK,
    "first_confirmed": INK, "expired": QUIET, "due": BRASS, "paid": OK, "block": STOP, "warn": BRASS,
}  # fmt: skip

WORDS = (
    Verification, AuctionState, RegistrationState, Severity, DealState, MilestoneState, BatchState, Stage, State, OrderState,
    PayoutState,
)  # fmt: skip
"""Every closed list whose members are shown as badges."""


def tone(word: str) -> str:
    """The tone of a state; an unknown one is a bug and a KeyError."""
    return _BY_WORD[str(word)]

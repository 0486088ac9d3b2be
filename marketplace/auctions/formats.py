"""Ways of finding the price: one row each, with how a bid is admitted and who wins."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from marketplace.auctions import rules
from marketplace.core.errors import N_
from marketplace.listings.routes import Form


class Format(StrEnum):
    OPEN_ASCENDING = "open_ascending"
    FIRST_TAKER = "first_taker"
    """A posted price for weeks; the first bid at it starts a short contest (变卖)."""


@dataclass(frozen=True)
class FormatSpec:
    """How a format decides."""

    least: Callable[..., object]
    admit: Callable[..., rules.Admission]
    outcome: Callable[..., rules.Sold | rules.Failed]


FORMATS = {
    Format.OPEN_ASCENDING: FormatSpec(rules.least_bid, rules.admit, rules.outcome),
    Format.FIRST_TAKER: FormatSpec(rules.least_bid, rules.admit_taker, rules.outcome),
}

OF_FORM = {Form.BIDDING: Format.OPEN_ASCENDING, Form.SELL_OFF: Format.FIRST_TAKER}
"""How each form of disposal that is bid for finds its price."""

LABELS = {Format.OPEN_ASCENDING: N_("公开增价"), Format.FIRST_TAKER: N_("首个应价后竞争")}

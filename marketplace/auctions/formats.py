"""Ways of finding the price: one row each, with how a bid is admitted and who wins."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from marketplace.auctions import rules
from marketplace.core.errors import N_


class Format(StrEnum):
    OPEN_ASCENDING = "open_ascending"


@dataclass(frozen=True)
class FormatSpec:
    """How a format decides."""

    least: Callable[..., object]
    admit: Callable[..., rules.Admission]
    outcome: Callable[..., rules.Sold | rules.Failed]


FORMATS = {Format.OPEN_ASCENDING: FormatSpec(rules.least_bid, rules.admit, rules.outcome)}

LABELS = {Format.OPEN_ASCENDING: N_("公开增价")}

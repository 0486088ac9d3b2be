"""Forms of disposal: one row each, with what it asks, who must agree and what deal it leads to.

A form of disposal (licence, transfer, bundle, reserve, bidding, sell-off) is not a way to a buyer (recommendation,
talks, bidding, sell-off): a lot has one current form and may be found in many ways. Only forms with a row in
``ROUTES`` can be chosen.
"""

from dataclasses import dataclass
from enum import StrEnum

from marketplace.core.errors import N_


class Form(StrEnum):
    """The six forms of realising a pledged right."""

    LICENCE = "licence"
    NEGOTIATED_TRANSFER = "negotiated_transfer"
    BUNDLE_SALE = "bundle_sale"
    ENTRUSTED_RESERVE = "entrusted_reserve"
    BIDDING = "bidding"
    SELL_OFF = "sell_off"


@dataclass(frozen=True)
class Route:
    """What a form of disposal asks of a listing."""

    form: Form
    moves_title: bool
    fields: tuple[str, ...]
    """Listing fields that must be filled before it can be submitted."""
    consents: tuple[str, ...]
    """Check codes of the right that must be clear."""


ROUTES = {
    Form.BIDDING: Route(
        form=Form.BIDDING,
        moves_title=True,
        fields=("title", "defects", "tax_terms", "handover_terms", "contact"),
        consents=("coowner", "mark_family", "state_asset", "pledge_term"),
    ),
    Form.SELL_OFF: Route(
        form=Form.SELL_OFF,
        moves_title=True,
        fields=("title", "defects", "tax_terms", "handover_terms", "contact"),
        consents=("coowner", "mark_family", "state_asset", "pledge_term"),
    ),
}


def after(form: Form, attempt: int, *, has_failed: bool, rounds_max: int) -> tuple[Form, int] | None:
    """The form and attempt that may follow a round, or None when public bidding is exhausted.

    A round that failed leads to the next one, and the last to a sell-off (法释〔2016〕18号 art. 26); a buyer's default
    leads to the same round again.

    Example: of two rounds, ``(BIDDING, 1)`` failed leads to ``(BIDDING, 2)``, that to ``(SELL_OFF, 3)``, that to None.
    """
    if not has_failed:
        return form, attempt
    if form is not Form.BIDDING:
        return None
    return (Form.BIDDING if attempt < rounds_max else Form.SELL_OFF), attempt + 1


LABELS = {
    Form.LICENCE: N_("许可"),
    Form.NEGOTIATED_TRANSFER: N_("协议转让"),
    Form.BUNDLE_SALE: N_("捆绑打包"),
    Form.ENTRUSTED_RESERVE: N_("委托收储"),
    Form.BIDDING: N_("网络竞价"),
    Form.SELL_OFF: N_("变卖"),
}

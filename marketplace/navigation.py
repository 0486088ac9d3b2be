"""What each role finds in the head of every page."""

from dataclasses import dataclass
from typing import Any

from marketplace.core.errors import N_
from marketplace.core.roles import Role
from marketplace.notices import queries as notices


@dataclass(frozen=True)
class Entry:
    """A word and the endpoint it leads to; ``prefix`` tells which pages are under it."""

    label: str
    endpoint: str
    prefix: str


HALL = Entry(N_("标的大厅"), "catalogue.index", "/lots")
RESULTS = Entry(N_("成交公告"), "catalogue.results", "/results")
RULES = Entry(N_("交易规则"), "catalogue.rules_page", "/rules")
DESK = Entry(N_("工作台"), "desk.home", "/desk")
DEALS = Entry(N_("成交与交割"), "deals.index", "/deals")
PAYMENTS = Entry(N_("资金"), "payments.index", "/payments")
REPORTS = Entry(N_("统计"), "reports.index", "/reports")

MENUS = {
    None: (HALL, RESULTS, RULES),
    Role.BANK: (
        DESK, Entry(N_("案件"), "cases.index", "/cases"), Entry(N_("权利"), "assets.index", "/assets"),
        Entry(N_("标的"), "listings.index", "/listings"), DEALS, REPORTS, HALL,
    ),
    Role.ENTERPRISE: (DESK, HALL, Entry(N_("关注"), "catalogue.watched", "/watched"), DEALS, PAYMENTS, RESULTS),
    Role.RESERVE: (DESK, HALL, Entry(N_("关注"), "catalogue.watched", "/watched"), DEALS, PAYMENTS, RESULTS),
    Role.SERVICE_FIRM: (DESK, HALL, RESULTS, RULES),
    Role.REGULATOR: (DESK, REPORTS, HALL, RESULTS, RULES),
    Role.PLATFORM: (
        DESK, Entry(N_("审核"), "desk.reviews", "/operator/reviews"),
        Entry(N_("机构"), "verification.organisations", "/operator/organisations"),
        Entry(N_("资金"), "payments.work_list", "/operator/money"), DEALS, REPORTS, HALL,
    ),
}  # fmt: skip


def navigation(viewer: Any) -> dict[str, Any]:
    """The menu of this viewer, and how many notices wait."""
    return {
        "entries": MENUS[viewer.role if viewer else None],
        "unread": notices.unread(viewer) if viewer else 0,
    }

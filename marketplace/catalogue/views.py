"""The public hall: readable without an account."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace import web
from marketplace.accounts import queries as accounts
from marketplace.assets import queries as assets
from marketplace.assets.kinds import KINDS, Kind
from marketplace.auctions import queries as auctions
from marketplace.cases.rules import BASES
from marketplace.catalogue import queries
from marketplace.catalogue.board import PRICE_BANDS, SORTS, TERM_BANDS, Asked
from marketplace.core import policy
from marketplace.core.clock import shanghai_date
from marketplace.deals import queries as deals
from marketplace.listings import queries as listings
from marketplace.listings import rules, search
from marketplace.listings import service as listing_service
from marketplace.listings.models import Listing

bp = Blueprint("catalogue", __name__)
Page = str | Response | tuple[str, int]


@bp.get("/")
@web.public
def home() -> Page:
    closing, found = queries.hall(Asked(stages=("open", "closing")), 1, web.now())
    coming, _found = queries.hall(Asked(stages=("notice",), sort="closing"), 1, web.now())
    return render_template(
        "catalogue/home.html", closing=closing[:6], coming=coming[:6], counts=found.counts, totals=queries.totals(),
        stage_of=_stage_of, kinds=list(Kind),
    )  # fmt: skip


def _stage_of(entry: Any) -> rules.Stage:
    return rules.stage(rules.State(entry.state), entry.opens_at, entry.closes_at, web.now())


def _asked() -> Asked:
    args = request.args
    sort = args.get("sort", "closing")
    return Asked(
        words=args.get("q", "").strip()[:200],
        kinds=tuple(args.getlist("kind")),
        ipc=args.get("ipc", "").strip().upper()[:3],
        regions=tuple(args.getlist("region")),
        forms=tuple(args.getlist("form")),
        stages=tuple(args.getlist("stage")),
        banks=tuple(args.getlist("bank")),
        price=args.get("price", ""),
        term=args.get("term", ""),
        sort=sort if sort in SORTS else "closing",
    )


@bp.get("/lots")
@web.public
def index() -> Page:
    asked = _asked()
    page = min(max(request.args.get("page", 1, type=int) or 1, 1), 10_000)
    entries, found = queries.hall(asked, page, web.now())
    return render_template(
        "catalogue/index.html", asked=asked, entries=entries, found=found, page=page,
        pages=-(-found.whole // queries.PER_PAGE) or 1, stage_of=_stage_of, sorts=SORTS, price_bands=PRICE_BANDS,
        term_bands=TERM_BANDS, today=shanghai_date(web.now()),
    )  # fmt: skip


@bp.get("/lots/<ref>")
@web.public
def show(ref: str) -> Page:
    listing = listings.public(ref)
    return render_template("catalogue/show.html", **_facts(listing))


@bp.get("/lots/<ref>/panel")
@web.public
def panel(ref: str) -> Page:
    """The parts of the page that bids change, for an open page to put in their place."""
    listing = listings.public(ref)
    return render_template("catalogue/_live.html", **_live(listing))


def _live(listing: Listing) -> dict[str, Any]:
    viewer = web.viewer()
    return {
        "listing": listing,
        "panel": auctions.panel(listing, viewer, web.now()),
        "bids": auctions.bid_log(listing),
        "deal": deals.of_listing(listing),
        "contest_hours": policy.policy(listing.policy_version).selloff_contest_hours,
        "word": "拍卖" if listing.regime in (policy.Regime.COURT, policy.Regime.LICENSED) else "竞价",
    }


def _facts(listing: Listing) -> dict[str, Any]:
    viewer, today = web.viewer(), shanghai_date(web.now())
    case = listings.case_of(listing)
    live = _live(listing)
    return live | {
        "stage": live["panel"]["stage"],
        "case": case,
        "basis": BASES[case.legal_basis] if case else None,
        "examination": listings.examination(listing, web.now()),
        "lives": {item.asset.id: assets.life(item.asset, today) for item in listing.items},
        "kinds": KINDS,
        "terms": policy.policy(listing.policy_version),
        "papers": listings.public_papers(listing),
        "timeline": [line for line in accounts.record_of(listing.subject, viewer) if line.event in PUBLIC_EVENTS],
        "chain": [lot for lot in listings.chain(listing) if listings.is_public(lot)],
        "outcome": deals.outcome_of(listing),
        "watches": bool(viewer and listings.watches(viewer, listing)),
    }


PUBLIC_EVENTS = {
    f"listing.{action}"
    for action in ("publish", "suspend", "resume", "withdraw", "terminate", "stop", "award", "fail", "settle", "default",
                   "contact_changed")
}  # fmt: skip


@bp.post("/lots/<ref>/watch")
@web.requires()
def watch(ref: str) -> Page:
    listing = listings.public(ref)
    if done := web.act(lambda: listing_service.watch(listing, by=current_user, now=web.now())):
        flash(_("已加入关注。") if done.result else _("已取消关注。"), "done")
    return redirect(url_for(".show", ref=ref))


@bp.get("/watched")
@web.requires()
def watched() -> Page:
    entries = search.entries(listings.watched(current_user))
    return render_template(
        "catalogue/watched.html", entries=entries, stage_of=_stage_of, today=shanghai_date(web.now())
    )


@bp.get("/results")
@web.public
def results() -> Page:
    page = min(max(request.args.get("page", 1, type=int) or 1, 1), 10_000)
    rows, whole = queries.results(page, 50)
    return render_template(
        "catalogue/results.html", rows=rows, whole=whole, page=page, pages=-(-whole // 50) or 1, totals=queries.totals()
    )


@bp.get("/rules")
@web.public
def rules_page() -> Page:
    """The rules of every regime, number by number, with where each comes from."""
    today = shanghai_date(web.now())
    return render_template(
        "catalogue/rules_page.html", policies=[policy.policy_for(regime, today) for regime in policy.Regime],
        labels=policy.NUMBER_LABELS,
    )  # fmt: skip

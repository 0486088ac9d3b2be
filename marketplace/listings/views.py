"""Working on lots: the bank drafts and approves, the operator reviews and publishes."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace import web
from marketplace.accounts import queries as accounts
from marketplace.assets import queries as assets
from marketplace.assets.models import Asset
from marketplace.cases import queries as cases
from marketplace.core import policy, pricing
from marketplace.core.calendar import add_days, at_hour
from marketplace.core.clock import shanghai_date
from marketplace.core.money import Money
from marketplace.core.roles import Duty, Role
from marketplace.listings import forms, queries, rules, service
from marketplace.listings.models import Listing
from marketplace.listings.routes import Form
from marketplace.listings.rules import CHECKER, LIFE_CYCLE, MAKER, OPERATOR, Reason, State

bp = Blueprint("listings", __name__)
Page = str | Response | tuple[str, int]

GROUPS = {
    "all": (),
    "working": (State.DRAFT, State.SENT_BACK, State.AWAITING_APPROVAL, State.UNDER_REVIEW),
    "public": (State.PUBLISHED, State.SUSPENDED),
    "sold": (State.SOLD, State.SETTLED),
    "unsold": (State.FAILED, State.DEFAULTED, State.WITHDRAWN, State.TERMINATED),
}


@bp.get("/listings")
@web.requires(Role.BANK)
def index() -> Page:
    page = max(request.args.get("page", 1, type=int) or 1, 1)
    group = request.args.get("group", "all")
    rows, whole = queries.own(current_user, GROUPS.get(group, ()), page)
    counts = queries.own_counts(current_user)
    return render_template(
        "listings/index.html", rows=rows, whole=whole, page=page, pages=-(-whole // queries.PER_PAGE) or 1, group=group,
        groups={name: sum(counts.get(s, 0) for s in states or State) for name, states in GROUPS.items()},
    )  # fmt: skip


def _suggested(
    rights: list[Asset], now: datetime, attempt: int = 1, previous: Listing | None = None, form: Form = Form.BIDDING
) -> dict[str, Any]:
    """Terms inside the bounds to start from."""
    case = rights[0].case
    terms = policy.policy_for(case.regime if case else policy.Regime.OTC, shanghai_date(now))
    floor = _floor(rights, terms, previous)
    is_selloff = form is Form.SELL_OFF
    start = floor if is_selloff else pricing.nice_start(terms, floor)
    opens_on = add_days(shanghai_date(now), terms.notice_days(attempt) + 3)
    return {
        "title": previous.title if previous else (rights[0].title if len(rights) == 1 else _("%(first)s 等 %(count)s 项", first=rights[0].title, count=len(rights))),
        "start": start.minor,
        "increment": pricing.suggested_increment(terms, start).minor,
        "deposit": start.minor if is_selloff else pricing.nice_deposit(terms, start).minor,
        "balance_due_days": terms.balance_days_default,
        "opens_at": at_hour(opens_on, 10),
        "closes_at": at_hour(add_days(opens_on, terms.selloff_days if is_selloff else 1), 10),
        "tax_terms": previous.tax_terms if previous else _("交易税费由双方依法各自承担；登记规费由买受人承担。"),
        "handover_terms": previous.handover_terms if previous else _("尾款到账后办理质押注销与转让登记，登记完成后划付资金。"),
        "contact": previous.contact if previous else "",
        "summary": previous.summary if previous else "\n".join(r.abstract for r in rights if r.abstract)[:2000],
        "defects": previous.defects if previous else "",
        "qualification": previous.qualification if previous else "",
    }  # fmt: skip


def _floor(rights: list[Asset], terms: policy.Policy, previous: Listing | None) -> Money:
    """The least a lot may start at: of the reference, or of the round that failed before it."""
    failed = previous if previous is None or previous.state is State.FAILED else queries.failed_before(previous)
    if failed is None:
        return pricing.start_floor(terms, Money(queries.reference_of(rights)))
    return failed.start if failed.attempt >= terms.rounds_max else pricing.second_round_floor(terms, failed.start)


def _terms(form: forms.ListingForm) -> service.Terms:
    return service.Terms(
        **{
            name: form[name].data or ""
            for name in ("title", "summary", "defects", "tax_terms", "handover_terms", "qualification", "contact")
        },
        start=form.start.amount or Money(0),
        increment=form.increment.amount or Money(0),
        deposit=form.deposit.amount or Money(0),
        balance_due_days=form.balance_due_days.data or 0,
        opens_at=form.opens_at.moment,
        closes_at=form.closes_at.moment,
    )


@bp.get("/listings/choose")
@web.requires(Role.BANK, duty=Duty.OFFICER)
def choose() -> Page:
    """Which rights make the lot."""
    return render_template("listings/choose.html", rows=queries.free_assets(current_user))


@bp.route("/listings/new", methods=["GET", "POST"])
@web.requires(Role.BANK, duty=Duty.OFFICER, verified=True)
def new() -> Page:
    refs = list(dict.fromkeys(request.args.getlist("asset")))[:50]
    if not refs:
        return redirect(url_for(".choose"))
    rights = [assets.visible(ref, current_user) for ref in refs]
    form = forms.ListingForm(data=_suggested(rights, web.now()))
    if done := web.submit(
        form,
        lambda: service.draft(rights[0].bank, rights, _terms(form), by=current_user, now=web.now()),
    ):
        flash(_("草稿已保存。检查无误后请提交行内复核。"), "done")
        return redirect(url_for(".show", ref=done.result.ref))
    return _edit_page(form, rights)


def _edit_page(
    form: forms.ListingForm, rights: list[Asset], *, listing: Listing | None = None, previous: Listing | None = None,
    attempt: int = 1, kind: Form = Form.BIDDING,
) -> Page:  # fmt: skip
    case = rights[0].case
    terms = policy.policy_for(case.regime if case else policy.Regime.OTC, shanghai_date(web.now()))
    page = render_template(
        "listings/edit.html", form=form, rights=rights, listing=listing, terms=terms,
        reference=Money(queries.reference_of(rights)), floor=_floor(rights, terms, previous), attempt=attempt,
        is_selloff=kind is Form.SELL_OFF,
    )  # fmt: skip
    return page, 422 if form.is_submitted() else 200


@bp.route("/listings/<ref>/edit", methods=["GET", "POST"])
@web.requires(Role.BANK, duty=Duty.OFFICER)
def edit(ref: str) -> Page:
    listing = queries.visible(ref, current_user)
    if not LIFE_CYCLE.can(listing.state, "submit", MAKER):
        return redirect(url_for(".show", ref=ref))
    form = forms.ListingForm(
        obj=listing, start=listing.start_minor, increment=listing.increment_minor, deposit=listing.deposit_minor
    )
    if web.submit(form, lambda: service.edit(listing, _terms(form), by=current_user, now=web.now())):
        flash(_("已保存。"), "done")
        return redirect(url_for(".show", ref=ref))
    rights = [item.asset for item in listing.items]
    return _edit_page(
        form, rights, listing=listing, previous=listing.previous, attempt=listing.attempt, kind=listing.form
    )


@bp.route("/listings/<ref>/relist", methods=["GET", "POST"])
@web.requires(Role.BANK, duty=Duty.OFFICER, verified=True)
def relist(ref: str) -> Page:
    listing = queries.visible(ref, current_user)
    rights = [item.asset for item in listing.items]
    following = queries.following(listing)
    if following is None:
        return redirect(url_for(".show", ref=ref))
    kind, attempt = following
    form = forms.ListingForm(data=_suggested(rights, web.now(), attempt, listing, kind))
    if done := web.submit(form, lambda: service.relist(listing, _terms(form), by=current_user, now=web.now())):
        flash(_("草稿已建立。检查无误后请提交行内复核。"), "done")
        return redirect(url_for(".show", ref=done.result.ref))
    return _edit_page(form, rights, previous=listing, attempt=attempt, kind=kind)


@bp.get("/listings/<ref>")
@web.requires(Role.BANK, Role.PLATFORM)
def show(ref: str) -> Page:
    listing = queries.visible(ref, current_user)
    actors = (OPERATOR,) if current_user.role is Role.PLATFORM else (MAKER, CHECKER)
    duties = {MAKER: Duty.OFFICER, CHECKER: Duty.APPROVER}
    may = {
        action
        for actor in actors
        if actor == OPERATOR or current_user.has(duties[actor])
        for action in LIFE_CYCLE.actions(listing.state, actor)
    }
    if current_user.id in (listing.created_by_id, listing.submitted_by_id):
        may -= {"approve", "return"}
    return render_template(
        "listings/show.html",
        listing=listing,
        stage=rules.stage(listing.state, listing.opens_at, listing.closes_at, web.now()),
        examination=queries.examination(listing, web.now()),
        case=queries.case_of(listing),
        bounds=queries.bounds(listing, shanghai_date(web.now())),
        lives={item.asset.id: assets.life(item.asset, shanghai_date(web.now())) for item in listing.items},
        terms=queries.terms_of(listing, shanghai_date(web.now())),
        may=may,
        timeline=accounts.record_of(listing.subject, web.viewer()),
        chain=queries.chain(listing),
        is_public=queries.is_public(listing),
        following=queries.following(listing) if current_user.role is Role.BANK else None,
        reasons=list(Reason),
        next_opens=(listing.opens_at or web.now()) + timedelta(days=1),
        forms={
            "note": forms.NoteForm(formdata=None),
            "stop": forms.StopForm(formdata=None),
            "resume": forms.ResumeForm(formdata=None, opens_at=listing.opens_at, closes_at=listing.closes_at),
            "contact": forms.ContactForm(formdata=None, contact=listing.contact),
            "publish": forms.PublishForm(formdata=None),
        },
    )


def _by_bank(duty: Duty) -> None:
    if current_user.role is not Role.BANK:
        abort(404)
    if not current_user.has(duty):
        abort(403)


def _by_operator() -> None:
    if current_user.role is not Role.PLATFORM:
        abort(404)
    if not current_user.has(Duty.OFFICER, Duty.APPROVER):
        abort(403)


def _note() -> str:
    return request.form.get("note", "")


def _reason() -> Reason:
    word = request.form.get("reason", "")
    return Reason(word) if word in set(Reason) else abort(400)


Call = Callable[[Listing], Any]
BANK_ACTS: dict[str, tuple[Duty, Call]] = {
    "submit": (Duty.OFFICER, lambda x: service.submit(x, by=current_user, now=web.now())),
    "recall": (Duty.OFFICER, lambda x: service.recall(x, by=current_user, now=web.now())),
    "discard": (Duty.OFFICER, lambda x: service.discard(x, by=current_user, now=web.now())),
    "approve": (Duty.APPROVER, lambda x: service.approve(x, by=current_user, now=web.now())),
    "return": (Duty.APPROVER, lambda x: service.return_(x, _note(), by=current_user, now=web.now())),
    "contact": (
        Duty.OFFICER,
        lambda x: service.change_contact(x, request.form.get("contact", "")[:200], by=current_user, now=web.now()),
    ),
}
OPERATOR_ACTS: dict[str, Call] = {
    "publish": lambda x: service.publish(x, by=current_user, now=web.now()),
    "send_back": lambda x: service.send_back(x, _note(), by=current_user, now=web.now()),
    "suspend": lambda x: service.suspend(x, _reason(), _note(), by=current_user, now=web.now()),
    "terminate": lambda x: service.terminate(x, _reason(), _note(), by=current_user, now=web.now()),
}


@bp.post("/listings/<ref>/<any('submit', 'recall', 'discard', 'approve', 'return', 'contact'):act>")
@web.requires(Role.BANK)
def bank_act(ref: str, act: str) -> Page:
    duty, call = BANK_ACTS[act]
    _by_bank(duty)
    listing = queries.visible(ref, current_user)
    web.act(lambda: call(listing), _("已记录。"))
    return redirect(url_for(".show", ref=ref))


@bp.post("/listings/<ref>/<any('publish', 'send_back', 'suspend', 'terminate'):act>")
@web.requires(Role.PLATFORM)
def operator_act(ref: str, act: str) -> Page:
    _by_operator()
    listing = queries.visible(ref, current_user)
    if act == "publish" and not forms.PublishForm().validate_on_submit():
        flash(_("发布前请勾选已逐项核对。"), "refusal")
    else:
        web.act(lambda: OPERATOR_ACTS[act](listing), _("已记录。"))
    return redirect(url_for(".show", ref=ref))


@bp.post("/listings/<ref>/withdraw")
@web.requires(Role.BANK, Role.PLATFORM)
def withdraw(ref: str) -> Page:
    if current_user.role is Role.BANK:
        _by_bank(Duty.APPROVER)
    else:
        _by_operator()
    listing = queries.visible(ref, current_user)
    web.act(lambda: service.withdraw(listing, _reason(), _note(), by=current_user, now=web.now()), _("已撤回并公告。"))
    return redirect(url_for(".show", ref=ref))


@bp.post("/listings/<ref>/resume")
@web.requires(Role.PLATFORM)
def resume(ref: str) -> Page:
    _by_operator()
    listing = queries.visible(ref, current_user)
    form = forms.ResumeForm()
    if web.submit(
        form,
        lambda: service.resume(listing, form.opens_at.moment, form.closes_at.moment, by=current_user, now=web.now()),
    ):
        flash(_("已恢复并公告。"), "done")
    else:
        web.flash_errors(form)
    return redirect(url_for(".show", ref=ref))


@bp.post("/cases/<ref>/repaid")
@web.requires(Role.BANK, duty=Duty.APPROVER)
def repaid(ref: str) -> Page:
    """The debtor has paid: everything of the case stops."""
    case = cases.visible(ref, current_user)
    if forms.RepaidForm().validate_on_submit():
        web.act(lambda: service.repaid(case, by=current_user, now=web.now()), _("已登记清偿，本案处置全部停止。"))
    else:
        flash(_("请勾选确认。"), "refusal")
    return redirect(url_for("cases.show", ref=ref))

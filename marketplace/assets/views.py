"""The bank's rights: the portfolio and one right with everything known of it."""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace import web
from marketplace.accounts import queries as accounts
from marketplace.assets import forms, queries, service
from marketplace.assets.kinds import KINDS, Kind
from marketplace.assets.models import Asset
from marketplace.assets.rules import EncumbranceKind
from marketplace.assets.valuation import Method
from marketplace.cases import queries as cases
from marketplace.cases.forms import PaperForm
from marketplace.core.clock import shanghai_date
from marketplace.core.roles import Duty, Role
from marketplace.papers import queries as papers
from marketplace.papers import service as paper_service
from marketplace.papers.rules import PaperKind

bp = Blueprint("assets", __name__)
Page = str | Response | tuple[str, int]


@bp.get("/assets")
@web.requires(Role.BANK)
def index() -> Page:
    page = max(request.args.get("page", 1, type=int) or 1, 1)
    word = request.args.get("kind", "")
    filters = queries.Filters(
        request.args.get("q", ""), Kind(word) if word in set(Kind) else None, request.args.get("case", "")
    )
    rows, whole = queries.portfolio(current_user, filters, page)
    return render_template(
        "assets/index.html", rows=rows, whole=whole, page=page, pages=-(-whole // queries.PER_PAGE) or 1,
        filters=filters, counts=queries.kind_counts(current_user),
    )  # fmt: skip


def _case(ref: str | None) -> Any:
    return cases.visible(ref, current_user) if ref else None


def _with_cases(form: forms.AssetForm) -> forms.AssetForm:
    form.case_ref.choices = [("", _("（未归入案件）")), *cases.choices(current_user)]
    return form


@bp.route("/assets/new", methods=["GET", "POST"])
@web.requires(Role.BANK, duty=Duty.OFFICER, verified=True)
def new() -> Page:
    form = _with_cases(forms.AssetForm())

    def take_in() -> Asset:
        return service.take_in(
            current_user.organisation,
            service.NewRight(
                kind=Kind(form.kind.data), number=form.canonical, title=form.title.data or "",
                abstract=form.abstract.data or "", holder=form.holder.data or "",
                dates={name: form[name].data for name in forms.DATES if form[name].data},
                fee_paid_through_year=form.fee_paid_through_year.data, classes=tuple(dict.fromkeys(form.class_rows)),
                co_owners=tuple(dict.fromkeys(forms.listed(form.co_owners.data))),
            ),
            _case(form.case_ref.data), by=current_user, now=web.now(),
        )  # fmt: skip

    if done := web.submit(form, take_in):
        flash(_("已录入。请补充质押登记与评估。"), "done")
        return redirect(url_for(".show", ref=done.result.ref))
    return render_template("assets/edit.html", form=form, asset=None), 422 if form.is_submitted() else 200


@bp.get("/assets/<ref>")
@web.requires(Role.BANK, Role.PLATFORM)
def show(ref: str) -> Page:
    asset = queries.visible(ref, current_user)
    kept = papers.of(asset.subject)
    today = shanghai_date(web.now())
    return render_template(
        "assets/show.html",
        asset=asset,
        spec=KINDS[asset.kind],
        life=queries.life(asset, today),
        findings=queries.findings(asset, today, kept=kept),
        papers=papers.newest(kept),
        timeline=accounts.record_of(asset.subject, web.viewer()),
        today=today,
        forms={
            "valuation": forms.ValuationForm(formdata=None),
            "pledge": forms.PledgeForm(formdata=None, pledgee_name=asset.bank.name),
            "encumbrance": forms.EncumbranceForm(formdata=None),
            "priority": forms.PriorityForm(formdata=None),
            "paper": PaperForm(formdata=None),
            "day": forms.DayForm(formdata=None),
        },
    )


@bp.route("/assets/<ref>/edit", methods=["GET", "POST"])
@web.requires(Role.BANK, duty=Duty.OFFICER)
def edit(ref: str) -> Page:
    asset = queries.visible(ref, current_user)
    form = _with_cases(
        forms.AssetForm(
            data={column.key: getattr(asset, column.key) for column in Asset.__mapper__.column_attrs}
            | {
                "case_ref": asset.case.ref if asset.case else "",
                "classes": "; ".join(row.code for row in asset.classes),
                "co_owners": "; ".join(owner.name for owner in asset.co_owners),
            }
        )
    )
    form.kind.data, form.number.data = asset.kind.value, asset.number
    form.kind.render_kw, form.number.render_kw = {"disabled": True}, {"readonly": True}
    if web.submit(
        form,
        lambda: service.change(asset, form.values(), _case(form.case_ref.data), by=current_user, now=web.now()),
    ):
        flash(_("已保存。"), "done")
        return redirect(url_for(".show", ref=ref))
    return render_template("assets/edit.html", form=form, asset=asset), 422 if form.is_submitted() else 200


def _submitted(ref: str, form: Any, call: Callable[[Asset], Any]) -> Page:
    """Run one of the right's small forms and go back to the right, saying what was refused."""
    asset = queries.visible(ref, current_user)
    if web.submit(form, lambda: call(asset)):
        flash(_("已保存。"), "done")
    else:
        web.flash_errors(form)
    return redirect(url_for(".show", ref=ref))


@bp.post("/assets/<ref>/valuations")
@web.requires(Role.BANK, duty=Duty.OFFICER)
def add_valuation(ref: str) -> Page:
    form = forms.ValuationForm()
    return _submitted(
        ref, form,
        lambda asset: service.add_valuation(
            asset, method=Method(form.method.data), amount=form.amount.amount, base_on=form.base_on.data,
            firm_name=form.firm_name.data, firm_uscc=form.firm_uscc.data or "", signers=form.names,
            report_no=form.report_no.data or "", is_reference=form.is_reference.data, by=current_user, now=web.now(),
        ),
    )  # fmt: skip


@bp.post("/assets/<ref>/valuations/<int:valuation_id>/reference")
@web.requires(Role.BANK, duty=Duty.OFFICER)
def make_reference(ref: str, valuation_id: int) -> Page:
    asset = queries.visible(ref, current_user)
    web.act(lambda: service.make_reference(asset, valuation_id, by=current_user, now=web.now()), _("参考价已更新。"))
    return redirect(url_for(".show", ref=ref))


@bp.post("/assets/<ref>/pledges")
@web.requires(Role.BANK, duty=Duty.OFFICER)
def add_pledge(ref: str) -> Page:
    form = forms.PledgeForm()

    def add(asset: Asset) -> Any:
        own = form.pledgee_name.data == asset.bank.name
        values = form.values() | {"pledgee_id": asset.bank_id if own else None}
        return service.add_pledge(asset, values, by=current_user, now=web.now())

    return _submitted(ref, form, add)


@bp.post("/assets/<ref>/encumbrances")
@web.requires(Role.BANK, duty=Duty.OFFICER)
def add_encumbrance(ref: str) -> Page:
    form = forms.EncumbranceForm()
    return _submitted(
        ref, form,
        lambda asset: service.add_encumbrance(
            asset, kind=EncumbranceKind(form.kind.data), party=form.party.data or "",
            document_no=form.document_no.data or "", from_on=form.from_on.data, until_on=form.until_on.data,
            note=form.note.data or "", by=current_user, now=web.now(),
        ),
    )  # fmt: skip


@bp.post("/assets/<ref>/priority-holders")
@web.requires(Role.BANK, duty=Duty.OFFICER)
def add_priority_holder(ref: str) -> Page:
    form = forms.PriorityForm()
    return _submitted(
        ref, form,
        lambda asset: service.add_priority_holder(
            asset, name=form.name.data or "", uscc=form.uscc.data or "", basis=form.basis.data, rank=form.rank.data or 1,
            notified_on=form.notified_on.data, by=current_user, now=web.now(),
        ),
    )  # fmt: skip


ON_A_DAY: dict[str, Callable[[Asset, int, date], None]] = {
    "lift": lambda a, i, on: service.lift(a, i, on, by=current_user, now=web.now()),
    "cancel-pledge": lambda a, i, on: service.cancel_pledge(a, i, on, by=current_user, now=web.now()),
    "consent": lambda a, i, on: service.record_consent(a, i, on, by=current_user, now=web.now()),
}


@bp.post("/assets/<ref>/<any('lift', 'cancel-pledge', 'consent'):act>/<int:row_id>")
@web.requires(Role.BANK, duty=Duty.OFFICER)
def on_a_day(ref: str, act: str, row_id: int) -> Page:
    """A burden is lifted, a pledge cancelled, a co-owner agreed: a day is recorded."""
    form = forms.DayForm()
    return _submitted(ref, form, lambda asset: ON_A_DAY[act](asset, row_id, form.on.data))


@bp.post("/assets/<ref>/papers")
@web.requires(Role.BANK, duty=Duty.OFFICER)
def upload(ref: str) -> Page:
    form = PaperForm()
    return _submitted(
        ref, form,
        lambda asset: paper_service.upload(
            asset.subject, PaperKind(form.kind.data), form.file.data.filename or "", form.file.data.read(),
            by=current_user, now=web.now(), title=form.title.data or "", is_public=form.is_public.data,
        ),
    )  # fmt: skip

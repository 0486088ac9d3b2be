"""Deals as their parties see them: what is agreed, what is due, whose turn it is."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace import web
from marketplace.accounts import queries as accounts
from marketplace.core.clock import shanghai_date
from marketplace.core.roles import Duty, Role
from marketplace.deals import forms, queries, service
from marketplace.deals.rules import STEPS, MilestoneCode
from marketplace.papers import queries as papers

bp = Blueprint("deals", __name__)
Page = str | Response | tuple[str, int]


@bp.get("/deals")
@web.requires(Role.BANK, Role.ENTERPRISE, Role.RESERVE, Role.PLATFORM)
def index() -> Page:
    return render_template("deals/index.html", rows=queries.of_viewer(current_user), today=shanghai_date(web.now()))


@bp.get("/deals/<ref>")
@web.requires(Role.BANK, Role.ENTERPRISE, Role.RESERVE, Role.PLATFORM)
def show(ref: str) -> Page:
    deal = queries.visible(ref, current_user)
    return render_template(
        "deals/show.html",
        deal=deal,
        listing=deal.listing,
        papers=papers.newest(papers.of(deal.subject)),
        form=forms.StepForm(formdata=None),
        steps=STEPS,
        title_on=queries.title_on(deal),
        outcome=queries.outcome_of(deal.listing),
        today=shanghai_date(web.now()),
        timeline=accounts.record_of(deal.subject, web.viewer()),
        is_ready=service.is_ready_to_settle(deal),
        may_record=_may_record(),
    )


def _may_record() -> bool:
    """The two parties record steps; operators audit them at settlement."""
    return current_user.role is not Role.PLATFORM and current_user.has(Duty.OFFICER)


@bp.post("/deals/<ref>/steps/<code>")
@web.requires(Role.BANK, Role.ENTERPRISE, Role.RESERVE, duty=Duty.OFFICER)
def meet(ref: str, code: str) -> Page:
    deal = queries.visible(ref, current_user)
    if code not in set(MilestoneCode):
        abort(404)
    form = forms.StepForm()
    if web.submit(
        form,
        lambda: service.meet(
            deal, MilestoneCode(code), form.on.data, filename=form.file.data.filename or "",
            content=form.file.data.read(), note=form.note.data or "", by=current_user, now=web.now(),
        ),
    ):  # fmt: skip
        flash(_("已记录。"), "done")
    else:
        web.flash_errors(form)
    return redirect(url_for(".show", ref=ref))

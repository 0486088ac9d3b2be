"""The bank's loan files."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace import web
from marketplace.accounts import queries as accounts
from marketplace.cases import forms, queries, rules, service
from marketplace.core.clock import shanghai_date
from marketplace.core.roles import Duty, Role
from marketplace.papers import queries as papers
from marketplace.papers import service as paper_service
from marketplace.papers.rules import PaperKind

bp = Blueprint("cases", __name__)
Page = str | Response | tuple[str, int]


@bp.get("/cases")
@web.requires(Role.BANK)
def index() -> Page:
    page = max(request.args.get("page", 1, type=int) or 1, 1)
    words = request.args.get("q", "")
    rows, whole = queries.portfolio(current_user, words, page)
    return render_template(
        "cases/index.html", rows=rows, whole=whole, page=page, pages=-(-whole // queries.PER_PAGE) or 1, words=words
    )


@bp.route("/cases/new", methods=["GET", "POST"])
@web.requires(Role.BANK, duty=Duty.OFFICER, verified=True)
def new() -> Page:
    form = forms.CaseForm()
    if done := web.submit(
        form, lambda: service.open_case(current_user.organisation, form.values(), by=current_user, now=web.now())
    ):
        flash(_("案件已建立。请补充处置依据所需材料。"), "done")
        return redirect(url_for(".show", ref=done.result.ref))
    return render_template("cases/edit.html", form=form, case=None), 422 if form.is_submitted() else 200


@bp.get("/cases/<ref>")
@web.requires(Role.BANK, Role.PLATFORM)
def show(ref: str) -> Page:
    case = queries.visible(ref, current_user)
    kept = papers.of(case.subject)
    return render_template(
        "cases/show.html",
        case=case,
        papers=papers.newest(kept),
        findings=rules.findings(queries.facts(case, kept), shanghai_date(web.now())),
        basis=rules.BASES[case.legal_basis],
        held={paper.kind for paper in kept},
        paper_form=forms.PaperForm(formdata=None),
        timeline=accounts.record_of(case.subject, web.viewer()),
    )


@bp.route("/cases/<ref>/edit", methods=["GET", "POST"])
@web.requires(Role.BANK, duty=Duty.OFFICER)
def edit(ref: str) -> Page:
    case = queries.visible(ref, current_user)
    form = forms.CaseForm(
        obj=case, principal=case.principal_minor, interest=case.interest_minor, costs=case.costs_minor
    )
    if web.submit(form, lambda: service.change(case, form.values(), by=current_user, now=web.now())):
        flash(_("已保存。"), "done")
        return redirect(url_for(".show", ref=ref))
    return render_template("cases/edit.html", form=form, case=case), 422 if form.is_submitted() else 200


@bp.post("/cases/<ref>/papers")
@web.requires(Role.BANK, duty=Duty.OFFICER)
def upload(ref: str) -> Page:
    case = queries.visible(ref, current_user)
    form = forms.PaperForm()
    if web.submit(
        form,
        lambda: paper_service.upload(
            case.subject,
            PaperKind(form.kind.data),
            form.file.data.filename or "",
            form.file.data.read(),
            by=current_user,
            now=web.now(),
            title=form.title.data or "",
            is_public=form.is_public.data,
        ),
    ):
        flash(_("文件已保存。"), "done")
    else:
        web.flash_errors(form)
    return redirect(url_for(".show", ref=ref))

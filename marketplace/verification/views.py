"""The organisation's own file, and the operator's queue."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace import web
from marketplace.accounts import queries as accounts
from marketplace.accounts.rules import OPERATOR, ORGANISATION, VERIFICATION, Verification
from marketplace.core.roles import Duty, Role
from marketplace.papers import queries as papers
from marketplace.papers import service as paper_service
from marketplace.papers.rules import PaperKind
from marketplace.verification import forms, queries, service

bp = Blueprint("verification", __name__)
Page = str | Response | tuple[str, int]


@bp.route("/verification", methods=["GET", "POST"])
@web.requires(duty=(Duty.ADMINISTRATOR, Duty.OFFICER))
def file() -> Page:
    organisation = current_user.organisation
    kept = organisation.file
    form = forms.FileForm(obj=kept, region_code=organisation.region_code)
    if not form.is_submitted() and kept is not None:
        form.owners.data = "\n".join(f"{o['name']}, {o['share_bps'] / 100:g}%" for o in kept.beneficial_owners)
        form.related.data = "\n".join(f"{r.name}, {r.uscc}, {r.relation}" for r in organisation.related)
    if web.submit(
        form,
        lambda: service.save(
            organisation,
            values={name: form[name].data or "" for name in service.FIELDS},
            owners=form.owner_rows,
            related=form.related_rows,
            has_declared=form.has_declared_related.data,
            region_code=form.region_code.data,
            by=current_user,
            now=web.now(),
        ),
    ):
        flash(_("已保存。资料齐备后请提交审核。"), "done")
        return redirect(url_for(".file"))
    page = render_template(
        "verification/file.html",
        form=form,
        paper_form=forms.PaperForm(formdata=None),
        organisation=organisation,
        can_submit=VERIFICATION.can(organisation.verification, "submit", ORGANISATION),
        papers=papers.newest(papers.of(service.subject(organisation))),
    )
    return page, 422 if form.is_submitted() else 200


@bp.post("/verification/papers")
@web.requires(duty=(Duty.ADMINISTRATOR, Duty.OFFICER))
def upload() -> Page:
    form = forms.PaperForm()
    if web.submit(
        form,
        lambda: paper_service.upload(
            service.subject(current_user.organisation),
            PaperKind(form.kind.data),
            form.file.data.filename or "",
            form.file.data.read(),
            by=current_user,
            now=web.now(),
        ),
    ):
        flash(_("文件已保存。"), "done")
    else:
        for errors in form.errors.values():
            flash(" ".join(str(error) for error in errors), "refusal")
    return redirect(url_for(".file"))


@bp.post("/verification/submit")
@web.requires(duty=(Duty.ADMINISTRATOR, Duty.OFFICER))
def submit() -> Page:
    web.act(
        lambda: service.submit(current_user.organisation, by=current_user, now=web.now()),
        _("已提交，平台将在两个工作日内审核。"),
    )
    return redirect(url_for(".file"))


@bp.get("/operator/organisations")
@web.requires(Role.PLATFORM)
def organisations() -> Page:
    word = request.args.get("state", "")
    state = Verification(word) if word in set(Verification) else None
    page = max(request.args.get("page", 1, type=int) or 1, 1)
    words = request.args.get("q", "")
    rows, whole = queries.organisations(state, words, page)
    return render_template(
        "verification/organisations.html",
        rows=rows,
        whole=whole,
        page=page,
        pages=-(-whole // queries.PER_PAGE) or 1,
        state=state,
        counts=queries.counts(),
        words=words,
        states=list(Verification),
    )


@bp.get("/operator/organisations/<ref>")
@web.requires(Role.PLATFORM)
def review(ref: str) -> Page:
    organisation = accounts.organisation(ref)
    return render_template(
        "verification/review.html",
        organisation=organisation,
        papers=papers.newest(papers.of(service.subject(organisation))),
        actions=VERIFICATION.actions(organisation.verification, OPERATOR),
        form=forms.ReasonForm(),
        banks=[bank for bank in accounts.banks() if bank.parent_id is None and bank.id != organisation.id],
    )


@bp.post("/operator/organisations/<ref>/parent")
@web.requires(Role.PLATFORM, duty=(Duty.OFFICER, Duty.APPROVER))
def attach(ref: str) -> Page:
    """Say which bank a branch belongs to."""
    branch, parent = accounts.organisation(ref), request.form.get("parent", "")
    bank = accounts.organisation(parent) if parent else None
    web.act(lambda: service.attach(branch, bank, by=current_user, now=web.now()), _("已记录。"))
    return redirect(url_for(".review", ref=ref))


DECISIONS = {
    "approve": lambda o, _reason: service.approve(o, by=current_user, now=web.now()),
    "send_back": lambda o, reason: service.send_back(o, reason, by=current_user, now=web.now()),
    "reject": lambda o, reason: service.reject(o, reason, by=current_user, now=web.now()),
    "block": lambda o, reason: service.block(o, reason, by=current_user, now=web.now()),
    "unblock": lambda o, _reason: service.unblock(o, by=current_user, now=web.now()),
}


@bp.post("/operator/organisations/<ref>/<any(approve, send_back, reject, block, unblock):decision>")
@web.requires(Role.PLATFORM, duty=(Duty.OFFICER, Duty.APPROVER))
def decide(ref: str, decision: str) -> Page:
    organisation = accounts.organisation(ref)
    web.act(lambda: DECISIONS[decision](organisation, request.form.get("reason", "")), _("已记录。"))
    return redirect(url_for(".review", ref=ref))

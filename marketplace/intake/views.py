"""The bank's imports: upload, see every row's verdict, accept."""

import csv
import io
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from marketplace import web
from marketplace.core.roles import Duty, Role
from marketplace.intake import forms, queries, service, spreadsheets
from marketplace.intake.columns import COLUMNS
from marketplace.intake.rules import BatchState
from marketplace.papers.rules import XLSX

bp = Blueprint("intake", __name__)
Page = str | BaseResponse | tuple[str, int]


@bp.route("/imports", methods=["GET", "POST"])
@web.requires(Role.BANK)
def index() -> Page:
    form = forms.ImportForm()
    may = current_user.has(Duty.OFFICER)
    if may and (
        done := web.submit(
            form,
            lambda: service.upload(
                current_user.organisation, form.file.data.filename or "", form.file.data.read(), by=current_user,
                now=web.now(),
            ),
        )
    ):  # fmt: skip
        return redirect(url_for(".show", ref=done.result.ref))
    page = render_template("intake/index.html", form=form, batches=queries.batches(current_user), may=may)
    return page, 422 if form.is_submitted() else 200


@bp.get("/imports/template.<any(xlsx, csv):format>")
@web.requires(Role.BANK)
def template(format: str) -> Page:
    language = "en" if web.language() == "en" else "zh"
    is_book = format == "xlsx"
    content = spreadsheets.template_xlsx(language) if is_book else spreadsheets.template_csv(language)
    return Response(
        content,
        mimetype=XLSX if is_book else "text/csv",
        headers={"Content-Disposition": f"attachment; filename=zhiyi-rights.{format}"},
    )


@bp.get("/imports/<ref>")
@web.requires(Role.BANK)
def show(ref: str) -> Page:
    batch = queries.visible(ref, current_user)
    page = max(request.args.get("page", 1, type=int) or 1, 1)
    only_wrong = request.args.get("show") == "wrong"
    whole = (batch.rows_checked - batch.rows_ok) if only_wrong else batch.rows_checked
    return render_template(
        "intake/show.html", batch=batch, rows=queries.rows(batch, only_wrong=only_wrong, page=page), page=page,
        pages=-(-whole // queries.PER_PAGE) or 1, only_wrong=only_wrong, heads={c.name: c.head for c in COLUMNS},
        is_busy=batch.state in (BatchState.CHECKING, BatchState.IMPORTING),
    )  # fmt: skip


@bp.get("/imports/<ref>/progress.json")
@web.requires(Role.BANK)
def progress(ref: str) -> dict[str, Any]:
    batch = queries.visible(ref, current_user)
    return {
        "state": batch.state.value,
        "rows_checked": batch.rows_checked,
        "rows_ok": batch.rows_ok,
        "rows_imported": batch.rows_imported,
        "is_busy": batch.state in (BatchState.CHECKING, BatchState.IMPORTING),
    }


@bp.get("/imports/<ref>/wrong.csv")
@web.requires(Role.BANK)
def wrong(ref: str) -> Page:
    """The rows that may not come in, with what is wrong in each, to be put right and imported again."""
    batch = queries.visible(ref, current_user)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_("行号"), _("问题"), *(column.head for column in COLUMNS)])
    for row in queries.wrong_rows(batch):
        issues = "；".join(f"{e['field']}: {_(e['text']).format(**e['facts'])}" for e in row.verdict["errors"])
        writer.writerow([row.row_no, issues, *(web.inert(row.cells.get(column.name, "")) for column in COLUMNS)])
    return Response(
        b"\xef\xbb\xbf" + out.getvalue().encode(),
        mimetype="text/csv",
        headers={"Content-Disposition": f"attachment; filename={batch.ref}-wrong.csv"},
    )


@bp.post("/imports/<ref>/accept")
@web.requires(Role.BANK, duty=Duty.OFFICER, verified=True)
def accept(ref: str) -> Page:
    batch = queries.visible(ref, current_user)
    web.act(lambda: service.accept(batch, by=current_user, now=web.now()), _("正在导入，可离开此页。"))
    return redirect(url_for(".show", ref=ref))


@bp.post("/imports/<ref>/discard")
@web.requires(Role.BANK, duty=Duty.OFFICER)
def discard(ref: str) -> Page:
    batch = queries.visible(ref, current_user)
    web.act(lambda: service.discard(batch, by=current_user, now=web.now()), _("已放弃该文件，未导入任何权利。"))
    return redirect(url_for(".index"))

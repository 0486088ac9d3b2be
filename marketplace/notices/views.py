"""The inbox, and on a demo market everybody's mail."""

from flask import Blueprint, abort, current_app, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace import web
from marketplace.notices import mailer, queries, service

bp = Blueprint("notices", __name__)
Page = str | Response | tuple[str, int]


@bp.get("/notices")
@web.requires()
def index() -> Page:
    rows = queries.inbox(current_user)
    lines = {row.id: mailer.written(row.name, row.facts, "", web.language())[0] for row in rows}
    return render_template("notices/index.html", rows=rows, lines=lines)


@bp.post("/notices/<int:notice_id>")
@web.requires()
def read(notice_id: int) -> Page:
    """Mark it read and go where it points."""
    done = web.act(lambda: service.mark_read(current_user, notice_id, now=web.now()))
    return redirect((done.result if done else "") or url_for(".index"))


@bp.post("/notices/read")
@web.requires()
def read_all() -> Page:
    web.act(lambda: service.mark_all_read(current_user, now=web.now()))
    return redirect(url_for(".index"))


@bp.get("/demo/mail")
@web.public
def demo_mail() -> Page:
    """Every mail of a demo market; on any other market there is no such page."""
    settings = current_app.extensions["settings"]
    if not settings.demo_market or settings.smtp_host:
        abort(404)
    return render_template("notices/demo_mail.html", rows=queries.delivered())

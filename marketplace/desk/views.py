"""The front page of each role, the operator's reviews, and what machines ask."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace import outbox, web
from marketplace.core.clock import shanghai_date
from marketplace.core.roles import Role
from marketplace.desk import queries
from marketplace.listings import queries as listings
from marketplace.listings.rules import State
from marketplace.reports import queries as reports

bp = Blueprint("desk", __name__)
Page = str | Response | tuple[str, int]
LATE_SECONDS = 120


@bp.get("/desk")
@web.requires()
def home() -> Page:
    return HOMES[current_user.role]()


def _bank() -> Page:
    return render_template(
        "desk/bank.html", tasks=queries.bank_tasks(current_user, web.now()), figures=queries.bank_figures(current_user),
        states=list(State), closing=listings.own(current_user, (State.PUBLISHED,), 1)[0][:8],
    )  # fmt: skip


def _buyer() -> Page:
    return render_template(
        "desk/buyer.html", tasks=queries.buyer_tasks(current_user, web.now()), entries=queries.entries(current_user)
    )


def _operator() -> Page:
    now = web.now()
    return render_template(
        "desk/operator.html", queues=queries.operator_counts(now), alive=queries.alive_auctions(now),
        closing=listings.closing_before(now, now + timedelta(hours=24)),
    )  # fmt: skip


def _regulator() -> Page:
    return redirect(url_for("reports.show", name="disposals"))


HOMES = {
    Role.BANK: _bank,
    Role.ENTERPRISE: _buyer,
    Role.RESERVE: _buyer,
    Role.SERVICE_FIRM: _buyer,
    Role.PLATFORM: _operator,
    Role.REGULATOR: _regulator,
}


@bp.get("/operator/reviews")
@web.requires(Role.PLATFORM)
def reviews() -> Page:
    return render_template(
        "desk/reviews.html", waiting=listings.in_states(State.UNDER_REVIEW), suspended=listings.in_states(State.SUSPENDED),
        to_settle=queries.to_settle(), today=shanghai_date(web.now()),
    )  # fmt: skip


@bp.get("/healthz")
@web.public
def healthz() -> dict[str, Any]:
    """The process answers."""
    return {"status": "ok"}


@bp.get("/readyz")
@web.public
def readyz() -> tuple[dict[str, Any], int]:
    """The database answers, the worker goes round, effects are delivered."""
    now = web.now()
    beat = reports.worker_beat()
    age = None if beat is None else round((now - beat).total_seconds(), 1)
    waiting = round(outbox.oldest_waiting(now), 1)
    is_ready = age is not None and age < LATE_SECONDS and waiting < 10 * LATE_SECONDS
    body = {
        "status": "ok" if is_ready else "late",
        "database": "ok",
        "worker_seconds": age,
        "outbox_seconds": waiting,
    }
    return body, 200 if is_ready else 503

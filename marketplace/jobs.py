"""The due work, as plain functions of the moment and a limit; running any of them twice changes nothing more.

``flask tick`` runs each once; the worker runs them all the time: every few seconds, and at once when woken.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from flask import g

from marketplace import live, outbox
from marketplace.auctions import service as auctions
from marketplace.database import db
from marketplace.deals import service as deals
from marketplace.deals.typesetting import make_confirmation
from marketplace.demo import market as demo
from marketplace.intake import service as intake
from marketplace.listings.typesetting import make_notice
from marketplace.notices import mailer
from marketplace.payments import service as payments

log = structlog.get_logger()


@dataclass(frozen=True)
class Job:
    """One kind of due work: ``run(now, limit)`` does at most ``limit`` things, commits, and says how many."""

    name: str
    run: Callable[[datetime, int], int]


HANDLERS: dict[str, outbox.Handler] = {
    "mail.send": mailer.deliver,
    "listing.notice_pdf": make_notice,
    "deal.confirmation_pdf": make_confirmation,
    "payment.refund": payments.refund,
}

JOBS = (
    Job("open auctions", auctions.schedule_due),
    Job("close auctions", auctions.close_due),
    Job("move money", payments.settle_due),
    Job("imports", intake.work_off),
    Job("reminders", deals.remind_due),
    Job("outbox", lambda now, limit: outbox.deliver_due(HANDLERS, now, limit)),
    Job("sample bidders", demo.act),
    Job("old events", lambda now, _limit: live.forget_old(now)),
)


def tick(now: datetime, limit: int = 200) -> dict[str, int]:
    """Do all that is due once; a job that fails is logged and the others still run."""
    g.read_only = False
    done = {}
    for job in JOBS:
        try:
            done[job.name] = job.run(now, limit)
        except Exception:
            db.session.rollback()
            log.exception("job failed", job=job.name)
    outbox.beat(now)
    return done

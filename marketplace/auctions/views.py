"""A lot while it is bid for, as programs and open pages follow it; everybody may."""

import csv
import io
from typing import Any

from flask import Blueprint, Response, current_app, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from marketplace import live, web
from marketplace.auctions import queries, service
from marketplace.core.errors import NotFound
from marketplace.database import db
from marketplace.listings import queries as listings

bp = Blueprint("auctions", __name__)


@bp.get("/lots/<ref>/standing.json")
@web.public
def standing(ref: str) -> dict[str, Any]:
    """Price, leader's code, end and the server's clock: what a page polls when it has no stream."""
    auction = queries.of(listings.public(ref))
    if auction is None:
        raise NotFound
    return queries.current(auction, web.now())


@bp.get("/live/lots/<ref>")
@web.public
def follow(ref: str) -> BaseResponse:
    """The same as server-sent events, each change as it is committed."""
    auction = queries.of(listings.public(ref))
    if auction is None:
        raise NotFound
    last = request.headers.get("Last-Event-ID", request.args.get("after", ""))
    opening, topic = queries.current(auction, web.now()), service.topic(auction)
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    db.session.remove()
    return Response(
        live.stream(app, topic, int(last) if last.isdigit() else None, opening),
        mimetype="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


@bp.get("/lots/<ref>/bids.csv")
@web.public
def bid_log(ref: str) -> BaseResponse:
    """The bid log with its seals, so that anybody can check the chain."""
    listing = listings.public(ref)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_("序号"), _("竞买号"), _("出价（元）"), _("服务器收到时间"), _("其后截止时间"), "SHA-256"])
    for line in reversed(queries.bid_log(listing)):
        writer.writerow(
            [line["seq"], line["code"], line["amount"].decimal, line["received_at"].isoformat(),
             line["ends_at"].isoformat(), line["hash"]]
        )  # fmt: skip
    return Response(
        b"\xef\xbb\xbf" + out.getvalue().encode(),
        mimetype="text/csv",
        headers={"Content-Disposition": f"attachment; filename={listing.ref}-bids.csv"},
    )

"""The hall's reads."""

from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from marketplace.catalogue.board import Asked, Board, Found
from marketplace.database import db
from marketplace.deals.models import Outcome
from marketplace.listings import search
from marketplace.listings.models import ListingEntry

PER_PAGE = 24


def board() -> Board:
    """This process's columns, fresh."""
    found: Board = current_app.extensions.setdefault("board", Board())
    found.refresh()
    return found


def hall(asked: Asked, page: int, now: datetime) -> tuple[list[ListingEntry], Found]:
    """One page of cards with the counts of every filter."""
    columns = board()
    hits = search.found(asked.words) if asked.words else None
    found = columns.find(asked, hits, now, offset=(page - 1) * PER_PAGE, limit=PER_PAGE)
    return search.entries(found.ids), found


def results(page: int, per_page: int) -> tuple[list[Outcome], int]:
    """Ended lots, newest first: what anybody may read of them."""
    whole = db.session.scalar(select(func.count(Outcome.id))) or 0
    rows = db.session.scalars(
        select(Outcome)
        .options(joinedload(Outcome.listing))
        .order_by(Outcome.ended_at.desc(), Outcome.id.desc())
        .limit(per_page)
        .offset((page - 1) * per_page)
    )
    return list(rows), whole


def totals() -> dict[str, Any]:
    """The market in a few figures."""
    sold = select(func.count(), func.sum(Outcome.price_minor), func.sum(Outcome.reference_minor)).where(
        Outcome.result == "sold"
    )
    count, price, reference = db.session.execute(sold).one()
    ended = db.session.scalar(select(func.count(Outcome.id))) or 0
    return {
        "sold": int(count or 0),
        "ended": ended,
        "price_minor": int(price or 0),
        "ratio_bps": int(price * 10_000 // reference) if price and reference else None,
        "rate_bps": int(count * 10_000 // ended) if ended else None,
    }

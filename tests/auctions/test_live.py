"""What open pages are told, and that nothing is lost between two connections."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta

from flask import Flask

from marketplace import live
from marketplace.auctions import queries, service
from marketplace.database import db
from tests.conftest import NOON
from tests.factories import World, auction_of


def event(message: bytes) -> tuple[int, dict[str, object]]:
    fields = dict(
        line.split(": ", 1) for line in message.decode().strip().splitlines() if ": " in line and line[0] != ":"
    )
    return int(fields["id"]), json.loads(fields["data"])


def following(app: Flask, topic: str, last: int | None) -> Iterator[bytes]:
    return live.stream(app, topic, last, {"opening": True})


def test_a_change_reaches_an_open_page_once_it_is_committed_and_never_before(app: Flask) -> None:
    world = World.make(NOON, 1)
    listing = world.publish()
    world.enter(listing, world.buyers[0], NOON + timedelta(days=1))
    auction = auction_of(listing)
    page = following(app, service.topic(auction), None)
    _id, opening = event(next(page).split(b"\n\n", 1)[1])
    assert opening == {"opening": True}

    bidder, opens = world.buyers[0].organisation, auction.opens_at
    service.place_bid(auction.id, listing.start, bidder=bidder, key="k" * 20, now=opens)
    db.session.rollback()
    service.place_bid(auction.id, listing.start + listing.increment, bidder=bidder, key="l" * 20, now=opens)
    db.session.commit()
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(next(page)))
    reader.start()
    reader.join(timeout=10)

    _id, change = event(got[0])
    assert change["price_minor"] == (listing.start + listing.increment).minor
    assert set(change) == {"price_minor", "leader", "ends_at", "bid_count", "state"}
    page.close()  # type: ignore[attr-defined]


def test_a_page_that_lost_its_connection_sees_the_present_state_again(app: Flask) -> None:
    world = World.make(NOON, 1)
    listing = world.publish()
    world.enter(listing, world.buyers[0], NOON + timedelta(days=1))
    auction = auction_of(listing)
    topic = service.topic(auction)
    first = following(app, topic, None)
    seen, _opening = event(next(first).split(b"\n\n", 1)[1])
    first.close()  # type: ignore[attr-defined]

    service.place_bid(
        auction.id, listing.start, bidder=world.buyers[0].organisation, key="k" * 20, now=auction.opens_at
    )
    db.session.commit()
    assert [payload["bid_count"] for _id, payload in live.missed(topic, seen)] == [1]
    again = live.stream(app, topic, seen, queries.current(auction, auction.opens_at))
    newest, state = event(next(again).split(b"\n\n", 1)[1])

    assert newest > seen
    assert state["bid_count"] == 1
    again.close()  # type: ignore[attr-defined]


def test_what_everybody_is_told_names_nobody(app: Flask) -> None:
    world = World.make(NOON, 1)
    listing = world.publish()
    entry = world.enter(listing, world.buyers[0], NOON + timedelta(days=1))
    auction = auction_of(listing)
    service.place_bid(
        auction.id, listing.start, bidder=world.buyers[0].organisation, key="k" * 20, now=auction.opens_at
    )
    db.session.commit()

    told = json.dumps(queries.current(auction, auction.opens_at), ensure_ascii=False)

    assert entry.code in told
    assert world.buyers[0].organisation.name not in told
    assert str(world.buyers[0].organisation.uscc) not in told

"""Races between processes: what is acknowledged is stored once, in order, on both engines."""

import multiprocessing
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select

from marketplace.auctions.models import Auction, Bid
from marketplace.database import db
from tests.conftest import NOON
from tests.factories import World, auction_of

PROCESSES, ROUNDS = 3, 12


def contend(url: str, folder: str, auction_id: int, organisation_id: int, number: int, answers: Any) -> None:
    """One process with an application of its own, bidding as fast as it can."""
    from app import create_app
    from marketplace.accounts.models import Organisation
    from marketplace.auctions import service
    from marketplace.core.clock import FrozenClock
    from marketplace.core.errors import Refusal
    from marketplace.core.money import Money
    from tests.conftest import settings

    app = create_app(settings(url, Path(folder)), clock=FrozenClock(NOON))
    with app.app_context():
        auction = db.session.get_one(Auction, auction_id)
        start, step, at = auction.start_minor, auction.increment_minor, auction.opens_at + timedelta(hours=1)
        bidder = db.session.get_one(Organisation, organisation_id)
        db.session.commit()
        for round_ in range(ROUNDS):
            amount = Money(start + step * (round_ * PROCESSES + number))
            try:
                minor = service.place_bid(
                    auction_id, amount, bidder=bidder, key=f"{number}-{round_}-key-of-bid", now=at
                ).amount_minor
                db.session.commit()
                answers.put(minor)
            except Refusal:
                db.session.rollback()
        db.session.remove()
        db.engine.dispose()


def test_processes_bidding_at_once_lose_and_double_nothing(app: Flask, tmp_path: Path) -> None:
    world = World.make(NOON, PROCESSES)
    listing = world.publish()
    for buyer in world.buyers:
        world.enter(listing, buyer, NOON + timedelta(days=1))
    auction_id, organisations = auction_of(listing).id, [buyer.organisation_id for buyer in world.buyers]
    url = db.engine.url.render_as_string(hide_password=False).replace("postgresql+psycopg", "postgresql")
    db.session.remove()
    spawn = multiprocessing.get_context("spawn")
    answers: Any = spawn.Queue()
    running = [
        spawn.Process(target=contend, args=(url, str(tmp_path), auction_id, organisation, number, answers))
        for number, organisation in enumerate(organisations)
    ]
    for process in running:
        process.start()
    for process in running:
        process.join(timeout=90)
        assert process.exitcode == 0
    acknowledged = sorted(answers.get(timeout=1) for _ in range(answers.qsize()))

    stored = db.session.execute(
        select(Bid.seq, Bid.amount_minor).where(Bid.auction_id == auction_id).order_by(Bid.seq)
    ).all()
    assert acknowledged == [amount for _seq, amount in stored] and acknowledged
    assert [seq for seq, _amount in stored] == list(range(1, len(stored) + 1))
    assert db.session.get_one(Auction, auction_id).bid_count == len(stored)

"""Bidding on a real database of each engine, also when everybody comes at once."""

import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from marketplace.accounts.rules import Bar
from marketplace.auctions import queries, rules, service
from marketplace.auctions.models import Auction, Bid
from marketplace.auctions.rules import AuctionState, RegistrationState
from marketplace.core.errors import Refusal
from marketplace.core.money import Money
from marketplace.database import db
from marketplace.listings import service as listings
from marketplace.listings.models import Listing
from marketplace.listings.rules import Reason, State
from marketplace.payments import service as payments
from tests.conftest import NOON
from tests.factories import World, auction_of


def open_lot(buyers: int = 3) -> tuple[World, Listing, Auction]:
    """A lot that is bid for, with every buyer entered."""
    world = World.make(NOON, buyers)
    listing = world.publish()
    for buyer in world.buyers:
        world.enter(listing, buyer, NOON + timedelta(days=20))
    return world, listing, auction_of(listing)


def test_bid_leads_and_is_told_to_whoever_it_displaces(app: Flask) -> None:
    world, listing, auction = open_lot()
    at = auction.opens_at + timedelta(hours=1)

    for step, buyer in enumerate(world.buyers[:2]):
        service.place_bid(
            auction.id, listing.start + listing.increment * step, bidder=buyer.organisation, key=f"k{step}" * 9, now=at
        )
        db.session.commit()

    assert auction.bid_count == 2
    assert auction.leader is not None and auction.leader.organisation_id == world.buyers[1].organisation_id
    log = queries.bid_log(listing)
    assert [line["seq"] for line in log] == [2, 1]
    assert "organisation" not in str(log)


def test_the_same_key_again_is_the_same_bid(app: Flask) -> None:
    world, listing, auction = open_lot(1)
    at, buyer = auction.opens_at + timedelta(hours=1), world.buyers[0].organisation

    first = service.place_bid(auction.id, listing.start, bidder=buyer, key="k" * 20, now=at)
    db.session.commit()
    again = service.place_bid(auction.id, listing.start, bidder=buyer, key="k" * 20, now=at)

    assert again.id == first.id
    assert auction.bid_count == 1


def test_the_bid_log_is_a_chain_anybody_can_check(app: Flask) -> None:
    world, listing, auction = open_lot()
    for step in range(4):
        amount, buyer = listing.start + listing.increment * step, world.buyers[step % 3].organisation
        service.place_bid(
            auction.id, amount, bidder=buyer, key=f"{step}" * 20, now=auction.opens_at + timedelta(minutes=step)
        )
        db.session.commit()

    previous = ""
    for line in reversed(queries.bid_log(listing)):
        seal = service.seal(
            previous, line["seq"], line["code"], line["amount"].minor, line["received_at"], line["ends_at"]
        )
        assert line["hash"] == seal
        previous = seal


def test_the_close_sells_to_the_last_bid_and_happens_once(app: Flask) -> None:
    world, listing, auction = open_lot()
    service.place_bid(
        auction.id, listing.start, bidder=world.buyers[0].organisation, key="k" * 20, now=auction.opens_at
    )
    db.session.commit()

    assert service.close_due(auction.ends_at + service.GRACE - timedelta(microseconds=1), 10) == 0
    assert service.close_due(auction.ends_at + service.GRACE, 10) == 1
    assert service.close_due(auction.ends_at + timedelta(days=1), 10) == 0

    assert auction.state is AuctionState.SOLD
    assert (listing.state, listing.final_price) == (State.SOLD, listing.start)


def test_a_lot_nobody_bid_for_has_failed(app: Flask) -> None:
    world = World.make(NOON)
    listing = world.publish()
    auction = auction_of(listing)

    service.close_due(auction.ends_at + service.GRACE, 10)

    assert (auction.state, listing.state, listing.reason) == (AuctionState.FAILED, State.FAILED, "no_bids")


def test_a_bid_after_the_end_is_refused_whether_or_not_the_close_was_recorded(app: Flask) -> None:
    world, listing, auction = open_lot(1)
    buyer = world.buyers[0].organisation

    for _recorded in range(2):
        with pytest.raises(rules.AuctionClosed):
            service.place_bid(auction.id, listing.start, bidder=buyer, key="k" * 20, now=auction.ends_at)
        db.session.rollback()
        service.close_due(auction.ends_at + service.GRACE, 10)


def test_barred_parties_are_told_every_reason(app: Flask) -> None:
    world = World.make(NOON, 1)
    listing = world.publish()
    case = listing.items[0].asset.case
    assert case is not None
    world.buyers[0].organisation.uscc = case.debtor_uscc
    world.buyers[0].organisation.blocked_at = NOON
    db.session.commit()

    with pytest.raises(rules.NotAdmitted) as refused:
        payments.register(auction_of(listing), by=world.buyers[0], accepts_rules=listing.policy_version, now=NOON)

    assert set(refused.value.facts["reasons"]) == {Bar.DEBTOR, Bar.PLEDGOR, Bar.BLOCKED}


def test_entering_under_an_old_version_of_the_rules_is_refused(app: Flask) -> None:
    world = World.make(NOON, 1)
    listing = world.publish()

    with pytest.raises(rules.RulesChanged):
        payments.register(auction_of(listing), by=world.buyers[0], accepts_rules="otc-2020-01", now=NOON)


def test_whoever_has_no_deposit_in_escrow_cannot_bid(app: Flask) -> None:
    world = World.make(NOON, 1)
    listing = world.publish()
    auction = auction_of(listing)
    entry = payments.register(auction, by=world.buyers[0], accepts_rules=listing.policy_version, now=NOON)
    db.session.commit()

    with pytest.raises(rules.BidderNotConfirmed):
        service.place_bid(
            auction.id, listing.start, bidder=world.buyers[0].organisation, key="k" * 20, now=auction.opens_at
        )

    assert entry.state is RegistrationState.APPLIED


def test_a_suspended_lot_takes_no_bids_and_goes_on_with_its_new_timetable(app: Flask) -> None:
    world, listing, auction = open_lot(1)
    at, buyer = auction.opens_at + timedelta(hours=1), world.buyers[0].organisation
    listings.suspend(listing, Reason.TITLE_DISPUTE, "异议", by=world.operators[0], now=at)
    db.session.commit()

    with pytest.raises(rules.AuctionPaused):
        service.place_bid(auction.id, listing.start, bidder=buyer, key="k" * 20, now=at)
    db.session.rollback()
    listings.resume(listing, at, at + timedelta(days=2), by=world.operators[0], now=at)
    db.session.commit()
    service.place_bid(auction.id, listing.start, bidder=buyer, key="l" * 20, now=at + timedelta(days=1))

    assert auction.ends_at == at + timedelta(days=2)


@pytest.mark.parametrize("contenders", [8])
def test_bids_at_once_are_each_stored_once_and_in_order(app: Flask, contenders: int) -> None:
    world, listing, auction = open_lot(contenders)
    auction_id, at = auction.id, auction.opens_at + timedelta(hours=1)
    start, step = listing.start, listing.increment
    bidders = [buyer.organisation_id for buyer in world.buyers]
    db.session.commit()
    db.session.remove()
    accepted: list[int] = []
    gate = threading.Barrier(contenders)

    def contend(organisation_id: int, number: int) -> None:
        with app.app_context():
            from marketplace.accounts.models import Organisation

            gate.wait()
            for round_ in range(5):
                try:
                    bidder = db.session.get_one(Organisation, organisation_id)
                    amount = start + step * (round_ * contenders + number)
                    bid = service.place_bid(
                        auction_id, amount, bidder=bidder, key=f"{number}-{round_}" + "k" * 20, now=at
                    )
                    minor = bid.amount_minor
                    db.session.commit()
                    accepted.append(minor)
                except Refusal:
                    db.session.rollback()
            db.session.remove()

    threads = [threading.Thread(target=contend, args=(b, n)) for n, b in enumerate(bidders)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    stored = list(
        db.session.execute(select(Bid.seq, Bid.amount_minor).where(Bid.auction_id == auction_id).order_by(Bid.seq))
    )
    assert sorted(accepted) == [amount for _seq, amount in stored]
    assert [seq for seq, _amount in stored] == list(range(1, len(stored) + 1))
    assert [amount for _seq, amount in stored] == sorted({amount for _seq, amount in stored})
    final = db.session.get_one(Auction, auction_id)
    assert (final.bid_count, final.price_minor) == (len(stored), stored[-1][1])


def test_a_double_click_is_one_bid(app: Flask) -> None:
    world, listing, auction = open_lot(1)
    auction_id, start, at = auction.id, listing.start, auction.opens_at + timedelta(hours=1)
    organisation_id = world.buyers[0].organisation_id
    db.session.commit()
    db.session.remove()
    gate, seen = threading.Barrier(2), list[int]()

    def click() -> None:
        with app.app_context():
            from marketplace.accounts.models import Organisation

            bidder = db.session.get_one(Organisation, organisation_id)
            db.session.commit()
            gate.wait()
            bid_id = service.place_bid(auction_id, start, bidder=bidder, key="same" * 5, now=at).id
            db.session.commit()
            seen.append(bid_id)
            db.session.remove()

    threads = [threading.Thread(target=click) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(seen) == 2 and len(set(seen)) == 1
    assert len(db.session.scalars(select(Bid).where(Bid.auction_id == auction_id)).all()) == 1


def test_bid_against_close_is_either_in_the_result_or_refused(app: Flask) -> None:
    world, listing, auction = open_lot(2)
    auction_id, ends, start = auction.id, auction.ends_at, listing.start
    ids = [buyer.organisation_id for buyer in world.buyers]
    service.place_bid(auction_id, start, bidder=world.buyers[0].organisation, key="a" * 20, now=auction.opens_at)
    amount = start + listing.increment
    db.session.commit()
    db.session.remove()
    gate, placed = threading.Barrier(2), list[Money]()

    def late() -> None:
        with app.app_context():
            from marketplace.accounts.models import Organisation

            bidder = db.session.get_one(Organisation, ids[1])
            db.session.commit()
            gate.wait()
            try:
                service.place_bid(auction_id, amount, bidder=bidder, key="b" * 20, now=ends - timedelta(microseconds=1))
                db.session.commit()
                placed.append(amount)
            except Refusal:
                db.session.rollback()
            db.session.remove()

    def close() -> None:
        with app.app_context():
            gate.wait()
            service.close_due(ends + service.GRACE, 10)
            db.session.remove()

    threads = [threading.Thread(target=late), threading.Thread(target=close)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    final = db.session.get_one(Auction, auction_id)
    if placed:
        assert final.state is AuctionState.SCHEDULED and final.ends_at > ends
    else:
        assert final.state is AuctionState.SOLD and final.price_minor == start.minor

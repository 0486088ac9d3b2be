"""From two failed rounds to a sell-off: fixed price, prepaid in full, a day's contest; and what a default costs there."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from marketplace.assets.rules import Code
from marketplace.auctions import service as bidding
from marketplace.auctions.formats import Format
from marketplace.core import pricing
from marketplace.core.calendar import add_months, at_hour
from marketplace.core.clock import shanghai_date
from marketplace.core.errors import Several
from marketplace.core.money import Money
from marketplace.database import db
from marketplace.deals import queries as deals
from marketplace.listings import queries as listings
from marketplace.listings import service
from marketplace.listings.models import Listing
from marketplace.listings.routes import Form
from marketplace.listings.rules import NotRelistable, State
from marketplace.payments import ledger, rules
from marketplace.payments import service as payments
from marketplace.payments.models import Payout
from marketplace.payments.rules import Purpose
from tests.conftest import NOON
from tests.factories import World, auction_of


def fail(listing: Listing) -> datetime:
    """Let the round run out."""
    at = auction_of(listing).ends_at + bidding.GRACE
    bidding.close_due(at, 10)
    assert listing.state is State.FAILED
    return at


def again(world: World, listing: Listing, at: datetime, **changes: object) -> Listing:
    """Offer the lot again, approved and published."""
    world.now = at
    terms = world.terms(listing.items[0].asset, **changes)
    return world.publish(service.relist(listing, terms, by=world.officer, now=at))


def second_failed(world: World) -> tuple[Listing, datetime]:
    first = world.publish()
    at = fail(first)
    opens = at_hour(shanghai_date(at) + timedelta(days=16), 10)
    second = again(
        world, first, at, start=Money.yuan(1_680_000), deposit=Money.yuan(168_000), opens_at=opens,
        closes_at=opens + timedelta(days=1),
    )  # fmt: skip
    return second, fail(second)


def selloff_terms(at: datetime) -> dict[str, object]:
    opens = at_hour(shanghai_date(at) + timedelta(days=16), 10)
    price = Money.yuan(1_680_000)
    return {"start": price, "deposit": price, "opens_at": opens, "closes_at": opens + timedelta(days=60)}


def on_sell_off(world: World) -> Listing:
    second, at = second_failed(world)
    return again(world, second, at, **selloff_terms(at))


def test_after_two_rounds_only_a_sell_off_at_the_failed_price_may_follow(app: Flask) -> None:
    world = World.make(NOON)
    second, at = second_failed(world)

    assert listings.following(second) == (Form.SELL_OFF, 3)
    with pytest.raises(Several) as refused:
        again(world, second, at, **(selloff_terms(at) | {"start": Money.yuan(1_400_000)}))
    assert [type(reason) for reason in refused.value.reasons] == [pricing.SelloffPriceFixed, pricing.SelloffPrepaid]
    db.session.rollback()

    lot = again(world, second, at, **selloff_terms(at))
    assert (lot.form, lot.attempt, auction_of(lot).format) == (Form.SELL_OFF, 3, Format.FIRST_TAKER)


def test_a_reference_that_ran_out_after_the_first_notice_carries_the_later_rounds_for_six_months(app: Flask) -> None:
    world = World.make(NOON)
    first = world.publish()
    reference = first.items[0].asset.reference
    assert reference is not None
    reference.valid_until = shanghai_date(NOON) + timedelta(days=10)
    at = fail(first)
    opens = at_hour(shanghai_date(at) + timedelta(days=16), 10)

    second = again(world, first, at, opens_at=opens, closes_at=opens + timedelta(days=1))

    codes = [finding.code for finding in listings.examination(second, at).rights[0].findings]
    assert codes == [Code.VALUATION_TOLERATED]
    late = add_months(reference.valid_until, 6) + timedelta(days=1)
    codes = [f.code for f in listings.examination(second, at_hour(late, 10)).rights[0].findings]
    assert Code.VALUATION_EXPIRED in codes


def test_the_first_taker_wins_unless_outbid_within_a_day(app: Flask) -> None:
    world = World.make(NOON)
    lot = on_sell_off(world)
    auction = auction_of(lot)
    for buyer in world.buyers[:2]:
        world.enter(lot, buyer, world.now)
    taken = auction.opens_at + timedelta(days=20)
    bidding.place_bid(auction.id, lot.start, bidder=world.buyers[0].organisation, key="a" * 20, now=taken)
    assert auction.ends_at == taken + timedelta(hours=24)
    price = lot.start + lot.increment
    bidding.place_bid(
        auction.id, price, bidder=world.buyers[1].organisation, key="b" * 20, now=taken + timedelta(hours=2)
    )
    db.session.commit()

    bidding.close_due(auction.ends_at + bidding.GRACE, 10)
    payments.settle_due(auction.ends_at, 100)

    deal = deals.of_listing(lot)
    assert deal is not None
    assert (deal.buyer_id, deal.price, deal.balance) == (world.buyers[1].organisation_id, price, lot.increment)
    released = db.session.scalars(select(Payout).where(Payout.purpose == Purpose.DEPOSIT_RELEASE)).one()
    assert (released.payee_id, released.amount) == (world.buyers[0].organisation_id, lot.start)


def test_a_defaulter_loses_the_deposit_of_the_last_round_and_has_the_rest_back(app: Flask) -> None:
    world = World.make(NOON)
    lot = on_sell_off(world)
    auction = auction_of(lot)
    world.enter(lot, world.buyers[0], world.now)
    bidding.place_bid(auction.id, lot.start, bidder=world.buyers[0].organisation, key="a" * 20, now=auction.opens_at)
    db.session.commit()
    bidding.close_due(auction.ends_at + bidding.GRACE, 10)
    payments.settle_due(auction.ends_at, 100)
    deal = deals.of_listing(lot)
    assert deal is not None

    at = deal.struck_at + timedelta(days=30)
    payments.declare_default(deal, by=world.operators[0], now=at)

    owed = {row.purpose: row.amount for row in db.session.scalars(select(Payout))}
    assert owed == {
        Purpose.FORFEIT: Money.yuan(168_000), Purpose.REFUND: lot.start - Money.yuan(168_000)
    }  # fmt: skip
    assert ledger.balance(rules.forfeit_account(deal.id)) == Money.yuan(-168_000)
    assert listings.following(lot) == (Form.SELL_OFF, 3)


def test_a_failed_sell_off_exhausts_public_bidding(app: Flask) -> None:
    world = World.make(NOON)
    lot = on_sell_off(world)
    at = fail(lot)

    assert listings.following(lot) is None
    with pytest.raises(NotRelistable):
        service.relist(lot, world.terms(lot.items[0].asset), by=world.officer, now=at)


def test_a_draft_given_up_does_not_bar_the_next_one(app: Flask) -> None:
    world = World.make(NOON)
    first = world.publish()
    at = fail(first)
    world.now = at
    opens = at_hour(shanghai_date(at) + timedelta(days=16), 10)
    terms = world.terms(first.items[0].asset, opens_at=opens, closes_at=opens + timedelta(days=1))
    draft = service.relist(first, terms, by=world.officer, now=at)
    db.session.flush()
    assert listings.following(first) is None

    service.discard(draft, by=world.officer, now=at)

    assert service.relist(first, terms, by=world.officer, now=at).attempt == 2

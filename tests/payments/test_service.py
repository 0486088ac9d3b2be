"""Money from deposit to the last payout, on each engine."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from marketplace.auctions import service as bidding
from marketplace.core.clock import shanghai_date
from marketplace.core.money import Money, total
from marketplace.database import db
from marketplace.deals import queries as deals
from marketplace.deals import service as closing
from marketplace.deals.models import Deal
from marketplace.deals.rules import STEPS, DealState, MilestoneCode, NotOverdue, OutOfOrder
from marketplace.listings import service as listings
from marketplace.listings.models import Listing
from marketplace.listings.rules import Reason, State
from marketplace.payments import ledger, queries, rules, service, settlement
from marketplace.payments.charges import VatTreatment
from marketplace.payments.models import JournalEntry, Payout
from marketplace.payments.rules import FourEyes, OrderState, PayoutState, Purpose
from marketplace.payments.waterfall import Cost
from tests.conftest import NOON
from tests.factories import PDF_BYTES, World, auction_of


def sold(buyers: int = 2, *, world: World | None = None, listing: Listing | None = None) -> tuple[World, Listing, Deal]:
    """A lot struck to the first buyer."""
    world = world or World.make(NOON, buyers)
    listing = world.publish(listing)
    for buyer in world.buyers:
        world.enter(listing, buyer, NOON + timedelta(days=20))
    auction = auction_of(listing)
    bidding.place_bid(
        auction.id, listing.start, bidder=world.buyers[0].organisation, key="k" * 20, now=auction.opens_at
    )
    db.session.commit()
    bidding.close_due(auction.ends_at + bidding.GRACE, 10)
    service.settle_due(auction.ends_at, 100)
    deal = deals.of_listing(listing)
    assert deal is not None
    return world, listing, deal


def pay_balance(world: World, deal: Deal) -> None:
    order = queries.of_subject(Purpose.BALANCE, f"deal:{deal.id}")
    assert order is not None
    for operator in world.operators:
        service.confirm(order, shanghai_date(deal.struck_at), by=operator, now=deal.struck_at + timedelta(days=2))
    db.session.commit()


def is_balanced() -> bool:
    return sum(db.session.scalars(select(JournalEntry.amount_minor))) == 0


def test_money_is_confirmed_by_two_people(app: Flask) -> None:
    world = World.make(NOON, 1)
    listing = world.publish()
    entry = service.register(auction_of(listing), by=world.buyers[0], accepts_rules=listing.policy_version, now=NOON)
    order = queries.of_subject(Purpose.DEPOSIT, f"registration:{entry.id}")
    assert order is not None
    service.confirm(order, shanghai_date(NOON), by=world.operators[0], now=NOON)
    db.session.commit()

    with pytest.raises(FourEyes):
        service.confirm(order, shanghai_date(NOON), by=world.operators[0], now=NOON)

    assert order.state is OrderState.FIRST_CONFIRMED
    assert ledger.balance("escrow") == Money(0)


def test_losers_have_their_deposit_on_the_work_list_within_a_day(app: Flask) -> None:
    _world, listing, deal = sold()

    released = db.session.scalars(select(Payout).where(Payout.purpose == Purpose.DEPOSIT_RELEASE)).all()

    assert [payout.amount for payout in released] == [listing.deposit]
    assert released[0].payee_id != deal.buyer_id
    assert released[0].due_at - deal.struck_at <= timedelta(hours=24, minutes=1)


def test_running_the_clock_twice_asks_and_owes_once(app: Flask) -> None:
    _world, listing, deal = sold()
    before = (len(queries.to_confirm()), len(queries.to_pay()))

    service.settle_due(deal.struck_at + timedelta(hours=1), 100)

    assert (len(queries.to_confirm()), len(queries.to_pay())) == before
    assert listing.state is State.SOLD


def test_the_balance_is_the_rest_of_the_price_with_the_commission(app: Flask) -> None:
    _world, listing, deal = sold()
    order = queries.of_subject(Purpose.BALANCE, f"deal:{deal.id}")

    assert order is not None
    assert order.amount == listing.start - listing.deposit + queries.charges(deal).buyer_pays_platform
    assert ledger.balance(rules.sale_account(deal.id)) == -listing.deposit


def test_the_whole_way_to_distributed_money(app: Flask) -> None:
    world, listing, deal = sold()
    with pytest.raises(OutOfOrder):
        closing.meet(deal, MilestoneCode.PLEDGE_RELEASE, shanghai_date(deal.struck_at), filename="a.pdf", content=PDF_BYTES,
                     note="", by=world.officer, now=deal.struck_at)  # fmt: skip
    pay_balance(world, deal)
    at = deal.struck_at + timedelta(days=20)
    for code in STEPS:
        closing.meet(
            deal, code, shanghai_date(at), filename="a.pdf", content=PDF_BYTES, note="", by=world.officer, now=at
        )
    first, second = world.operators
    settlement.prepare(deal, [Cost("评估费", "评估公司", Money.yuan(60_000))], VatTreatment.GENERAL, by=first, now=at)
    with pytest.raises(FourEyes):
        settlement.approve(deal, by=first, now=at)
    settlement.approve(deal, by=second, now=at)
    db.session.commit()

    payouts = queries.payouts_of(deal)
    assert total(payout.amount for payout in payouts) == deal.price
    for payout in payouts:
        settlement.confirm_payout(payout, by=first, now=at)
        settlement.confirm_payout(payout, by=second, now=at)
    db.session.commit()

    outcome = deals.outcome_of(listing)
    assert (deal.state, listing.state) == (DealState.SETTLED, State.SETTLED)
    assert outcome is not None and outcome.recovered_minor is not None
    claim = total(p.amount for p in payouts if p.purpose is Purpose.CLAIM)
    assert (outcome.result, outcome.recovered_minor) == ("sold", claim.minor)
    assert ledger.balance(rules.sale_account(deal.id)) == Money(0)
    assert is_balanced()


def close(world: World, deal: Deal) -> datetime:
    """Pay and hand over, so that the money can be distributed."""
    pay_balance(world, deal)
    at = deal.struck_at + timedelta(days=20)
    for code in STEPS:
        closing.meet(
            deal, code, shanghai_date(at), filename="a.pdf", content=PDF_BYTES, note="", by=world.officer, now=at
        )
    return at


def test_the_second_sale_of_a_case_pays_what_the_first_left_owing(app: Flask) -> None:
    world = World.make(NOON, 2)
    case = world.case(principal_minor=250_000_000, interest_minor=0, costs_minor=0)
    lots = []
    for _right in range(2):
        asset = world.asset(case)
        lots.append(listings.draft(world.bank, [asset], world.terms(asset), by=world.officer, now=NOON))
    (_w, _l, first), (_w, _l, second) = (sold(world=world, listing=lot) for lot in lots)
    at = [close(world, deal) for deal in (first, second)][-1]
    one, two = world.operators
    for deal in (first, second):
        settlement.prepare(deal, [], VatTreatment.EXEMPT, by=one, now=at)

    settlement.approve(first, by=two, now=at)
    with pytest.raises(settlement.ClaimsMoved):
        settlement.approve(second, by=two, now=at)
    row = settlement.prepare(second, [], VatTreatment.EXEMPT, by=one, now=at)
    settlement.approve(second, by=two, now=at)

    paid = total(p.amount for deal in (first, second) for p in queries.payouts_of(deal) if p.purpose is Purpose.CLAIM)
    proceeds = (
        first.price
        + second.price
        - total(p.amount for deal in (first, second) for p in queries.payouts_of(deal) if p.purpose is Purpose.TAX)
    )
    assert paid == Money(250_000_000)
    assert Money(row.surplus_minor) == proceeds - paid
    assert is_balanced()


def test_a_forfeited_deposit_comes_off_the_debt_and_is_shown_in_its_order(app: Flask) -> None:
    world, listing, deal = sold()
    at = deal.struck_at + timedelta(days=30)
    service.declare_default(deal, by=world.operators[0], now=at)
    db.session.commit()
    case = listing.items[0].asset.case
    assert case is not None
    world.now = at
    again = listings.relist(listing, world.terms(listing.items[0].asset), by=world.officer, now=at)
    listings.submit(again, by=world.officer, now=at)
    listings.approve(again, by=world.approver, now=at)
    listings.publish(again, by=world.operators[0], now=at)
    auction = bidding.schedule(again, now=at)
    world.enter(again, world.buyers[1], at)
    bidding.place_bid(auction.id, again.start, bidder=world.buyers[1].organisation, key="r" * 20, now=auction.opens_at)
    db.session.commit()
    bidding.close_due(auction.ends_at + bidding.GRACE, 10)
    service.settle_due(auction.ends_at, 100)
    resale = deals.of_listing(again)
    assert resale is not None
    later = close(world, resale)

    costs = [Cost("公告费", "样例公司", Money.yuan(20_000))]
    row = settlement.prepare(resale, costs, VatTreatment.EXEMPT, by=world.operators[0], now=later)

    assert total(claim.secured for claim in queries.claims(resale)) == case.claim - listing.deposit
    ((earlier, used),) = settlement.deposits_used(resale, row)
    assert earlier.id == deal.id
    spent = Money(sum(line["paid"] for line in row.waterfall["lines"] if line["component"] == "realisation"))
    assert (used.costs, used.shortfall_covered, used.rest) == (spent, Money(0), Money(0))
    assert used.costs + used.case_debt == listing.deposit


def test_a_buyer_who_does_not_pay_loses_the_deposit_and_may_not_bid_again(app: Flask) -> None:
    world, listing, deal = sold()
    with pytest.raises(NotOverdue):
        service.declare_default(deal, by=world.operators[0], now=deal.struck_at + timedelta(days=3))
    db.session.rollback()
    at = deal.struck_at + timedelta(days=30)
    service.declare_default(deal, by=world.operators[0], now=at)
    db.session.commit()

    forfeit = db.session.scalar(select(Payout).where(Payout.purpose == Purpose.FORFEIT))
    assert forfeit is not None and forfeit.amount == listing.deposit
    assert (deal.state, listing.state) == (DealState.DEFAULTED, State.DEFAULTED)
    world.now = at
    again = listings.relist(listing, world.terms(listing.items[0].asset), by=world.officer, now=at)
    db.session.commit()
    from marketplace.accounts.rules import Bar
    from marketplace.auctions.queries import bars

    assert again.attempt == listing.attempt
    assert bars(again, deal.buyer, at.date()) == [Bar.DEFAULTER]
    assert bars(again, world.buyers[1].organisation, at.date()) == []
    assert is_balanced()


def test_deposits_of_a_terminated_lot_go_back(app: Flask) -> None:
    world = World.make(NOON, 2)
    listing = world.publish()
    for buyer in world.buyers:
        world.enter(listing, buyer, NOON + timedelta(days=2))
    listings.terminate(listing, Reason.REGULATOR_ORDER, "要求", by=world.operators[0], now=NOON + timedelta(days=3))
    db.session.commit()

    bidding.schedule_due(NOON + timedelta(days=3), 10)
    service.settle_due(NOON + timedelta(days=3), 100)

    payouts = queries.to_pay()
    assert [(p.purpose, p.amount, p.state) for p in payouts] == [
        (Purpose.DEPOSIT_RELEASE, listing.deposit, PayoutState.DUE)
    ] * 2


def test_an_entry_taken_back_can_be_made_again(app: Flask) -> None:
    world = World.make(NOON, 1)
    listing = world.publish()
    auction = auction_of(listing)
    entry = service.register(auction, by=world.buyers[0], accepts_rules=listing.policy_version, now=NOON)
    code = entry.code
    db.session.commit()
    service.withdraw(entry, by=world.buyers[0], now=NOON)
    db.session.commit()

    again = service.register(auction, by=world.buyers[0], accepts_rules=listing.policy_version, now=NOON)
    db.session.commit()

    order = queries.of_subject(Purpose.DEPOSIT, f"registration:{again.id}")
    assert (again.id, again.code) == (entry.id, code)
    assert order is not None and order.state is OrderState.OPEN


def test_a_balance_that_comes_after_the_default_is_recorded_and_goes_back(app: Flask) -> None:
    world, _listing, deal = sold()
    at = deal.struck_at + timedelta(days=30)
    service.declare_default(deal, by=world.operators[0], now=at)
    order = queries.of_subject(Purpose.BALANCE, f"deal:{deal.id}")
    assert order is not None

    for operator in world.operators:
        service.confirm(order, shanghai_date(at), by=operator, now=at)
    service.settle_due(at, 100)
    service.settle_due(at, 100)

    assert (deal.state, order.state) == (DealState.DEFAULTED, OrderState.CONFIRMED)
    back = [p for p in db.session.scalars(select(Payout)) if p.payee_id == deal.buyer_id]
    assert [(p.purpose, p.amount) for p in back] == [(Purpose.REFUND, order.amount)]
    assert is_balanced()

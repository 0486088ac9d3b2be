"""Deposits go back by themselves where the provider can, and onto the work list where it cannot."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from flask import Flask, current_app
from sqlalchemy import select

from marketplace import outbox
from marketplace.auctions import service as bidding
from marketplace.core.money import Money
from marketplace.database import db
from marketplace.jobs import HANDLERS
from marketplace.payments import ledger, queries, rules, service
from marketplace.payments.gateways import Arrival, Instructions
from marketplace.payments.models import PaymentOrder, Payout
from marketplace.payments.rules import PayoutState, Purpose
from tests.conftest import NOON
from tests.factories import World, auction_of


class Pretend:
    """A provider that pays back at once, or is down."""

    name = "pretend"
    can_refund = True

    def __init__(self, *, works: bool) -> None:
        self.works, self.sent = works, dict[str, Money]()

    def start(self, reference: str, amount: Money) -> Instructions:
        return Instructions((), is_automatic=True)

    def read_event(self, headers: Mapping[str, str], body: bytes) -> str | None:
        return None

    def fetch(self, reference: str) -> Arrival | None:
        return None

    def refund(self, reference: str, amount: Money) -> bool:
        if self.works:
            self.sent[reference] = amount
        return self.works


@pytest.mark.parametrize(
    ("works", "state"), [(True, PayoutState.PAID), (False, PayoutState.DUE)], ids=["sent back", "left to people"]
)
def test_a_losers_deposit_goes_back_the_way_it_came(app: Flask, works: bool, state: PayoutState) -> None:
    provider = current_app.extensions["gateways"]["pretend"] = Pretend(works=works)
    world = World.make(NOON, 2)
    listing = world.publish()
    entries = [world.enter(listing, buyer, NOON + timedelta(days=20)) for buyer in world.buyers]
    auction = auction_of(listing)
    bidding.place_bid(
        auction.id, listing.start, bidder=world.buyers[0].organisation, key="k" * 20, now=auction.opens_at
    )
    for order in db.session.scalars(select(PaymentOrder)):
        order.provider = "pretend"
    db.session.commit()
    end = auction.ends_at + bidding.GRACE

    bidding.close_due(end, 10)
    for _again in range(2):
        service.settle_due(end, 100)
        outbox.deliver_due(HANDLERS, end, 1000)

    loser = queries.of_subject(Purpose.DEPOSIT, f"registration:{entries[1].id}")
    assert loser is not None
    payout = db.session.scalars(select(Payout)).one()
    assert (payout.state, payout.payee_id) == (state, world.buyers[1].organisation_id)
    assert provider.sent == ({loser.ref: loser.amount} if works else {})
    held = Money(0) if works else Money(-loser.amount.minor)  # what is owed stands on the credit side
    assert ledger.balance(rules.deposit_account(entries[1].id)) == held

"""A lot's way to publication, and what stops it."""

from datetime import datetime, timedelta

import pytest
from flask import Flask

from marketplace import outbox
from marketplace.assets import service as assets
from marketplace.assets.rules import EncumbranceKind
from marketplace.core import pricing
from marketplace.core.errors import Several
from marketplace.core.money import Money
from marketplace.core.states import MoveRefused
from marketplace.database import db
from marketplace.jobs import HANDLERS
from marketplace.listings import queries, rules, search, service
from marketplace.listings.rules import LIFE_CYCLE, Stage, State
from marketplace.papers import queries as papers
from marketplace.papers.rules import PaperKind
from tests.conftest import NOON
from tests.factories import World, auction_of


def test_maker_and_checker_are_two_people(app: Flask) -> None:
    world = World.make(NOON)
    listing = world.draft()
    service.submit(listing, by=world.officer, now=NOON)

    with pytest.raises(rules.SamePerson):
        service.approve(listing, by=world.officer, now=NOON)

    service.approve(listing, by=world.approver, now=NOON)
    assert listing.state is State.UNDER_REVIEW


def test_a_draft_outside_the_bounds_is_refused_with_every_bound(app: Flask) -> None:
    world = World.make(NOON)

    with pytest.raises(Several) as refused:
        world.draft(start=Money.yuan(2_000_000), deposit=Money.yuan(1), opens_at=NOON + timedelta(days=5),
                    closes_at=NOON + timedelta(days=5, hours=2))  # fmt: skip

    assert [type(reason) for reason in refused.value.reasons] == [
        pricing.StartBelowFloor, pricing.DepositOutOfBounds, pricing.NoticeTooShort, pricing.WindowTooShort
    ]  # fmt: skip


def test_a_blocking_check_stops_the_lot_and_curing_it_lets_it_go(app: Flask) -> None:
    world = World.make(NOON)
    listing = world.draft()
    asset = listing.items[0].asset
    assets.add_encumbrance(
        asset, kind=EncumbranceKind.FREEZE, party="法院", document_no="1", from_on=None, until_on=None, note="",
        by=world.officer, now=NOON,
    )  # fmt: skip
    db.session.commit()

    with pytest.raises(rules.Blocked):
        service.submit(listing, by=world.officer, now=NOON)
    db.session.rollback()
    assets.lift(asset, asset.encumbrances[0].id, NOON.date(), by=world.officer, now=NOON)
    service.submit(listing, by=world.officer, now=NOON)

    assert listing.state is State.AWAITING_APPROVAL


def test_missing_papers_of_the_case_stop_the_lot(app: Flask) -> None:
    world = World.make(NOON)
    asset = world.asset(world.case(with_papers=False))
    listing = service.draft(world.bank, [asset], world.terms(asset), by=world.officer, now=NOON)

    with pytest.raises(rules.Blocked):
        service.submit(listing, by=world.officer, now=NOON)


def test_published_lot_keeps_its_rules_and_is_found(app: Flask) -> None:
    world = World.make(NOON)
    listing = world.publish()

    assert listing.policy_version == "otc-2021-01"
    assert list(search.found("液冷")) == [listing.id]
    assert list(search.found("电池热管理 液冷板")) == [listing.id]
    assert list(search.found("冷液")) == []
    assert list(search.found("H01M")) == [listing.id]
    assert list(search.found(listing.items[0].asset.shown_number)) == [listing.id]
    assert queries.public(listing.ref).id == listing.id


def test_a_published_lot_cannot_be_edited(app: Flask) -> None:
    world = World.make(NOON)
    listing = world.publish()

    with pytest.raises(MoveRefused):
        service.edit(listing, world.terms(listing.items[0].asset), by=world.officer, now=NOON)
    service.change_contact(listing, "新电话", by=world.officer, now=NOON)

    assert listing.contact == "新电话"


def test_one_right_is_in_one_lot(app: Flask) -> None:
    world = World.make(NOON)
    listing = world.draft()
    asset = listing.items[0].asset

    with pytest.raises(rules.RightTaken):
        service.draft(world.bank, [asset], world.terms(asset), by=world.officer, now=NOON)


def test_a_repaid_debt_stops_every_sale_of_the_case(app: Flask) -> None:
    world = World.make(NOON)
    listing = world.publish()
    case = listing.items[0].asset.case
    assert case is not None

    service.repaid(case, by=world.approver, now=NOON + timedelta(days=3))
    db.session.commit()

    assert (listing.state, listing.reason) == (State.TERMINATED, rules.Reason.REPAID)
    assert queries.examination(listing, NOON).is_blocked


def test_the_bank_cannot_withdraw_after_the_first_bid(app: Flask) -> None:
    from marketplace.auctions import service as bidding

    world = World.make(NOON, 1)
    listing = world.publish()
    world.enter(listing, world.buyers[0], NOON + timedelta(days=1))
    auction = auction_of(listing)
    bidding.place_bid(
        auction.id, listing.start, bidder=world.buyers[0].organisation, key="k" * 20, now=auction.opens_at
    )
    db.session.commit()

    with pytest.raises(rules.BidsExist):
        service.withdraw(listing, rules.Reason.AGREEMENT_REVOKED, "协议撤销", by=world.approver, now=auction.opens_at)
    service.withdraw(listing, rules.Reason.AGREEMENT_REVOKED, "协议撤销", by=world.operators[0], now=auction.opens_at)

    assert listing.state is State.WITHDRAWN


def test_a_second_round_may_fall_by_a_fifth_and_no_more(app: Flask) -> None:
    from marketplace.auctions import service as bidding

    world = World.make(NOON)
    listing = world.publish()
    auction = auction_of(listing)
    bidding.close_due(auction.ends_at + bidding.GRACE, 10)
    asset, failed_at = listing.items[0].asset, auction.ends_at
    world.now = failed_at
    opens = failed_at + timedelta(days=20)
    terms = {"opens_at": opens, "closes_at": opens + timedelta(days=1), "deposit": Money.yuan(168_000)}

    with pytest.raises(Several) as refused:
        service.relist(
            listing, world.terms(asset, start=Money.yuan(1_679_999), **terms), by=world.officer, now=failed_at
        )
    db.session.rollback()
    again = service.relist(
        listing, world.terms(asset, start=Money.yuan(1_680_000), **terms), by=world.officer, now=failed_at
    )
    db.session.commit()

    assert [type(reason) for reason in refused.value.reasons] == [pricing.CutTooDeep]
    assert (again.attempt, again.previous_id) == (2, listing.id)
    with pytest.raises(rules.NotRelistable):
        service.relist(
            listing, world.terms(asset, start=Money.yuan(1_680_000), **terms), by=world.officer, now=failed_at
        )


def test_stage_follows_the_hour_and_nothing_else() -> None:
    opens, ends = NOON, NOON + timedelta(days=1)

    def at(**after: float) -> Stage:
        return rules.stage(State.PUBLISHED, opens, ends, NOON + timedelta(**after))

    assert at(seconds=-1) is Stage.NOTICE
    assert at(seconds=0) is Stage.OPEN
    assert at(hours=23, minutes=55) is Stage.CLOSING
    assert at(days=1) is Stage.CLOSED
    assert rules.stage(State.SOLD, opens, ends, NOON) is Stage.SOLD


def test_every_state_of_a_lot_is_reachable() -> None:
    assert LIFE_CYCLE.reachable() == set(State)


def test_what_a_court_enforces_is_not_sold_here(app: Flask) -> None:
    from marketplace.cases.rules import LegalBasis
    from marketplace.core.policy import Regime

    world = World.make(NOON)
    asset = world.asset(world.case(legal_basis=LegalBasis.JUDGMENT_OR_AWARD, regime=Regime.COURT))

    with pytest.raises(rules.CourtSells):
        service.draft(world.bank, [asset], world.terms(asset), by=world.officer, now=NOON)


def test_a_lot_suspended_during_its_notice_still_owes_the_days_of_notice(app: Flask) -> None:
    world = World.make(NOON)
    listing = world.publish()
    at = NOON + timedelta(days=10)
    service.suspend(listing, rules.Reason.TITLE_DISPUTE, "异议", by=world.operators[0], now=at)

    with pytest.raises(pricing.NoticeTooShort) as refused:
        service.resume(listing, NOON + timedelta(days=29), NOON + timedelta(days=40), by=world.operators[0], now=at)

    assert refused.value.facts["earliest"] == (NOON + timedelta(days=30)).date()
    service.resume(listing, NOON + timedelta(days=30), NOON + timedelta(days=40), by=world.operators[0], now=at)
    assert listing.state is State.PUBLISHED


def test_the_notice_is_made_anew_when_what_it_says_changed_and_only_then(app: Flask) -> None:
    world = World.make(NOON)
    listing = world.publish()

    def versions(at: datetime) -> list[int]:
        for _again in range(2):
            outbox.deliver_due(HANDLERS, at, 1000)
        kept = [paper for paper in papers.of(listing.subject) if paper.kind is PaperKind.NOTICE]
        return sorted(paper.version for paper in kept)

    assert versions(NOON) == [1]
    later = NOON + timedelta(hours=1)
    service.change_contact(listing, "0371-2", by=world.officer, now=later)
    db.session.commit()
    assert versions(later) == [1, 2]
    again = later + timedelta(hours=1)
    service.suspend(listing, rules.Reason.SYSTEM_FAULT, "维护", by=world.operators[0], now=again)
    service.resume(listing, NOON + timedelta(days=32), NOON + timedelta(days=34), by=world.operators[0], now=again)
    db.session.commit()
    assert versions(again) == [1, 2, 3]

"""Bids, decided by the table of the network rules."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.auctions import rules
from marketplace.auctions.rules import Bidder, Standing, Terms
from marketplace.core.money import Money
from marketplace.listings.routes import Form, after

OPENS = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
ENDS = datetime(2026, 6, 2, 2, 0, tzinfo=UTC)
TERMS = Terms(Money(100), Money(10), OPENS, ENDS, timedelta(minutes=5))
ANN, BEA, PRIOR = Bidder(1), Bidder(2), Bidder(3, priority_rank=1)
NOON = OPENS + timedelta(hours=2)


def bid(standing: Standing | None, bidder: Bidder, amount: int, at: datetime = NOON) -> rules.Admission:
    return rules.admit(TERMS, standing, ENDS, Money(amount), bidder, at)


def test_the_worked_example() -> None:
    first = bid(None, ANN, 100).standing
    with pytest.raises(rules.BidOffGrid):
        bid(first, BEA, 105)
    second = bid(first, BEA, 110).standing
    with pytest.raises(rules.BidTooLow) as refused:
        bid(second, ANN, 110)
    equal = bid(second, PRIOR, 110).standing
    higher = bid(equal, ANN, 120).standing
    again = bid(higher, PRIOR, 120).standing

    assert refused.value.facts["least"] == Money(120)
    assert [s.bidder_id for s in (first, second, equal, higher, again)] == [1, 2, 3, 1, 3]


@pytest.mark.parametrize(
    ("minutes_before", "moves_to"),
    [
        (timedelta(minutes=3), ENDS + timedelta(minutes=2)),
        (timedelta(minutes=5, seconds=1), ENDS),
        (timedelta(minutes=5), ENDS),
    ],
)
def test_a_late_bid_moves_the_end_to_its_own_time_plus_five_minutes(
    minutes_before: timedelta, moves_to: datetime
) -> None:
    assert bid(None, ANN, 100, ENDS - minutes_before).ends_at == moves_to


@pytest.mark.parametrize(
    ("bidder", "at", "refusal"),
    [
        (ANN, OPENS - timedelta(microseconds=1), rules.AuctionNotOpen),
        (ANN, ENDS, rules.AuctionClosed),
        (replace(ANN, is_confirmed=False), NOON, rules.BidderNotConfirmed),
        (replace(ANN, is_barred=True), NOON, rules.BidderBarred),
    ],
)
def test_who_and_when_may_not_bid(bidder: Bidder, at: datetime, refusal: type) -> None:
    with pytest.raises(refusal):
        bid(None, bidder, 100, at)


def test_a_bid_below_the_start_says_the_least() -> None:
    with pytest.raises(rules.BidBelowStart) as refused:
        bid(None, ANN, 90)

    assert refused.value.facts["least"] == Money(100)


def test_one_bidder_at_the_start_is_enough() -> None:
    assert rules.outcome(bid(None, ANN, 100).standing) == rules.Sold(Money(100), 1)
    assert rules.outcome(None) == rules.Failed()


def test_an_earlier_rank_keeps_an_equal_price_and_a_same_rank_does_not_take_it() -> None:
    rank_two = Bidder(4, priority_rank=2)
    held = bid(bid(None, ANN, 100).standing, rank_two, 100).standing

    assert bid(held, PRIOR, 100).standing.bidder_id == PRIOR.id
    with pytest.raises(rules.BidTooLow):
        bid(held, Bidder(5, priority_rank=2), 100)


@given(st.lists(st.tuples(st.sampled_from([ANN, BEA, PRIOR]), st.integers(80, 200)), max_size=30))
def test_no_sequence_of_bids_ever_lowers_the_price_or_leaves_the_grid(bids: list[tuple[Bidder, int]]) -> None:
    standing, ends = None, ENDS
    for number, (bidder, amount) in enumerate(bids):
        at = NOON + timedelta(seconds=number)
        try:
            admission = rules.admit(TERMS, standing, ends, Money(amount), bidder, at)
        except (rules.BidTooLow, rules.BidOffGrid, rules.BidBelowStart):
            continue
        assert standing is None or admission.standing.amount >= standing.amount
        assert (admission.standing.amount.minor - 100) % 10 == 0
        assert admission.ends_at >= ends
        standing, ends = admission.standing, admission.ends_at


@given(st.integers(0, 40))
def test_the_least_bid_is_always_admitted(steps: int) -> None:
    standing = Standing(Money(100 + 10 * steps), 1, None, NOON)
    for bidder in (ANN, BEA, PRIOR):
        least = rules.least_bid(TERMS, standing, bidder)
        assert bid(standing, bidder, least.minor).standing.bidder_id == bidder.id


def test_the_first_taker_starts_a_contest_that_then_runs_like_any_bidding() -> None:
    first = rules.admit_taker(TERMS, None, ENDS, Money(100), Bidder(1), NOON)
    contested = rules.admit_taker(
        TERMS, first.standing, first.ends_at, Money(110), Bidder(2), NOON + timedelta(hours=1)
    )
    late = first.ends_at - timedelta(minutes=2)
    extended = rules.admit_taker(TERMS, contested.standing, contested.ends_at, Money(120), Bidder(1), late)

    assert (first.ends_at, first.extended) == (NOON + timedelta(hours=24), False)
    assert contested.ends_at == first.ends_at
    assert (extended.ends_at, extended.extended) == (late + timedelta(minutes=5), True)


@pytest.mark.parametrize(
    ("form", "attempt", "has_failed", "following"),
    [
        (Form.BIDDING, 1, True, (Form.BIDDING, 2)),
        (Form.BIDDING, 2, True, (Form.SELL_OFF, 3)),
        (Form.SELL_OFF, 3, True, None),
        (Form.BIDDING, 2, False, (Form.BIDDING, 2)),
        (Form.SELL_OFF, 3, False, (Form.SELL_OFF, 3)),
    ],
)
def test_what_may_follow_a_round(
    form: Form, attempt: int, has_failed: bool, following: tuple[Form, int] | None
) -> None:
    assert after(form, attempt, has_failed=has_failed, rounds_max=2) == following

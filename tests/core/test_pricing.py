"""Bounds of price terms."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.core import pricing
from marketplace.core.calendar import at_hour
from marketplace.core.money import Money
from marketplace.core.policy import POLICIES, Policy, Regime, policy_for

OTC = policy_for(Regime.OTC, date(2026, 6, 1))
THREE_MILLION = Money.yuan(3_000_000)


def test_bounds_of_a_three_million_lot() -> None:
    start = pricing.start_floor(OTC, THREE_MILLION)

    assert start == Money.yuan(2_100_000)
    assert pricing.deposit_bounds(OTC, start) == (Money.yuan(105_000), Money.yuan(420_000))
    assert pricing.second_round_floor(OTC, start) == Money.yuan(1_680_000)
    assert pricing.direct_selloff_floor(THREE_MILLION) == Money.yuan(1_500_000)


def test_the_general_rule_starts_at_the_valuation_and_cuts_a_fifth_each_time() -> None:
    second = pricing.second_round_floor(OTC, THREE_MILLION)

    assert second == Money.yuan(2_400_000)
    assert pricing.second_round_floor(OTC, second) == Money.yuan(1_920_000)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"start": Money.yuan(2_099_999)}, pricing.StartBelowFloor),
        ({"deposit": Money.yuan(104_999)}, pricing.DepositOutOfBounds),
        ({"deposit": Money.yuan(420_001)}, pricing.DepositOutOfBounds),
        ({"increment": Money(0)}, pricing.IncrementOutOfBounds),
        ({"balance_due_days": 61}, pricing.BalanceDaysOutOfBounds),
        ({"previous_start": Money.yuan(2_700_000)}, pricing.CutTooDeep),
        ({"needs_state_approval": True}, pricing.StartBelowStateFloor),
    ],
)
def test_every_bound_refuses_with_its_rule(changes: dict[str, object], refusal: type) -> None:
    terms = {
        "reference": THREE_MILLION, "start": Money.yuan(2_100_000), "deposit": Money.yuan(210_000),
        "increment": Money.yuan(20_000), "balance_due_days": 15,
    }  # fmt: skip

    assert pricing.check_prices(OTC, **terms) == []  # type: ignore[arg-type]
    broken = pricing.check_prices(OTC, **(terms | changes))  # type: ignore[arg-type]

    assert [type(one) for one in broken] == [refusal]
    assert broken[0].facts["source"]


@given(st.integers(10_000, 10**13))
def test_suggestions_lie_inside_the_bounds(minor: int) -> None:
    start = pricing.nice_start(OTC, Money(minor))
    low, high = pricing.increment_bounds(OTC, start)
    least, greatest = pricing.deposit_bounds(OTC, start)

    assert start >= Money(minor)
    assert low <= pricing.suggested_increment(OTC, start) <= high
    assert least <= pricing.nice_deposit(OTC, start) <= greatest


def test_every_number_of_every_policy_has_a_source() -> None:
    for policy in POLICIES:
        assert all(source for _name, _value, source in policy.numbers())
    assert len({policy.version for policy in POLICIES}) == len(POLICIES)
    assert isinstance(OTC, Policy)


SELLOFF = {
    "failed_start": Money.yuan(1_680_000), "start": Money.yuan(1_680_000), "deposit": Money.yuan(1_680_000),
    "increment": Money.yuan(10_000), "balance_due_days": 15,
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "refusals"),
    [
        ({}, []),
        ({"start": Money.yuan(1_600_000)}, [pricing.SelloffPriceFixed, pricing.SelloffPrepaid]),
        ({"deposit": Money.yuan(168_000)}, [pricing.SelloffPrepaid]),
        ({"increment": Money(0)}, [pricing.IncrementOutOfBounds]),
    ],
)
def test_a_sell_off_asks_the_failed_price_in_full(changes: dict[str, Money], refusals: list[type]) -> None:
    broken = pricing.check_selloff_prices(OTC, **(SELLOFF | changes))  # type: ignore[arg-type]

    assert [type(one) for one in broken] == refusals


@pytest.mark.parametrize(
    ("published", "opens", "days", "refusals"),
    [
        (date(2026, 6, 16), date(2026, 7, 1), 60, []),
        (date(2026, 6, 17), date(2026, 7, 2), 60, [pricing.SelloffTooLate]),
        (date(2026, 6, 16), date(2026, 6, 30), 60, [pricing.NoticeTooShort]),
        (date(2026, 6, 16), date(2026, 7, 1), 59, [pricing.SelloffPeriod]),
    ],
)
def test_a_sell_off_follows_within_fifteen_days_and_stands_sixty(
    published: date, opens: date, days: int, refusals: list[type]
) -> None:
    opens_at = at_hour(opens, 10)
    broken = pricing.check_selloff_times(
        OTC, published_on=published, opens_on=opens, opens_at=opens_at, closes_at=opens_at + timedelta(days=days),
        failed_on=date(2026, 6, 1),
    )  # fmt: skip

    assert [type(one) for one in broken] == refusals

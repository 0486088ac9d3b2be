"""Money adds up, splits whole and rounds where it says."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.core.money import Money, NotAnAmount, total


@pytest.mark.parametrize(
    ("text", "fen"),
    [("2,100,000", 210_000_000), ("¥2100000.5", 210_000_050), ("１２３．４５", 12_345), ("0.01", 1), ("500元", 50_000)],
)
def test_amounts_as_people_type_them(text: str, fen: int) -> None:
    assert Money.parse(text) == Money(fen)


@pytest.mark.parametrize("text", ["", "-1", "1.234", "1,00", "1e9", "abc", "9" * 30, "1 000"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(NotAnAmount):
        Money.parse(text)


@given(st.integers(0, 10**14), st.lists(st.integers(0, 10**9), min_size=1, max_size=20).filter(any))
def test_the_parts_of_a_split_always_sum_to_the_whole(minor: int, weights: list[int]) -> None:
    parts = Money(minor).split(weights)

    assert total(parts) == Money(minor)
    assert all(part.minor >= 0 for part in parts)


def test_split_hands_out_largest_remainders_first() -> None:
    assert [part.minor for part in Money(100).split([1, 1, 1])] == [34, 33, 33]


@given(st.integers(0, 10**12), st.integers(0, 10_000))
def test_shares_round_towards_the_side_they_name(minor: int, bps: int) -> None:
    amount = Money(minor)

    assert amount.share_down(bps).minor <= Fraction(minor * bps, 10_000) <= amount.share_up(bps).minor
    assert amount.share_up(bps).minor - amount.share_down(bps).minor <= 1


def test_two_currencies_do_not_mix() -> None:
    with pytest.raises(ValueError, match="do not mix"):
        Money(1) + Money(1, "USD")

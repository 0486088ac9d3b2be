"""Days of the law."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.core import calendar
from marketplace.core.policy import Regime, policy_for
from marketplace.core.pricing import (
    NoticeTooShort,
    ValuationState,
    check_times,
    second_round_window,
    valuation_state,
    valuation_valid_until,
)

OTC = policy_for(Regime.OTC, date(2026, 3, 2))


@pytest.mark.parametrize(
    ("quarter_end", "fifth"),
    [
        (date(2025, 9, 30), date(2025, 10, 14)), (date(2025, 12, 31), date(2026, 1, 8)),
        (date(2026, 3, 31), date(2026, 4, 8)), (date(2026, 6, 30), date(2026, 7, 7)),
    ],
)  # fmt: skip
def test_fifth_working_day_after_a_quarter(quarter_end: date, fifth: date) -> None:
    assert calendar.add_working_days(quarter_end, 5) == fifth


def test_disclosure_of_twenty_working_days_does_not_count_its_first() -> None:
    assert calendar.end_of_disclosure(date(2025, 9, 15), 20) == date(2025, 10, 17)


@pytest.mark.parametrize(
    ("due", "rolled"),
    [
        (date(2025, 6, 14), date(2025, 6, 16)),
        (date(2026, 6, 14), date(2026, 6, 15)),
        (date(2022, 6, 14), date(2022, 6, 14)),
    ],
)
def test_due_day_on_a_weekend_rolls_forward(due: date, rolled: date) -> None:
    assert calendar.roll_forward_if_known(due)[0] == rolled


def test_a_year_without_published_holidays_is_uncertain() -> None:
    _day, is_certain = calendar.roll_forward_if_known(date(2039, 6, 14))

    assert not is_certain


def test_notice_of_thirty_days() -> None:
    def broken(opens: date) -> list[type]:
        at = calendar.at_hour(opens, 10)
        found = check_times(
            OTC, published_on=date(2026, 3, 2), opens_on=opens, opens_at=at, closes_at=at + timedelta(days=1), attempt=1
        )
        return [type(refusal) for refusal in found]

    assert broken(date(2026, 4, 1)) == []
    assert broken(date(2026, 3, 31)) == [NoticeTooShort]


def test_second_round_window() -> None:
    assert second_round_window(OTC, date(2026, 4, 2)) == (date(2026, 4, 17), date(2026, 5, 2))


def test_valuation_is_valid_for_a_year_and_tolerated_for_six_months_with_a_timely_notice() -> None:
    until = valuation_valid_until(OTC, date(2025, 3, 1))

    assert until == date(2026, 2, 28)
    assert valuation_state(OTC, until, noticed_on=None, on=until) is ValuationState.VALID
    timely = date(2026, 2, 1)
    assert valuation_state(OTC, until, noticed_on=timely, on=date(2026, 8, 28)) is ValuationState.TOLERATED
    assert valuation_state(OTC, until, noticed_on=timely, on=date(2026, 8, 29)) is ValuationState.EXPIRED
    assert valuation_state(OTC, until, noticed_on=date(2026, 3, 1), on=date(2026, 3, 2)) is ValuationState.EXPIRED


@given(st.dates(date(2004, 1, 1), date(2040, 1, 1)), st.integers(1, 20))
def test_a_term_ends_on_the_eve_of_its_anniversary(start: date, years: int) -> None:
    assert calendar.last_day_of_term(start, years) < calendar.add_years(start, years) or start.month == 2


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 60))
def test_adding_months_never_runs_past_the_month(day: date, months: int) -> None:
    later = calendar.add_months(day, months)

    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day <= day.day

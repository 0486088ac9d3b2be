"""How long rights last and what keeps them alive."""

from datetime import date
from fractions import Fraction

import pytest

from marketplace.assets import valuation
from marketplace.assets.kinds import Kind
from marketplace.assets.valuation import Right
from marketplace.core.money import Money


@pytest.mark.parametrize(
    ("right", "last"),
    [
        (Right(Kind.INVENTION, filed_on=date(2003, 6, 3)), date(2023, 6, 2)),
        (Right(Kind.INVENTION, filed_on=date(2012, 2, 29)), date(2032, 2, 28)),
        (Right(Kind.DESIGN, filed_on=date(2021, 5, 31)), date(2031, 5, 30)),
        (Right(Kind.DESIGN, filed_on=date(2021, 6, 1)), date(2036, 5, 31)),
        (Right(Kind.UTILITY_MODEL, filed_on=date(2019, 11, 28)), date(2029, 11, 27)),
        (Right(Kind.TRADEMARK, registered_on=date(2015, 7, 14)), date(2025, 7, 13)),
        (Right(Kind.SOFTWARE, first_published_on=date(2018, 3, 20)), date(2068, 12, 31)),
        (
            Right(
                Kind.IC_LAYOUT,
                completed_on=date(2008, 3, 1),
                first_used_on=date(2010, 6, 1),
                filed_on=date(2012, 5, 20),
            ),
            date(2020, 5, 31),
        ),
        (Right(Kind.TRADE_SECRET), None),
    ],
)
def test_last_day_in_force(right: Right, last: date | None) -> None:
    assert valuation.in_force_until(right) == last


def test_patent_years_and_their_fees() -> None:
    right = Right(Kind.INVENTION, filed_on=date(2018, 6, 14), granted_on=date(2021, 9, 3))
    assert right.filed_on is not None and right.granted_on is not None

    assert valuation.patent_year(right.filed_on, right.granted_on) == 4
    assert valuation.fee_due_on(right.filed_on, 5) == date(2022, 6, 14)
    year_8 = valuation.next_due(
        Right(Kind.INVENTION, filed_on=right.filed_on, fee_paid_through_year=7), date(2025, 1, 1)
    )
    assert year_8 is not None and year_8.due_on == date(2025, 6, 16)
    year_9 = valuation.next_due(
        Right(Kind.INVENTION, filed_on=right.filed_on, fee_paid_through_year=8), date(2026, 1, 1)
    )
    assert year_9 is not None and year_9.due_on == date(2026, 6, 15)


@pytest.mark.parametrize(
    ("paid", "bps"),
    [
        (date(2022, 6, 14), 0), (date(2022, 7, 14), 0), (date(2022, 7, 15), 500), (date(2022, 9, 14), 1000),
        (date(2022, 9, 15), 1500), (date(2022, 12, 14), 2500),
    ],
)  # fmt: skip
def test_surcharge_by_month_exceeded(paid: date, bps: int) -> None:
    assert valuation.surcharge_bps(date(2022, 6, 14), paid) == bps


def test_after_six_months_the_right_has_lapsed_as_of_the_missed_day() -> None:
    with pytest.raises(valuation.FeeLapsed) as lapsed:
        valuation.surcharge_bps(date(2022, 6, 14), date(2022, 12, 15))

    assert lapsed.value.facts["due_on"] == date(2022, 6, 14)


def test_late_fee_with_its_surcharge() -> None:
    right = Right(Kind.INVENTION, filed_on=date(2018, 6, 14), fee_paid_through_year=4)
    due = valuation.next_due(right, date(2022, 9, 20))

    assert due is not None
    assert (due.fee, due.surcharge_bps, due.total) == (Money.yuan(1200), 1500, Money.yuan(1380))


def test_trademark_renewal_opens_a_year_before_and_has_six_months_grace() -> None:
    due = valuation.next_due(Right(Kind.TRADEMARK, registered_on=date(2015, 7, 14)), date(2025, 1, 1))

    assert due is not None
    assert (due.opens_on, due.due_on, due.grace_until) == (date(2024, 7, 13), date(2025, 7, 13), date(2026, 1, 13))


def test_relief_from_royalty() -> None:
    revenues = [Money.yuan(m) for m in (8_000_000, 9_000_000, 9_500_000, 9_000_000, 7_000_000)]
    rates = {"royalty": Fraction(4, 100), "discount": Fraction(18, 100)}
    quarter = Fraction(1, 4)

    assert valuation.relief_from_royalty(revenues, tax=quarter, **rates) == Money(80_181_536)
    assert valuation.relief_from_royalty(revenues, tax=quarter, mid_year=True, **rates) == Money(87_099_442)
    assert valuation.relief_from_royalty(revenues, tax=Fraction(0), **rates) == Money(106_908_714)

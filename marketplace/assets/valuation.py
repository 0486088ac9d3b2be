"""How long a right lasts, what keeps it alive and what it was said to be worth: dates and figures of one right.

Example (G31, G36, G37): an invention filed 2003-06-03 is last in force on 2023-06-02. The fee of its patent year N
is due on the anniversary that starts year N; from the day after the first month it costs 5 % of the fee more per
month exceeded, and after six months the right has ended as of the missed day. Year 5 paid on 2022-09-20 when due on
2022-06-14: ¥1,200 and 15 %, ¥1,380.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from math import isqrt

from marketplace.assets.kinds import KINDS, PATENTS, Kind, Term
from marketplace.core.calendar import (
    add_months,
    add_years,
    full_months_exceeded,
    last_day_of_term,
    months_between,
    roll_forward_if_known,
)
from marketplace.core.errors import N_, Refusal
from marketplace.core.money import Money

GRACE_MONTHS = 6
SURCHARGE_BPS = 500
"""Of the full annual fee, per month exceeded (专利法实施细则 art. 115)."""


@dataclass(frozen=True, slots=True)
class Right:
    """The dates a right's life is computed from."""

    kind: Kind
    filed_on: date | None = None
    granted_on: date | None = None
    registered_on: date | None = None
    first_published_on: date | None = None
    completed_on: date | None = None
    first_used_on: date | None = None
    author_died_on: date | None = None
    term_adjust_days: int = 0
    fee_paid_through_year: int | None = None
    renewed_until: date | None = None
    classes: int = 1


@dataclass(frozen=True, slots=True)
class Due:
    """The next thing to pay to keep a right."""

    what: str
    """``annual_fee`` or ``renewal``."""
    year: int | None
    opens_on: date | None
    due_on: date
    grace_until: date
    fee: Money
    surcharge_bps: int
    is_certain: bool
    """False where the roll over holidays needs a table that is not published yet."""
    is_assumed: bool
    """True where nothing is known of earlier payments and they are taken as made."""

    @property
    def total(self) -> Money:
        return self.fee + self.fee.share_up(self.surcharge_bps)


class FeeLapsed(Refusal):
    text = N_("缴费期与六个月滞纳期均已过，权利自应缴日 {due_on} 起终止。")


def _years(kind: Kind, anchor: date) -> int:
    return max((since, years) for since, years in KINDS[kind].years if since <= anchor)[1]


def in_force_until(right: Right) -> date | None:
    """The last day in force, holidays or not; None where a date is missing or there is no term."""
    spec = KINDS[right.kind]
    match spec.term:
        case Term.FROM_FILING:
            last = right.filed_on and last_day_of_term(right.filed_on, _years(right.kind, right.filed_on))
            return last + timedelta(days=right.term_adjust_days) if last else None
        case Term.RENEWABLE:
            if right.renewed_until:
                return right.renewed_until
            return last_day_of_term(right.registered_on, 10) if right.registered_on else None
        case Term.TO_YEAR_END:
            anchor = right.author_died_on or right.first_published_on or right.completed_on
            return date(anchor.year + 50, 12, 31) if anchor else None
        case Term.LAYOUT:
            return _layout_until(right)
        case Term.FROM_GRANT:
            return (
                last_day_of_term(right.granted_on, _years(right.kind, right.granted_on)) if right.granted_on else None
            )
        case _:
            return None


def _layout_until(right: Right) -> date | None:
    starts = [day for day in (right.filed_on, right.first_used_on) if day]
    if not starts:
        return None
    last = last_day_of_term(min(starts), 10)
    return min(last, last_day_of_term(right.completed_on, 15)) if right.completed_on else last


def remaining_months(right: Right, today: date) -> int | None:
    """Whole months left; negative when it is over, None where there is no end."""
    until = in_force_until(right)
    return None if until is None else months_between(today, until + timedelta(days=1))


def patent_year(filed_on: date, day: date) -> int:
    """Which year of the patent a day lies in: year N runs from filing + (N−1) years to the eve of filing + N."""
    return months_between(filed_on, day) // 12 + 1


def annual_fee(kind: Kind, year: int) -> Money:
    """The full annual fee of a patent year; nought for kinds and years without one."""
    return next((Money.yuan(yuan) for first, last, yuan in KINDS[kind].fees if first <= year <= last), Money(0))


def fee_due_on(filed_on: date, year: int) -> date:
    """The corresponding day that starts the year; rolled to a working day elsewhere."""
    return add_years(filed_on, year - 1)


def surcharge_bps(due_on: date, paid_on: date) -> int:
    """The late surcharge: 5 % per month exceeded, the first month free.

    :raises FeeLapsed: after six months
    """
    months = full_months_exceeded(due_on, paid_on)
    if months >= GRACE_MONTHS:
        raise FeeLapsed(due_on=due_on)
    return months * SURCHARGE_BPS


def next_due(right: Right, today: date) -> Due | None:
    """The next fee or renewal, with the grace and the surcharge of today; None where nothing is or can be known."""
    if right.kind in PATENTS:
        return _next_fee(right, today)
    if KINDS[right.kind].term is Term.RENEWABLE:
        return _next_renewal(right, today)
    return None


def _next_fee(right: Right, today: date) -> Due | None:
    until = in_force_until(right)
    if right.filed_on is None or until is None:
        return None
    is_assumed = right.fee_paid_through_year is None
    year = patent_year(right.filed_on, max(today - timedelta(days=1), right.filed_on)) + 1
    if right.fee_paid_through_year is not None:
        year = right.fee_paid_through_year + 1
    elif right.granted_on:
        year = max(year, patent_year(right.filed_on, right.granted_on) + 1)
    nominal = fee_due_on(right.filed_on, year)
    if nominal > until:
        return None
    due_on, is_certain = roll_forward_if_known(nominal)
    late = 0
    if today > due_on:
        late = min(full_months_exceeded(due_on, today), GRACE_MONTHS - 1) * SURCHARGE_BPS
    return Due(
        "annual_fee", year, None, due_on, add_months(nominal, GRACE_MONTHS), annual_fee(right.kind, year), late,
        is_certain, is_assumed,
    )  # fmt: skip


def _next_renewal(right: Right, today: date) -> Due | None:
    until = in_force_until(right)
    if until is None:
        return None
    fee = Money.yuan(KINDS[right.kind].renewal_fee) * max(right.classes, 1)
    late = 5000 if today > until else 0
    return Due("renewal", None, add_months(until, -12), until, add_months(until, GRACE_MONTHS), fee, late, True, False)


def is_lapsed_for_fee(right: Right, today: date) -> bool:
    """Whether the grace of a known missed payment has run out."""
    due = next_due(right, today)
    return due is not None and not due.is_assumed and today > due.grace_until


# --- what it was said to be worth ------------------------------------------------------------------------------------


class Method(StrEnum):
    """Approaches of the appraisal standards (中评协〔2017〕49号)."""

    RELIEF_FROM_ROYALTY = "relief_from_royalty"
    EXCESS_EARNINGS = "excess_earnings"
    MARKET = "market"
    COST = "cost"


def relief_from_royalty(
    revenues: Sequence[Money], *, royalty: Fraction, tax: Fraction, discount: Fraction, mid_year: bool = False
) -> Money:
    """The royalties saved, taxed and discounted (G69); yearly revenues, exact until the last rounding.

    Mid-year discounting needs a square root and is therefore computed to well below a fen.
    """
    whole = Fraction(0)
    for year, revenue in enumerate(revenues, start=1):
        whole += revenue.minor * royalty * (1 - tax) / (1 + discount) ** year
    if mid_year:
        whole *= _square_root(1 + discount)
    return Money((2 * whole.numerator + whole.denominator) // (2 * whole.denominator))


def _square_root(value: Fraction, digits: int = 20) -> Fraction:
    scale = 10 ** (2 * digits)
    return Fraction(isqrt(value.numerator * scale // value.denominator), 10**digits)


LABELS = {
    Method.RELIEF_FROM_ROYALTY: N_("收益法（许可费节省）"),
    Method.EXCESS_EARNINGS: N_("收益法（超额收益）"),
    Method.MARKET: N_("市场法"),
    Method.COST: N_("成本法"),
}

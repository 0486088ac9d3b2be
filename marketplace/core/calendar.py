"""The arithmetic of legal time: periods, anniversaries, working days.

Periods in days, months and years do not count their first day and end on the corresponding day, or on the month's
last where there is none (Civil Code arts. 201–203). Terms of rights do not roll for holidays; deadlines do, to the
next working day. Working days come from the State Council's published holiday tables; a year that is not published
is refused, never guessed.
"""

import csv
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib import resources

from marketplace.core.clock import SHANGHAI
from marketplace.core.errors import N_, Refusal, Several


class UnpublishedYear(Refusal):
    text = N_("{year} 年的法定节假日安排尚未公布，无法计算工作日。")


class InFuture(Refusal):
    text = N_("日期 {given} 晚于今天。")


def refuse_future(today: date, **days: date | None) -> None:
    """Facts have happened.

    :raises Several: with each day, by the name of its field, that is still to come
    """
    ahead: list[Refusal] = [InFuture(field=name, given=day) for name, day in days.items() if day and day > today]
    if ahead:
        raise Several(ahead)


@cache
def _holidays() -> dict[date, bool]:
    """Days that differ from the weekly rhythm: True where work is done, False where it is not."""
    table = resources.files("marketplace.reference") / "data" / "holidays.csv"
    with table.open(encoding="utf-8") as lines:
        return {date.fromisoformat(row["date"]): row["kind"] != "holiday" for row in csv.DictReader(lines)}


@cache
def published_years() -> frozenset[int]:
    return frozenset(day.year for day in _holidays())


def add_days(day: date, days: int) -> date:
    return day + timedelta(days=days)


def add_months(day: date, months: int) -> date:
    """The corresponding day, clamped to the month's last."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def add_years(day: date, years: int) -> date:
    return add_months(day, 12 * years)


def last_day_of_term(start: date, years: int) -> date:
    """A term of years ends the day before its anniversary (G31): filed 2003-06-03, 20 years, last 2023-06-02.

    From 29 February the anniversary is clamped to the 28th only where there is no 29th (G32).
    """
    return add_years(start, years) - timedelta(days=1)


def is_working_day(day: date) -> bool:
    """:raises UnpublishedYear: when the holiday table of that year is not out"""
    if day.year not in published_years():
        raise UnpublishedYear(year=day.year)
    return _holidays().get(day, day.weekday() < 5)


def roll_forward(day: date) -> date:
    """The day itself, or the next working day.

    :raises UnpublishedYear: when the holiday table is not out
    """
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def roll_forward_if_known(day: date) -> tuple[date, bool]:
    """The rolled day and whether it is certain; in an unpublished year only week-ends are rolled over."""
    try:
        return roll_forward(day), True
    except UnpublishedYear:
        while day.weekday() >= 5:
            day += timedelta(days=1)
        return day, False


def add_working_days(day: date, days: int) -> date:
    """The n-th working day after ``day``, which is not counted."""
    while days:
        day += timedelta(days=1)
        days -= is_working_day(day)
    return day


def end_of_disclosure(first: date, working_days: int) -> date:
    """The last day of a disclosure of n working days, the day it begins not counted (Civil Code art. 201; G45)."""
    return add_working_days(first, working_days)


def full_months_exceeded(due: date, paid: date) -> int:
    """Whole months by which a payment came after its day: a month is exceeded from the day after it (G36)."""
    months = 0
    while paid > add_months(due, months + 1):
        months += 1
    return months


def start_of_day(day: date) -> datetime:
    """Midnight in Shanghai, as an instant in UTC."""
    return datetime.combine(day, time(0), SHANGHAI).astimezone(UTC)


def end_of_day(day: date) -> datetime:
    """24:00 in Shanghai (Civil Code art. 203), as an instant in UTC."""
    return start_of_day(day + timedelta(days=1))


def at_hour(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), SHANGHAI).astimezone(UTC)


def months_between(first: date, last: date) -> int:
    """Whole months from one day to another; negative when it is past."""
    if last < first:
        return -months_between(last, first)
    months = (last.year - first.year) * 12 + last.month - first.month
    return months - (add_months(first, months) > last)

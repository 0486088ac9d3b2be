"""The only place that reads the time. Everything else is handed ``now``, aware and in UTC."""

from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    def now(self) -> datetime: ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class FrozenClock:
    """A clock that stands still until told to move; for tests and rehearsals."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    def advance(self, **by: float) -> datetime:
        self._at += timedelta(**by)
        return self._at

    def set(self, at: datetime) -> datetime:
        self._at = at
        return self._at


def shanghai_date(moment: datetime) -> date:
    """The calendar day in Shanghai, where the law's days are counted."""
    return moment.astimezone(SHANGHAI).date()

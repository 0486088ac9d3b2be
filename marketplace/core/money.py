"""Money is a whole number of minor units (fen) of one currency: never a float, never two currencies in one sum.

Roundings are named where they happen. ``split`` hands out the largest remainders first, so the parts always add up
to the whole: 100 fen over weights 1, 1, 1 is 34, 33, 33.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from marketplace.core.errors import N_, Refusal

BPS = 10_000
"""Basis points in a whole."""

_AMOUNT = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{1,2}))?")
_LARGEST = 10**15


class NotAnAmount(Refusal):
    text = N_("“{given}”不是有效金额：请以元为单位填写，最多两位小数，例如 2,100,000.00。")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount: ``minor`` in fen, ``currency`` as ISO 4217."""

    minor: int
    currency: str = "CNY"

    def __post_init__(self) -> None:
        if not isinstance(self.minor, int) or isinstance(self.minor, bool):
            raise TypeError(f"minor units are whole numbers, not {self.minor!r}")

    @classmethod
    def zero(cls, currency: str = "CNY") -> Money:
        return cls(0, currency)

    @classmethod
    def yuan(cls, whole: int, fen: int = 0) -> Money:
        return cls(whole * 100 + fen)

    @classmethod
    def parse(cls, text: str, currency: str = "CNY") -> Money:
        """Read what a person types in yuan: ``2,100,000``, ``¥2100000.00``, full-width digits.

        :raises NotAnAmount: for anything else, negative amounts and amounts of a quadrillion yuan or more
        """
        cleaned = unicodedata.normalize("NFKC", text).strip().lstrip("¥￥").removesuffix("元").strip()
        match = _AMOUNT.fullmatch(cleaned)
        if not match or not cleaned.isascii():
            raise NotAnAmount(given=text.strip()[:40])
        whole, decimals = match.groups()
        minor = int(whole.replace(",", "")) * 100 + int((decimals or "").ljust(2, "0"))
        if minor >= _LARGEST * 100:
            raise NotAnAmount(given=text.strip()[:40])
        return cls(minor, currency)

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not mix")

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __mul__(self, times: int) -> Money:
        return Money(self.minor * times, self.currency)

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.minor < other.minor

    def __le__(self, other: Money) -> bool:
        self._same(other)
        return self.minor <= other.minor

    def __gt__(self, other: Money) -> bool:
        return other < self

    def __ge__(self, other: Money) -> bool:
        return other <= self

    def __bool__(self) -> bool:
        return self.minor != 0

    def __str__(self) -> str:
        sign, minor = ("-", -self.minor) if self.minor < 0 else ("", self.minor)
        return f"{sign}¥{minor // 100:,}.{minor % 100:02d}"

    @property
    def decimal(self) -> str:
        """Plain yuan for machines: ``2100000.00``."""
        sign, minor = ("-", -self.minor) if self.minor < 0 else ("", self.minor)
        return f"{sign}{minor // 100}.{minor % 100:02d}"

    def share_up(self, bps: int) -> Money:
        """``bps`` of this, rounded up to the fen: for least prices."""
        return Money(-(-self.minor * bps // BPS), self.currency)

    def share_down(self, bps: int) -> Money:
        """``bps`` of this, rounded down to the fen: for greatest prices."""
        return Money(self.minor * bps // BPS, self.currency)

    def share(self, rate: Fraction) -> Money:
        """``rate`` of this, rounded half up to the fen: for taxes and fees."""
        exact = self.minor * rate
        return Money((2 * exact.numerator + exact.denominator) // (2 * exact.denominator), self.currency)

    def split(self, weights: Sequence[int]) -> list[Money]:
        """Divide by weights; the parts add up to the whole, largest remainders first, then in order.

        :raises ValueError: if a weight is negative or all are nought
        """
        whole = sum(weights)
        if whole <= 0 or min(weights) < 0:
            raise ValueError("weights must not be negative and not all nought")
        floors = [self.minor * w // whole for w in weights]
        rest = self.minor - sum(floors)
        by_remainder = sorted(range(len(weights)), key=lambda i: (-(self.minor * weights[i] % whole), i))
        for i in by_remainder[:rest]:
            floors[i] += 1
        return [Money(f, self.currency) for f in floors]


def total(amounts: Iterable[Money], currency: str = "CNY") -> Money:
    """The sum, which of nothing is nought."""
    result = Money.zero(currency)
    for amount in amounts:
        result += amount
    return result

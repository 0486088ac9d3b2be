"""Taxes and fees on a settlement statement: dated rates with their sources.

Example (G68): ¥1,000,000 including 6 % VAT is ¥943,396.23 net and ¥56,603.77 VAT; stamp duty is ¥283.02 each side.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from marketplace.core.errors import N_
from marketplace.core.money import BPS, Money


class Party(StrEnum):
    BUYER = "buyer"
    SELLER = "seller"


class VatTreatment(StrEnum):
    GENERAL = "general"
    SIMPLIFIED = "simplified"
    EXEMPT = "exempt"
    """Technology transfer with a recognised contract (财税〔2016〕36号)."""


class ChargeKind(StrEnum):
    VAT = "vat"
    STAMP = "stamp"
    COMMISSION = "commission"
    OFFICIAL = "official"


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate in basis points from a day on, with its source."""

    since: date
    bps: int
    source: str


VAT_RATES = {
    VatTreatment.GENERAL: (Rate(date(2019, 4, 1), 600, "增值税法 第10条"),),
    VatTreatment.SIMPLIFIED: (Rate(date(2019, 4, 1), 300, "增值税法 第11条"),),
    VatTreatment.EXEMPT: (Rate(date(2016, 5, 1), 0, "财税〔2016〕36号"),),
}
STAMP_RATES = (Rate(date(2022, 7, 1), 3, "印花税法 第5条、第10条"),)
TIERS_SOURCE = "法释〔2004〕16号（2020修正）第29条"
COMMISSION_TIERS = (
    (Money.yuan(2_000_000), 500),
    (Money.yuan(10_000_000), 300),
    (Money.yuan(50_000_000), 200),
    (Money.yuan(100_000_000), 100),
    (None, 50),
)
"""The share of each slice of the price up to a bound, paid by the buyer; enforcement tiers, adopted by contract."""


@dataclass(frozen=True, slots=True)
class Charge:
    kind: ChargeKind
    party: Party
    base: Money
    rate_bps: int | None
    amount: Money
    source: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """What a sale costs each side. VAT is inside the price; stamp duty is each party's own, paid to the tax office."""

    price: Money
    net: Money
    vat: Money
    charges: tuple[Charge, ...]

    def of(self, party: Party, kind: ChargeKind) -> Money:
        return sum((c.amount for c in self.charges if c.party is party and c.kind is kind), Money(0))

    @property
    def buyer_pays_platform(self) -> Money:
        """On top of the price: the commission."""
        return self.of(Party.BUYER, ChargeKind.COMMISSION)

    @property
    def buyer_stamp(self) -> Money:
        return self.of(Party.BUYER, ChargeKind.STAMP)

    @property
    def buyer_total(self) -> Money:
        """Everything the buyer must expect to pay: price, commission, stamp duty and official fees."""
        kinds = (ChargeKind.COMMISSION, ChargeKind.STAMP, ChargeKind.OFFICIAL)
        return self.price + sum((self.of(Party.BUYER, kind) for kind in kinds), Money(0))


def rate_on(rates: tuple[Rate, ...], day: date) -> Rate:
    """The rate in force on a day.

    :raises ValueError: before the first
    """
    known = [rate for rate in rates if rate.since <= day]
    if not known:
        raise ValueError(f"no rate on {day}")
    return max(known, key=lambda rate: rate.since)


def commission(price: Money) -> Money:
    """The buyer's commission over the tiers, each slice at its own rate, rounded half up at the end."""
    exact, lower = Fraction(0), 0
    for bound, bps in COMMISSION_TIERS:
        upper = price.minor if bound is None else min(price.minor, bound.minor)
        exact += Fraction(max(upper - lower, 0) * bps, BPS)
        lower = max(lower, upper)
    return Money(1).share(exact) if exact else Money(0)


def statement(
    price: Money, *, on: date, vat: VatTreatment = VatTreatment.GENERAL, official: tuple[tuple[str, Money], ...] = ()
) -> Statement:
    """The charges of a sale at ``price`` (VAT included) struck on a day."""
    rate = rate_on(VAT_RATES[vat], on)
    net = price.share(Fraction(BPS, BPS + rate.bps))
    tax = price - net
    stamp_rate = rate_on(STAMP_RATES, on)
    stamp = net.share(Fraction(stamp_rate.bps, BPS))
    lines = [
        Charge(ChargeKind.VAT, Party.SELLER, net, rate.bps, tax, rate.source),
        Charge(ChargeKind.STAMP, Party.SELLER, net, stamp_rate.bps, stamp, stamp_rate.source),
        Charge(ChargeKind.STAMP, Party.BUYER, net, stamp_rate.bps, stamp, stamp_rate.source),
        Charge(ChargeKind.COMMISSION, Party.BUYER, price, None, commission(price), TIERS_SOURCE),
    ]
    lines += [
        Charge(ChargeKind.OFFICIAL, Party.BUYER, price, None, amount, "官方规费", name) for name, amount in official
    ]
    return Statement(price, net, tax, tuple(lines))


LABELS = {
    Party.BUYER: N_("买受人"),
    Party.SELLER: N_("出让方"),
    VatTreatment.GENERAL: N_("一般计税 6%"),
    VatTreatment.SIMPLIFIED: N_("简易计税 3%"),
    VatTreatment.EXEMPT: N_("技术转让免税（须技术合同认定）"),
    ChargeKind.VAT: N_("增值税（含于价内）"),
    ChargeKind.STAMP: N_("印花税"),
    ChargeKind.COMMISSION: N_("交易服务佣金"),
    ChargeKind.OFFICIAL: N_("官方规费"),
}

"""Who is paid what out of a realised pledge, and why.

Costs of realisation first; then each registered pledge in order of rank, and within one creditor's share costs, then
interest, then principal (Civil Code arts. 389, 414, 561); a maximum-amount pledge is satisfied up to its registered
cap, which includes the creditor's own costs (art. 439; 担保解释 art. 15); what is left belongs to the pledgor, what is
missing stays the debtor's debt (art. 438). Creditors of the same rank share by what they are owed.

Example (G61): 2,600,000 with costs 60,000, a first pledge of 1,920,000 and a second of 900,000 pays 60,000, 1,920,000
and 620,000; the second creditor is 280,000 short and nothing is left over.

What a creditor received from an earlier sale for the same debt, or from a defaulting buyer's deposit, is no longer owed
and is taken off its claim (and off its cap) before anything is paid: nobody is paid twice and the pledgor's surplus
begins where the debt ends.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import groupby

from marketplace.core.errors import N_
from marketplace.core.money import Money, total


class Component(StrEnum):
    REALISATION = "realisation"
    COSTS = "costs"
    INTEREST = "interest"
    PRINCIPAL = "principal"
    SURPLUS = "surplus"


BASIS = {
    Component.REALISATION: "民法典 第389条",
    Component.COSTS: "民法典 第414条、第561条",
    Component.INTEREST: "民法典 第414条、第561条",
    Component.PRINCIPAL: "民法典 第414条、第561条",
    Component.SURPLUS: "民法典 第438条",
}


@dataclass(frozen=True, slots=True)
class Cost:
    """One cost of realisation."""

    name: str
    payee: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Claim:
    """One creditor's secured claim; equal ranks share."""

    rank: int
    creditor: str
    principal: Money
    interest: Money = Money(0)
    costs: Money = Money(0)
    cap: Money | None = None
    """The registered maximum of a maximum-amount pledge."""
    reference: str = ""
    """The debt it is for: the case, or the pledge's registration number; earlier payments are known by it."""

    @property
    def secured(self) -> Money:
        whole = self.principal + self.interest + self.costs
        return whole if self.cap is None else min(whole, self.cap)

    def less(self, received: Mapping[Component, Money], deposits: Money = Money(0)) -> "Claim":
        """What is still owed after earlier payments by component, and after forfeited deposits in their order."""
        owed = {Component.COSTS: self.costs, Component.INTEREST: self.interest, Component.PRINCIPAL: self.principal}
        left: dict[Component, Money] = {}
        for part, amount in owed.items():
            still = amount - min(received.get(part, Money(0)), amount)
            used = min(deposits, still)
            left[part], deposits = still - used, deposits - used
        gone = total(owed.values()) - total(left.values())
        return replace(
            self, costs=left[Component.COSTS], interest=left[Component.INTEREST], principal=left[Component.PRINCIPAL],
            cap=None if self.cap is None else self.cap - min(gone, self.cap),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One payment: what was due to whom, what is paid, what is missing, on what basis."""

    rank: int
    payee: str
    component: Component
    due: Money
    paid: Money
    basis: str
    name: str = ""
    reference: str = ""
    """Of the claim it pays."""

    @property
    def short(self) -> Money:
        return self.due - self.paid


@dataclass(frozen=True, slots=True)
class Distribution:
    proceeds: Money
    lines: tuple[Line, ...]
    surplus: Money
    """To the pledgor."""

    @property
    def shortfall(self) -> Money:
        """What secured creditors were owed and did not get; parts of a claim above its cap are not in it."""
        return total(line.short for line in self.lines)

    def paid_to(self, payee: str) -> Money:
        return total(line.paid for line in self.lines if line.payee == payee)


def distribute(proceeds: Money, costs: Sequence[Cost], claims: Sequence[Claim]) -> Distribution:
    """Pay out proceeds; every fen goes somewhere and nobody is paid before an earlier rank is full."""
    left = proceeds
    lines: list[Line] = []
    for cost in costs:
        paid = min(cost.amount, left)
        left -= paid
        lines.append(
            Line(0, cost.payee, Component.REALISATION, cost.amount, paid, BASIS[Component.REALISATION], cost.name)
        )
    for rank, group in groupby(sorted(claims, key=lambda c: c.rank), key=lambda c: c.rank):
        same = list(group)
        due = total(claim.secured for claim in same)
        available = min(left, due)
        shares = available.split([c.secured.minor for c in same]) if due else [Money(0)] * len(same)
        for claim, share in zip(same, shares, strict=True):
            lines += _within(claim, share, rank)
        left -= available
    return Distribution(proceeds, tuple(lines), left)


def _within(claim: Claim, share: Money, rank: int) -> list[Line]:
    """One creditor's share over its costs, interest and principal, each due only up to the cap."""
    lines = []
    room = claim.secured
    for component, owed in (
        (Component.COSTS, claim.costs),
        (Component.INTEREST, claim.interest),
        (Component.PRINCIPAL, claim.principal),
    ):
        due = min(owed, room)
        room -= due
        paid = min(due, share)
        share -= paid
        if due:
            lines.append(Line(rank, claim.creditor, component, due, paid, BASIS[component], reference=claim.reference))
    return lines


@dataclass(frozen=True, slots=True)
class DepositApplication:
    """A defaulting buyer's deposit, used up in the order of 法释〔2016〕18号 art. 24."""

    costs: Money
    shortfall_covered: Money
    shortfall_uncovered: Money
    """Claimed from the defaulter only where the policy says ``shortfall``."""
    case_debt: Money
    other_debt: Money
    rest: Money


def apply_deposit(
    deposit: Money,
    *,
    costs: Money,
    original_price: Money,
    resale_price: Money | None,
    case_debt: Money = Money(0),
    other_debt: Money = Money(0),
) -> DepositApplication:
    """Costs caused, then what the resale lacks of the first price, then this case's debt, then other debt (G59)."""
    left = deposit
    to_costs = min(costs, left)
    left -= to_costs
    lack = max(original_price - resale_price, Money(0)) if resale_price is not None else Money(0)
    covered = min(lack, left)
    left -= covered
    to_case = min(case_debt, left)
    left -= to_case
    to_other = min(other_debt, left)
    return DepositApplication(to_costs, covered, lack - covered, to_case, to_other, left - to_other)


LABELS = {
    Component.REALISATION: N_("变现费用"),
    Component.COSTS: N_("债权费用"),
    Component.INTEREST: N_("利息"),
    Component.PRINCIPAL: N_("本金"),
    Component.SURPLUS: N_("余额归出质人"),
}

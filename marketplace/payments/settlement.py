"""Distributing the price: the statement and the waterfall are prepared by one operator, approved by another, paid out
line by line with four eyes, and when escrow is empty the deal is settled."""

from datetime import datetime, timedelta
from typing import Any

from marketplace import audit
from marketplace.accounts.models import Organisation, User
from marketplace.accounts.queries import by_name
from marketplace.core.errors import N_, Refusal
from marketplace.core.money import Money, total
from marketplace.database import db
from marketplace.deals import service as deals
from marketplace.deals.models import Deal
from marketplace.listings import queries as listing_queries
from marketplace.listings import service as listings
from marketplace.payments import ledger, queries, rules
from marketplace.payments.charges import ChargeKind, Party, Statement, VatTreatment
from marketplace.payments.models import Payout, Settlement
from marketplace.payments.rules import PAYOUT, PayoutState, Purpose
from marketplace.payments.service import forfeitable, owe, paid
from marketplace.payments.waterfall import (
    BASIS,
    Component,
    Cost,
    DepositApplication,
    Distribution,
    apply_deposit,
    distribute,
)

PAY_WITHIN = timedelta(days=5)
TAX_OFFICE = "税务机关"


class NotReady(Refusal):
    text = N_("交割步骤尚未全部完成，不能分配资金。")


class ClaimsMoved(Refusal):
    text = N_("编制之后债权有变化（例如同案其他标的已分配），请重新编制。")


class AlreadyApproved(Refusal):
    text = N_("分配方案已批准，不能再修改。")


def plan(deal: Deal, costs: list[Cost], vat: VatTreatment) -> tuple[Statement, Distribution]:
    """The statement and the waterfall, keeping nothing; the seller's taxes are costs of realisation."""
    charges = queries.charges(deal, vat)
    taxes = [
        Cost(name, TAX_OFFICE, charges.of(Party.SELLER, kind))
        for kind, name in ((ChargeKind.VAT, "增值税"), (ChargeKind.STAMP, "印花税（出让方）"))
    ]
    return charges, distribute(deal.price, [c for c in taxes if c.amount] + costs, queries.claims(deal))


def prepare(deal: Deal, costs: list[Cost], vat: VatTreatment, *, by: User, now: datetime) -> Settlement:
    """Fix statement and waterfall for approval; preparing again replaces an unapproved one.

    :raises NotReady: while a step of closing is open
    :raises AlreadyApproved: once it was
    """
    if not deals.is_ready_to_settle(deal):
        raise NotReady
    row = queries.settlement_of(deal)
    if row is not None and row.approved_at is not None:
        raise AlreadyApproved
    charges, distribution = plan(deal, costs, vat)
    row = row or Settlement(deal_id=deal.id)
    row.statement, row.waterfall = _statement_json(charges), _waterfall_json(distribution)
    row.proceeds_minor, row.surplus_minor = deal.price_minor, distribution.surplus.minor
    row.shortfall_minor = distribution.shortfall.minor
    row.prepared_by_id, row.prepared_at = by.id, now
    db.session.add(row)
    db.session.flush()
    audit.record("settlement.prepared", deal.subject, by=by, now=now, surplus=distribution.surplus)
    return row


def _statement_json(charges: Statement) -> dict[str, Any]:
    return {
        "price": charges.price.minor,
        "net": charges.net.minor,
        "vat": charges.vat.minor,
        "lines": [
            {"kind": c.kind.value, "party": c.party.value, "base": c.base.minor, "rate_bps": c.rate_bps,
             "amount": c.amount.minor, "source": c.source, "name": c.name}
            for c in charges.charges
        ],
    }  # fmt: skip


def _waterfall_json(distribution: Distribution) -> dict[str, Any]:
    return {
        "lines": [
            {"rank": line.rank, "payee": line.payee, "component": line.component.value, "due": line.due.minor,
             "paid": line.paid.minor, "short": line.short.minor, "basis": line.basis, "name": line.name,
             "claim": line.reference}
            for line in distribution.lines
        ],
    }  # fmt: skip


def _again(deal: Deal, row: Settlement) -> Distribution:
    """The distribution as it would be fixed now, with the costs that were fixed."""
    costs = [
        Cost(line["name"], line["payee"], Money(line["due"]))
        for line in row.waterfall["lines"]
        if line["component"] == Component.REALISATION
    ]
    return distribute(deal.price, costs, queries.claims(deal))


def deposits_used(deal: Deal, row: Settlement) -> list[tuple[Deal, DepositApplication]]:
    """How the deposits of buyers who defaulted on this lot are used up, now that its resale has a price and costs."""
    paid = [Money(line["paid"]) for line in row.waterfall["lines"] if line["component"] == Component.REALISATION]
    earlier = [(sale, forfeitable(sale)) for sale in queries.defaulted_before(deal) if sale.deposit]
    debt = total(claim.secured for claim in queries.claims(deal)) + total(lost for _sale, lost in earlier)
    return [
        (
            sale,
            apply_deposit(lost, costs=total(paid), original_price=sale.price, resale_price=deal.price, case_debt=debt),
        )
        for sale, lost in earlier
    ]


def approve(deal: Deal, *, by: User, now: datetime) -> None:
    """A second operator agrees: every line of the waterfall becomes a payout.

    :raises NotReady: before it was prepared
    :raises FourEyes: when the preparer approves
    :raises AlreadyApproved: the second time
    :raises ClaimsMoved: when what is owed has changed since it was prepared
    """
    row = queries.settlement_of(deal)
    if row is None:
        raise NotReady
    if row.approved_at is not None:
        raise AlreadyApproved
    rules.eye(row.prepared_by_id, by.id)
    if _waterfall_json(_again(deal, row)) != row.waterfall:
        raise ClaimsMoved
    row.approved_by_id, row.approved_at = by.id, now
    for number, line in enumerate(row.waterfall["lines"], start=1):
        _owe_line(deal, number, line, now=now)
    case = listing_queries.case_of(deal.listing)
    if row.surplus_minor and case is not None:
        _owe(
            deal,
            "surplus",
            Purpose.SURPLUS,
            case.pledgor_name,
            Money(row.surplus_minor),
            BASIS[Component.SURPLUS],
            now=now,
        )
    audit.record("settlement.approved", deal.subject, by=by, now=now)


def _owe_line(deal: Deal, number: int, line: dict[str, Any], *, now: datetime) -> None:
    is_cost = line["component"] == Component.REALISATION
    purpose = Purpose.TAX if line["payee"] == TAX_OFFICE else Purpose.COST if is_cost else Purpose.CLAIM
    what = line["name"] or line["component"]
    _owe(deal, f"{number}:{what}", purpose, line["payee"], Money(line["paid"]), line["basis"], now=now)


def _owe(deal: Deal, what: str, purpose: Purpose, payee: str, amount: Money, basis: str, *, now: datetime) -> None:
    known: Organisation | None = by_name(payee)
    owe(
        f"deal:{deal.id}:{what}", purpose, known, payee, rules.sale_account(deal.id), amount, deal_ref=deal.ref,
        basis=basis, due_at=now + PAY_WITHIN, now=now,
    )  # fmt: skip


def confirm_payout(payout: Payout, *, by: User, now: datetime) -> None:
    """Say that the money was sent; the second person's word posts it, and the last payout settles the deal.

    :raises FourEyes: when the same person says it twice
    """
    which = rules.eye(payout.first_confirmed_by_id, by.id)
    payout.state = PayoutState(PAYOUT.next(payout.state, "confirm", which))
    audit.record("payout.confirmed", f"payout:{payout.id}", by=by, now=now, eye=which)
    if which == rules.FIRST:
        payout.first_confirmed_by_id = by.id
        return
    payout.confirmed_by_id = by.id
    paid(payout, now=now)
    if payout.deal_ref and payout.purpose is not Purpose.FORFEIT:
        _settle_if_empty(payout.deal_ref, now)


def reject_payout(payout: Payout, *, by: User, now: datetime) -> None:
    """The second person disagrees; it is due again."""
    payout.state = PayoutState(PAYOUT.next(payout.state, "reject", rules.SECOND))
    payout.first_confirmed_by_id = None
    audit.record("payout.rejected", f"payout:{payout.id}", by=by, now=now)


def _settle_if_empty(deal_ref: str, now: datetime) -> None:
    deal = db.session.query(Deal).filter_by(ref=deal_ref).one()
    payouts = queries.payouts_of(deal)
    if any(payout.state is not PayoutState.PAID for payout in payouts) or ledger.balance(rules.sale_account(deal.id)):
        return
    bank = deal.listing.bank
    recovered = total(p.amount for p in payouts if p.purpose is Purpose.CLAIM and p.payee_id == bank.id)
    deals.settle(deal, recovered, now=now)
    listings.settle(deal.listing, now=now)

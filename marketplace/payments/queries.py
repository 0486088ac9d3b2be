"""Reads of money: a payer sees its own orders; operators see what waits for them, never which lot a deposit is for."""

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from marketplace.accounts.models import Organisation, User
from marketplace.accounts.queries import tenant_ids
from marketplace.assets import queries as assets
from marketplace.assets.models import Asset
from marketplace.auctions.models import Auction, Registration
from marketplace.cases.models import Case
from marketplace.core.clock import shanghai_date
from marketplace.core.errors import NotFound
from marketplace.core.money import Money, total
from marketplace.core.roles import Role
from marketplace.database import db
from marketplace.deals.models import Deal
from marketplace.deals.rules import DealState
from marketplace.listings import queries as listings
from marketplace.listings.models import Listing, ListingItem
from marketplace.papers.models import Paper
from marketplace.payments.charges import Statement, VatTreatment, statement
from marketplace.payments.gateways import Gateway
from marketplace.payments.models import PaymentOrder, Payout, Settlement
from marketplace.payments.rules import OrderState, PayoutState, Purpose
from marketplace.payments.waterfall import Claim, Component


def gateway(name: str) -> Gateway:
    """The provider of that name, set up."""
    known: dict[str, Gateway] = current_app.extensions["gateways"]
    return known[name]


def visible(ref: str, viewer: User) -> PaymentOrder:
    """:raises NotFound: when there is none, or the viewer is not its payer"""
    order = db.session.scalar(select(PaymentOrder).where(PaymentOrder.ref == ref))
    if order is None or not is_visible(order, viewer):
        raise NotFound
    return order


def is_visible(order: PaymentOrder, viewer: User) -> bool:
    return viewer.role is Role.PLATFORM or order.payer_id in tenant_ids(viewer)


def order(order_id: int) -> PaymentOrder | None:
    return db.session.get(PaymentOrder, order_id)


def own(viewer: User) -> list[PaymentOrder]:
    return list(
        db.session.scalars(
            select(PaymentOrder)
            .where(PaymentOrder.payer_id.in_(tenant_ids(viewer)))
            .order_by(PaymentOrder.id.desc())
            .limit(200)
        )
    )


def own_payouts(viewer: User) -> list[Payout]:
    return list(
        db.session.scalars(
            select(Payout).where(Payout.payee_id.in_(tenant_ids(viewer))).order_by(Payout.id.desc()).limit(200)
        )
    )


def of_subject(purpose: Purpose, subject: str) -> PaymentOrder | None:
    return db.session.scalar(
        select(PaymentOrder).where(PaymentOrder.purpose == purpose, PaymentOrder.subject == subject)
    )


def to_confirm() -> list[PaymentOrder]:
    """Orders somebody must look for on the bank statement, those with a proof first."""
    waiting = (OrderState.FIRST_CONFIRMED, OrderState.PROOF_SUBMITTED, OrderState.OPEN)
    rows = db.session.scalars(
        select(PaymentOrder)
        .where(PaymentOrder.state.in_(waiting))
        .options(joinedload(PaymentOrder.payer))
        .order_by(PaymentOrder.id)
        .limit(300)
    )
    return sorted(rows, key=lambda o: (waiting.index(o.state), o.id))


def to_pay() -> list[Payout]:
    """Payouts that are due, earliest first."""
    return list(
        db.session.scalars(
            select(Payout)
            .where(Payout.state != PayoutState.PAID)
            .options(joinedload(Payout.payee).joinedload(Organisation.file))
            .order_by(Payout.due_at, Payout.id)
            .limit(300)
        )
    )


def payout(payout_id: int) -> Payout:
    """:raises NotFound: when there is none"""
    row = db.session.get(Payout, payout_id)
    if row is None:
        raise NotFound
    return row


def payouts_of(deal: Deal) -> list[Payout]:
    return list(db.session.scalars(select(Payout).where(Payout.deal_ref == deal.ref).order_by(Payout.id)))


def settlement_of(deal: Deal) -> Settlement | None:
    return db.session.scalar(select(Settlement).where(Settlement.deal_id == deal.id))


def registration_of(order: PaymentOrder) -> Registration | None:
    kind, _, number = order.subject.partition(":")
    if kind != "registration":
        return None
    return db.session.scalar(
        select(Registration)
        .where(Registration.id == int(number))
        .options(joinedload(Registration.auction).joinedload(Auction.listing))
    )


def titles(orders: list[PaymentOrder]) -> dict[int, str]:
    """What each order is for, as its payer may know it: the title of the lot, by the order's id."""
    numbers: dict[str, list[int]] = {"registration": [], "deal": []}
    for row in orders:
        kind, _, number = row.subject.partition(":")
        numbers[kind].append(int(number))
    entered = select(Registration.id, Listing.title).join(Auction, Auction.id == Registration.auction_id)
    entered = entered.join(Listing, Listing.id == Auction.listing_id).where(
        Registration.id.in_(numbers["registration"])
    )
    struck = select(Deal.id, Listing.title).join(Listing, Listing.id == Deal.listing_id)
    struck = struck.where(Deal.id.in_(numbers["deal"]))
    known = {f"registration:{key}": title for key, title in db.session.execute(entered)}
    known |= {f"deal:{key}": title for key, title in db.session.execute(struck)}
    return {row.id: known[row.subject] for row in orders}


def proofs(orders: list[PaymentOrder]) -> dict[int, str]:
    """The references of the payers' proofs, by the paper's id."""
    ids = [row.proof_id for row in orders if row.proof_id]
    return dict(db.session.execute(select(Paper.id, Paper.ref).where(Paper.id.in_(ids))).tuples().all()) if ids else {}


def deal_of(order: PaymentOrder) -> Deal | None:
    kind, _, number = order.subject.partition(":")
    return db.session.get(Deal, int(number)) if kind == "deal" else None


def charges(deal: Deal, vat: VatTreatment = VatTreatment.GENERAL) -> Statement:
    """The settlement statement of a deal, at the rates of the day it was struck."""
    return statement(deal.price, on=shanghai_date(deal.struck_at), vat=vat)


def total_to_pay(price: Money, on_day: object) -> Statement:
    """What a buyer at a price must expect to pay in all."""
    return statement(price, on=on_day)  # type: ignore[arg-type]


def claims(deal: Deal) -> list[Claim]:
    """The ranked claims on the proceeds, less what earlier sales of the case and forfeited deposits have paid.

    The selling bank's first pledge follows its case where it names no amounts.
    """
    case = listings.case_of(deal.listing)
    assert case is not None
    received, deposits = _received(case, but=deal), _forfeited(case)
    whole = []
    for claim in _claims(deal, case):
        own = deposits if claim.reference == case.subject else Money(0)
        whole.append(claim.less(received.get((claim.creditor, claim.reference), {}), own))
    return [claim for claim in whole if claim.secured]


def _received(case: Case, *, but: Deal) -> dict[tuple[str, str], dict[Component, Money]]:
    """What approved settlements of the case's other sales pay each creditor for each debt, by component."""
    rows = db.session.scalars(
        select(Settlement)
        .join(Deal, Deal.id == Settlement.deal_id)
        .where(
            Settlement.approved_at.is_not(None),
            Deal.id != but.id,
            Deal.listing_id.in_(select(ListingItem.listing_id).join(Asset).where(Asset.case_id == case.id)),
        )
    )
    paid: dict[tuple[str, str], dict[Component, Money]] = {}
    for row in rows:
        for line in row.waterfall["lines"]:
            if line["rank"]:
                reference = line.get("claim") or (case.subject if line["payee"] == case.bank.name else "")
                parts = paid.setdefault((line["payee"], reference), {})
                part = Component(line["component"])
                parts[part] = parts.get(part, Money(0)) + Money(line["paid"])
    return paid


def _forfeited(case: Case) -> Money:
    """Deposits of buyers of the case's rights who did not pay, which went to its bank."""
    rows = db.session.scalars(
        select(Payout)
        .join(Deal, Deal.ref == Payout.deal_ref)
        .where(
            Payout.purpose == Purpose.FORFEIT,
            Deal.listing_id.in_(select(ListingItem.listing_id).join(Asset).where(Asset.case_id == case.id)),
        )
    )
    return total(row.amount for row in rows)


def defaulted_before(deal: Deal) -> list[Deal]:
    """Earlier sales of the same lot whose buyers did not pay, oldest first."""
    earlier = [lot.id for lot in listings.chain(deal.listing) if lot.id != deal.listing_id]
    return list(
        db.session.scalars(
            select(Deal)
            .where(Deal.listing_id.in_(earlier), Deal.state == DealState.DEFAULTED, Deal.struck_at < deal.struck_at)
            .order_by(Deal.id)
        )
    )


def _claims(deal: Deal, case: Case) -> list[Claim]:
    """The claims as they were before anything was paid."""
    own = [case.principal_minor, case.interest_minor, case.costs_minor]
    rights = [item.asset for item in deal.listing.items]
    found: list[Claim] = []
    for pledge in assets.live_pledges(rights, shanghai_date(deal.struck_at)):
        amounts = [pledge.claim_principal_minor, pledge.claim_interest_minor, pledge.claim_costs_minor]
        reference = pledge.registration_no
        if pledge.pledgee_id == case.bank_id and not any(amounts):
            if any(claim.reference == case.subject for claim in found):
                continue  # one debt is claimed once, by its earliest pledge
            amounts, reference = own, case.subject
        found.append(
            Claim(
                pledge.rank, pledge.pledgee_name, *(Money(minor) for minor in amounts),
                cap=None if pledge.cap_minor is None else Money(pledge.cap_minor), reference=reference,
            )
        )  # fmt: skip
    return found or [Claim(1, case.bank.name, *(Money(minor) for minor in own), reference=case.subject)]

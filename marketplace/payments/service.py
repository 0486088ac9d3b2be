"""Every write of money that comes in: entry with its deposit, orders, proofs, four-eyed confirmation, default."""

import secrets
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import String, cast, literal, select

from marketplace import audit
from marketplace.accounts.models import Organisation, User
from marketplace.accounts.queries import people
from marketplace.auctions import service as auctions
from marketplace.auctions.models import Auction, Registration
from marketplace.auctions.rules import AuctionState, RegistrationState
from marketplace.core import policy
from marketplace.core.calendar import end_of_day
from marketplace.core.clock import shanghai_date
from marketplace.core.errors import N_, Refusal
from marketplace.core.money import Money
from marketplace.core.roles import Duty
from marketplace.database import db
from marketplace.deals import service as deals
from marketplace.deals.models import Deal
from marketplace.deals.rules import DealState
from marketplace.listings import queries as listing_queries
from marketplace.listings import service as listings
from marketplace.listings.routes import Form
from marketplace.notices.service import tell
from marketplace.outbox import enqueue
from marketplace.papers import service as papers
from marketplace.papers.rules import PaperKind
from marketplace.payments import ledger, queries, rules
from marketplace.payments.models import PaymentOrder, Payout
from marketplace.payments.rules import CLOCK, ORDER, PAYER, PAYOUT, OrderState, PayoutState, Purpose

PAYOUT_AFTER_DEFAULT = timedelta(days=5)


class PaidLater(Refusal):
    field = "paid_on"
    text = N_("到账日不能晚于今天。")


class PaidBefore(Refusal):
    field = "paid_on"
    text = N_("到账日不能早于付款单生成日 {issued}。")


def register(
    auction: Auction, *, by: User, accepts_rules: str, now: datetime, exempt_as_pledgee: bool = False
) -> Registration:
    """Enter an organisation for a lot and ask it for the deposit, in one act.

    :raises Refusal: whatever ``auctions.register`` refuses
    """
    registration = auctions.register(
        auction, by=by, accepts_rules=accepts_rules, now=now, exempt_as_pledgee=exempt_as_pledgee
    )
    if not registration.is_deposit_exempt:
        _ask(
            Purpose.DEPOSIT, f"registration:{registration.id}", by.organisation, Money(auction.deposit_minor),
            due_at=auction.ends_at, now=now,
        )  # fmt: skip
    return registration


def withdraw(registration: Registration, *, by: User, now: datetime) -> None:
    """Take an entry back before its deposit has come; the order is cancelled with it.

    :raises MoveRefused: once the deposit is confirmed
    """
    auctions.withdraw_registration(registration, by=by, now=now)
    order = queries.of_subject(Purpose.DEPOSIT, f"registration:{registration.id}")
    if order is not None:
        order.state = OrderState(ORDER.next(order.state, "cancel", CLOCK))


def _ask(
    purpose: Purpose, subject: str, payer: Organisation, amount: Money, *, due_at: datetime, now: datetime
) -> PaymentOrder:
    known = queries.of_subject(purpose, subject)
    if known is not None:
        known.state = OrderState(ORDER.next(known.state, "reopen", PAYER))
        return known
    order = PaymentOrder(
        ref=f"ZY{secrets.token_hex(5).upper()}", purpose=purpose, subject=subject, payer_id=payer.id,
        amount_minor=amount.minor, state=OrderState.OPEN, due_at=due_at, created_at=now,
    )  # fmt: skip
    db.session.add(order)
    db.session.flush()
    audit.record("payment.asked", f"payment:{order.id}", now=now, purpose=purpose)
    return order


def prove(order: PaymentOrder, filename: str, content: bytes, *, by: User, now: datetime) -> None:
    """Attach the payer's proof of transfer.

    :raises EmptyFile, TooLarge, WrongType: when the file is no paper
    """
    order.state = OrderState(ORDER.next(order.state, "prove", PAYER))
    paper = papers.upload(f"payment:{order.id}", PaperKind.PAYMENT_PROOF, filename, content, by=by, now=now)
    order.proof_id = paper.id
    audit.record("payment.proved", f"payment:{order.id}", by=by, now=now)


def confirm(order: PaymentOrder, paid_on: date, *, by: User, now: datetime) -> None:
    """Say that the money is on the statement; the second person's word posts it.

    :raises FourEyes: when the same person says it twice
    :raises PaidLater: for a day to come
    :raises PaidBefore: for a day before the order, whose reference nobody could have written then
    """
    if paid_on > shanghai_date(now):
        raise PaidLater
    issued = shanghai_date(order.created_at)
    if paid_on < issued:
        raise PaidBefore(issued=issued)
    which = rules.eye(order.first_confirmed_by_id, by.id)
    order.state = OrderState(ORDER.next(order.state, "confirm", which))
    audit.record("payment.confirmed", f"payment:{order.id}", by=by, now=now, eye=which)
    if which == rules.FIRST:
        order.first_confirmed_by_id, order.paid_on = by.id, paid_on
        return
    order.confirmed_by_id, order.confirmed_at = by.id, now
    ARRIVED[order.purpose](order, now)


def _deposit_arrived(order: PaymentOrder, now: datetime) -> None:
    registration = queries.registration_of(order)
    assert registration is not None
    ledger.post(rules.deposit_received(registration.id, order.amount), now=now)
    if registration.state is RegistrationState.APPLIED:
        auctions.confirm(registration, now=now)


def _balance_arrived(order: PaymentOrder, now: datetime) -> None:
    deal = queries.deal_of(order)
    assert deal is not None
    assert order.paid_on is not None
    if deal.state is not DealState.AWAITING_BALANCE:
        ledger.post(rules.late_received(deal.id, order.amount), now=now)
        owe(
            f"late:{deal.id}", Purpose.REFUND, deal.buyer, deal.buyer.name, rules.late_account(deal.id), order.amount,
            basis=policy.CUSTOM, due_at=now + PAYOUT_AFTER_DEFAULT, now=now,
        )  # fmt: skip
        return
    commission = queries.charges(deal).buyer_pays_platform
    ledger.post(rules.balance_received(deal.id, order.amount - commission, commission), now=now)
    deals.balance_paid(deal, order.paid_on, now=now)


ARRIVED = {Purpose.DEPOSIT: _deposit_arrived, Purpose.BALANCE: _balance_arrived}


def reject(order: PaymentOrder, why: str, *, by: User, now: datetime) -> None:
    """The money is not on the statement after all; the payer is told."""
    which = rules.SECOND if order.state is OrderState.FIRST_CONFIRMED else rules.FIRST
    order.state = OrderState(ORDER.next(order.state, "reject", which))
    order.first_confirmed_by_id, order.paid_on = None, None
    audit.record("payment.rejected", f"payment:{order.id}", by=by, now=now, why=why)
    tell(people(order.payer, Duty.OFFICER), "payment_rejected", link=f"/payments/{order.ref}", now=now, ref=order.ref,
         reason=why)  # fmt: skip


def declare_default(deal: Deal, *, by: User, now: datetime) -> None:
    """The buyer did not pay: the deposit is forfeited to the case's debt and the lot may be offered again.

    The deposit goes to the bank as the notice said (costs, shortfall of the resale, the case's debt, in this order,
    法释〔2016〕18号 art. 24): all three are owed to it.

    :raises NotOverdue: before the day after the deadline
    """
    deals.default(deal, by=by, now=now)
    listings.default(deal.listing, by=by, now=now)
    order = queries.of_subject(Purpose.BALANCE, f"deal:{deal.id}")
    if order is not None and order.state in (OrderState.OPEN, OrderState.PROOF_SUBMITTED):
        order.state = OrderState(ORDER.next(order.state, "cancel", CLOCK))
    lost = forfeitable(deal)
    if lost:
        ledger.post(rules.deposit_forfeited(deal.id, lost), now=now)
        owe(
            f"forfeit:{deal.id}", Purpose.FORFEIT, deal.listing.bank, deal.listing.bank.name, rules.forfeit_account(deal.id),
            lost, deal_ref=deal.ref, basis="法释〔2016〕18号 第24条", due_at=now + PAYOUT_AFTER_DEFAULT, now=now,
        )  # fmt: skip
    if deal.deposit - lost:
        owe(
            f"prepaid:{deal.id}", Purpose.REFUND, deal.buyer, deal.buyer.name, rules.sale_account(deal.id),
            deal.deposit - lost, basis=policy.Policy.source_of("selloff_days"), due_at=now + PAYOUT_AFTER_DEFAULT, now=now,
        )  # fmt: skip


def forfeitable(deal: Deal) -> Money:
    """What a defaulting buyer loses: the deposit, and of a sell-off's full prepayment the last round's deposit."""
    failed = listing_queries.failed_before(deal.listing)
    if deal.listing.form is Form.SELL_OFF and failed is not None:
        return min(deal.deposit, failed.deposit)
    return deal.deposit


def owe(
    key: str, purpose: Purpose, payee: Organisation | None, payee_name: str, account: str, amount: Money, *,
    basis: str, due_at: datetime, now: datetime, deal_ref: str = "",
) -> None:  # fmt: skip
    """Put a payout on the work list; one cause is paid once."""
    if not amount or db.session.scalar(select(Payout.id).where(Payout.key == key)):
        return
    db.session.add(
        Payout(
            key=key, purpose=purpose, payee_id=payee.id if payee else None, payee_name=payee_name, account=account,
            amount_minor=amount.minor, deal_ref=deal_ref, basis=basis, state=PayoutState.DUE, due_at=due_at, created_at=now,
        )
    )  # fmt: skip
    db.session.flush()


# --- what the clock does ---------------------------------------------------------------------------------------------


def settle_due(now: datetime, limit: int) -> int:
    """Release deposits of lots that ended, ask winners for the balance, let unpaid orders of ended lots expire."""
    return _release(now, limit) + _ask_balances(now, limit) + _expire(now, limit)


ENDED = (AuctionState.SOLD, AuctionState.FAILED, AuctionState.CANCELLED)


def _release(now: datetime, limit: int) -> int:
    """Every deposit held for an ended auction goes back, except the buyer's, which is part of the price."""
    deposits = (
        select(PaymentOrder, Registration, Auction)
        .join(Registration, PaymentOrder.subject == _subject())
        .join(Auction, Auction.id == Registration.auction_id)
        .outerjoin(Payout, Payout.key == _key())
        .where(
            PaymentOrder.purpose == Purpose.DEPOSIT,
            PaymentOrder.state == OrderState.CONFIRMED,
            Auction.state.in_(ENDED),
            (Auction.state != AuctionState.SOLD) | (Auction.leader_id != Registration.id),
            Payout.id.is_(None),
        )
        .limit(limit)
    )
    rows = db.session.execute(deposits).all()
    for order, registration, auction in rows:
        hours = policy.policy(auction.policy_version).deposit_release_hours
        owe(
            f"deposit:{registration.id}", Purpose.DEPOSIT_RELEASE, order.payer, order.payer.name,
            rules.deposit_account(registration.id), order.amount,
            basis=policy.Policy.source_of("deposit_release_hours"),
            due_at=(auction.closed_at or now) + timedelta(hours=hours), now=now,
        )  # fmt: skip
        if queries.gateway(order.provider).can_refund:
            key = f"deposit:{registration.id}"
            enqueue("payment.refund", {"order": order.id, "payout": key}, key=f"refund:{key}", now=now)
        db.session.commit()
    return len(rows)


def refund(payload: dict[str, Any], now: datetime) -> None:
    """Have the provider send a deposit back; what it cannot send stays on the operators' work list."""
    order = db.session.get_one(PaymentOrder, payload["order"])
    payout = db.session.scalars(select(Payout).where(Payout.key == payload["payout"])).one()
    if not PAYOUT.can(payout.state, "refund", CLOCK) or not queries.gateway(order.provider).refund(
        order.ref, payout.amount
    ):
        return
    payout.state = PayoutState(PAYOUT.next(payout.state, "refund", CLOCK))
    audit.record("payout.refunded", f"payout:{payout.id}", now=now)
    paid(payout, now=now)


def paid(payout: Payout, *, now: datetime) -> None:
    """Post a payout that has left the escrow, and tell whoever it went to."""
    payout.paid_at = now
    ledger.post(rules.paid_out(payout.key, payout.account, payout.amount), now=now)
    if payout.payee is not None:
        tell(people(payout.payee, Duty.OFFICER), "money_sent", link="/payments", now=now, amount=payout.amount)


def _subject() -> Any:
    return literal("registration:") + cast(Registration.id, String)


def _key() -> Any:
    return literal("deposit:") + cast(Registration.id, String)


def _ask_balances(now: datetime, limit: int) -> int:
    """Set a winner's deposit off against the price and ask for the rest with the commission."""
    fresh = (
        select(Deal)
        .outerjoin(PaymentOrder, PaymentOrder.subject == literal("deal:") + cast(Deal.id, String))
        .where(Deal.state == DealState.AWAITING_BALANCE, PaymentOrder.id.is_(None))
        .limit(limit)
    )
    rows = list(db.session.scalars(fresh))
    for deal in rows:
        winner = db.session.scalar(
            select(Registration)
            .join(Auction, Auction.leader_id == Registration.id)
            .where(Auction.listing_id == deal.listing_id)
        )
        if deal.deposit and winner is not None:
            ledger.post(rules.deposit_set_off(winner.id, deal.id, deal.deposit), now=now)
        amount = deal.balance + queries.charges(deal).buyer_pays_platform
        order = _ask(
            Purpose.BALANCE, f"deal:{deal.id}", deal.buyer, amount, due_at=end_of_day(deal.balance_due_on), now=now
        )
        tell(people(deal.buyer, Duty.OFFICER), "balance_due", link=f"/payments/{order.ref}", now=now,
             title=deal.listing.title, amount=amount, due=deal.balance_due_on)  # fmt: skip
        db.session.commit()
    return len(rows)


def _expire(now: datetime, limit: int) -> int:
    """Deposits nobody paid before the lot ended are not asked for any more."""
    stale = (
        select(PaymentOrder)
        .join(Registration, PaymentOrder.subject == _subject())
        .join(Auction, Auction.id == Registration.auction_id)
        .where(
            PaymentOrder.purpose == Purpose.DEPOSIT,
            PaymentOrder.state.in_((OrderState.OPEN, OrderState.PROOF_SUBMITTED)),
            Auction.state.in_(ENDED),
        )
        .limit(limit)
    )
    rows = list(db.session.scalars(stale))
    for order in rows:
        order.state = OrderState(ORDER.next(order.state, "expire", CLOCK))
        audit.record("payment.expired", f"payment:{order.id}", now=now)
    db.session.commit()
    return len(rows)

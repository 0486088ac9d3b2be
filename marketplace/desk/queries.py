"""What waits for whom, and the figures of each front page."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from marketplace.accounts.models import Organisation, User
from marketplace.accounts.queries import tenant_ids
from marketplace.accounts.rules import Verification
from marketplace.assets.models import Asset
from marketplace.auctions import queries as auctions
from marketplace.auctions.models import Auction, Registration
from marketplace.auctions.rules import AuctionState, RegistrationState
from marketplace.cases.models import Case
from marketplace.core import policy
from marketplace.core.clock import shanghai_date
from marketplace.core.errors import N_
from marketplace.core.roles import Duty
from marketplace.database import db
from marketplace.deals.models import Deal, Milestone, Outcome
from marketplace.deals.rules import DealState, MilestoneCode, MilestoneState
from marketplace.intake.models import ImportBatch
from marketplace.intake.rules import BatchState
from marketplace.listings.models import Listing
from marketplace.listings.rules import State
from marketplace.payments import queries as payments
from marketplace.payments.models import PaymentOrder, Payout, Settlement
from marketplace.payments.rules import OrderState, PayoutState


@dataclass(frozen=True)
class Task:
    """One thing that waits for somebody: what, about what, where, and until when."""

    what: str
    about: str
    endpoint: str
    ref: str
    due: date | None = None
    is_overdue: bool = False


REVERIFY_DAYS = 30


def verification_tasks(viewer: User, today: date) -> list[Task]:
    """What the organisation's own verification asks for."""
    own = viewer.organisation
    if own.verification is not Verification.APPROVED:
        return [Task(N_("完成机构认证"), own.name, "verification.file", "")]
    if own.reverify_on is not None and own.reverify_on <= today + timedelta(days=REVERIFY_DAYS):
        return [Task(N_("更新机构认证"), own.name, "verification.file", "", own.reverify_on, own.reverify_on < today)]
    return []


def _sorted(tasks: list[Task]) -> list[Task]:
    return sorted(tasks, key=lambda task: (task.due is None, task.due or date.max))


# --- the bank --------------------------------------------------------------------------------------------------------


def bank_tasks(viewer: User, now: datetime) -> list[Task]:
    own, today = tenant_ids(viewer), shanghai_date(now)
    tasks = verification_tasks(viewer, today)
    lots = select(Listing).where(Listing.bank_id.in_(own))
    if viewer.has(Duty.APPROVER):
        waiting = lots.where(Listing.state == State.AWAITING_APPROVAL, Listing.submitted_by_id != viewer.id)
        tasks += [Task(N_("复核标的"), x.title, "listings.show", x.ref) for x in db.session.scalars(waiting.limit(50))]
    if viewer.has(Duty.OFFICER):
        for listing in db.session.scalars(lots.where(Listing.state == State.SENT_BACK).limit(50)):
            tasks.append(Task(N_("修改被退回的标的"), listing.title, "listings.show", listing.ref))
        for batch in db.session.scalars(
            select(ImportBatch).where(ImportBatch.bank_id.in_(own), ImportBatch.state == BatchState.CHECKED).limit(20)
        ):
            tasks.append(Task(N_("确认导入"), batch.filename, "intake.show", batch.ref))
        given_up = (State.WITHDRAWN, State.TERMINATED)
        again = select(Listing.previous_id).where(Listing.previous_id.is_not(None), Listing.state.not_in(given_up))
        failed = lots.where(Listing.state.in_((State.FAILED, State.DEFAULTED)), Listing.id.not_in(again))
        for listing in db.session.scalars(failed.order_by(Listing.ended_at.desc()).limit(30)):
            terms = policy.policy(listing.policy_version)
            is_last = listing.attempt >= terms.rounds_max
            days = terms.selloff_within_days if is_last else terms.second_round_within_days
            latest = shanghai_date(listing.ended_at) + timedelta(days=days) if listing.ended_at else None
            is_late = latest is not None and latest < today
            tasks.append(
                Task(N_("决定流拍后的下一步"), listing.title, "listings.show", listing.ref, None if is_late else latest)
            )
    for milestone in db.session.scalars(
        select(Milestone)
        .join(Deal, Deal.id == Milestone.deal_id)
        .join(Listing, Listing.id == Deal.listing_id)
        .where(
            Listing.bank_id.in_(own),
            Deal.state == DealState.CLOSING,
            Milestone.state == MilestoneState.PENDING,
            Milestone.code.in_((MilestoneCode.PLEDGE_RELEASE, MilestoneCode.PLEDGE_CANCELLED)),
        )
        .limit(50)
    ):
        tasks.append(_step(milestone, today))
    return _sorted(tasks)


def _step(milestone: Milestone, today: date) -> Task:
    is_late = milestone.due_on is not None and milestone.due_on < today
    what = STEP_TASKS[milestone.code]
    return Task(what, milestone.deal.listing.title, "deals.show", milestone.deal.ref, milestone.due_on, is_late)


STEP_TASKS = {
    MilestoneCode.BALANCE_PAID: N_("支付尾款"),
    MilestoneCode.PLEDGE_RELEASE: N_("出具解除或同意文件"),
    MilestoneCode.PLEDGE_CANCELLED: N_("办理质押注销"),
    MilestoneCode.ASSIGNMENT_RECORDED: N_("办理权利转让登记"),
    MilestoneCode.ESCROW_PAID_OUT: N_("划付监管资金"),
}


def bank_figures(viewer: User) -> dict[str, Any]:
    """Portfolio by stage, and claim against what is expected and what came."""
    own = tenant_ids(viewer)
    states = dict(
        db.session.execute(select(Listing.state, func.count()).where(Listing.bank_id.in_(own)).group_by(Listing.state))
        .tuples()
        .all()
    )
    principal, interest, costs, cases = db.session.execute(
        select(
            func.sum(Case.principal_minor), func.sum(Case.interest_minor), func.sum(Case.costs_minor), func.count()
        ).where(Case.bank_id.in_(own))
    ).one()
    expected = db.session.scalar(
        select(func.sum(Listing.start_minor)).where(
            Listing.bank_id.in_(own), Listing.state.in_((State.PUBLISHED, State.SUSPENDED, State.UNDER_REVIEW))
        )
    )
    struck, recovered = db.session.execute(
        select(func.sum(Outcome.price_minor), func.sum(Outcome.recovered_minor)).where(
            Outcome.bank_id.in_(own), Outcome.result == "sold"
        )
    ).one()
    assets = db.session.scalar(select(func.count(Asset.id)).where(Asset.bank_id.in_(own))) or 0
    return {
        "states": states,
        "cases": cases,
        "assets": assets,
        "claim_minor": int((principal or 0) + (interest or 0) + (costs or 0)),
        "expected_minor": int(expected or 0),
        "struck_minor": int(struck or 0),
        "recovered_minor": int(recovered or 0),
    }


# --- whoever buys ----------------------------------------------------------------------------------------------------


def buyer_tasks(viewer: User, now: datetime) -> list[Task]:
    own, today = tenant_ids(viewer), shanghai_date(now)
    tasks = verification_tasks(viewer, today)
    unpaid = select(PaymentOrder).where(PaymentOrder.payer_id.in_(own), PaymentOrder.state == OrderState.OPEN)
    orders = list(db.session.scalars(unpaid))
    titles = payments.titles(orders)
    for order in orders:
        due = shanghai_date(order.due_at) if order.due_at else None
        tasks.append(
            Task(
                PAY_TASKS[order.purpose.value],
                titles[order.id],
                "payments.show",
                order.ref,
                due,
                bool(due and due < today),
            )
        )
    for milestone in db.session.scalars(
        select(Milestone)
        .join(Deal, Deal.id == Milestone.deal_id)
        .where(
            Deal.buyer_id.in_(own),
            Deal.state == DealState.CLOSING,
            Milestone.state == MilestoneState.PENDING,
            Milestone.code == MilestoneCode.ASSIGNMENT_RECORDED,
        )
    ):
        tasks.append(_step(milestone, today))
    return _sorted(tasks)


PAY_TASKS = {"deposit": N_("缴纳保证金"), "balance": N_("支付尾款")}


def entries(viewer: User) -> list[Registration]:
    return [
        entry
        for entry in auctions.entries_of(viewer)
        if entry.state in (RegistrationState.APPLIED, RegistrationState.CONFIRMED)
    ]


# --- operators -------------------------------------------------------------------------------------------------------


def operator_counts(now: datetime) -> list[tuple[str, int, str]]:
    """Each queue with how much waits in it and where it is worked off."""

    def count(query: Any) -> int:
        return db.session.scalar(query) or 0

    orders, payouts = select(func.count(PaymentOrder.id)), select(func.count(Payout.id))
    today = shanghai_date(now)
    return [
        (N_("待审核机构"), count(select(func.count(Organisation.id)).where(Organisation.verification == Verification.SUBMITTED)), "verification.organisations"),
        (N_("待审核标的"), count(select(func.count(Listing.id)).where(Listing.state == State.UNDER_REVIEW)), "desk.reviews"),
        (N_("待核对到账"), count(orders.where(PaymentOrder.state.in_((OrderState.PROOF_SUBMITTED, OrderState.FIRST_CONFIRMED)))), "payments.work_list"),
        (N_("待划付"), count(payouts.where(Payout.state != PayoutState.PAID)), "payments.work_list"),
        (N_("待编制或批准的分配"), len(to_settle()), "desk.reviews"),
        (N_("尾款逾期"), count(select(func.count(Deal.id)).where(Deal.state == DealState.AWAITING_BALANCE, Deal.balance_due_on < today)), "deals.index"),
        (N_("中止中的标的"), count(select(func.count(Listing.id)).where(Listing.state == State.SUSPENDED)), "desk.reviews"),
    ]  # fmt: skip


def to_settle() -> list[Deal]:
    """Deals whose closing is done and whose money is not distributed yet."""
    open_steps = select(Milestone.deal_id).where(
        Milestone.state == MilestoneState.PENDING, Milestone.code != MilestoneCode.ESCROW_PAID_OUT
    )
    approved = select(Settlement.deal_id).where(Settlement.approved_at.is_not(None))
    return list(
        db.session.scalars(
            select(Deal)
            .where(Deal.state == DealState.CLOSING, Deal.id.not_in(open_steps), Deal.id.not_in(approved))
            .order_by(Deal.id)
        )
    )


def alive_auctions(now: datetime) -> int:
    return (
        db.session.scalar(
            select(func.count(Auction.id)).where(
                Auction.state == AuctionState.SCHEDULED, Auction.opens_at <= now, Auction.ends_at > now
            )
        )
        or 0
    )

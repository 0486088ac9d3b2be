"""Every write of a deal: struck by the close, closed step by step, and remembered as an outcome."""

import secrets
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select

from marketplace import audit
from marketplace.accounts.models import Organisation, User
from marketplace.accounts.queries import people
from marketplace.assets.kinds import KINDS, Passing
from marketplace.core.calendar import add_days, roll_forward_if_known
from marketplace.core.clock import shanghai_date
from marketplace.core.money import Money
from marketplace.core.roles import Duty
from marketplace.database import db
from marketplace.deals import queries, rules
from marketplace.deals.models import Deal, Milestone, Outcome
from marketplace.deals.rules import CLOCK, LIFE_CYCLE, OPERATOR, DealState, MilestoneCode, MilestoneState
from marketplace.listings import queries as listing_queries
from marketplace.listings.models import Listing
from marketplace.notices.service import tell
from marketplace.outbox import enqueue
from marketplace.papers import service as papers


def strike(
    listing: Listing, *, buyer: Organisation, bidder_code: str, price: Money, deposit: Money, bidders: int, bids: int,
    struck_at: datetime, now: datetime,
) -> Deal:  # fmt: skip
    """Strike a lot to its buyer, lay out the closing checklist and queue the confirmation letter."""
    due_on, _is_certain = roll_forward_if_known(add_days(shanghai_date(struck_at), listing.balance_due_days))
    deal = Deal(
        ref=f"D{secrets.token_hex(4).upper()}", listing_id=listing.id, buyer_id=buyer.id, bidder_code=bidder_code,
        state=DealState.AWAITING_BALANCE, price_minor=price.minor, deposit_minor=deposit.minor,
        policy_version=listing.policy_version, struck_at=struck_at, balance_due_on=due_on,
    )  # fmt: skip
    deal.milestones = [
        Milestone(position=place, code=code, state=_first_state(listing, code))
        for place, code in enumerate(MilestoneCode, start=1)
    ]
    deal.milestones[0].due_on = due_on
    db.session.add(deal)
    db.session.flush()
    audit.record("deal.struck", deal.subject, now=now, price=price, listing=listing.ref)
    record_outcome(listing, result="sold", reason="", bidders=bidders, bids=bids, price=price, now=now)
    enqueue("deal.confirmation_pdf", {"deal": deal.id}, key=f"confirmation:{deal.id}", now=now)
    return deal


def _first_state(listing: Listing, code: MilestoneCode) -> MilestoneState:
    """Nothing is recorded for rights that pass by the contract alone."""
    by_contract = all(KINDS[item.asset.kind].passing is Passing.CONTRACT for item in listing.items)
    if code is MilestoneCode.ASSIGNMENT_RECORDED and by_contract:
        return MilestoneState.NOT_APPLICABLE
    return MilestoneState.PENDING


def _days(earlier: datetime | None, later: datetime | None) -> int | None:
    if earlier is None or later is None or later < earlier:
        return None
    return (shanghai_date(later) - shanghai_date(earlier)).days


def record_outcome(
    listing: Listing, *, result: str, reason: str, bidders: int, bids: int, now: datetime, price: Money | None = None
) -> Outcome:
    """Remember what came of a lot; a lot has one outcome, and recording it again changes it."""
    case = listing_queries.case_of(listing)
    outcome = queries.outcome_of(listing)
    if outcome is None:
        outcome = Outcome(listing_id=listing.id, facts={})
        db.session.add(outcome)
    outcome.result, outcome.reason = result, reason
    outcome.kind = listing.items[0].asset.kind.value
    outcome.form, outcome.bank_id, outcome.region_code = listing.form.value, listing.bank_id, listing.region_code
    outcome.attempt, outcome.items = listing.attempt, len(listing.items)
    outcome.bidders, outcome.bids = bidders, bids
    outcome.claim_minor = case.claim.minor if case else 0
    outcome.reference_minor, outcome.start_minor = listing.reference_minor, listing.start_minor
    outcome.price_minor = price.minor if price else None
    outcome.days_to_notice = _days(listing.created_at, listing.notice_at)
    outcome.days_notice = _days(listing.notice_at, listing.opens_at)
    outcome.days_bidding = _days(listing.opens_at, listing.closes_at)
    outcome.ended_at = listing.ended_at or now
    db.session.flush()
    audit.record("outcome.recorded", listing.subject, now=now, result=result, reason=reason)
    return outcome


def balance_paid(deal: Deal, on: date, *, now: datetime) -> None:
    """The whole price is in escrow: closing begins, with its days counted from here."""
    deal.state = DealState(LIFE_CYCLE.next(deal.state, "balance", CLOCK))
    for milestone in deal.milestones:
        if milestone.code is MilestoneCode.BALANCE_PAID:
            milestone.state, milestone.met_on = MilestoneState.MET, on
        elif milestone.code in rules.STEPS:
            milestone.due_on = roll_forward_if_known(add_days(on, rules.STEPS[milestone.code][0]))[0]
        else:
            milestone.due_on = roll_forward_if_known(add_days(on, rules.PAYOUT_DAYS))[0]
    audit.record("deal.balance_paid", deal.subject, now=now, on=on)
    tell(people(deal.listing.bank, Duty.OFFICER), "balance_paid", link=f"/deals/{deal.ref}", now=now,
         title=deal.listing.title)  # fmt: skip


def meet(
    deal: Deal, code: MilestoneCode, on: date, *, filename: str, content: bytes, note: str, by: User, now: datetime
) -> None:
    """Record a step of closing with the paper that proves it.

    :param on: the day it happened in law, not the day it is typed in
    :raises NotDoneHere, OutOfOrder, FutureDay, BeforeStrike: as ``rules.check_step`` says
    :raises EmptyFile, TooLarge, WrongType: when the proof is no paper
    """
    states = {m.code: m.state for m in deal.milestones}
    rules.check_step(states, code, on, struck=shanghai_date(deal.struck_at), today=shanghai_date(now))
    _days_left, kind = rules.STEPS[code]
    papers.upload(deal.subject, kind, filename, content, by=by, now=now)
    milestone = next(m for m in deal.milestones if m.code is code)
    milestone.state, milestone.met_on, milestone.recorded_by_id, milestone.note = MilestoneState.MET, on, by.id, note
    audit.record("deal.step_met", deal.subject, by=by, now=now, step=code, on=on)
    parties = [*people(deal.listing.bank, Duty.OFFICER), *people(deal.buyer, Duty.OFFICER)]
    tell([user for user in parties if user.id != by.id], "deal_step", link=f"/deals/{deal.ref}", now=now,
         title=deal.listing.title, step=code)  # fmt: skip


def is_ready_to_settle(deal: Deal) -> bool:
    """Whether everything before the payout is done."""
    return deal.state is DealState.CLOSING and all(
        m.state is not MilestoneState.PENDING for m in deal.milestones if m.code is not MilestoneCode.ESCROW_PAID_OUT
    )


def settle(deal: Deal, recovered: Money, *, now: datetime) -> None:
    """Escrow is empty: the deal is done and its outcome complete."""
    deal.state = DealState(LIFE_CYCLE.next(deal.state, "settle", CLOCK))
    deal.settled_at = now
    last = next(m for m in deal.milestones if m.code is MilestoneCode.ESCROW_PAID_OUT)
    last.state, last.met_on = MilestoneState.MET, shanghai_date(now)
    outcome = queries.outcome_of(deal.listing)
    assert outcome is not None
    outcome.recovered_minor = recovered.minor
    outcome.days_to_settle = _days(deal.struck_at, now)
    audit.record("deal.settled", deal.subject, now=now, recovered=recovered)
    tell([*people(deal.listing.bank), *people(deal.buyer)], "deal_settled", link=f"/deals/{deal.ref}", now=now,
         title=deal.listing.title)  # fmt: skip


def default(deal: Deal, *, by: User, now: datetime) -> None:
    """The buyer did not pay in time.

    :raises NotOverdue: before the day after the deadline
    """
    if shanghai_date(now) <= deal.balance_due_on:
        raise rules.NotOverdue(due=deal.balance_due_on)
    deal.state = DealState(LIFE_CYCLE.next(deal.state, "default", OPERATOR))
    deal.defaulted_at = now
    outcome = queries.outcome_of(deal.listing)
    assert outcome is not None
    outcome.result, outcome.reason = "defaulted", "buyer_default"
    audit.record("deal.defaulted", deal.subject, by=by, now=now)
    tell([*people(deal.listing.bank), *people(deal.buyer)], "deal_defaulted", link=f"/deals/{deal.ref}", now=now,
         title=deal.listing.title)  # fmt: skip


def remind_due(now: datetime, limit: int) -> int:
    """Remind whose turn it is of steps due within three days or overdue, once each."""
    today = shanghai_date(now)
    due = (
        select(Milestone)
        .join(Deal, Deal.id == Milestone.deal_id)
        .where(
            Milestone.state == MilestoneState.PENDING,
            Milestone.due_on <= today + timedelta(days=rules.REMIND_DAYS),
            Deal.state.in_((DealState.AWAITING_BALANCE, DealState.CLOSING)),
            or_(
                Milestone.reminded_on.is_(None),
                (Milestone.reminded_on <= Milestone.due_on) & (Milestone.due_on < today),
            ),
        )
        .limit(limit)
    )
    rows = list(db.session.scalars(due))
    for milestone in rows:
        deal = milestone.deal
        owner = deal.buyer if milestone.code is MilestoneCode.BALANCE_PAID else deal.listing.bank
        milestone.reminded_on = today
        tell(people(owner, Duty.OFFICER), "step_due", link=f"/deals/{deal.ref}", now=now, title=deal.listing.title,
             step=milestone.code, due=milestone.due_on)  # fmt: skip
        db.session.commit()
    return len(rows)

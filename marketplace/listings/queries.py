"""Reads of lots: the bank's own, the operator's queues, and what anybody may see."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from marketplace.accounts.models import User
from marketplace.accounts.queries import tenant_ids
from marketplace.assets import queries as assets
from marketplace.assets import rules as asset_rules
from marketplace.assets.models import Asset
from marketplace.cases import queries as cases
from marketplace.cases import rules as case_rules
from marketplace.cases.models import Case
from marketplace.core import policy, pricing
from marketplace.core.calendar import add_days
from marketplace.core.clock import shanghai_date
from marketplace.core.errors import NotFound, Refusal
from marketplace.core.money import Money, total
from marketplace.core.roles import Role
from marketplace.database import db
from marketplace.listings.models import Listing, ListingItem, Watch
from marketplace.listings.routes import Form, after
from marketplace.listings.rules import PUBLIC_STATES, State
from marketplace.listings.search import WHOLE_LOT
from marketplace.papers import queries as papers
from marketplace.papers.models import Paper

PER_PAGE = 50
SEEN_BY_OPERATORS = tuple(state for state in State if state not in (State.DRAFT, State.AWAITING_APPROVAL))


def _by_ref(ref: str) -> Listing:
    listing = db.session.scalar(select(Listing).where(Listing.ref == ref).options(*WHOLE_LOT))
    if listing is None:
        raise NotFound
    return listing


def is_public(listing: Listing) -> bool:
    """Whether anybody may read it: published, or ended after its notice had been."""
    return listing.notice_at is not None and listing.state in (*PUBLIC_STATES, State.WITHDRAWN, State.TERMINATED)


def public(ref: str) -> Listing:
    """:raises NotFound: unless anybody may read it"""
    listing = _by_ref(ref)
    if not is_public(listing):
        raise NotFound
    return listing


def visible(ref: str, viewer: User) -> Listing:
    """The lot as its bank or an operator works on it.

    :raises NotFound: when there is none, or it is not this viewer's to work on
    """
    listing = _by_ref(ref)
    if not is_visible(listing, viewer):
        raise NotFound
    return listing


def is_visible(listing: Listing, viewer: User) -> bool:
    if viewer.role is Role.PLATFORM:
        return listing.state in SEEN_BY_OPERATORS
    return viewer.role is Role.BANK and listing.bank_id in tenant_ids(viewer)


def own(viewer: User, states: tuple[State, ...], page: int) -> tuple[list[Listing], int]:
    """One page of the bank's lots, newest first, and how many there are."""
    query = select(Listing).where(Listing.bank_id.in_(tenant_ids(viewer)))
    if states:
        query = query.where(Listing.state.in_(states))
    whole = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = db.session.scalars(query.order_by(Listing.id.desc()).limit(PER_PAGE).offset((page - 1) * PER_PAGE))
    return list(rows), whole


def own_counts(viewer: User) -> dict[State, int]:
    rows = db.session.execute(
        select(Listing.state, func.count()).where(Listing.bank_id.in_(tenant_ids(viewer))).group_by(Listing.state)
    )
    return dict(rows.tuples().all())


def in_states(*states: State, limit: int = 200) -> list[Listing]:
    """Lots in some states, longest waiting first; for operators."""
    return list(
        db.session.scalars(
            select(Listing)
            .where(Listing.state.in_(states))
            .options(joinedload(Listing.bank))
            .order_by(Listing.id)
            .limit(limit)
        )
    )


def closing_before(now: datetime, until: datetime) -> list[Listing]:
    return list(
        db.session.scalars(
            select(Listing)
            .where(Listing.state == State.PUBLISHED, Listing.closes_at > now, Listing.closes_at <= until)
            .options(joinedload(Listing.bank))
            .order_by(Listing.closes_at)
        )
    )


def free_assets(viewer: User) -> list[Asset]:
    """Rights of the viewer that are in no lot that is alive or sold."""
    gone = (State.WITHDRAWN, State.TERMINATED, State.FAILED, State.DEFAULTED)
    taken = select(ListingItem.asset_id).join(Listing).where(Listing.state.not_in(gone))
    return list(
        db.session.scalars(
            select(Asset)
            .where(Asset.bank_id.in_(tenant_ids(viewer)), Asset.case_id.is_not(None), Asset.id.not_in(taken))
            .options(joinedload(Asset.case), selectinload(Asset.valuations))
            .order_by(Asset.id.desc())
            .limit(300)
        )
    )


def is_taken(asset: Asset, *, but: int = 0) -> bool:
    """Whether another lot that is alive or sold holds the right."""
    gone = (State.WITHDRAWN, State.TERMINATED, State.FAILED, State.DEFAULTED)
    return bool(
        db.session.scalar(
            select(ListingItem.id)
            .join(Listing)
            .where(ListingItem.asset_id == asset.id, Listing.id != but, Listing.state.not_in(gone))
            .limit(1)
        )
    )


@dataclass(frozen=True)
class Examined:
    """One right of a lot with what stands against it."""

    asset: Asset
    findings: list[asset_rules.Finding]


@dataclass(frozen=True)
class Examination:
    """The machine's findings on a lot: each right, the case behind it, the terms."""

    rights: list[Examined]
    case: Case | None
    case_findings: list[case_rules.Finding]
    terms: list[Refusal]

    @property
    def is_blocked(self) -> bool:
        severe = [f.severity for e in self.rights for f in e.findings] + [f.severity for f in self.case_findings]
        return case_rules.Severity.BLOCK in severe or bool(self.terms)


def examination(listing: Listing, now: datetime) -> Examination:
    """Everything the machine has to say about a lot at this moment."""
    today = shanghai_date(now)
    case = case_of(listing)
    subjects = [item.asset.subject for item in listing.items] + ([case.subject] if case else [])
    kept = papers.of(*subjects)
    notices = _notices(listing)
    rights = [
        Examined(
            item.asset,
            assets.findings(
                item.asset, today, kept=[p for p in kept if p.subject == item.asset.subject], notices=notices
            ),
        )
        for item in listing.items
    ]
    found = []
    if case is not None:
        found = case_rules.findings(cases.facts(case, [p for p in kept if p.subject == case.subject]), today)
    return Examination(rights, case, found, broken_terms(listing, now))


def _notices(listing: Listing) -> list[date]:
    """The days on which this lot and the rounds before it were announced."""
    days = []
    lot: Listing | None = listing
    while lot is not None:
        if lot.notice_at is not None:
            days.append(shanghai_date(lot.notice_at))
        lot = lot.previous
    return days


def case_of(listing: Listing) -> Case | None:
    return next((item.asset.case for item in listing.items if item.asset.case), None)


def terms_of(listing: Listing, on: date) -> policy.Policy:
    """The rules a lot goes by: those it was published under, or those of the day."""
    if listing.policy_version:
        return policy.policy(listing.policy_version)
    return policy.policy_for(listing.regime, on)


def broken_terms(listing: Listing, now: datetime) -> list[Refusal]:
    """Every bound of the policy the lot's prices and timetable break, were it published now."""
    today = shanghai_date(now)
    terms = terms_of(listing, today)
    case = case_of(listing)
    failed = failed_before(listing)
    prices: dict[str, Any] = {
        "start": listing.start, "deposit": listing.deposit, "increment": listing.increment,
        "balance_due_days": listing.balance_due_days,
    }  # fmt: skip
    is_selloff = listing.form is Form.SELL_OFF
    if is_selloff and failed is not None:
        broken = pricing.check_selloff_prices(terms, failed_start=failed.start, **prices)
    else:
        broken = pricing.check_prices(
            terms,
            reference=listing.reference,
            previous_start=failed.start if failed else None,
            needs_state_approval=bool(case and case.is_pledgor_state_owned and not case.is_state_sale_approved),
            **prices,
        )
    if listing.opens_at and listing.closes_at and listing.notice_at is None:
        follows = failed.ended_at if failed is not None and failed is listing.previous else None
        times: dict[str, Any] = {
            "published_on": today, "opens_on": shanghai_date(listing.opens_at), "opens_at": listing.opens_at,
            "closes_at": listing.closes_at, "failed_on": shanghai_date(follows) if follows else None,
        }  # fmt: skip
        if is_selloff:
            broken += pricing.check_selloff_times(terms, **times)
        else:
            broken += pricing.check_times(terms, attempt=listing.attempt, **times)
    return broken


def failed_before(listing: Listing) -> Listing | None:
    """The nearest earlier round that failed: what a further round's or a sell-off's price is measured against."""
    earlier = listing.previous
    while earlier is not None and earlier.state is not State.FAILED:
        earlier = earlier.previous
    return earlier


def following(listing: Listing) -> tuple[Form, int] | None:
    """The form and attempt in which a lot may be offered again now; None when it may not be."""
    again = select(Listing.id).where(
        Listing.previous_id == listing.id, Listing.state.not_in((State.WITHDRAWN, State.TERMINATED))
    )
    if listing.state not in (State.FAILED, State.DEFAULTED) or db.session.scalar(again.limit(1)) is not None:
        return None
    terms = policy.policy(listing.policy_version)
    has_failed = listing.state is State.FAILED
    return after(listing.form, listing.attempt, has_failed=has_failed, rounds_max=terms.rounds_max)


@dataclass(frozen=True)
class Bounds:
    """What the policy lets a lot's terms be, to stand beside what the bank says."""

    floor: Money
    deposit: tuple[Money, Money]
    increment: tuple[Money, Money]
    earliest: date
    hours: int


def bounds(listing: Listing, today: date) -> Bounds:
    terms = terms_of(listing, today)
    floor = pricing.start_floor(terms, listing.reference)
    deposit = pricing.deposit_bounds(terms, listing.start)
    hours = terms.window_min_hours
    failed = failed_before(listing)
    if failed is not None:
        floor = pricing.second_round_floor(terms, failed.start)
        if listing.form is Form.SELL_OFF:
            floor, deposit, hours = failed.start, (listing.start, listing.start), 24 * terms.selloff_days
    published_on = shanghai_date(listing.notice_at) if listing.notice_at else today
    return Bounds(
        floor,
        deposit,
        pricing.increment_bounds(terms, listing.start),
        add_days(published_on, terms.notice_days(listing.attempt)),
        hours,
    )


def reference_of(rights: list[Asset]) -> int:
    """The reference price of a lot in fen: the sum of its rights' reference valuations."""
    return total(right.reference.amount for right in rights if right.reference).minor


def public_papers(listing: Listing) -> list[Paper]:
    """The papers anybody may read with the lot: its notice, and what the bank opened."""
    subjects = [listing.subject, *(item.asset.subject for item in listing.items)]
    case = case_of(listing)
    rows = papers.newest(papers.of(*subjects, *([case.subject] if case else [])))
    return [paper for paper in rows if paper.is_public]


def watches(viewer: User, listing: Listing) -> bool:
    return bool(db.session.scalar(select(Watch.id).where(Watch.user_id == viewer.id, Watch.listing_id == listing.id)))


def watched(viewer: User) -> list[int]:
    return list(
        db.session.scalars(select(Watch.listing_id).where(Watch.user_id == viewer.id).order_by(Watch.id.desc()))
    )


def watchers(listing: Listing) -> list[User]:
    return list(
        db.session.scalars(select(User).join(Watch, Watch.user_id == User.id).where(Watch.listing_id == listing.id))
    )


def chain(listing: Listing) -> list[Listing]:
    """The attempts before and after this one, in order."""
    before: list[Listing] = []
    earlier = listing.previous
    while earlier is not None:
        before.insert(0, earlier)
        earlier = earlier.previous
    later: list[Listing] = []
    last: Listing | None = listing
    while last is not None:
        newest = select(Listing).where(Listing.previous_id == last.id).order_by(Listing.id.desc()).limit(1)
        last = db.session.scalar(newest)
        if last is not None:
            later.append(last)
    return [*before, listing, *later]


def resting_since(case: Case) -> datetime | None:
    """Since when lots that were handed in, published or sold hold the case's rights; None when none does."""
    return db.session.scalar(select(func.min(Asset.held_at)).where(Asset.case_id == case.id))


def of_case_alive(case: Case) -> list[Listing]:
    """Lots of a case that a repayment must stop."""
    alive = (
        State.DRAFT, State.SENT_BACK, State.AWAITING_APPROVAL, State.UNDER_REVIEW, State.PUBLISHED, State.SUSPENDED
    )  # fmt: skip
    return list(
        db.session.scalars(
            select(Listing)
            .join(ListingItem)
            .join(Asset)
            .where(Asset.case_id == case.id, or_(*(Listing.state == state for state in alive)))
            .distinct()
        )
    )

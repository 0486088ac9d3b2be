"""Every write of a lot's life: drafting, approval, review, publication, suspension, and its end."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from marketplace import audit
from marketplace.accounts.models import Organisation, User
from marketplace.accounts.queries import operators, people
from marketplace.assets import service as assets
from marketplace.assets.models import Asset
from marketplace.cases import service as cases
from marketplace.cases.models import Case
from marketplace.cases.rules import Severity
from marketplace.core import policy, pricing
from marketplace.core.calendar import add_days
from marketplace.core.clock import shanghai_date
from marketplace.core.errors import Several
from marketplace.core.money import Money
from marketplace.core.roles import Duty, Role
from marketplace.database import db
from marketplace.listings import queries, rules, search
from marketplace.listings.models import Listing, ListingItem, Watch
from marketplace.listings.routes import ROUTES, Form
from marketplace.listings.rules import CHECKER, CLOCK, LIFE_CYCLE, MAKER, OPERATOR, Reason, State
from marketplace.notices.service import tell
from marketplace.outbox import enqueue


@dataclass(frozen=True)
class Terms:
    """What a bank says about a lot; amounts in fen, moments in UTC."""

    title: str
    summary: str
    defects: str
    tax_terms: str
    handover_terms: str
    qualification: str
    contact: str
    start: Money
    increment: Money
    deposit: Money
    balance_due_days: int
    opens_at: datetime
    closes_at: datetime


def draft(bank: Organisation, rights: list[Asset], terms: Terms, *, by: User, now: datetime) -> Listing:
    """Draft a lot of one or several rights of one case, to be bid for.

    :raises OnlyOneRight, RightTaken, CourtSells: when the rights cannot make a lot
    :raises Several: with every bound of the policy the terms break
    """
    _check_rights(bank, rights)
    case = rights[0].case
    assert case is not None
    listing = Listing(
        ref=f"L{secrets.token_hex(4).upper()}", bank_id=bank.id, form=Form.BIDDING, attempt=1, regime=case.regime,
        region_code=case.region_code, created_by_id=by.id, created_at=now, title=terms.title,
    )  # fmt: skip
    listing.items = [ListingItem(asset=right, position=place) for place, right in enumerate(rights, start=1)]
    db.session.add(listing)
    _set(listing, terms, now=now)
    db.session.flush()
    audit.record("listing.drafted", listing.subject, by=by, now=now)
    return listing


def _check_rights(bank: Organisation, rights: list[Asset]) -> None:
    cases_of = {right.case_id for right in rights}
    if not rights or len(cases_of) != 1 or None in cases_of:
        raise rules.OnlyOneRight
    case = rights[0].case
    if case is not None:
        _check_seller(case)
    for right in rights:
        if right.bank_id != bank.id or queries.is_taken(right):
            raise rules.RightTaken(title=right.title)


def _check_seller(case: Case) -> None:
    if case.regime is policy.Regime.COURT:
        raise rules.CourtSells


def _set(listing: Listing, terms: Terms, *, now: datetime) -> None:
    for name in ("title", "summary", "defects", "tax_terms", "handover_terms", "qualification", "contact"):
        setattr(listing, name, getattr(terms, name).strip())
    listing.start_minor, listing.increment_minor = terms.start.minor, terms.increment.minor
    listing.deposit_minor, listing.balance_due_days = terms.deposit.minor, terms.balance_due_days
    listing.opens_at, listing.closes_at = terms.opens_at, terms.closes_at
    listing.reference_minor = queries.reference_of([item.asset for item in listing.items])
    with db.session.no_autoflush:
        broken = queries.broken_terms(listing, now)
    if broken:
        raise Several(broken)


def edit(listing: Listing, terms: Terms, *, by: User, now: datetime) -> None:
    """Change a draft.

    :raises MoveRefused: unless it is a draft or was sent back
    :raises Several: with every bound of the policy the terms break
    """
    LIFE_CYCLE.next(listing.state, "submit", MAKER)
    _set(listing, terms, now=now)
    audit.record("listing.edited", listing.subject, by=by, now=now)


def change_contact(listing: Listing, contact: str, *, by: User, now: datetime) -> None:
    """The one thing a published lot may still change; its notice is made anew with it."""
    listing.contact = contact.strip()
    if listing.notice_at is not None:
        _make_notice(listing, now=now)
    audit.record("listing.contact_changed", listing.subject, by=by, now=now)


def _move(listing: Listing, action: str, actor: str, *, by: User | None, now: datetime, why: str = "") -> None:
    listing.state = State(LIFE_CYCLE.next(listing.state, action, actor))
    _hold(listing, now=now)
    audit.record(f"listing.{action}", listing.subject, by=by, now=now, why=why)


def _hold(listing: Listing, *, now: datetime) -> None:
    """Keep the rights and the case as they were reviewed for as long as the lot rests on them."""
    is_held = listing.state in rules.RESTING_STATES
    for item in listing.items:
        if (item.asset.held_at is not None) is not is_held:
            assets.hold(item.asset, now if is_held else None)
    case = queries.case_of(listing)
    if case is not None:
        db.session.flush()
        cases.hold(case, queries.resting_since(case))


def submit(listing: Listing, *, by: User, now: datetime) -> None:
    """Hand the draft to a colleague for approval.

    :raises NotReady: naming what is empty
    :raises CourtSells: when the case went to court meanwhile
    :raises Blocked: with the checks that stand against the lot
    """
    missing = [name for name in ROUTES[listing.form].fields if not getattr(listing, name).strip()]
    if missing:
        raise rules.NotReady(missing=missing)
    case = queries.case_of(listing)
    if case is not None:
        _check_seller(case)
        listing.regime = case.regime
    _check_unblocked(listing, now)
    _move(listing, "submit", MAKER, by=by, now=now)
    listing.submitted_by_id, listing.reason, listing.reason_note = by.id, "", ""
    colleagues = [user for user in people(listing.bank, Duty.APPROVER) if user.id != by.id]
    tell(colleagues, "listing_submitted", link=f"/listings/{listing.ref}", now=now, title=listing.title)


def _check_unblocked(listing: Listing, now: datetime) -> None:
    found = queries.examination(listing, now)
    if not found.is_blocked:
        return
    blocks: list[object] = [
        finding.code for examined in found.rights for finding in examined.findings if finding.severity is Severity.BLOCK
    ]
    blocks += [finding.code for finding in found.case_findings if finding.severity is Severity.BLOCK]
    raise rules.Blocked(blocks=[*blocks, *found.terms])


def approve(listing: Listing, *, by: User, now: datetime) -> None:
    """The bank's second person agrees; the lot goes to the operator.

    :raises SamePerson: when the checker is the maker
    """
    if by.id in (listing.submitted_by_id, listing.created_by_id):
        raise rules.SamePerson
    _check_unblocked(listing, now)
    _move(listing, "approve", CHECKER, by=by, now=now)
    listing.approved_by_id = by.id
    tell(operators(), "listing_to_review", link=f"/listings/{listing.ref}", now=now, title=listing.title,
         bank=listing.bank.name)  # fmt: skip


def return_(listing: Listing, note: str, *, by: User, now: datetime) -> None:
    """The second person wants it put right.

    :raises ReasonNeeded: without saying what
    """
    _back(listing, "return", CHECKER, note, by=by, now=now)


def send_back(listing: Listing, note: str, *, by: User, now: datetime) -> None:
    """The operator wants it put right.

    :raises ReasonNeeded: without saying what
    """
    _back(listing, "send_back", OPERATOR, note, by=by, now=now)


def _back(listing: Listing, action: str, actor: str, note: str, *, by: User, now: datetime) -> None:
    if not note.strip():
        raise rules.ReasonNeeded
    _move(listing, action, actor, by=by, now=now, why=note.strip())
    listing.reason_note = note.strip()
    tell(people(listing.bank, Duty.OFFICER), "listing_sent_back", link=f"/listings/{listing.ref}", now=now,
         title=listing.title, reason=note.strip())  # fmt: skip


def recall(listing: Listing, *, by: User, now: datetime) -> None:
    """The maker takes it back to work on it."""
    _move(listing, "recall", MAKER, by=by, now=now)


def discard(listing: Listing, *, by: User, now: datetime) -> None:
    """Give a draft up."""
    _move(listing, "discard", MAKER, by=by, now=now)
    listing.ended_at = now


def publish(listing: Listing, *, by: User, now: datetime) -> None:
    """Publish the notice: from now on the lot is public, under the rules of today.

    :raises Blocked: with the checks and bounds that stand against it at this moment
    """
    _check_unblocked(listing, now)
    _move(listing, "publish", OPERATOR, by=by, now=now)
    listing.policy_version = policy.policy_for(listing.regime, shanghai_date(now)).version
    listing.notice_at = now
    search.put(listing, now=now)
    _make_notice(listing, now=now)
    tell(people(listing.bank), "listing_published", link=f"/lots/{listing.ref}", now=now, title=listing.title,
         opens_at=listing.opens_at)  # fmt: skip


def _make_notice(listing: Listing, *, now: datetime) -> None:
    """Have the notice typeset as it reads now; an earlier one stays as an earlier version."""
    payload = {"listing": listing.id, "since": now.isoformat()}
    enqueue("listing.notice_pdf", payload, key=f"notice:{listing.id}:{now.isoformat()}", now=now)


def suspend(listing: Listing, reason: Reason, note: str, *, by: User, now: datetime) -> None:
    """Stop the lot for a while; entries and bids are refused meanwhile."""
    _stop_with(listing, "suspend", OPERATOR, reason, note, by=by, now=now)


def resume(listing: Listing, opens_at: datetime, closes_at: datetime, *, by: User, now: datetime) -> None:
    """Go on, with a timetable that leaves bidders time; the notice is made anew with it.

    :raises NoticeTooShort: when bidding would begin before the notice has stood its days
    :raises ResumeTooLate: when less than a day of bidding would be left
    """
    terms = policy.policy(listing.policy_version)
    assert listing.notice_at is not None
    days = terms.notice_days(listing.attempt)
    earliest = add_days(shanghai_date(listing.notice_at), days)
    if shanghai_date(opens_at) < earliest:
        raise pricing.NoticeTooShort(days=days, earliest=earliest, source=terms.notice_source(listing.attempt))
    least = max(opens_at, now) + timedelta(hours=terms.window_min_hours)
    if closes_at < least:
        raise rules.ResumeTooLate(earliest=least)
    _move(listing, "resume", OPERATOR, by=by, now=now)
    listing.opens_at, listing.closes_at = opens_at, closes_at
    listing.reason, listing.reason_note = "", ""
    search.put(listing, now=now)
    _make_notice(listing, now=now)
    _tell_watchers(listing, "listing_resumed", now=now)


def withdraw(listing: Listing, reason: Reason, note: str, *, by: User, now: datetime) -> None:
    """Take the lot off for good; the bank may while there is no bid, the operator at any time before the end.

    :raises BidsExist: when the bank asks after the first valid bid
    """
    actor = OPERATOR if by.role is Role.PLATFORM else CHECKER
    entry = search.entries([listing.id])
    if actor == CHECKER and entry and entry[0].bid_count:
        raise rules.BidsExist
    _stop_with(listing, "withdraw", actor, reason, note, by=by, now=now)
    listing.ended_at = now


def terminate(listing: Listing, reason: Reason, note: str, *, by: User, now: datetime) -> None:
    """End the sale."""
    _stop_with(listing, "terminate", OPERATOR, reason, note, by=by, now=now)
    listing.ended_at = now


def _stop_with(
    listing: Listing, action: str, actor: str, reason: Reason, note: str, *, by: User, now: datetime
) -> None:
    if not note.strip():
        raise rules.ReasonNeeded
    _move(listing, action, actor, by=by, now=now, why=f"{reason}: {note.strip()}")
    listing.reason, listing.reason_note = reason, note.strip()
    search.put(listing, now=now)
    _tell_watchers(listing, "listing_stopped", now=now)


def repaid(case: Case, *, by: User, now: datetime) -> list[Listing]:
    """The debtor paid in full: record it and stop every sale of the case's rights (法释〔2004〕16号 art. 19)."""
    cases.mark_repaid(case, by=by, now=now)
    stopped = queries.of_case_alive(case)
    for listing in stopped:
        was_public = queries.is_public(listing)
        _move(listing, "stop", CLOCK, by=by, now=now, why=Reason.REPAID)
        listing.reason, listing.ended_at = Reason.REPAID, now
        if was_public:
            search.put(listing, now=now)
            _tell_watchers(listing, "listing_stopped", now=now)
    return stopped


def _tell_watchers(listing: Listing, name: str, *, now: datetime) -> None:
    told = {user.id: user for user in [*queries.watchers(listing), *people(listing.bank)]}
    tell(told.values(), name, link=f"/lots/{listing.ref}", now=now, title=listing.title, reason=listing.reason_note)


# --- what the clock decides ------------------------------------------------------------------------------------------


def award(listing: Listing, amount: Money, *, closed_at: datetime, now: datetime) -> None:
    """Record that the lot was struck."""
    _move(listing, "award", CLOCK, by=None, now=now)
    listing.final_price_minor, listing.closes_at, listing.ended_at = amount.minor, closed_at, closed_at
    search.put(listing, now=now)


def fail(listing: Listing, *, reason: str, closed_at: datetime, now: datetime) -> None:
    """Record that nobody bid."""
    _move(listing, "fail", CLOCK, by=None, now=now, why=reason)
    listing.reason, listing.closes_at, listing.ended_at = reason, closed_at, closed_at
    search.put(listing, now=now)


def settle(listing: Listing, *, now: datetime) -> None:
    """Every fen has gone where it belongs."""
    _move(listing, "settle", CLOCK, by=None, now=now)
    search.put(listing, now=now)


def default(listing: Listing, *, by: User | None, now: datetime) -> None:
    """The buyer did not pay; the lot can be offered again."""
    _move(listing, "default", CLOCK, by=by, now=now)
    search.put(listing, now=now)


def relist(listing: Listing, terms: Terms, *, by: User, now: datetime) -> Listing:
    """Offer a failed or defaulted lot again: the next round or the sell-off after a failure, the same after a default.

    :raises NotRelistable: from any other state, when it was done, or when public bidding is exhausted
    :raises Several: with every bound of the policy the terms break
    """
    following = queries.following(listing)
    if following is None:
        raise rules.NotRelistable
    form, attempt = following
    again = Listing(
        ref=f"L{secrets.token_hex(4).upper()}", bank_id=listing.bank_id, form=form, regime=listing.regime,
        region_code=listing.region_code, created_by_id=by.id, created_at=now, title=terms.title,
        attempt=attempt, previous=listing, previous_id=listing.id,
    )  # fmt: skip
    again.items = [
        ListingItem(asset=item.asset, position=item.position, allocation_minor=item.allocation_minor)
        for item in listing.items
    ]
    db.session.add(again)
    _set(again, terms, now=now)
    db.session.flush()
    audit.record("listing.relisted", again.subject, by=by, now=now, previous=listing.ref)
    return again


def watch(listing: Listing, *, by: User, now: datetime) -> bool:
    """Start or stop keeping an eye on a lot; says which it is now."""
    row = db.session.query(Watch).filter_by(user_id=by.id, listing_id=listing.id).one_or_none()
    if row is not None:
        db.session.delete(row)
        return False
    db.session.add(Watch(user_id=by.id, listing_id=listing.id, created_at=now))
    return True

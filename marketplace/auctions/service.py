"""Every write of bidding: scheduling, registration, bids, closing.

A bid locks its auction's row, so bids on one lot are decided one after another in order of arrival, and every bid
changes that row. What a bid may do is decided by its format's row in ``formats`` alone.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import select

from marketplace import audit, live
from marketplace.accounts.models import Organisation, User
from marketplace.accounts.queries import people
from marketplace.auctions import queries, rules
from marketplace.auctions.formats import FORMATS, OF_FORM
from marketplace.auctions.models import Auction, Bid, Registration
from marketplace.auctions.rules import AuctionState, RegistrationState
from marketplace.core import policy
from marketplace.core.clock import shanghai_date
from marketplace.core.money import Money
from marketplace.core.roles import Duty
from marketplace.database import db
from marketplace.deals import service as deals
from marketplace.listings import search
from marketplace.listings import service as listings
from marketplace.listings.models import Listing
from marketplace.listings.rules import State
from marketplace.notices.service import tell

GRACE = timedelta(seconds=2)
"""Between the end and recording it, so that a bid received in time is not overtaken by the close while it waits."""
CODES = 9000
"""Four digits, the first not nought."""


def schedule_due(now: datetime, limit: int) -> int:
    """Give every newly published lot its auction, and follow lots that were moved, suspended or ended."""
    done = 0
    fresh = (
        select(Listing)
        .outerjoin(Auction, Auction.listing_id == Listing.id)
        .where(Listing.state == State.PUBLISHED, Listing.form.in_(list(OF_FORM)), Auction.id.is_(None))
        .limit(limit)
    )
    for listing in db.session.scalars(fresh).unique().all():
        schedule(listing, now=now)
        db.session.commit()
        done += 1
    stray = (
        select(Auction.id)
        .join(Listing, Listing.id == Auction.listing_id)
        .where(
            Auction.state == AuctionState.SCHEDULED,
            (Listing.state.not_in((State.PUBLISHED, State.SUSPENDED)))
            | (Auction.scheduled_end_at != Listing.closes_at),
        )
        .limit(limit)
    )
    for auction_id in db.session.scalars(stray).all():
        _locked(auction_id, now=now)
        db.session.commit()
        done += 1
    return done


def schedule(listing: Listing, *, now: datetime) -> Auction:
    """Open the books of a published lot."""
    terms = policy.policy(listing.policy_version)
    assert listing.opens_at
    assert listing.closes_at
    auction = Auction(
        listing_id=listing.id,
        format=OF_FORM[listing.form],
        opens_at=listing.opens_at,
        scheduled_end_at=listing.closes_at,
        ends_at=listing.closes_at,
        start_minor=listing.start_minor,
        increment_minor=listing.increment_minor,
        deposit_minor=listing.deposit_minor,
        extension_minutes=terms.extension_minutes,
        policy_version=listing.policy_version,
    )
    db.session.add(auction)
    db.session.flush()
    audit.record("auction.scheduled", listing.subject, now=now)
    return auction


def register(
    auction: Auction, *, by: User, accepts_rules: str, now: datetime, exempt_as_pledgee: bool = False
) -> Registration:
    """Enter an organisation for a lot under a random code that only it may see until the close.

    A pledgee of the lot may ask to be excused from the deposit (法释〔2016〕18号 art. 17); it is then confirmed at once.

    :raises AuctionClosed: once bidding is over
    :raises NotAdmitted: with every reason the organisation is barred for
    :raises AlreadyRegistered: the second time
    """
    auction = _locked(auction.id, now=now)
    listing = auction.listing
    rules.check_entry(
        listing_state=listing.state,
        ends_at=auction.ends_at,
        bars=queries.bars(listing, by.organisation, shanghai_date(now)),
        is_registered=queries.registration(auction, by.organisation) is not None,
        rules_version=accepts_rules,
        policy_version=auction.policy_version,
        at=now,
    )
    exempt = exempt_as_pledgee and queries.is_pledgee(listing, by.organisation)
    withdrawn = queries.withdrawn(auction, by.organisation)
    if withdrawn is not None:
        return _apply_again(withdrawn, accepts_rules, by=by, now=now)
    taken = set(db.session.scalars(select(Registration.code).where(Registration.auction_id == auction.id)))
    registration = Registration(
        ref=f"R{secrets.token_hex(6).upper()}",
        auction_id=auction.id,
        organisation_id=by.organisation_id,
        user_id=by.id,
        code=_code(taken),
        rules_version=accepts_rules,
        rules_accepted_at=now,
        is_deposit_exempt=exempt,
        exemption_reason="pledgee" if exempt else "",
        priority_rank=queries.priority_rank(listing, by.organisation),
        created_at=now,
    )
    db.session.add(registration)
    db.session.flush()
    audit.record("registration.applied", f"registration:{registration.id}", by=by, now=now, exempt=exempt)
    if exempt:
        confirm(registration, now=now)
    return registration


def _apply_again(registration: Registration, accepts_rules: str, *, by: User, now: datetime) -> Registration:
    """Take back the withdrawal; the code stays."""
    registration.state = RegistrationState(rules.REGISTRATION.next(registration.state, "apply", rules.BIDDER))
    registration.rules_version, registration.rules_accepted_at, registration.user_id = accepts_rules, now, by.id
    audit.record("registration.applied", f"registration:{registration.id}", by=by, now=now, again=True)
    return registration


def _code(taken: set[str]) -> str:
    while (code := f"B-{1000 + secrets.randbelow(CODES)}") in taken:
        pass
    return code


def confirm(registration: Registration, *, now: datetime) -> None:
    """Let a bidder bid: the deposit is in escrow, or was excused. Confirming twice changes nothing."""
    if registration.state is RegistrationState.CONFIRMED:
        return
    registration.state = RegistrationState(rules.REGISTRATION.next(registration.state, "confirm", rules.CLOCK))
    registration.confirmed_at = now
    audit.record("registration.confirmed", f"registration:{registration.id}", now=now)
    tell(
        people(registration.organisation, Duty.OFFICER),
        "registration_confirmed",
        link=f"/lots/{registration.auction.listing.ref}",
        now=now,
        title=registration.auction.listing.title,
    )


def withdraw_registration(registration: Registration, *, by: User, now: datetime) -> None:
    """Take back an entry whose deposit has not arrived.

    :raises MoveRefused: once it is confirmed
    """
    registration.state = RegistrationState(rules.REGISTRATION.next(registration.state, "withdraw", rules.BIDDER))
    audit.record("registration.withdrawn", f"registration:{registration.id}", by=by, now=now)


def place_bid(auction_id: int, amount: Money, *, bidder: Organisation, key: str, now: datetime) -> Bid:
    """Place a bid that takes the lead, move the end if it came late, and tell whoever it displaced.

    The same ``key`` again returns the bid it made the first time.

    :raises AuctionNotOpen, AuctionClosed: outside the auction's hours, by server receipt
    :raises BidderNotConfirmed, BidderBarred: if the organisation may not bid here
    :raises BidBelowStart, BidOffGrid, BidTooLow: with the least that would have been enough
    """
    auction = _locked(auction_id, now=now)
    registration = queries.registration(auction, bidder)
    if registration is not None:
        same = db.session.scalar(select(Bid).where(Bid.registration_id == registration.id, Bid.key == key))
        if same is not None:
            return same
    rules.check_running(auction.listing.state, auction.state, ended_at=auction.ends_at)
    admission = FORMATS[auction.format].admit(
        queries.terms(auction),
        queries.standing(auction),
        auction.ends_at,
        amount,
        queries.as_bidder(auction, registration, bidder),
        now,
    )
    assert registration is not None
    displaced = auction.leader if auction.leader_id != registration.id else None
    bid = _write(auction, registration, amount, key=key, ends_at=admission.ends_at, now=now)
    auction.price_minor = amount.minor
    auction.leader = registration
    auction.bid_count += 1
    auction.extensions += int(admission.extended)
    auction.ends_at = admission.ends_at
    search.touch(auction.listing_id, price_minor=amount.minor, bid_count=auction.bid_count, closes_at=auction.ends_at)
    live.announce(topic(auction), queries.announcement(auction, code=registration.code), now=now)
    if displaced is not None:
        tell(
            [displaced.user],
            "outbid",
            link=f"/lots/{auction.listing.ref}",
            now=now,
            title=auction.listing.title,
            price=amount,
            ends_at=auction.ends_at,
        )
    return bid


def topic(auction: Auction) -> str:
    return f"auction:{auction.id}"


def _write(
    auction: Auction, registration: Registration, amount: Money, *, key: str, ends_at: datetime, now: datetime
) -> Bid:
    last = db.session.scalar(select(Bid).where(Bid.auction_id == auction.id).order_by(Bid.seq.desc()).limit(1))
    previous = last.hash if last else ""
    bid = Bid(
        auction_id=auction.id,
        seq=auction.bid_count + 1,
        registration_id=registration.id,
        amount_minor=amount.minor,
        key=key,
        received_at=now,
        ends_at=ends_at,
        previous_hash=previous,
        hash=seal(previous, auction.bid_count + 1, registration.code, amount.minor, now, ends_at),
    )
    db.session.add(bid)
    db.session.flush()
    return bid


def seal(previous: str, seq: int, code: str, amount_minor: int, received_at: datetime, ends_at: datetime) -> str:
    """The hash of a bid over the one before it: anybody can re-compute it from the published log."""
    body = f"{previous}|{seq}|{code}|{amount_minor}|{received_at.isoformat()}|{ends_at.isoformat()}"
    return hashlib.sha256(body.encode()).hexdigest()


def _locked(auction_id: int, *, now: datetime) -> Auction:
    """The auction, locked against every other contender, after following its listing."""
    auction = db.session.scalar(
        select(Auction).where(Auction.id == auction_id).with_for_update().execution_options(populate_existing=True)
    )
    assert auction is not None
    listing = db.session.scalar(
        select(Listing)
        .where(Listing.id == auction.listing_id)
        .with_for_update(read=True)
        .execution_options(populate_existing=True)
    )
    assert listing is not None
    _follow(auction, listing, now=now)
    return auction


def _follow(auction: Auction, listing: Listing, *, now: datetime) -> None:
    """What was decided about the lot holds for its auction: a new timetable, or its end."""
    if auction.state is not AuctionState.SCHEDULED:
        return
    if listing.state in (State.WITHDRAWN, State.TERMINATED):
        auction.state = AuctionState(rules.AUCTION.next(auction.state, "cancel", rules.CLOCK))
        auction.closed_at = now
        audit.record("auction.cancelled", listing.subject, now=now, why=listing.reason)
        live.announce(topic(auction), queries.announcement(auction, code=""), now=now)
    elif listing.opens_at and listing.closes_at and auction.scheduled_end_at != listing.closes_at:
        auction.opens_at, auction.scheduled_end_at = listing.opens_at, listing.closes_at
        auction.ends_at = listing.closes_at
        live.announce(topic(auction), queries.announcement(auction, code=""), now=now)


def close_due(now: datetime, limit: int) -> int:
    """Record the result of every auction whose end has passed."""
    due = (
        select(Auction.id)
        .join(Listing, Listing.id == Auction.listing_id)
        .where(
            Auction.state == AuctionState.SCHEDULED, Auction.ends_at <= now - GRACE, Listing.state == State.PUBLISHED
        )
        .order_by(Auction.ends_at)
        .limit(limit)
    )
    done = 0
    for auction_id in db.session.scalars(due).all():
        done += int(close(auction_id, now=now))
        db.session.commit()
    return done


def close(auction_id: int, *, now: datetime) -> bool:
    """Record the result; an auction that is not over, or was recorded before, is left alone."""
    auction = _locked(auction_id, now=now)
    listing = auction.listing
    over = auction.state is AuctionState.SCHEDULED and listing.state is State.PUBLISHED and auction.ends_at <= now
    if not over:
        return False
    sold = FORMATS[auction.format].outcome(queries.standing(auction))
    auction.closed_at = now
    for registration in queries.unconfirmed(auction):
        registration.state = RegistrationState(rules.REGISTRATION.next(registration.state, "lapse", rules.CLOCK))
    if isinstance(sold, rules.Sold) and auction.leader is not None:
        auction.state = AuctionState(rules.AUCTION.next(auction.state, "sell", rules.CLOCK))
        winner = auction.leader
        listings.award(listing, sold.amount, closed_at=auction.ends_at, now=now)
        deals.strike(
            listing,
            buyer=winner.organisation,
            bidder_code=winner.code,
            price=sold.amount,
            deposit=Money(0 if winner.is_deposit_exempt else auction.deposit_minor),
            bidders=queries.bidder_count(auction),
            bids=auction.bid_count,
            struck_at=auction.ends_at,
            now=now,
        )
        tell(
            people(winner.organisation, Duty.OFFICER),
            "won",
            link="/deals",
            now=now,
            title=listing.title,
            price=sold.amount,
        )
    else:
        auction.state = AuctionState(rules.AUCTION.next(auction.state, "fail", rules.CLOCK))
        listings.fail(listing, reason="no_bids", closed_at=auction.ends_at, now=now)
        deals.record_outcome(
            listing, result="failed", reason="no_bids", bidders=queries.bidder_count(auction), bids=0, now=now
        )
        tell(
            people(listing.bank),
            "round_failed",
            link=f"/listings/{listing.ref}",
            now=now,
            title=listing.title,
            attempt=listing.attempt,
            is_last=listing.attempt >= policy.policy(listing.policy_version).rounds_max,
        )
    for loser in queries.losers(auction):
        tell(
            [loser.user],
            "lost",
            link=f"/lots/{listing.ref}",
            now=now,
            title=listing.title,
            price=auction.price or Money.zero(),
        )
    live.announce(topic(auction), queries.announcement(auction, code=""), now=now)
    return True

"""Reads of bidding. Until the close nothing here gives anybody but its owner the tie between a code and a name."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from marketplace.accounts import rules as parties
from marketplace.accounts.models import Organisation, User
from marketplace.auctions import rules
from marketplace.auctions.formats import FORMATS
from marketplace.auctions.models import Auction, Bid, Registration
from marketplace.auctions.rules import RegistrationState
from marketplace.core import policy
from marketplace.core.clock import shanghai_date
from marketplace.core.money import Money
from marketplace.core.roles import Duty, Role
from marketplace.database import db
from marketplace.deals.models import Deal
from marketplace.deals.rules import DealState
from marketplace.listings.models import Listing
from marketplace.listings.rules import State, stage


def of(listing: Listing) -> Auction | None:
    """The lot's auction, with its leader."""
    return db.session.scalar(
        select(Auction)
        .where(Auction.listing_id == listing.id)
        .options(joinedload(Auction.leader), joinedload(Auction.listing))
    )


def registration(auction: Auction, organisation: Organisation) -> Registration | None:
    return db.session.scalar(
        select(Registration).where(
            Registration.auction_id == auction.id,
            Registration.organisation_id == organisation.id,
            Registration.state != RegistrationState.WITHDRAWN,
        )
    )


def withdrawn(auction: Auction, organisation: Organisation) -> Registration | None:
    """An entry the organisation took back."""
    return db.session.scalar(
        select(Registration).where(
            Registration.auction_id == auction.id,
            Registration.organisation_id == organisation.id,
            Registration.state == RegistrationState.WITHDRAWN,
        )
    )


def own_registration(ref: str, viewer: User) -> Registration | None:
    """A registration by its reference, for its own organisation only."""
    return db.session.scalar(
        select(Registration).where(Registration.ref == ref, Registration.organisation_id == viewer.organisation_id)
    )


def entries_of(viewer: User) -> list[Registration]:
    """Everything the viewer's organisation has entered, newest first."""
    return list(
        db.session.scalars(
            select(Registration)
            .where(Registration.organisation_id == viewer.organisation_id)
            .options(joinedload(Registration.auction).joinedload(Auction.listing))
            .order_by(Registration.id.desc())
            .limit(200)
        )
    )


def terms(auction: Auction) -> rules.Terms:
    return rules.Terms(
        start=Money(auction.start_minor),
        increment=Money(auction.increment_minor),
        opens_at=auction.opens_at,
        scheduled_end_at=auction.scheduled_end_at,
        extension=timedelta(minutes=auction.extension_minutes),
        policy_version=auction.policy_version,
        contest=timedelta(hours=policy.policy(auction.policy_version).selloff_contest_hours),
    )


def standing(auction: Auction) -> rules.Standing | None:
    """The highest bid so far, as the rules see it."""
    if auction.price_minor is None or auction.leader is None:
        return None
    received = db.session.scalar(
        select(Bid.received_at).where(Bid.auction_id == auction.id).order_by(Bid.seq.desc()).limit(1)
    )
    assert received is not None
    return rules.Standing(
        amount=Money(auction.price_minor),
        bidder_id=auction.leader.id,
        priority_rank=auction.leader.priority_rank,
        received_at=received,
    )


def as_bidder(auction: Auction, entry: Registration | None, organisation: Organisation) -> rules.Bidder:
    return rules.Bidder(
        id=entry.id if entry else 0,
        is_confirmed=entry is not None and entry.state is RegistrationState.CONFIRMED,
        is_barred=organisation.blocked_at is not None,
        priority_rank=entry.priority_rank if entry else None,
    )


def bars(listing: Listing, organisation: Organisation, today: date) -> list[parties.Bar]:
    """Every reason this organisation may not enter the bidding for this lot today."""
    cases = {item.asset.case for item in listing.items if item.asset.case}
    assets = [item.asset for item in listing.items]
    lot = parties.LotParties(
        debtors=frozenset(case.debtor_uscc for case in cases),
        pledgors=frozenset(case.pledgor_uscc for case in cases),
        appraisers=frozenset(v.firm_uscc for asset in assets for v in asset.valuations if v.firm_uscc),
        defaulters=frozenset(_defaulters(listing)),
    )
    bidder = parties.PartyFacts(
        role=organisation.kind,
        uscc=organisation.uscc,
        has_standing=organisation.has_standing(today),
        is_overdue=organisation.is_overdue(today),
        is_blocked=organisation.blocked_at is not None,
        related=frozenset(related.uscc for related in organisation.related),
    )
    return parties.bars(bidder, lot)


def _defaulters(listing: Listing) -> set[str]:
    """Buyers who did not pay for an earlier round of the same lot."""
    found: set[str] = set()
    earlier = listing.previous
    while earlier is not None:
        found |= set(
            db.session.scalars(
                select(Organisation.uscc)
                .join(Deal, Deal.buyer_id == Organisation.id)
                .where(Deal.listing_id == earlier.id, Deal.state == DealState.DEFAULTED)
            )
        )
        earlier = earlier.previous
    return found


def is_pledgee(listing: Listing, organisation: Organisation) -> bool:
    """Whether the organisation holds a live pledge over the lot, and so may bid without a deposit."""
    return any(
        pledge.pledgee_id == organisation.id and pledge.cancelled_on is None
        for item in listing.items
        for pledge in item.asset.pledges
    )


def priority_rank(listing: Listing, organisation: Organisation) -> int | None:
    """The best rank at which the organisation may buy at an equal price, or None."""
    ranks = [
        holder.rank
        for item in listing.items
        for holder in item.asset.priority_holders
        if holder.uscc and holder.uscc == organisation.uscc
    ]
    return min(ranks, default=None)


def unconfirmed(auction: Auction) -> list[Registration]:
    return list(
        db.session.scalars(
            select(Registration).where(
                Registration.auction_id == auction.id, Registration.state == RegistrationState.APPLIED
            )
        )
    )


def would_admit(
    auction: Auction, entry: Registration, amount: Money, organisation: Organisation, now: datetime
) -> rules.Admission:
    """Decide a bid without placing it.

    :raises Refusal: whatever its format refuses
    """
    rules.check_running(auction.listing.state, auction.state, ended_at=auction.ends_at)
    bidder = as_bidder(auction, entry, organisation)
    return FORMATS[auction.format].admit(terms(auction), standing(auction), auction.ends_at, amount, bidder, now)


def bidder_count(auction: Auction) -> int:
    return (
        db.session.scalar(
            select(func.count(Registration.id)).where(
                Registration.auction_id == auction.id, Registration.state == RegistrationState.CONFIRMED
            )
        )
        or 0
    )


def losers(auction: Auction) -> list[Registration]:
    """Confirmed bidders who did not win."""
    query = select(Registration).where(
        Registration.auction_id == auction.id, Registration.state == RegistrationState.CONFIRMED
    )
    if auction.leader_id is not None:
        query = query.where(Registration.id != auction.leader_id)
    return list(db.session.scalars(query))


def bid_log(listing: Listing) -> list[dict[str, Any]]:
    """The bids as everybody may see them, newest first: codes, prices, times, seals; never names."""
    rows = db.session.execute(
        select(Bid, Registration.code)
        .join(Registration, Registration.id == Bid.registration_id)
        .join(Auction, Auction.id == Bid.auction_id)
        .where(Auction.listing_id == listing.id)
        .order_by(Bid.seq.desc())
    ).all()
    return [
        {
            "seq": bid.seq,
            "code": code,
            "amount": bid.amount,
            "received_at": bid.received_at,
            "ends_at": bid.ends_at,
            "hash": bid.hash,
            "is_leading": place == 0,
        }
        for place, (bid, code) in enumerate(rows)
    ]


def announcement(auction: Auction, *, code: str) -> dict[str, Any]:
    """What every open page of the lot is told; only what everybody may see."""
    return {
        "price_minor": auction.price_minor,
        "leader": code,
        "ends_at": auction.ends_at.isoformat(),
        "bid_count": auction.bid_count,
        "state": auction.state.value,
    }


def mark(auction: Auction) -> str:
    """What a page compares to know whether it shows the present."""
    price = "" if auction.price_minor is None else auction.price_minor
    return f"{price}|{auction.bid_count}|{auction.ends_at.isoformat()}|{auction.state.value}"


def current(auction: Auction, now: datetime) -> dict[str, Any]:
    """The announcement of this moment, with the server's clock, for a page that asks."""
    leader = auction.leader.code if auction.leader else ""
    return {**announcement(auction, code=leader), "server_now": now.isoformat()}


def panel(listing: Listing, viewer: User | None, now: datetime) -> dict[str, Any]:
    """Everything the bidding panel shows this viewer at this moment."""
    auction = of(listing)
    if auction is None:
        return _panel_before(listing, now)
    own = registration(auction, viewer.organisation) if viewer else None
    at = terms(auction)
    best = standing(auction)
    bidder = as_bidder(auction, own, viewer.organisation) if viewer and own else None
    may_enter = (
        viewer is not None
        and own is None
        and viewer.role not in (Role.PLATFORM, Role.REGULATOR)
        and now < auction.ends_at
        and listing.state is State.PUBLISHED
    )
    reasons = bars(listing, viewer.organisation, shanghai_date(now)) if viewer and may_enter else []
    return {
        "auction_id": auction.id,
        "mark": mark(auction),
        "stage": stage(listing.state, auction.opens_at, auction.ends_at, now),
        "price": auction.price or listing.start,
        "price_is_start": auction.price is None,
        "leader_code": auction.leader.code if auction.leader else "",
        "bid_count": auction.bid_count,
        "opens_at": auction.opens_at,
        "ends_at": auction.ends_at,
        "extensions": auction.extensions,
        "start": Money(auction.start_minor),
        "increment": Money(auction.increment_minor),
        "deposit": Money(auction.deposit_minor),
        "balance_due_days": listing.balance_due_days,
        "my_ref": own.ref if own else "",
        "my_code": own.code if own else "",
        "my_state": own.state if own else None,
        "is_leader": own is not None and own.id == auction.leader_id,
        "least": rules.least_bid(at, best, bidder) if bidder else None,
        "suggestions": rules.suggested_bids(at, best, bidder) if bidder else [],
        "can_register": may_enter and not reasons and viewer is not None and viewer.has(Duty.OFFICER),
        "bars": reasons,
    }


def _panel_before(listing: Listing, now: datetime) -> dict[str, Any]:
    """The panel of a lot whose books are not open yet, or that is not bid for."""
    return {
        "auction_id": None,
        "mark": "",
        "stage": stage(listing.state, listing.opens_at, listing.closes_at, now),
        "price": listing.final_price or listing.start,
        "price_is_start": listing.final_price is None,
        "leader_code": "",
        "bid_count": 0,
        "opens_at": listing.opens_at,
        "ends_at": listing.closes_at,
        "extensions": 0,
        "start": listing.start,
        "increment": listing.increment,
        "deposit": listing.deposit,
        "balance_due_days": listing.balance_due_days,
        "my_ref": "",
        "my_code": "",
        "my_state": None,
        "is_leader": False,
        "least": None,
        "suggestions": [],
        "can_register": False,
        "bars": [],
    }

"""Rows of the reports."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from marketplace import outbox
from marketplace.accounts.models import Organisation, User
from marketplace.accounts.queries import tenant_ids
from marketplace.assets.kinds import Kind
from marketplace.cases.models import Case
from marketplace.core.clock import shanghai_date
from marketplace.core.money import Money
from marketplace.core.roles import Role
from marketplace.database import db
from marketplace.deals.models import Outcome
from marketplace.listings.models import Listing
from marketplace.listings.routes import Form
from marketplace.listings.rules import State
from marketplace.reference import regions


def worker_beat() -> datetime | None:
    return outbox.last_beat()


def quarter(moment: datetime) -> str:
    day = shanghai_date(moment)
    return f"{day.year}Q{(day.month - 1) // 3 + 1}"


def _outcomes(viewer: User) -> Sequence[Outcome]:
    query = select(Outcome).options(joinedload(Outcome.listing).joinedload(Listing.bank)).order_by(Outcome.ended_at)
    if viewer.role is Role.BANK:
        query = query.where(Outcome.bank_id.in_(tenant_ids(viewer)))
    return db.session.scalars(query).all()


def _mean(values: list[int]) -> int | None:
    return round(sum(values) / len(values)) if values else None


def _grouped(viewer: User, key: Any) -> list[list[Any]]:
    """Ended lots by a key: count, sold, value, recovery, ratios and days."""
    groups: dict[Any, list[Outcome]] = {}
    for outcome in _outcomes(viewer):
        groups.setdefault(key(outcome), []).append(outcome)
    rows = []
    for name, outcomes in sorted(groups.items(), key=lambda pair: str(pair[0])):
        sold = [o for o in outcomes if o.result == "sold"]
        value = sum(o.price_minor or 0 for o in sold)
        reference = sum(o.reference_minor for o in sold)
        recovered = [o for o in sold if o.recovered_minor is not None]
        back, claim = sum(o.recovered_minor or 0 for o in recovered), sum(o.claim_minor for o in recovered)
        rows.append(
            [
                name, len(outcomes), len(sold), len(sold) * 10_000 // len(outcomes), Money(value),
                value * 10_000 // reference if reference else None, Money(back),
                back * 10_000 // claim if claim else None,
                _mean([o.days_to_settle for o in sold if o.days_to_settle is not None]),
                _mean([o.bidders for o in outcomes]),
            ]
        )  # fmt: skip
    return rows


def disposals(viewer: User) -> list[list[Any]]:
    return _grouped(viewer, lambda o: quarter(o.ended_at))


def by_kind(viewer: User) -> list[list[Any]]:
    return _grouped(viewer, lambda o: Kind(o.kind))


def by_bank(viewer: User) -> list[list[Any]]:
    return _grouped(viewer, lambda o: o.listing.bank.name)


def by_region(viewer: User) -> list[list[Any]]:
    return _grouped(viewer, lambda o: regions.name(regions.province_of(o.region_code)))


def outcomes(viewer: User) -> list[list[Any]]:
    """Every ended lot in a row."""
    return [
        [
            o.listing.ref, o.listing.title, o.listing.bank.name, Kind(o.kind), Form(o.form), o.attempt, o.result, o.reason,
            Money(o.reference_minor), Money(o.start_minor), None if o.price_minor is None else Money(o.price_minor),
            o.start_minor * 10_000 // o.reference_minor if o.reference_minor else None,
            o.price_minor * 10_000 // o.reference_minor if o.price_minor and o.reference_minor else None,
            None if o.recovered_minor is None else Money(o.recovered_minor), o.bidders, o.bids, o.days_to_notice,
            o.days_notice, o.days_bidding, o.days_to_settle, shanghai_date(o.ended_at),
        ]
        for o in _outcomes(viewer)
    ]  # fmt: skip


def portfolio(viewer: User) -> list[list[Any]]:
    """The bank's lots with claim, terms and what came of each."""
    lots = db.session.execute(
        select(Listing, Outcome, Organisation.name)
        .join(Organisation, Organisation.id == Listing.bank_id)
        .outerjoin(Outcome, Outcome.listing_id == Listing.id)
        .where(Listing.bank_id.in_(tenant_ids(viewer)))
        .order_by(Listing.id)
    )
    return [
        [
            listing.ref, listing.title, State(listing.state), listing.attempt, listing.reference, listing.start,
            listing.final_price, Money(o.recovered_minor) if o and o.recovered_minor is not None else None,
            shanghai_date(listing.closes_at) if listing.closes_at else None,
        ]
        for listing, o, _bank in lots
    ]  # fmt: skip


def claims(viewer: User) -> list[list[Any]]:
    """The bank's cases with what is owed."""
    rows = db.session.scalars(select(Case).where(Case.bank_id.in_(tenant_ids(viewer))).order_by(Case.id))
    return [
        [
            case.ref, case.loan_ref, case.debtor_name, case.five_tier, Money(case.principal_minor), Money(case.interest_minor),
            Money(case.costs_minor), case.claim, case.defaulted_on, case.limitation_expires_on,
        ]
        for case in rows
    ]  # fmt: skip

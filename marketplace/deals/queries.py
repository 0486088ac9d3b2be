"""Reads of deals: the bank that sells, the buyer, and operators."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from marketplace.accounts.models import User
from marketplace.accounts.queries import tenant_ids
from marketplace.assets.kinds import KINDS, Passing
from marketplace.core.clock import shanghai_date
from marketplace.core.errors import NotFound
from marketplace.core.roles import Role
from marketplace.database import db
from marketplace.deals.models import Deal, Outcome
from marketplace.deals.rules import DealState, MilestoneCode
from marketplace.listings.models import Listing
from marketplace.listings.search import WHOLE_LOT

WHOLE = (
    joinedload(Deal.listing).options(*WHOLE_LOT),
    joinedload(Deal.buyer),
    selectinload(Deal.milestones),
)


def visible(ref: str, viewer: User) -> Deal:
    """:raises NotFound: when there is none, or the viewer is no party to it"""
    deal = db.session.scalar(select(Deal).where(Deal.ref == ref).options(*WHOLE))
    if deal is None or not is_visible(deal, viewer):
        raise NotFound
    return deal


def is_visible(deal: Deal, viewer: User) -> bool:
    own = tenant_ids(viewer)
    return viewer.role is Role.PLATFORM or deal.buyer_id in own or deal.listing.bank_id in own


def of_viewer(viewer: User, states: tuple[DealState, ...] = ()) -> list[Deal]:
    """The deals a viewer is a party to (operators: all), newest first."""
    query = select(Deal).join(Listing, Listing.id == Deal.listing_id)
    if viewer.role is not Role.PLATFORM:
        own = tenant_ids(viewer)
        query = query.where(Deal.buyer_id.in_(own) | Listing.bank_id.in_(own))
    if states:
        query = query.where(Deal.state.in_(states))
    query = query.options(
        joinedload(Deal.listing).joinedload(Listing.bank), joinedload(Deal.buyer), selectinload(Deal.milestones)
    )
    return list(db.session.scalars(query.order_by(Deal.id.desc()).limit(300)))


def of_listing(listing: Listing) -> Deal | None:
    return db.session.scalar(
        select(Deal).where(Deal.listing_id == listing.id).options(joinedload(Deal.buyer), selectinload(Deal.milestones))
    )


def outcome_of(listing: Listing) -> Outcome | None:
    return db.session.scalar(select(Outcome).where(Outcome.listing_id == listing.id))


def title_on(deal: Deal) -> date | None:
    """The day the right became the buyer's: recorded or announced in the register, or by the contract itself."""
    if all(KINDS[item.asset.kind].passing is Passing.CONTRACT for item in deal.listing.items):
        return shanghai_date(deal.struck_at)
    return next((m.met_on for m in deal.milestones if m.code is MilestoneCode.ASSIGNMENT_RECORDED), None)

"""Who may see a paper: asked of whoever owns its subject."""

from typing import Any

from marketplace.accounts.models import User
from marketplace.accounts.queries import tenant_ids
from marketplace.assets import queries as assets
from marketplace.assets.models import Asset
from marketplace.cases import queries as cases
from marketplace.cases.models import Case
from marketplace.core.roles import Role
from marketplace.database import db
from marketplace.deals import queries as deals
from marketplace.deals.models import Deal
from marketplace.listings import queries as listings
from marketplace.listings.models import Listing, ListingItem
from marketplace.papers.models import Paper
from marketplace.payments import queries as payments
from marketplace.payments.models import PaymentOrder


def _id(paper: Paper) -> int:
    return int(paper.subject.partition(":")[2])


def organisation(paper: Paper, viewer: User | None) -> bool:
    """Its own people and operators: identity papers go to nobody else."""
    return viewer is not None and (viewer.role is Role.PLATFORM or _id(paper) in tenant_ids(viewer))


def _is_opened(paper: Paper, *where: Any) -> bool:
    """Whether the bank opened the paper and a public lot shows what it belongs to."""
    if not paper.is_public:
        return False
    lots = db.session.query(Listing).join(ListingItem).join(Asset).filter(*where).distinct()
    return any(listings.is_public(lot) for lot in lots)


def case(paper: Paper, viewer: User | None) -> bool:
    row = db.session.get_one(Case, _id(paper))
    return (viewer is not None and cases.is_visible(row, viewer)) or _is_opened(paper, Asset.case_id == row.id)


def asset(paper: Paper, viewer: User | None) -> bool:
    row = db.session.get_one(Asset, _id(paper))
    return (viewer is not None and assets.is_visible(row, viewer)) or _is_opened(paper, Asset.id == row.id)


def listing(paper: Paper, viewer: User | None) -> bool:
    row = db.session.get_one(Listing, _id(paper))
    is_open = paper.is_public and listings.is_public(row)
    return is_open or (viewer is not None and listings.is_visible(row, viewer))


def deal(paper: Paper, viewer: User | None) -> bool:
    return viewer is not None and deals.is_visible(db.session.get_one(Deal, _id(paper)), viewer)


def payment(paper: Paper, viewer: User | None) -> bool:
    return viewer is not None and payments.is_visible(db.session.get_one(PaymentOrder, _id(paper)), viewer)


SIGHTS = {
    "organisation": organisation,
    "case": case,
    "asset": asset,
    "listing": listing,
    "deal": deal,
    "payment": payment,
}

"""Reads of rights: a bank sees its own portfolio; operators see what is put before them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from marketplace.accounts.models import User
from marketplace.accounts.queries import tenant_ids
from marketplace.assets import rules, valuation
from marketplace.assets.kinds import KINDS, Kind, Passing, Term
from marketplace.assets.models import Asset, Pledge
from marketplace.cases.models import Case
from marketplace.cases.rules import LegalBasis
from marketplace.core import policy
from marketplace.core.errors import NotFound
from marketplace.core.pricing import valuation_state
from marketplace.core.roles import Role
from marketplace.database import db
from marketplace.papers import queries as papers
from marketplace.papers.models import Paper
from marketplace.papers.rules import PaperKind

PER_PAGE = 50
WHOLE = (
    joinedload(Asset.case),
    selectinload(Asset.classes),
    selectinload(Asset.co_owners),
    selectinload(Asset.encumbrances),
    selectinload(Asset.pledges),
    selectinload(Asset.valuations),
    selectinload(Asset.priority_holders),
)
"""Loader options for everything the checks look at."""


def visible(ref: str, viewer: User) -> Asset:
    """:raises NotFound: when there is none, or it is another bank's"""
    asset = db.session.scalar(select(Asset).where(Asset.ref == ref).options(*WHOLE))
    if asset is None or not is_visible(asset, viewer):
        raise NotFound
    return asset


def is_visible(asset: Asset, viewer: User) -> bool:
    return viewer.role is Role.PLATFORM or (viewer.role is Role.BANK and asset.bank_id in tenant_ids(viewer))


@dataclass(frozen=True)
class Filters:
    """What the portfolio is narrowed to."""

    words: str = ""
    kind: Kind | None = None
    case_ref: str = ""


def portfolio(viewer: User, filters: Filters, page: int) -> tuple[list[Asset], int]:
    """One page of the viewer's rights, newest first, and how many there are."""
    query = select(Asset).where(Asset.bank_id.in_(tenant_ids(viewer)))
    if filters.words:
        like = f"%{filters.words.strip()}%"
        query = query.where(Asset.title.ilike(like) | Asset.number.ilike(like) | Asset.holder.ilike(like))
    if filters.kind:
        query = query.where(Asset.kind == filters.kind)
    if filters.case_ref:
        query = query.join(Case).where(Case.ref == filters.case_ref)
    whole = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = db.session.scalars(
        query.options(joinedload(Asset.case), selectinload(Asset.valuations))
        .order_by(Asset.id.desc())
        .limit(PER_PAGE)
        .offset((page - 1) * PER_PAGE)
    )
    return list(rows), whole


def kind_counts(viewer: User) -> list[tuple[Kind, int]]:
    rows = db.session.execute(
        select(Asset.kind, func.count()).where(Asset.bank_id.in_(tenant_ids(viewer))).group_by(Asset.kind)
    )
    return sorted(((kind, count) for kind, count in rows), key=lambda row: -row[1])


def of_case(case: Case) -> list[Asset]:
    return list(db.session.scalars(select(Asset).where(Asset.case_id == case.id).options(*WHOLE).order_by(Asset.id)))


def known_numbers(bank_id: int, numbers: Iterable[str]) -> dict[tuple[str, str], str]:
    """Which of some numbers the bank has already: (kind, number) to the right's reference."""
    rows = db.session.execute(
        select(Asset.kind, Asset.number, Asset.ref).where(Asset.bank_id == bank_id, Asset.number.in_(list(numbers)))
    )
    return {(kind.value, number): ref for kind, number, ref in rows}


def right(asset: Asset) -> valuation.Right:
    """The dates the right's life is computed from."""
    is_registered = KINDS[asset.kind].term is Term.RENEWABLE
    return valuation.Right(
        kind=asset.kind,
        filed_on=asset.filed_on,
        granted_on=asset.granted_on,
        registered_on=asset.registered_on or (asset.granted_on if is_registered else None),
        first_published_on=asset.first_published_on,
        completed_on=asset.completed_on,
        first_used_on=asset.first_used_on,
        author_died_on=asset.author_died_on,
        term_adjust_days=asset.term_adjust_days,
        fee_paid_through_year=asset.fee_paid_through_year,
        renewed_until=asset.renewed_until,
        classes=len([c for c in asset.classes if c.scheme == "nice"]) or 1,
    )


@dataclass(frozen=True)
class Life:
    """What is computed of a right for a day."""

    until: date | None
    due: valuation.Due | None
    months: int | None
    passing: Passing


def life(asset: Asset, today: date) -> Life:
    dates = right(asset)
    return Life(
        valuation.in_force_until(dates),
        valuation.next_due(dates, today),
        valuation.remaining_months(dates, today),
        KINDS[asset.kind].passing,
    )


def facts(asset: Asset, kept: Iterable[Paper], today: date, *, noticed_on: date | None = None) -> rules.AssetFacts:
    """What the right's checks look at."""
    case, best = asset.case, asset.reference
    terms = policy.policy_for(case.regime if case else policy.Regime.OTC, today)
    needs_no_pledge = case is not None and case.legal_basis is LegalBasis.BANK_OWNED
    return rules.AssetFacts(
        right=right(asset),
        status=asset.status,
        burdens=tuple(rules.Burden(e.kind, e.party, e.from_on, e.until_on, e.lifted_on) for e in asset.encumbrances),
        pledges=tuple(rules.PledgeFacts(p.rank, p.registered_on, p.expires_on, p.cancelled_on) for p in asset.pledges),
        needs_pledge=not needs_no_pledge,
        coowners_without_consent=sum(owner.consented_on is None for owner in asset.co_owners),
        is_mark_family_complete=asset.is_mark_family_complete,
        is_secret=asset.is_secret,
        is_export_controlled=asset.is_export_controlled,
        is_service_invention=asset.is_service_invention,
        are_completers_notified=_are_completers_notified(asset),
        valuation=valuation_state(terms, best.valid_until, noticed_on=noticed_on, on=today) if best else None,
        has_evaluation_report=any(paper.kind == PaperKind.EVALUATION_REPORT for paper in kept),
        remaining_term_warn_months=terms.remaining_term_warn_months,
    )


def _are_completers_notified(asset: Asset) -> bool:
    told = [holder.notified_on for holder in asset.priority_holders if holder.basis == rules.COMPLETER_PRIORITY]
    return bool(told) and all(told)


def findings(
    asset: Asset, today: date, *, kept: list[Paper] | None = None, notices: Iterable[date] = ()
) -> list[rules.Finding]:
    """Everything that stands against disposing of the right today.

    :param notices: the days on which lots with the right were announced; one inside the reference price's validity
        lets the sale go on for a while after it ends
    """
    held = papers.of(asset.subject) if kept is None else kept
    base_on = asset.reference.base_on if asset.reference else None
    noticed_on = min((day for day in notices if base_on is not None and day >= base_on), default=None)
    return rules.findings(facts(asset, held, today, noticed_on=noticed_on), today)


def live_pledges(assets: Iterable[Asset], today: date) -> list[Pledge]:
    """The live pledges over some rights, each registration once, by rank."""
    seen: dict[str, Pledge] = {}
    for asset in assets:
        for pledge in asset.pledges:
            is_over = pledge.cancelled_on is not None or (pledge.expires_on is not None and pledge.expires_on < today)
            if not is_over:
                seen.setdefault(pledge.registration_no, pledge)
    return sorted(seen.values(), key=lambda pledge: (pledge.rank, pledge.registered_on))

"""Reads of cases: a bank sees its own and its branches'; nobody else sees any."""

from collections.abc import Iterable

from sqlalchemy import func, select

from marketplace.accounts.models import User
from marketplace.accounts.queries import tenant_ids
from marketplace.cases.models import Case
from marketplace.cases.rules import CaseFacts
from marketplace.core.errors import NotFound
from marketplace.core.roles import Role
from marketplace.database import db
from marketplace.papers import queries as papers
from marketplace.papers.models import Paper
from marketplace.papers.rules import PaperKind

PER_PAGE = 50


def visible(ref: str, viewer: User) -> Case:
    """:raises NotFound: when there is none, or it is another bank's"""
    case = db.session.scalar(select(Case).where(Case.ref == ref))
    if case is None or not is_visible(case, viewer):
        raise NotFound
    return case


def is_visible(case: Case, viewer: User) -> bool:
    return viewer.role is Role.PLATFORM or (viewer.role is Role.BANK and case.bank_id in tenant_ids(viewer))


def portfolio(viewer: User, words: str, page: int) -> tuple[list[Case], int]:
    """One page of the viewer's cases, newest first, and how many there are."""
    query = select(Case).where(Case.bank_id.in_(tenant_ids(viewer)))
    if words:
        like = f"%{words.strip()}%"
        query = query.where(Case.loan_ref.ilike(like) | Case.debtor_name.ilike(like) | Case.ref.ilike(like))
    whole = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = db.session.scalars(query.order_by(Case.id.desc()).limit(PER_PAGE).offset((page - 1) * PER_PAGE))
    return list(rows), whole


def choices(viewer: User) -> list[tuple[str, str]]:
    rows = db.session.execute(
        select(Case.ref, Case.loan_ref, Case.debtor_name)
        .where(Case.bank_id.in_(tenant_ids(viewer)))
        .order_by(Case.id.desc())
        .limit(500)
    )
    return [(ref, f"{loan} · {debtor}") for ref, loan, debtor in rows]


def by_loan(bank_id: int, loan_refs: Iterable[str]) -> dict[str, Case]:
    found = db.session.scalars(select(Case).where(Case.bank_id == bank_id, Case.loan_ref.in_(list(loan_refs))))
    return {case.loan_ref: case for case in found}


def facts(case: Case, kept: Iterable[Paper] | None = None) -> CaseFacts:
    """What the case's checks look at."""
    held = papers.of(case.subject) if kept is None else kept
    return CaseFacts(
        basis=case.legal_basis,
        regime=case.regime,
        papers=frozenset(PaperKind(paper.kind) for paper in held),
        due_on=case.due_on,
        limitation_expires_on=case.limitation_expires_on,
        forfeiture_clause_on=case.forfeiture_clause_on if case.has_forfeiture_clause else None,
        is_pledgor_bankrupt=case.is_pledgor_bankrupt,
        is_pledgor_state_owned=case.is_pledgor_state_owned,
        is_state_sale_approved=case.is_state_sale_approved,
        is_repaid=case.repaid_at is not None,
    )

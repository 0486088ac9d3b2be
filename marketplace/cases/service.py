"""Every write of a case."""

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import select

from marketplace import audit
from marketplace.accounts.models import Organisation, User
from marketplace.cases.models import Case
from marketplace.cases.rules import limitation_after
from marketplace.core.errors import N_, Refusal
from marketplace.database import db


class LoanKnown(Refusal):
    field = "loan_ref"
    text = N_("贷款编号“{loan_ref}”已有案件（{ref}），请在该案件上修改。")


class AlreadyRepaid(Refusal):
    text = N_("该案件已登记清偿，不能再修改。")


def open_case(bank: Organisation, values: dict[str, Any], *, by: User, now: datetime) -> Case:
    """Open a case for a defaulted loan.

    :param values: the columns of :class:`Case` a person fills, amounts as ``*_minor``
    :raises LoanKnown: when the bank has a case of that loan
    """
    known = db.session.scalar(select(Case).where(Case.bank_id == bank.id, Case.loan_ref == values["loan_ref"]))
    if known is not None:
        raise LoanKnown(loan_ref=known.loan_ref, ref=known.ref)
    case = Case(ref=f"C{secrets.token_hex(4).upper()}", bank_id=bank.id, created_by_id=by.id, created_at=now)
    _fill(case, values)
    db.session.add(case)
    db.session.flush()
    audit.record("case.opened", case.subject, by=by, now=now)
    return case


def change(case: Case, values: dict[str, Any], *, by: User, now: datetime) -> None:
    """:raises AlreadyRepaid: once the debtor has paid"""
    if case.repaid_at is not None:
        raise AlreadyRepaid
    _fill(case, values)
    audit.record("case.changed", case.subject, by=by, now=now)


def _fill(case: Case, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(case, name, value)
    if case.limitation_expires_on is None:
        case.limitation_expires_on = limitation_after(case.due_on or case.defaulted_on)
    if not case.has_forfeiture_clause:
        case.forfeiture_clause_on = None


def mark_repaid(case: Case, *, by: User, now: datetime) -> None:
    """Record that the debtor paid in full; recording it twice changes nothing."""
    if case.repaid_at is None:
        case.repaid_at = now
        audit.record("case.repaid", case.subject, by=by, now=now)

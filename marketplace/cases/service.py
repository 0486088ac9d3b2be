"""Every write of a case."""

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import select

from marketplace import audit
from marketplace.accounts.models import Organisation, User
from marketplace.cases.models import Case
from marketplace.cases.rules import limitation_after
from marketplace.core.calendar import refuse_future
from marketplace.core.clock import shanghai_date
from marketplace.core.errors import N_, Refusal, Several
from marketplace.database import db


class LoanKnown(Refusal):
    field = "loan_ref"
    text = N_("贷款编号“{loan_ref}”已有案件（{ref}），请在该案件上修改。")


class HeldByLot(Refusal):
    text = N_("该案件有标的已提交复核、公告或成交，此项不能修改；须先撤回标的。")


class AlreadyRepaid(Refusal):
    text = N_("该案件已登记清偿，不能再修改。")


def open_case(bank: Organisation, values: dict[str, Any], *, by: User, now: datetime) -> Case:
    """Open a case for a defaulted loan.

    :param values: the columns of :class:`Case` a person fills, amounts as ``*_minor``
    :raises LoanKnown: when the bank has a case of that loan
    :raises Several: for a loan or default to come
    """
    known = db.session.scalar(select(Case).where(Case.bank_id == bank.id, Case.loan_ref == values["loan_ref"]))
    if known is not None:
        raise LoanKnown(loan_ref=known.loan_ref, ref=known.ref)
    case = Case(ref=f"C{secrets.token_hex(4).upper()}", bank_id=bank.id, created_by_id=by.id, created_at=now)
    _check(values, now)
    _fill(case, values)
    db.session.add(case)
    db.session.flush()
    audit.record("case.opened", case.subject, by=by, now=now)
    return case


def change(case: Case, values: dict[str, Any], *, by: User, now: datetime) -> None:
    """Correct what is known of a loan; its amounts and dates may be brought up to date at any time.

    :raises AlreadyRepaid: once the debtor has paid
    :raises HeldByLot: field by field, for what a lot that was handed in rests on
    :raises Several: for a default to come
    """
    if case.repaid_at is not None:
        raise AlreadyRepaid
    held = [name for name in RESTED_ON if values.get(name) != getattr(case, name)] if case.held_at else []
    if held:
        raise Several([HeldByLot(field=name) for name in held])
    _check(values, now)
    _fill(case, values)
    audit.record("case.changed", case.subject, by=by, now=now)


RESTED_ON = (
    "loan_ref", "debtor_name", "debtor_uscc", "pledgor_name", "pledgor_uscc", "is_pledgor_state_owned", "region_code",
    "legal_basis", "regime",
)  # fmt: skip
"""Who may not bid, on what basis and under which rules the lot is sold follow from these."""


def hold(case: Case, since: datetime | None) -> None:
    """Keep what a lot rests on as it was reviewed, or (None) let it be changed again."""
    case.held_at = since


def _check(values: dict[str, Any], now: datetime) -> None:
    refuse_future(shanghai_date(now), **{name: values.get(name) for name in ("lent_on", "defaulted_on")})


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

"""Every write of a right: its details, burdens, pledges, valuations and consents."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from marketplace import audit
from marketplace.accounts.models import Organisation, User
from marketplace.assets import rules
from marketplace.assets.kinds import KINDS, Kind
from marketplace.assets.models import Asset, AssetClass, CoOwner, Encumbrance, Pledge, PriorityHolder, Valuation
from marketplace.assets.rules import EncumbranceKind
from marketplace.assets.valuation import Method
from marketplace.cases.models import Case
from marketplace.core import policy
from marketplace.core.calendar import refuse_future
from marketplace.core.clock import shanghai_date
from marketplace.core.errors import N_, NotFound, Refusal, Several
from marketplace.core.money import Money
from marketplace.core.pricing import valuation_valid_until
from marketplace.database import db


class RightKnown(Refusal):
    field = "number"
    text = N_("该权利已在贵行资产库中（{ref}）。")


class RankTaken(Refusal):
    field = "rank"
    text = N_("第 {rank} 顺位已有质押登记。")


class OtherBanksCase(Refusal):
    field = "case_ref"
    text = N_("该案件不属于贵行。")


@dataclass(frozen=True)
class NewRight:
    """A right as it comes in; ``dates`` by column name."""

    kind: Kind
    number: str
    title: str
    abstract: str = ""
    holder: str = ""
    dates: dict[str, date] = field(default_factory=dict)
    fee_paid_through_year: int | None = None
    classes: tuple[tuple[str, str], ...] = ()
    """(scheme, code), the main one first."""
    co_owners: tuple[str, ...] = ()
    valuation: Money | None = None
    valuation_base_on: date | None = None


def take_in(bank: Organisation, new: NewRight, case: Case | None, *, by: User | None, now: datetime) -> Asset:
    """Put a right into a bank's portfolio.

    :raises RightKnown: when the bank has it
    :raises OtherBanksCase: when the case is another bank's
    :raises Several: with everything its number and days contradict
    """
    _check(new.kind, new.number, new.dates, shanghai_date(now))
    if case is not None and case.bank_id != bank.id:
        raise OtherBanksCase
    known = db.session.scalar(
        select(Asset.ref).where(Asset.bank_id == bank.id, Asset.kind == new.kind, Asset.number == new.number)
    )
    if known is not None:
        raise RightKnown(ref=known)
    asset = Asset(
        ref=f"{KINDS[new.kind].prefix}{secrets.token_hex(4).upper()}",
        bank_id=bank.id,
        case_id=case.id if case else None,
        kind=new.kind,
        number=new.number,
        title=new.title,
        abstract=new.abstract,
        holder=new.holder,
        fee_paid_through_year=new.fee_paid_through_year,
        region_code=case.region_code if case else bank.region_code,
        created_at=now,
        **new.dates,
    )
    asset.classes = [AssetClass(scheme=scheme, code=code) for scheme, code in new.classes]
    asset.co_owners = [CoOwner(name=name) for name in new.co_owners]
    if new.valuation is not None and new.valuation_base_on is not None:
        asset.valuations = [_valuation(Method.RELIEF_FROM_ROYALTY, new.valuation, new.valuation_base_on, now=now)]
        asset.valuations[0].is_reference = True
    db.session.add(asset)
    db.session.flush()
    audit.record("asset.taken_in", asset.subject, by=by, now=now, kind=new.kind, number=new.number)
    return asset


def _check(kind: Kind, number: str, days: Mapping[str, date | None], today: date) -> None:
    wrong = rules.wrong_days(days, today)
    actual = rules.number_kind(kind, number)
    if actual is not kind:
        wrong.append(rules.KindMismatch(actual=actual, given=kind))
    if wrong:
        raise Several(wrong)


def _valuation(method: Method, amount: Money, base_on: date, *, now: datetime, **rest: Any) -> Valuation:
    terms = policy.policy_for(policy.Regime.OTC, now.date())
    return Valuation(
        method=method, amount_minor=amount.minor, base_on=base_on, valid_until=valuation_valid_until(terms, base_on),
        created_at=now, **rest,
    )  # fmt: skip


def change(asset: Asset, values: dict[str, Any], case: Case | None, *, by: User, now: datetime) -> None:
    """Correct what is known of a right.

    :param values: columns by name, and ``classes`` and ``co_owners`` as in :class:`NewRight`
    :raises OtherBanksCase: when the case is another bank's
    :raises HeldByLot: for what a lot that was handed in rests on
    :raises Several: with everything its number and days contradict
    """
    if case is not None and case.bank_id != asset.bank_id:
        raise OtherBanksCase
    values = values | {"case_id": case.id if case else None}
    changed = sorted(name for name, value in values.items() if value != _known(asset, name))
    held = [name for name in changed if name not in rules.MOVES_WITH_TIME] if asset.held_at else []
    if held:
        raise Several([rules.HeldByLot(field=FIELDS.get(name, name)) for name in held])
    days = {name: value for name, value in values.items() if name.endswith("_on")}
    _check(asset.kind, asset.number, days, shanghai_date(now))
    for name in changed:
        if name == "classes":
            asset.classes = []
            db.session.flush()
            asset.classes = [AssetClass(scheme=scheme, code=code) for scheme, code in values[name]]
        elif name == "co_owners":
            known = {owner.name: owner for owner in asset.co_owners}
            asset.co_owners = [known.get(owner) or CoOwner(name=owner) for owner in values[name]]
        else:
            setattr(asset, name, values[name])
    audit.record("asset.changed", asset.subject, by=by, now=now, columns=",".join(changed))


FIELDS = {"case_id": "case_ref"}
"""Columns people know by another name."""


def _known(asset: Asset, name: str) -> Any:
    if name == "classes":
        return tuple((row.scheme, row.code) for row in asset.classes)
    if name == "co_owners":
        return tuple(owner.name for owner in asset.co_owners)
    return getattr(asset, name)


def hold(asset: Asset, since: datetime | None) -> None:
    """Keep what is said of a right as it was reviewed, or (None) let it be changed again."""
    asset.held_at = since


def add_valuation(
    asset: Asset, *, method: Method, amount: Money, base_on: date, firm_name: str, firm_uscc: str, signers: list[str],
    report_no: str, is_reference: bool, by: User, now: datetime,
) -> Valuation:  # fmt: skip
    """Record a valuation; the first one, or one that is asked to, becomes the reference price.

    :raises Several: for a base date to come
    :raises HeldByLot: when it is to become the reference of a right whose lot was handed in
    """
    refuse_future(shanghai_date(now), base_on=base_on)
    first = not asset.valuations
    row = _valuation(
        method, amount, base_on, now=now, firm_name=firm_name, firm_uscc=firm_uscc, signers=signers,
        report_no=report_no,
    )  # fmt: skip
    asset.valuations.append(row)
    db.session.flush()
    audit.record("asset.valued", asset.subject, by=by, now=now, amount=amount, base_on=base_on)
    if first or is_reference:
        make_reference(asset, row.id, by=by, now=now)
    return row


def make_reference(asset: Asset, valuation_id: int, *, by: User, now: datetime) -> None:
    """Make one valuation the reference price, and no other.

    :raises NotFound: when the right has no such valuation
    :raises HeldByLot: while a lot that was handed in rests on the reference
    """
    if asset.held_at is not None:
        raise rules.HeldByLot(field="is_reference")
    chosen = next((v for v in asset.valuations if v.id == valuation_id), None)
    if chosen is None:
        raise NotFound
    for row in asset.valuations:
        row.is_reference = False
    db.session.flush()
    chosen.is_reference = True
    audit.record("asset.reference_chosen", asset.subject, by=by, now=now, amount=chosen.amount)


def add_pledge(asset: Asset, values: dict[str, Any], *, by: User, now: datetime) -> Pledge:
    """Record a registered pledge.

    :raises RankTaken: when a live pledge holds the rank
    :raises Several: for a registration to come
    """
    refuse_future(shanghai_date(now), registered_on=values["registered_on"])
    if any(p.rank == values["rank"] and p.cancelled_on is None for p in asset.pledges):
        raise RankTaken(rank=values["rank"])
    pledge = Pledge(**values)
    asset.pledges.append(pledge)
    db.session.flush()
    audit.record("asset.pledge_recorded", asset.subject, by=by, now=now, rank=pledge.rank)
    return pledge


def cancel_pledge(asset: Asset, pledge_id: int, on: date, *, by: User, now: datetime) -> None:
    """:raises NotFound: when the right has no such pledge
    :raises Several: for a day to come
    """
    refuse_future(shanghai_date(now), on=on)
    pledge = next((p for p in asset.pledges if p.id == pledge_id), None)
    if pledge is None:
        raise NotFound
    pledge.cancelled_on = on
    audit.record("asset.pledge_cancelled", asset.subject, by=by, now=now, rank=pledge.rank, on=on)


def add_encumbrance(
    asset: Asset, *, kind: EncumbranceKind, party: str, document_no: str, from_on: date | None, until_on: date | None,
    note: str, by: User, now: datetime,
) -> None:  # fmt: skip
    """Record a licence, freeze, dispute or attack, with the order's own dates."""
    asset.encumbrances.append(
        Encumbrance(kind=kind, party=party, document_no=document_no, from_on=from_on, until_on=until_on, note=note)
    )
    audit.record("asset.encumbered", asset.subject, by=by, now=now, kind=kind)


def lift(asset: Asset, encumbrance_id: int, on: date, *, by: User, now: datetime) -> None:
    """:raises NotFound: when the right has no such encumbrance
    :raises Several: for a day to come
    """
    refuse_future(shanghai_date(now), on=on)
    burden = next((e for e in asset.encumbrances if e.id == encumbrance_id), None)
    if burden is None:
        raise NotFound
    burden.lifted_on = on
    audit.record("asset.encumbrance_lifted", asset.subject, by=by, now=now, kind=burden.kind)


def record_consent(asset: Asset, co_owner_id: int, on: date, *, by: User, now: datetime) -> None:
    """A co-owner agreed in writing.

    :raises NotFound: when the right has no such co-owner
    :raises Several: for a day to come
    """
    refuse_future(shanghai_date(now), on=on)
    owner = next((o for o in asset.co_owners if o.id == co_owner_id), None)
    if owner is None:
        raise NotFound
    owner.consented_on = on
    audit.record("asset.coowner_consented", asset.subject, by=by, now=now, on=on)


def add_priority_holder(
    asset: Asset, *, name: str, uscc: str, basis: str, rank: int, notified_on: date | None, by: User, now: datetime
) -> None:
    """Record somebody who may buy at an equal price, and when they were told.

    :raises Several: for a notice to come
    """
    refuse_future(shanghai_date(now), notified_on=notified_on)
    asset.priority_holders.append(PriorityHolder(name=name, uscc=uscc, basis=basis, rank=rank, notified_on=notified_on))
    audit.record("asset.priority_recorded", asset.subject, by=by, now=now, basis=basis)

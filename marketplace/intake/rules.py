"""The verdict on a row: what is wrong, in which cell, what would be right, and what was normalised.

Only kind, number and title are always required; what a kind is missing beyond that is said as a warning, since the
right exists all the same. Example: ``发明专利, ZL202010288867.8, 一种电池`` is refused in the number's cell: the
check digit should be 7.
"""

from dataclasses import dataclass
from dataclasses import field as one
from datetime import date
from enum import StrEnum
from typing import Any

from marketplace.assets.kinds import CLASS_READERS, KINDS, PATENTS, Kind, Term, kind_named
from marketplace.assets.rules import GrantedBeforeFiled, KindMismatch, number_kind
from marketplace.assets.valuation import Right, in_force_until, next_due
from marketplace.core import identifiers
from marketplace.core.calendar import InFuture
from marketplace.core.errors import N_, Refusal
from marketplace.core.money import Money
from marketplace.core.states import LifeCycle, Move
from marketplace.intake.columns import REQUIRED, parse_amount, parse_date, split_list, squeezed


class BatchState(StrEnum):
    CHECKING = "checking"
    CHECKED = "checked"
    IMPORTING = "importing"
    IMPORTED = "imported"
    DISCARDED = "discarded"
    UNREADABLE = "unreadable"


OFFICER, CLOCK = "officer", "clock"

LIFE_CYCLE = LifeCycle(
    "import batch",
    #    from                  action     to                     by
    Move(BatchState.CHECKING,  "check",   BatchState.CHECKED,    CLOCK),
    Move(BatchState.CHECKING,  "give_up", BatchState.UNREADABLE, CLOCK),
    Move(BatchState.CHECKING,  "discard", BatchState.DISCARDED,  OFFICER),
    Move(BatchState.CHECKED,   "accept",  BatchState.IMPORTING,  OFFICER),
    Move(BatchState.CHECKED,   "discard", BatchState.DISCARDED,  OFFICER),
    Move(BatchState.IMPORTING, "finish",  BatchState.IMPORTED,   CLOCK),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Issue:
    """Something about one cell; ``text`` is a message id with named places for ``facts``."""

    field: str
    code: str
    text: str
    facts: dict[str, str] = one(default_factory=dict)

    @property
    def message(self) -> str:
        return self.text.format(**self.facts)


TEXTS = {
    "missing": N_("必填项为空。"),
    "unknown_kind": N_("“{given}”不是可识别的权利类型，例如：发明专利、注册商标、invention、trademark。"),
    "kind_mismatch": KindMismatch.text,
    "too_long": N_("内容过长：不得超过 {greatest} 个字符。"),
    "future": InFuture.text,
    "order": GrantedBeforeFiled.text,
    "year_differs": N_("申请日年份与号码年份不同（分案或国际申请可能如此），请核对。"),
    "date_missing": N_("未填写，无法计算保护期。"),
    "class_missing": N_("未填写分类，标的将难以被检索到。"),
    "bad_class": N_("分类“{given}”不符合 {scheme} 格式。"),
    "unknown_class": N_("分类“{given}”不在现行分类表中，可能属于旧版。"),
    "expired": N_("保护期已于 {until} 届满。"),
    "base_missing": N_("填写了评估值但没有评估基准日，评估不会被记录。"),
    "duplicate_in_file": N_("与第 {row} 行重复。"),
    "duplicate_in_portfolio": N_("该权利已在贵行资产库中（{ref}）。"),
    "unknown_loan": N_("未找到贷款编号“{given}”，导入后资产暂不归入案件。"),
    "bad_year": N_("年费年度应为 1 至 20 的整数。"),
}


@dataclass(slots=True)
class Verdict:
    """What is thought of a row; a row with errors is not imported."""

    row: int
    kind: Kind | None = None
    number: str = ""
    title: str = ""
    in_force_until: date | None = None
    next_due_on: date | None = None
    errors: list[Issue] = one(default_factory=list)
    warnings: list[Issue] = one(default_factory=list)
    normalised: list[tuple[str, str, str]] = one(default_factory=list)
    values: dict[str, Any] = one(default_factory=dict)
    """What will be kept: dates, lists and :class:`Money` by column."""

    @property
    def ok(self) -> bool:
        return not self.errors

    def error(self, field_: str, code: str, **facts: str) -> None:
        self.errors.append(Issue(field_, code, TEXTS[code], facts))

    def warn(self, field_: str, code: str, **facts: str) -> None:
        self.warnings.append(Issue(field_, code, TEXTS[code], facts))

    def refuse(self, field_: str, refusal: Refusal) -> None:
        code = refusal.code
        self.errors.append(Issue(field_, code, refusal.text, {k: str(v) for k, v in refusal.facts.items()}))


LONGEST = {"title": 300, "holder": 300, "abstract": 20_000, "number": 80, "loan_ref": 80}
DATES = (
    "filed_on",
    "granted_on",
    "registered_on",
    "first_published_on",
    "completed_on",
    "first_used_on",
    "valuation_base_on",
)


def judge(row: int, cells: dict[str, Any], today: date) -> Verdict:
    """Judge one row by itself; duplicates and loans are looked up by whoever knows the rest."""
    verdict = Verdict(row)
    for name in REQUIRED:
        if not squeezed(cells.get(name)):
            verdict.error(name, "missing")
    for name, greatest in LONGEST.items():
        if len(squeezed(cells.get(name))) > greatest:
            verdict.error(name, "too_long", greatest=str(greatest))
    verdict.title = squeezed(cells.get("title"))
    _read_kind(verdict, cells)
    _read_number(verdict, cells)
    _read_dates(verdict, cells, today)
    _read_rest(verdict, cells)
    if verdict.kind is not None:
        _read_classes(verdict, cells)
        _compute(verdict, today)
    return verdict


def _read_kind(verdict: Verdict, cells: dict[str, Any]) -> None:
    given = squeezed(cells.get("kind"))
    if not given:
        return
    verdict.kind = kind_named(given)
    if verdict.kind is None:
        verdict.error("kind", "unknown_kind", given=given[:40])


def _read_number(verdict: Verdict, cells: dict[str, Any]) -> None:
    given = squeezed(cells.get("number"))
    if not given or verdict.kind is None or len(given) > LONGEST["number"]:
        return
    try:
        verdict.number = KINDS[verdict.kind].read_number(given)
    except Refusal as refusal:
        verdict.refuse("number", refusal)
        return
    if verdict.number != given:
        verdict.normalised.append(("number", given, verdict.number))
    actual = number_kind(verdict.kind, given)
    if actual is not verdict.kind:
        verdict.error("kind", "kind_mismatch", actual=KINDS[actual].label, given=KINDS[verdict.kind].label)


def _read_dates(verdict: Verdict, cells: dict[str, Any], today: date) -> None:
    for name in DATES:
        try:
            day = parse_date(cells.get(name))
        except Refusal as refusal:
            verdict.refuse(name, refusal)
            continue
        if day is None:
            continue
        if day > today:
            verdict.error(name, "future", given=day.isoformat())
        verdict.values[name] = day
        given = squeezed(cells.get(name))
        if not given.startswith(day.isoformat()):
            verdict.normalised.append((name, given, day.isoformat()))
    filed, granted = verdict.values.get("filed_on"), verdict.values.get("granted_on")
    if filed and granted and granted < filed:
        verdict.error("granted_on", "order")
    is_patent = verdict.kind in PATENTS and verdict.number
    if filed and is_patent and identifiers.patent_number(verdict.number).year != filed.year:
        verdict.warn("filed_on", "year_differs")


def _read_rest(verdict: Verdict, cells: dict[str, Any]) -> None:
    for name in ("holder", "loan_ref"):
        verdict.values[name] = squeezed(cells.get(name))
    verdict.values["abstract"] = squeezed(cells.get("abstract"))
    verdict.values["co_owners"] = split_list(cells.get("co_owners"))
    try:
        amount = parse_amount(cells.get("valuation"))
    except Refusal as refusal:
        verdict.refuse("valuation", refusal)
        amount = None
    is_base_wrong = any(issue.field == "valuation_base_on" for issue in verdict.errors)
    if amount is not None and "valuation_base_on" not in verdict.values and not is_base_wrong:
        verdict.warn("valuation_base_on", "base_missing")
    verdict.values["valuation"] = amount
    year = squeezed(cells.get("fee_paid_through_year"))
    if year:
        if year.isdigit() and 1 <= int(year) <= 20:
            verdict.values["fee_paid_through_year"] = int(year)
        else:
            verdict.error("fee_paid_through_year", "bad_year")


def _read_classes(verdict: Verdict, cells: dict[str, Any]) -> None:
    assert verdict.kind is not None
    schemes = KINDS[verdict.kind].schemes
    found: list[tuple[str, str]] = []
    for given in split_list(cells.get("classes")):
        for scheme in schemes:
            try:
                found.append((scheme, CLASS_READERS[scheme](given)))
                break
            except Refusal:
                continue
        else:
            verdict.warn("classes", "bad_class", given=given[:40], scheme=schemes[0].upper())
    verdict.values["classes"] = list(dict.fromkeys(found))
    if not found and schemes[0] != "industry" and not squeezed(cells.get("classes")):
        verdict.warn("classes", "class_missing")


def right_of(verdict: Verdict) -> Right:
    """The dates a term is computed from."""
    assert verdict.kind is not None
    values = verdict.values
    return Right(
        kind=verdict.kind,
        filed_on=values.get("filed_on"),
        granted_on=values.get("granted_on"),
        registered_on=values.get("registered_on")
        or (values.get("granted_on") if KINDS[verdict.kind].term is Term.RENEWABLE else None),
        first_published_on=values.get("first_published_on"),
        completed_on=values.get("completed_on"),
        first_used_on=values.get("first_used_on"),
        fee_paid_through_year=values.get("fee_paid_through_year"),
        classes=len([c for c in values.get("classes", []) if c[0] == "nice"]) or 1,
    )


def _compute(verdict: Verdict, today: date) -> None:
    assert verdict.kind is not None
    if verdict.errors:
        return
    right = right_of(verdict)
    verdict.in_force_until = in_force_until(right)
    due = next_due(right, today)
    verdict.next_due_on = due.due_on if due else None
    anchor = KINDS[verdict.kind].anchor
    if anchor and verdict.in_force_until is None:
        verdict.warn(anchor, "date_missing")
    elif verdict.in_force_until and verdict.in_force_until < today:
        verdict.warn(anchor, "expired", until=verdict.in_force_until.isoformat())


def money_text(amount: Money | None) -> str | None:
    return None if amount is None else amount.decimal


LABELS = {
    BatchState.CHECKING: N_("正在检查"),
    BatchState.CHECKED: N_("已检查，待确认"),
    BatchState.IMPORTING: N_("正在导入"),
    BatchState.IMPORTED: N_("已导入"),
    BatchState.DISCARDED: N_("已放弃"),
    BatchState.UNREADABLE: N_("无法读取"),
}

"""The template's columns and how a cell is read: the spellings people use, normalised, or a refusal that says how."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from marketplace.core.errors import N_, Refusal
from marketplace.core.money import Money


class NotADate(Refusal):
    text = N_("“{given}”不是有效日期：请写作 2020-01-31、2020/1/31、2020年1月31日 或 20200131。")


class NotAnAmount(Refusal):
    text = N_("“{given}”不是有效金额：请填写元，例如 3000000 或 300万。")


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    head: str
    """The Chinese head of the template."""
    aliases: tuple[str, ...] = ()
    is_in_template: bool = True
    example: str = ""


COLUMNS = (
    Column("kind", "权利类型", ("类型", "种类", "资产类型"), example="发明专利"),
    Column("number", "权利号", ("专利号", "申请号", "注册号", "登记号", "编号", "号码"), example="ZL 2020 1 0288867.7"),
    Column("title", "名称", ("标题", "专利名称", "商标名称", "作品名称", "发明名称"), example="一种……"),
    Column("abstract", "摘要", ("简介", "说明")),
    Column("holder", "权利人", ("专利权人", "持有人", "申请人", "注册人", "著作权人")),
    Column("co_owners", "共有人", ("共同权利人",), example="甲公司；乙公司"),
    Column("filed_on", "申请日", ("申请日期",), example="2020-04-14"),
    Column("granted_on", "授权日", ("授权公告日", "授权日期"), example="2021-09-03"),
    Column("classes", "分类号", ("IPC", "主分类号", "IPC分类号", "类别", "国际分类"), example="H01M10/0525"),
    Column("loan_ref", "贷款编号", ("借据号", "贷款合同号", "案件编号")),
    Column("valuation", "评估值", ("评估价", "评估价值", "估值", "评估值（元）", "评估值(元)"), example="3000000"),
    Column("valuation_base_on", "评估基准日", ("基准日",), example="2026-03-01"),
    Column("registered_on", "注册日", ("注册公告日", "核准注册日"), is_in_template=False),
    Column("first_published_on", "首次发表日", ("首次发表日期",), is_in_template=False),
    Column("completed_on", "完成日", ("创作完成日", "开发完成日"), is_in_template=False),
    Column("first_used_on", "首次商业利用日", ("首次使用日",), is_in_template=False),
    Column("fee_paid_through_year", "年费已缴至第几年", ("年费年度",), is_in_template=False),
)
"""The columns after the template's twelve are read where a file has them."""

TEMPLATE = tuple(column for column in COLUMNS if column.is_in_template)
REQUIRED = ("kind", "number", "title")


def squeezed(value: Any) -> str:
    """A cell as text: full-width to half-width, white space collapsed; whole floats without their point."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = unicodedata.normalize("NFKC", str(value)).replace("\u200b", "").replace("\ufeff", "")
    return " ".join(text.split())


@dataclass(frozen=True, slots=True)
class Heads:
    """Which position holds which column, what was not understood, what must be there and is not."""

    positions: dict[str, int]
    unknown: tuple[str, ...]
    missing: tuple[str, ...]
    repeated: tuple[str, ...]


def read_heads(cells: Sequence[Any]) -> Heads:
    """Match a heading row, in English or Chinese or both mixed, in any order."""
    known = {}
    for column in COLUMNS:
        for spelling in (column.name, column.head, *column.aliases):
            known[squeezed(spelling).lower().replace(" ", "_")] = column.name
    positions: dict[str, int] = {}
    unknown: list[str] = []
    repeated: list[str] = []
    for place, cell in enumerate(cells):
        head = squeezed(cell).rstrip("*").strip()
        if not head:
            continue
        name = known.get(head.lower().replace(" ", "_"))
        if name is None:
            unknown.append(head[:60])
        elif name in positions:
            repeated.append(head[:60])
        else:
            positions[name] = place
    missing = tuple(name for name in REQUIRED if name not in positions)
    return Heads(positions, tuple(unknown), missing, tuple(repeated))


_DATES = (
    re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]0{1,2}:00(?::00)?(?:\.0+)?)?"),
    re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})"),
    re.compile(r"(\d{4})\.(\d{1,2})\.(\d{1,2})"),
    re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日?"),
    re.compile(r"(\d{4})(\d{2})(\d{2})"),
)


def parse_date(value: Any) -> date | None:
    """A day in any usual spelling, or as the spreadsheet's own date; None for an empty cell.

    :raises NotADate: for anything else
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = squeezed(value).replace(" ", "") if not re.search(r"\d \d", squeezed(value)) else squeezed(value)
    if not text:
        return None
    for pattern in _DATES:
        match = pattern.fullmatch(text)
        if match:
            try:
                return date(int(match[1]), int(match[2]), int(match[3]))
            except ValueError:
                break
    raise NotADate(given=squeezed(value)[:40])


_UNITS = (("亿元", 10**8), ("亿", 10**8), ("万元", 10**4), ("万", 10**4), ("元", 1))


def parse_amount(value: Any) -> Money | None:
    """An amount in yuan, 万 or 亿, at most to the fen; None for an empty cell.

    :raises NotAnAmount: for anything else
    """
    text = squeezed(value).replace(" ", "").replace(",", "").lstrip("¥￥")
    if not text:
        return None
    times = 1
    for unit, factor in _UNITS:
        if text.endswith(unit):
            text, times = text.removesuffix(unit), factor
            break
    try:
        fen = Decimal(text) * times * 100
    except InvalidOperation:
        raise NotAnAmount(given=squeezed(value)[:40]) from None
    if not re.fullmatch(r"\d+(\.\d+)?", text) or fen != int(fen) or not 0 < fen < 10**17:
        raise NotAnAmount(given=squeezed(value)[:40])
    return Money(int(fen))


def split_list(value: Any) -> list[str]:
    """Several names or symbols in one cell, each once."""
    parts = re.split(r"[;；|、\n]+|,(?!\d{3}\b)|，", "" if value is None else str(value))
    return list(dict.fromkeys(part for part in (squeezed(p) for p in parts) if part))

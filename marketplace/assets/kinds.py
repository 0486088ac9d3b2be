"""Kinds of rights, one row each: their numbers, terms, upkeep, classes and registers.

A page that needs to ask which kind it has in hand is missing a field here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from marketplace.core import identifiers
from marketplace.core.errors import N_
from marketplace.reference import nice


class Kind(StrEnum):
    INVENTION = "invention"
    UTILITY_MODEL = "utility_model"
    DESIGN = "design"
    TRADEMARK = "trademark"
    COPYRIGHT = "copyright"
    SOFTWARE = "software"
    IC_LAYOUT = "ic_layout"
    PLANT_VARIETY = "plant_variety"
    GI_MARK = "gi_mark"
    TRADE_SECRET = "trade_secret"
    OTHER = "other"


class Term(StrEnum):
    """How the last day in force is found."""

    FROM_FILING = "from_filing"
    """Years from the filing date, last day the eve of the anniversary (Patent Law art. 42)."""
    RENEWABLE = "renewable"
    """Years from registration, renewable (Trademark Law arts. 39, 40)."""
    TO_YEAR_END = "to_year_end"
    """To 31 December of the 50th year (Copyright Law art. 23)."""
    LAYOUT = "layout"
    """Ten years from the earlier of filing and first use, never beyond fifteen from creation (条例 art. 12)."""
    FROM_GRANT = "from_grant"
    NONE = "none"


class Passing(StrEnum):
    """When title is the buyer's."""

    RECORDED = "recorded"
    ANNOUNCED = "announced"
    CONTRACT = "contract"


@dataclass(frozen=True, slots=True)
class KindSpec:
    """What a kind of right needs and how it lives."""

    label: str
    prefix: str
    """Of references: ``ZL-…``."""
    read_number: Callable[[str], str]
    number_hint: str
    term: Term
    years: tuple[tuple[date, int], ...]
    """Term in years, for rights whose anchor day is on or after the day named; later rows win."""
    anchor: str
    """The field the term runs from."""
    schemes: tuple[str, ...]
    """Class schemes, the main one first."""
    passing: Passing
    registry: str
    term_source: str
    is_technology: bool = False
    """VAT relief for technology transfer may apply; leaving the country is technology export."""
    is_auctionable: bool = True
    fees: tuple[tuple[int, int, int], ...] = ()
    """Annual fees: (first year, last year, yuan)."""
    renewal_fee: int = 0
    """Yuan per class, online."""


EVER = date(1900, 1, 1)
CNIPA = N_("国家知识产权局")
COPYRIGHT_CENTRE = N_("中国版权保护中心")


def _nice(text: str) -> str:
    code = identifiers.nice_class(text)
    if not nice.exists(code):
        raise identifiers.WrongForm(given=code, expected="1–45 / 0907")
    return code


def _patent(text: str) -> str:
    return identifiers.patent_number(text).canonical


KINDS = {
    Kind.INVENTION: KindSpec(
        label=N_("发明专利"), prefix="ZL", read_number=_patent, number_hint="ZL 2020 1 0288867.7",
        term=Term.FROM_FILING, years=((EVER, 20),), anchor="filed_on", schemes=("ipc", "industry"),
        passing=Passing.RECORDED, registry=CNIPA, term_source="专利法 第42条", is_technology=True,
        fees=((1, 3, 900), (4, 6, 1200), (7, 9, 2000), (10, 12, 4000), (13, 15, 6000), (16, 20, 8000)),
    ),
    Kind.UTILITY_MODEL: KindSpec(
        label=N_("实用新型专利"), prefix="ZL", read_number=_patent, number_hint="ZL 2019 2 2113032.3",
        term=Term.FROM_FILING, years=((EVER, 10),), anchor="filed_on", schemes=("ipc", "industry"),
        passing=Passing.RECORDED, registry=CNIPA, term_source="专利法 第42条", is_technology=True,
        fees=((1, 3, 600), (4, 5, 900), (6, 8, 1200), (9, 10, 2000)),
    ),
    Kind.DESIGN: KindSpec(
        label=N_("外观设计专利"), prefix="ZL", read_number=_patent, number_hint="ZL 2021 3 0123456.8",
        term=Term.FROM_FILING, years=((EVER, 10), (date(2021, 6, 1), 15)), anchor="filed_on",
        schemes=("locarno", "industry"), passing=Passing.RECORDED, registry=CNIPA, term_source="专利法 第42条",
        fees=((1, 3, 600), (4, 5, 900), (6, 8, 1200), (9, 10, 2000), (11, 15, 3000)),
    ),
    Kind.TRADEMARK: KindSpec(
        label=N_("注册商标"), prefix="TM", read_number=identifiers.trademark_number, number_hint="12345678",
        term=Term.RENEWABLE, years=((EVER, 10),), anchor="registered_on", schemes=("nice", "industry"),
        passing=Passing.ANNOUNCED, registry=CNIPA, term_source="商标法 第39、40条", renewal_fee=450,
    ),
    Kind.COPYRIGHT: KindSpec(
        label=N_("作品著作权"), prefix="CR", read_number=identifiers.copyright_registration,
        number_hint="国作登字-2021-L-00268255", term=Term.TO_YEAR_END, years=((EVER, 50),),
        anchor="first_published_on", schemes=("work", "industry"), passing=Passing.CONTRACT,
        registry=COPYRIGHT_CENTRE, term_source="著作权法 第23条",
    ),
    Kind.SOFTWARE: KindSpec(
        label=N_("计算机软件著作权"), prefix="SW", read_number=identifiers.software_registration,
        number_hint="2020SR0369466", term=Term.TO_YEAR_END, years=((EVER, 50),), anchor="first_published_on",
        schemes=("industry",), passing=Passing.CONTRACT, registry=COPYRIGHT_CENTRE,
        term_source="计算机软件保护条例 第14条", is_technology=True,
    ),
    Kind.IC_LAYOUT: KindSpec(
        label=N_("集成电路布图设计"), prefix="BS", read_number=identifiers.ic_layout_number,
        number_hint="BS.08500145.7", term=Term.LAYOUT, years=((EVER, 10),), anchor="filed_on",
        schemes=("industry",), passing=Passing.RECORDED, registry=CNIPA,
        term_source="集成电路布图设计保护条例 第12条", is_technology=True,
    ),
    Kind.PLANT_VARIETY: KindSpec(
        label=N_("植物新品种权"), prefix="PV", read_number=identifiers.own_reference, number_hint="CNA20180001.1",
        term=Term.FROM_GRANT, years=((EVER, 15), (date(2025, 6, 1), 20)), anchor="granted_on",
        schemes=("industry",), passing=Passing.RECORDED, registry=N_("农业农村部、国家林业和草原局"),
        term_source="植物新品种保护条例", is_technology=True,
    ),
    Kind.GI_MARK: KindSpec(
        label=N_("地理标志商标"), prefix="GI", read_number=identifiers.trademark_number, number_hint="12345678",
        term=Term.RENEWABLE, years=((EVER, 10),), anchor="registered_on", schemes=("nice",),
        passing=Passing.ANNOUNCED, registry=CNIPA, term_source="商标法 第39、40条", is_auctionable=False,
        renewal_fee=450,
    ),
    Kind.TRADE_SECRET: KindSpec(
        label=N_("商业秘密"), prefix="TS", read_number=identifiers.own_reference, number_hint=N_("行内编号"),
        term=Term.NONE, years=(), anchor="", schemes=("industry",), passing=Passing.CONTRACT, registry="",
        term_source="反不正当竞争法", is_technology=True, is_auctionable=False,
    ),
    Kind.OTHER: KindSpec(
        label=N_("其他质物"), prefix="OT", read_number=identifiers.own_reference, number_hint=N_("行内编号"),
        term=Term.NONE, years=(), anchor="", schemes=("industry",), passing=Passing.CONTRACT, registry="",
        term_source="",
    ),
}  # fmt: skip

PATENTS = frozenset({Kind.INVENTION, Kind.UTILITY_MODEL, Kind.DESIGN})
MARKS = frozenset({Kind.TRADEMARK, Kind.GI_MARK})

CLASS_READERS = {
    "ipc": identifiers.ipc_symbol,
    "locarno": identifiers.locarno_class,
    "nice": _nice,
    "work": identifiers.work_class,
    "industry": identifiers.industry_code,
}

ALIASES = {
    "发明": Kind.INVENTION,
    "发明授权": Kind.INVENTION,
    "实用新型": Kind.UTILITY_MODEL,
    "外观设计": Kind.DESIGN,
    "外观": Kind.DESIGN,
    "商标": Kind.TRADEMARK,
    "著作权": Kind.COPYRIGHT,
    "作品": Kind.COPYRIGHT,
    "软件著作权": Kind.SOFTWARE,
    "软著": Kind.SOFTWARE,
    "软件": Kind.SOFTWARE,
    "布图设计": Kind.IC_LAYOUT,
    "植物新品种": Kind.PLANT_VARIETY,
    "地理标志": Kind.GI_MARK,
    "其他": Kind.OTHER,
}
"""What people write for a kind besides its own word and its full name."""


def kind_named(text: str) -> Kind | None:
    """The kind a person means, by our word, its Chinese name or a usual short one; None when it is none."""
    word = "".join(text.split())
    if word.lower() in set(Kind):
        return Kind(word.lower())
    by_label = {spec.label: kind for kind, spec in KINDS.items()}
    return by_label.get(word) or ALIASES.get(word) or ALIASES.get(word.removesuffix("权")) or None


LABELS = {kind: spec.label for kind, spec in KINDS.items()} | {
    Passing.RECORDED: N_("自登记之日起"),
    Passing.ANNOUNCED: N_("自公告之日起"),
    Passing.CONTRACT: N_("自合同生效之日起"),
}

"""What is pledged in the demo market: real titles, abstracts and classes under invented numbers."""

import csv
import gzip
import io
import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from marketplace.assets.kinds import CLASS_READERS, Kind
from marketplace.assets.service import NewRight
from marketplace.core.errors import Refusal
from marketplace.core.identifiers import ic_check_digit, patent_check_digit

SAMPLE = Path(__file__).with_name("patents.csv.gz")

OTHERS = (
    (Kind.TRADEMARK, "样例云岭（第 30 类 茶、咖啡）", ("nice", "30")),
    (Kind.TRADEMARK, "样例禾香（第 29 类 食用油脂）", ("nice", "29")),
    (Kind.TRADEMARK, "样例启明星（第 9 类 测量仪器）", ("nice", "9")),
    (Kind.TRADEMARK, "样例汴绣（第 24 类 织物）", ("nice", "24")),
    (Kind.SOFTWARE, "样例矿山安全监测平台软件 V3.0", ("industry", "65")),
    (Kind.SOFTWARE, "样例冷链温控调度系统 V2.1", ("industry", "65")),
    (Kind.SOFTWARE, "样例医学影像辅助阅片软件 V1.4", ("industry", "65")),
    (Kind.SOFTWARE, "样例粮情测控云平台 V5.2", ("industry", "65")),
    (Kind.COPYRIGHT, "样例动画系列《小麦与风》", ("work", "J")),
    (Kind.COPYRIGHT, "样例纹样集《钧窑百色》", ("work", "F")),
    (Kind.IC_LAYOUT, "样例低功耗电源管理芯片布图设计", ("industry", "39")),
    (Kind.IC_LAYOUT, "样例传感器信号调理芯片布图设计", ("industry", "39")),
    (Kind.PLANT_VARIETY, "样例小麦新品种“样麦 36”", ("industry", "01")),
    (Kind.DESIGN, "样例电动工具（手持式）", ("locarno", "08-01")),
    (Kind.DESIGN, "样例智能水杯", ("locarno", "07-01")),
)


def _patents() -> Iterator[dict[str, str]]:
    with gzip.open(SAMPLE, "rb") as packed:
        yield from csv.DictReader(io.TextIOWrapper(packed, encoding="utf-8"))


def _classes(text: str) -> tuple[tuple[str, str], ...]:
    found = []
    for symbol in text.split(";"):
        try:
            found.append(("ipc", CLASS_READERS["ipc"](symbol)))
        except Refusal:
            continue
    return tuple(dict.fromkeys(found))[:4]


def rights(chance: random.Random, today: date) -> Iterator[NewRight]:
    """Rights without end of the sample: patents, now and then another kind; ages vary, all are in force."""
    serial, others = 9_800_000, list(OTHERS)
    for number, row in enumerate(_patents()):
        if others and number % 20 == 7:
            yield _other(others.pop(0), chance, today)
        kind = Kind(row["kind"])
        serial += chance.randrange(7, 60)
        oldest = 8 if kind is Kind.UTILITY_MODEL else 16
        filed = today - timedelta(days=chance.randrange(900, oldest * 365))
        body = f"{filed.year}{1 if kind is Kind.INVENTION else 2}{serial:07d}"
        granted = filed + timedelta(days=chance.randrange(300, 800))
        year = (today - filed).days // 365 + 1
        yield NewRight(
            kind=kind, number=f"{body}.{patent_check_digit(body)}", title=row["title"], abstract=row["abstract"],
            holder=f"样例权利人{serial % 1000}号有限公司", dates={"filed_on": filed, "granted_on": granted},
            fee_paid_through_year=year if chance.random() < 0.85 else None, classes=_classes(row["classes"]),
        )  # fmt: skip


def _other(row: tuple[Kind, str, tuple[str, str]], chance: random.Random, today: date) -> NewRight:
    kind, title, scheme = row
    day = today - timedelta(days=chance.randrange(900, 2200))
    serial = chance.randrange(1, 999)
    layout = f"{day.year % 100:02d}599{serial:03d}"
    numbers = {
        Kind.TRADEMARK: f"99{serial:06d}",
        Kind.SOFTWARE: f"{day.year}SR9999{serial:03d}",
        Kind.COPYRIGHT: f"国作登字-{day.year}-{scheme[1]}-99999{serial:03d}",
        Kind.IC_LAYOUT: f"BS.{layout}{ic_check_digit(layout)}",
        Kind.PLANT_VARIETY: f"CNA{day.year}9{serial:03d}.9",
    }
    design = f"{day.year}39{serial:06d}"
    numbers[Kind.DESIGN] = f"{design}.{patent_check_digit(design)}"
    dates = {"filed_on": day, "granted_on": day + timedelta(days=260), "registered_on": day + timedelta(days=260),
             "first_published_on": day, "completed_on": day}  # fmt: skip
    return NewRight(
        kind=kind, number=numbers[kind], title=title, holder=f"样例权利人{serial}号有限公司", dates=dates,
        classes=(scheme,),
    )  # fmt: skip

"""``make bench``: each figure beside its limit, on this machine, now."""

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask, g
from sqlalchemy import insert, text

from app import create_app
from marketplace.accounts.models import Organisation
from marketplace.catalogue import queries as catalogue
from marketplace.catalogue.board import Asked
from marketplace.config import Settings
from marketplace.core.bigrams import index_words
from marketplace.core.clock import SystemClock
from marketplace.core.roles import Role
from marketplace.database import db
from marketplace.demo.rights import _patents
from marketplace.intake import service as intake
from marketplace.listings.models import ListingEntry
from marketplace.listings.search import _as_tsvector
from tests.factories import patent, uscc
from tests.postgres import server

KINDS = ("invention", "invention", "utility_model", "trademark", "software")
STATES = ("published", "published", "settled", "failed", "sold")
WORDS = (
    "电池",
    "控制",
    "装置",
    "制备方法",
    "材料",
    "检测",
    "水",
    "轨道",
    "聚酯薄膜",
    "系统 控制",
    "H01M",
    "阀",
    "一种 机构",
    "茶",
)
SEARCH_LIMIT_MS = 150
IMPORT_LIMIT_SECONDS = 60


def market(url: str, folder: Path) -> Flask:
    settings = Settings(
        secret_key="bench-" * 8, database_url=url, storage_url=str(folder / "files"), password_cost="cheap",
        queue_url=f"sqlite:///{folder}/q.sqlite3", log_level="ERROR",
    )  # fmt: skip
    return create_app(settings, clock=SystemClock())


def cards(count: int, now: datetime) -> Iterator[tuple[dict[str, Any], list[str]]]:
    """Cards with real words in new combinations."""
    chance = random.Random(7)
    sample = list(_patents())
    for number in range(1, count + 1):
        first, second = chance.choice(sample), chance.choice(sample)
        opens = now + timedelta(days=chance.randrange(-300, 60))
        card = {
            "id": number, "ref": f"L{number:08X}", "title": f"{first['title']} {number}", "number": str(number),
            "kind": chance.choice(KINDS), "ipc": first["classes"].split(";")[0][:10],
            "region_code": chance.choice(("410100", "320500", "440300")), "form": "bidding", "state": chance.choice(STATES),
            "bank_id": number % 40, "bank_name": f"样例银行{number % 40}", "price_minor": chance.randrange(10**6, 10**10),
            "reference_minor": 10**9, "notice_at": opens - timedelta(days=31), "opens_at": opens,
            "closes_at": opens + timedelta(days=1), "in_force_until_day": now.date().toordinal() + chance.randrange(0, 6000),
            "attempt": 1, "items": 1, "bid_count": 0,
        }  # fmt: skip
        yield (
            card,
            [
                *index_words(card["title"]),
                *index_words(first["abstract"][:70]),
                *index_words(second["title"]),
                card["ipc"][:4].lower(),
            ],
        )


def fill(count: int, now: datetime) -> None:
    is_sqlite = db.engine.dialect.name == "sqlite"
    words_sql = (
        "INSERT INTO listing_words (rowid, words) VALUES (:id, :words)"
        if is_sqlite
        else "INSERT INTO listing_words (rowid, words) VALUES (:id, CAST(:words AS tsvector))"
    )
    batch: list[dict[str, Any]] = []
    words: list[dict[str, Any]] = []

    def flush() -> None:
        db.session.execute(insert(ListingEntry), batch)
        db.session.execute(text(words_sql), words)
        db.session.commit()
        batch.clear()
        words.clear()

    for card, its_words in cards(count, now):
        batch.append(card)
        words.append({"id": card["id"], "words": " ".join(its_words) if is_sqlite else _as_tsvector(its_words)})
        if len(batch) == 5000:
            flush()
    if batch:
        flush()
    if not is_sqlite:
        db.session.execute(text("ANALYZE"))
        db.session.commit()


def timed(call: Callable[[], Any]) -> float:
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1000


def search(app: Flask, count: int) -> tuple[float, float, float]:
    """Median and 95th percentile in ms of a filtered keyword search with counts, and of the first load in s."""
    now = datetime.now(UTC)
    with app.app_context():
        db.create_all()
        fill(count, now)
        g.read_only = True
        first = timed(lambda: catalogue.hall(Asked(), 1, now)) / 1000
        chance, times = random.Random(3), []
        for _round in range(120):
            asked = Asked(
                words=chance.choice(WORDS), kinds=chance.choice(((), ("invention",))), sort=chance.choice(("closing", "newest", "price_up")),
                stages=chance.choice(((), ("notice", "open"))), regions=chance.choice(((), ("410000",))),
            )  # fmt: skip

            def one(asked: Asked = asked) -> None:
                catalogue.hall(asked, 1, now)
                db.session.rollback()

            times.append(timed(one))
        db.engine.dispose()
    return statistics.median(times), sorted(times)[int(len(times) * 0.95)], first


def imports(app: Flask, rows: int) -> float:
    """Seconds to judge and take in a spreadsheet of that many rights."""
    now = datetime.now(UTC)
    lines = ["kind,number,title,abstract,filed_on,classes,valuation,valuation_base_on"]
    lines += [
        f"invention,{patent(n)},一种装置{n},摘要,2020-04-14,H01M10/613,300万,2026-05-01" for n in range(1, rows + 1)
    ]
    content = "\n".join(lines).encode()
    with app.app_context():
        db.create_all()
        bank = Organisation(ref="B", kind=Role.BANK, name="样例", uscc=uscc(1), created_at=now)
        db.session.add(bank)
        db.session.commit()
        start = time.perf_counter()
        batch = intake.upload(bank, "a.csv", content, by=None, now=now)
        db.session.commit()
        while intake.work_off(now, 1000):
            pass
        intake.accept(batch, by=None, now=now)
        db.session.commit()
        while intake.work_off(now, 1000):
            pass
        took = time.perf_counter() - start
        assert batch.rows_imported == rows
        db.engine.dispose()
    return took


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--lots", type=int, default=200_000)
    options.add_argument("--rows", type=int, default=5_000)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as name, server() as socket:
        folder = Path(name)
        engines = {
            "SQLite": f"sqlite:///{folder}/lots.sqlite3",
            "PostgreSQL": f"postgresql://app@/postgres?host={socket}",
        }
        for engine, url in engines.items():
            median, late, first = search(market(url, folder), chosen.lots)
            print(
                f"search, {chosen.lots:,} lots, {engine}: p50 {median:.0f} ms, p95 {late:.0f} ms = "
                f"{late / SEARCH_LIMIT_MS:.2f} of the limit of {SEARCH_LIMIT_MS} ms (first load of a process {first:.1f} s)"
            )
        took = imports(market(f"sqlite:///{folder}/imports.sqlite3", folder), chosen.rows)
        print(
            f"import, {chosen.rows:,} rows, SQLite: {took:.1f} s = {took / IMPORT_LIMIT_SECONDS:.2f} of the limit of {IMPORT_LIMIT_SECONDS} s"
        )


if __name__ == "__main__":
    main()

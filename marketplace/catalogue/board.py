"""The hall's cards as columns in memory, so that filters with counts over all lots take milliseconds.

Each process reads every card once and afterwards only what ``entry_change`` says is new. Stages follow the clock, so
they are computed from the columns for the moment asked about, never stored.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select

from marketplace.database import db
from marketplace.listings.models import EntryChange, ListingEntry
from marketplace.listings.rules import LAST_MINUTES, Stage, State
from marketplace.reference import regions

Mask = NDArray[np.bool_]
OVERLAP = 200
"""How far back changes are read again: on PostgreSQL ids may be committed out of order."""
NEVER = -1.0
STAGES = list(Stage)
PRICE_BANDS = ((0, 50), (50, 100), (100, 300), (300, 1000), (1000, None))
"""In 万."""
TERM_BANDS = ((0, 24), (24, 60), (60, 120), (120, None))
"""In months."""
TEXT_COLUMNS = ("kind", "section", "class_", "province", "form", "state", "bank")
NUMBER_COLUMNS = ("id", "opens", "closes", "notice", "price", "until", "bank_id", "bids")
COLUMNS = (
    ListingEntry.id, ListingEntry.kind, ListingEntry.ipc, ListingEntry.region_code, ListingEntry.form,
    ListingEntry.state, ListingEntry.bank_name, ListingEntry.bank_id, ListingEntry.opens_at, ListingEntry.closes_at,
    ListingEntry.notice_at, ListingEntry.price_minor, ListingEntry.in_force_until_day, ListingEntry.bid_count,
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What somebody narrows the hall to; empty means everything."""

    words: str = ""
    kinds: tuple[str, ...] = ()
    ipc: str = ""
    """A section (``H``) or a class (``H01``)."""
    regions: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    banks: tuple[str, ...] = ()
    price: str = ""
    """Index of a price band."""
    term: str = ""
    """Index of a term band."""
    sort: str = "closing"


@dataclass(frozen=True)
class Found:
    """One page of lots, how many there are, and the counts of every filter."""

    ids: list[int]
    whole: int
    counts: dict[str, dict[str, int]] = field(default_factory=dict)


SORTS = ("closing", "newest", "price_up", "price_down", "term", "bids")


class Board:
    """The columns of one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = -1
        self._seen: set[int] = set()
        self._places: dict[int, int] = {}
        self._place_of: NDArray[np.int64] = np.full(1024, -1)
        """The same, as an array by id."""
        self._words: dict[str, dict[str, int]] = {name: {} for name in TEXT_COLUMNS}
        self._size = 0
        self._columns: dict[str, Any] = {}
        self._grow(1024)

    def _grow(self, room: int) -> None:
        for name in TEXT_COLUMNS:
            self._columns[name] = self._wider(self._columns.get(name), room, np.int32)
        for name in NUMBER_COLUMNS:
            self._columns[name] = self._wider(self._columns.get(name), room, np.float64)

    @staticmethod
    def _wider(old: Any, room: int, kind: Any) -> Any:
        new = np.zeros(room, dtype=kind)
        if old is not None:
            new[: len(old)] = old
        return new

    def refresh(self) -> None:
        """Read what changed since the last time."""
        with self._lock:
            if self._last < 0:
                self._last = db.session.scalar(select(func.max(EntryChange.id))) or 0
                self._seen = set(
                    db.session.scalars(select(EntryChange.id).where(EntryChange.id > self._last - OVERLAP))
                )
                self._put(db.session.execute(select(*COLUMNS)).all())
                return
            recent = db.session.execute(
                select(EntryChange.id, EntryChange.listing_id).where(EntryChange.id > self._last - OVERLAP)
            ).all()
            fresh = [(i, listing) for i, listing in recent if i not in self._seen and i > self._last - OVERLAP]
            self._seen = {i for i, _listing in recent}
            if fresh:
                self._last = max(self._last, *(i for i, _listing in fresh))
                ids = sorted({listing for _i, listing in fresh})
                for start in range(0, len(ids), 500):
                    chunk = ids[start : start + 500]
                    self._put(db.session.execute(select(*COLUMNS).where(ListingEntry.id.in_(chunk))).all())

    def _put(self, rows: Any) -> None:
        need = self._size + len(rows)
        if need > len(self._columns["id"]):
            self._grow(max(need, 2 * len(self._columns["id"])))
        for row in rows:
            place = self._places.get(row.id)
            if place is None:
                place = self._places[row.id] = self._size
                self._size += 1
                self._note_place(row.id, place)
            self._write(place, row)

    def _note_place(self, listing_id: int, place: int) -> None:
        if listing_id >= len(self._place_of):
            wider = np.full(max(listing_id + 1, 2 * len(self._place_of)), -1)
            wider[: len(self._place_of)] = self._place_of
            self._place_of = wider
        self._place_of[listing_id] = place

    def _write(self, place: int, row: Any) -> None:
        is_ipc = row.ipc and ":" not in row.ipc
        texts = {
            "kind": row.kind,
            "section": row.ipc[:1] if is_ipc else "",
            "class_": row.ipc[:3] if is_ipc else "",
            "province": regions.province_of(row.region_code),
            "form": row.form,
            "state": row.state,
            "bank": row.bank_name,
        }
        for name, text in texts.items():
            words = self._words[name]
            self._columns[name][place] = words.setdefault(text, len(words))
        numbers = {
            "id": row.id,
            "opens": row.opens_at.timestamp() if row.opens_at else NEVER,
            "closes": row.closes_at.timestamp() if row.closes_at else NEVER,
            "notice": row.notice_at.timestamp(),
            "price": row.price_minor,
            "until": row.in_force_until_day if row.in_force_until_day is not None else NEVER,
            "bank_id": row.bank_id,
            "bids": row.bid_count,
        }
        for name, number in numbers.items():
            self._columns[name][place] = number

    def _column(self, name: str) -> Any:
        return self._columns[name][: self._size]

    def find(self, asked: Asked, hits: NDArray[np.int64] | None, now: datetime, *, offset: int, limit: int) -> Found:
        """One page of the lots that match, with the counts each filter would show if it alone were opened.

        :param hits: the lots that hold the words asked for; None for all
        """
        with self._lock:
            stages = self._stages(now)
            tests = self._tests(asked, stages, now)
            base = np.ones(self._size, dtype=bool)
            if hits is not None:
                base = np.zeros(self._size, dtype=bool)
                places = self._place_of[hits[hits < len(self._place_of)]]
                base[places[places >= 0]] = True
            whole = base.copy()
            for mask in tests.values():
                whole &= mask
            counts = {
                name: self._count(name, self._without(base, tests, name), stages, now) for name in self._counted()
            }
            chosen = np.flatnonzero(whole)
            ordered = chosen[self._order(asked.sort, chosen, stages, now)]
            page = self._column("id")[ordered[offset : offset + limit]].astype(np.int64)
            return Found([int(i) for i in page], len(chosen), counts)

    @staticmethod
    def _counted() -> tuple[str, ...]:
        return ("stage", "kind", "section", "class_", "province", "form", "bank", "price", "term")

    def _stages(self, now: datetime) -> Any:
        """The stage of every lot at a moment, as an index into ``STAGES``."""
        at = now.timestamp()
        opens, closes = self._column("opens"), self._column("closes")
        states = np.array(
            [STAGES.index(Stage.NOTICE if word == State.PUBLISHED else Stage(word)) for word in self._words["state"]]
            or [0],
            dtype=np.int8,
        )
        result = states[self._column("state")]
        published = self._column("state") == self._words["state"].get(State.PUBLISHED, -1)
        result = np.where(published & (at >= opens), STAGES.index(Stage.OPEN), result)
        last = LAST_MINUTES.total_seconds()
        result = np.where(published & (at >= opens) & (closes - at <= last), STAGES.index(Stage.CLOSING), result)
        return np.where(published & (at >= closes), STAGES.index(Stage.CLOSED), result)

    def _tests(self, asked: Asked, stages: Any, now: datetime) -> dict[str, Mask]:
        tests: dict[str, Mask] = {}
        for name, wanted in (
            ("kind", asked.kinds), ("province", asked.regions), ("form", asked.forms), ("bank", asked.banks)
        ):  # fmt: skip
            if wanted:
                tests[name] = np.isin(self._column(name), [self._words[name].get(word, -1) for word in wanted])
        if asked.stages:
            codes = [STAGES.index(Stage(word)) for word in asked.stages if word in set(Stage)]
            tests["stage"] = np.isin(stages, codes)
        if asked.ipc:
            name = "section" if len(asked.ipc) == 1 else "class_"
            tests["section"] = self._column("section") == self._words["section"].get(asked.ipc[:1], -1)
            if name == "class_":
                tests["class_"] = self._column(name) == self._words[name].get(asked.ipc, -1)
        if asked.price.isdigit() and int(asked.price) < len(PRICE_BANDS):
            tests["price"] = self._price_band(int(asked.price))
        if asked.term.isdigit() and int(asked.term) < len(TERM_BANDS):
            tests["term"] = self._term_band(int(asked.term), now)
        return tests

    @staticmethod
    def _without(base: Mask, tests: dict[str, Mask], name: str) -> Mask:
        result = base.copy()
        for other, mask in tests.items():
            if other != name and not (name == "section" and other == "class_"):
                result &= mask
        return result

    def _price_band(self, band: int) -> Mask:
        least, greatest = PRICE_BANDS[band]
        price = self._column("price")
        mask: Mask = price >= least * 1_000_000
        return mask if greatest is None else mask & (price < greatest * 1_000_000)

    def _term_band(self, band: int, now: datetime) -> Mask:
        least, greatest = TERM_BANDS[band]
        until = self._column("until")
        months = (until - now.date().toordinal()) / 30.4375
        mask: Mask = (until > 0) & (months >= least)
        return mask if greatest is None else mask & (months < greatest)

    def _count(self, name: str, mask: Mask, stages: Any, now: datetime) -> dict[str, int]:
        if name == "stage":
            counts = np.bincount(stages[mask], minlength=len(STAGES))
            return {stage.value: int(n) for stage, n in zip(STAGES, counts, strict=False) if n}
        if name in ("price", "term"):
            bands = PRICE_BANDS if name == "price" else TERM_BANDS
            of: Callable[[int], Mask] = self._price_band if name == "price" else lambda b: self._term_band(b, now)
            return {str(band): int(np.count_nonzero(of(band) & mask)) for band in range(len(bands))}
        words = self._words[name]
        counts = np.bincount(self._column(name)[mask], minlength=len(words))
        return {word: int(counts[code]) for word, code in words.items() if word and counts[code]}

    def _order(self, sort: str, chosen: Any, stages: Any, now: datetime) -> Any:
        def of(name: str) -> Any:
            return self._column(name)[chosen]

        match sort:
            case "newest":
                return np.lexsort((-of("id"), -of("notice")))
            case "price_up":
                return np.lexsort((-of("id"), of("price")))
            case "price_down":
                return np.lexsort((-of("id"), -of("price")))
            case "term":
                return np.lexsort((-of("id"), -of("until")))
            case "bids":
                return np.lexsort((-of("id"), -of("bids")))
        groups = np.array([_GROUP[stage] for stage in STAGES])[stages[chosen]]
        times = np.where(groups == 1, of("opens"), np.where(groups == 0, of("closes"), -of("closes")))
        return np.lexsort((-of("id"), times, groups))


_GROUP = dict.fromkeys(Stage, 3) | {
    Stage.OPEN: 0, Stage.CLOSING: 0, Stage.NOTICE: 1, Stage.SUSPENDED: 2, Stage.CLOSED: 2
}  # fmt: skip
"""What comes first when sorted by what closes soon."""

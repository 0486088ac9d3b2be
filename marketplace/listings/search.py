"""The public card of a lot and the words it is found by, written in the transaction that changed the lot.

The same words are indexed on both engines: FTS5 on SQLite, a ``tsvector`` of ready lexemes on PostgreSQL. Every change
of a card leaves a row in ``entry_change``, so that each process can refresh its arrays by reading what is new.
"""

from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import DDL, event, select, text
from sqlalchemy.orm import joinedload, selectinload

from marketplace.assets import queries as assets
from marketplace.assets.kinds import KINDS
from marketplace.assets.models import Asset
from marketplace.core import identifiers
from marketplace.core.bigrams import index_words, query_phrases
from marketplace.core.errors import Refusal
from marketplace.database import Base, db
from marketplace.listings.models import EntryChange, Listing, ListingEntry, ListingItem

WORDS_TABLE = {
    "sqlite": (
        "CREATE VIRTUAL TABLE IF NOT EXISTS listing_words USING fts5(words, tokenize='unicode61 remove_diacritics 0')",
    ),
    "postgresql": (
        "CREATE TABLE IF NOT EXISTS listing_words (rowid BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)",
        "CREATE INDEX IF NOT EXISTS ix_listing_words ON listing_words USING gin (words)",
    ),
}
"""What the migration and ``create_all`` both run."""

for _engine, _statements in WORDS_TABLE.items():
    for _statement in _statements:
        event.listen(Base.metadata, "after_create", DDL(_statement).execute_if(dialect=_engine))


def put(listing: Listing, *, now: datetime) -> None:
    """Write a published lot's card and words anew."""
    lot = db.session.scalars(
        select(ListingItem)
        .where(ListingItem.listing_id == listing.id)
        .options(joinedload(ListingItem.asset).selectinload(Asset.classes))
        .order_by(ListingItem.position)
    ).all()
    rights = [item.asset for item in lot]
    main = rights[0]
    ends = [assets.life(right, now.date()).until for right in rights]
    known = [end.toordinal() for end in ends if end]
    entry = db.session.get(ListingEntry, listing.id)
    if entry is None:
        entry = ListingEntry(id=listing.id, ref=listing.ref, notice_at=listing.notice_at or now)
        db.session.add(entry)
    entry.title, entry.number, entry.kind = listing.title, main.number, main.kind.value
    entry.ipc = _main_class(main)
    entry.region_code, entry.form, entry.state = listing.region_code, listing.form.value, listing.state.value
    entry.bank_id, entry.bank_name = listing.bank_id, listing.bank.name
    entry.price_minor = listing.final_price_minor or entry.price_minor or listing.start_minor
    entry.reference_minor = listing.reference_minor
    entry.opens_at, entry.closes_at = listing.opens_at, listing.closes_at
    entry.in_force_until_day = min(known, default=None)
    entry.attempt, entry.items = listing.attempt, len(rights)
    db.session.add(EntryChange(listing_id=listing.id))
    db.session.flush()
    _write_words(listing.id, _words(listing, rights))


def touch(listing_id: int, **columns: Any) -> None:
    """Change a few columns of a card (its price, its number of bids, its end)."""
    entry = db.session.get(ListingEntry, listing_id)
    if entry is not None:
        for name, value in columns.items():
            setattr(entry, name, value)
        db.session.add(EntryChange(listing_id=listing_id))


def _main_class(asset: Asset) -> str:
    """The main class, with its scheme's name in front except for IPC."""
    scheme = KINDS[asset.kind].schemes[0]
    code = next((row.code for row in asset.classes if row.scheme == scheme), "")
    return code if scheme == "ipc" or not code else f"{scheme}:{code}"


def _words(listing: Listing, rights: list[Asset]) -> list[str]:
    """The lot's words, its fields apart so that no phrase runs from one into the next."""
    parts = [listing.title, listing.summary, listing.ref, listing.bank.name]
    for right in rights:
        codes = [part for row in right.classes for part in (row.code, row.code.partition("/")[0], row.code[:4])]
        parts += [right.title, right.abstract, right.number, _bare(right.number), right.holder, *codes]
    words: list[str] = []
    for part in parts:
        words += [*index_words(part), "|"]
    return words


def _bare(number: str) -> str:
    return "".join(character for character in number if character.isalnum())


def _write_words(listing_id: int, words: list[str]) -> None:
    if db.session.get_bind().dialect.name == "sqlite":
        db.session.execute(text("DELETE FROM listing_words WHERE rowid = :id"), {"id": listing_id})
        kept = " ".join("000" if word == "|" else word for word in words)
        db.session.execute(
            text("INSERT INTO listing_words (rowid, words) VALUES (:id, :words)"), {"id": listing_id, "words": kept}
        )
    else:
        db.session.execute(
            text(
                "INSERT INTO listing_words (rowid, words) VALUES (:id, CAST(:words AS tsvector)) "
                "ON CONFLICT (rowid) DO UPDATE SET words = excluded.words"
            ),
            {"id": listing_id, "words": _as_tsvector(words)},
        )


MOST_PLACES, MOST_PER_WORD = 16_383, 250
"""Of a tsvector."""


def _as_tsvector(words: list[str]) -> str:
    places: dict[str, list[int]] = {}
    for place, word in enumerate(words[:MOST_PLACES], start=1):
        if word != "|":
            places.setdefault(word, []).append(place)
    return " ".join(f"'{word}':{','.join(map(str, at[:MOST_PER_WORD]))}" for word, at in places.items())


def found(words: str) -> NDArray[np.int64] | None:
    """The ids of the lots that hold every phrase of a query, in no order; None when the query has no word.

    They come as one text, which is an order of magnitude quicker to read than a row each.
    """
    phrases = _asked(words)
    if not phrases:
        return None
    if db.session.get_bind().dialect.name == "sqlite":
        query = " AND ".join(
            f'"{phrase[0][:-1]}"*' if phrase[0].endswith("*") else f'"{" ".join(phrase)}"' for phrase in phrases
        )
        statement = text("SELECT group_concat(rowid) FROM listing_words WHERE listing_words MATCH :q")
    else:
        query = " & ".join(
            f"'{phrase[0][:-1]}':*" if phrase[0].endswith("*") else " <-> ".join(f"'{word}'" for word in phrase)
            for phrase in phrases
        )
        statement = text("SELECT string_agg(rowid::text, ',') FROM listing_words WHERE words @@ CAST(:q AS tsquery)")
    listed = db.session.execute(statement, {"q": query}).scalar()
    return np.fromstring(listed or "", dtype=np.int64, sep=",")


def _asked(words: str) -> list[tuple[str, ...]]:
    """The phrases of a query; a patent number in any spelling is asked for as we write it."""
    try:
        return [(_bare(identifiers.patent_number(words).canonical).lower(),)]
    except Refusal:
        return query_phrases(words)


def entries(ids: list[int]) -> list[ListingEntry]:
    """The cards of some lots, in the order asked for."""
    rows = {entry.id: entry for entry in db.session.scalars(select(ListingEntry).where(ListingEntry.id.in_(ids)))}
    return [rows[i] for i in ids if i in rows]


WHOLE_LOT = (
    joinedload(Listing.bank),
    selectinload(Listing.items).joinedload(ListingItem.asset).options(*assets.WHOLE),
)
"""Loader options for a lot with everything its page and its checks look at."""

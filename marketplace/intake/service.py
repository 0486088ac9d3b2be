"""Every write of an import: take the file, judge its rows, and bring the accepted ones in, each whole or not at all."""

import secrets
from collections.abc import Iterator
from datetime import date, datetime
from itertools import islice
from typing import Any

from flask import current_app
from sqlalchemy import select

from marketplace import audit
from marketplace.accounts.models import Organisation, User
from marketplace.assets import queries as assets
from marketplace.assets import service as asset_service
from marketplace.cases import queries as cases
from marketplace.core.clock import shanghai_date
from marketplace.core.errors import Refusal
from marketplace.database import db
from marketplace.intake.columns import squeezed
from marketplace.intake.models import ImportBatch, ImportRow
from marketplace.intake.rules import CLOCK, LIFE_CYCLE, OFFICER, TEXTS, BatchState, Issue, Verdict, judge
from marketplace.intake.spreadsheets import Sheet
from marketplace.papers.rules import LARGEST, EmptyFile, TooLarge
from marketplace.papers.service import sniff
from marketplace.storage import Storage

CHUNK = 250
DATES = ("filed_on", "granted_on", "registered_on", "first_published_on", "completed_on", "first_used_on")


def upload(bank: Organisation, filename: str, content: bytes, *, by: User | None, now: datetime) -> ImportBatch:
    """Take a file for a bank; its rows are judged by the worker.

    :raises EmptyFile, TooLarge, Unreadable, NoHeads, RepeatedHeads: when it cannot be a list of rights
    """
    if not content:
        raise EmptyFile
    if len(content) > LARGEST:
        raise TooLarge(greatest=LARGEST // (1024 * 1024))
    sheet = Sheet(content)
    storage: Storage = current_app.extensions["storage"]
    batch = ImportBatch(
        ref=f"I{secrets.token_hex(4).upper()}",
        bank_id=bank.id,
        filename=filename[-120:] or "file",
        media_type=sniff(content),
        sha256=storage.put(content),
        state=BatchState.CHECKING,
        unknown_columns=list(sheet.heads.unknown),
        uploaded_by_id=by.id if by else None,
        uploaded_at=now,
    )
    db.session.add(batch)
    db.session.flush()
    audit.record("import.uploaded", f"import:{batch.id}", by=by, now=now, sha256=batch.sha256)
    return batch


def accept(batch: ImportBatch, *, by: User | None, now: datetime) -> None:
    """Bring the rows in that may come; the worker does it.

    :raises MoveRefused: unless the file is judged and waits
    """
    batch.state = BatchState(LIFE_CYCLE.next(batch.state, "accept", OFFICER))
    batch.accepted_at = now
    audit.record("import.accepted", f"import:{batch.id}", by=by, now=now, rows=batch.rows_ok)


def discard(batch: ImportBatch, *, by: User, now: datetime) -> None:
    """:raises MoveRefused: once it was accepted"""
    batch.state = BatchState(LIFE_CYCLE.next(batch.state, "discard", OFFICER))
    audit.record("import.discarded", f"import:{batch.id}", by=by, now=now)


def work_off(now: datetime, limit: int) -> int:
    """Go on with every unfinished import, a chunk per transaction, where the last one stopped."""
    done = 0
    busy = select(ImportBatch.id).where(ImportBatch.state.in_((BatchState.CHECKING, BatchState.IMPORTING)))
    for batch_id in db.session.scalars(busy.order_by(ImportBatch.id)).all():
        for rows in _steps(batch_id, now):
            done += rows
            if done >= limit * 20:
                return done
    return done


def _steps(batch_id: int, now: datetime) -> Iterator[int]:
    """Each chunk of a batch, committed, with how many rows it took."""
    batch = db.session.get_one(ImportBatch, batch_id)
    if batch.state is BatchState.CHECKING:
        yield from _check(batch, now)
    while batch.state is BatchState.IMPORTING:
        rows = _bring_in(batch, now)
        db.session.commit()
        yield rows


def _check(batch: ImportBatch, now: datetime) -> Iterator[int]:
    storage: Storage = current_app.extensions["storage"]
    today = shanghai_date(now)
    try:
        rows = islice(Sheet(storage.get(batch.sha256)).rows(), batch.rows_checked, None)
        while chunk := list(islice(rows, CHUNK)):
            for verdict, cells in judged(batch.bank_id, chunk, today, earlier=_earlier(batch)):
                db.session.add(_row(batch, verdict, cells))
                batch.rows_ok += int(verdict.ok)
            batch.rows_checked += len(chunk)
            db.session.commit()
            yield len(chunk)
    except Refusal as refusal:
        db.session.rollback()
        batch.state = BatchState(LIFE_CYCLE.next(batch.state, "give_up", CLOCK))
        batch.failure = str(refusal)
        db.session.commit()
        return
    batch.rows_total = batch.rows_checked
    batch.state = BatchState(LIFE_CYCLE.next(batch.state, "check", CLOCK))
    db.session.commit()


def _earlier(batch: ImportBatch) -> Any:
    def rows_of(keys: list[str]) -> dict[str, int]:
        found = db.session.execute(
            select(ImportRow.key, ImportRow.row_no).where(ImportRow.batch_id == batch.id, ImportRow.key.in_(keys))
        )
        return dict(found.tuples().all())

    return rows_of


def judged(
    bank_id: int | None, chunk: list[tuple[int, dict[str, Any]]], today: date, *, earlier: Any
) -> list[tuple[Verdict, dict[str, Any]]]:
    """Judge some rows, also against the rest of the file and the bank's portfolio.

    :param earlier: which of some keys earlier rows hold, and in which row
    """
    verdicts = [(judge(number, cells, today), cells) for number, cells in chunk]
    keys = [key_of(verdict) for verdict, _cells in verdicts]
    seen: dict[str, int] = earlier([key for key in keys if key])
    known: dict[tuple[str, str], str] = {}
    loans: dict[str, Any] = {}
    if bank_id is not None:
        known = assets.known_numbers(bank_id, [verdict.number for verdict, _cells in verdicts if verdict.number])
        loans = cases.by_loan(bank_id, {squeezed(cells.get("loan_ref")) for _v, cells in verdicts} - {""})
    for (verdict, _cells), key in zip(verdicts, keys, strict=True):
        if key:
            if key in seen:
                verdict.error("number", "duplicate_in_file", row=str(seen[key]))
            seen.setdefault(key, verdict.row)
            kind, _, number = key.partition(":")
            if (kind, number) in known:
                verdict.error("number", "duplicate_in_portfolio", ref=known[kind, number])
        loan = verdict.values.get("loan_ref")
        if bank_id is not None and loan and loan not in loans:
            verdict.warn("loan_ref", "unknown_loan", given=loan)
    return verdicts


def key_of(verdict: Verdict) -> str:
    return f"{verdict.kind.value}:{verdict.number}" if verdict.kind and verdict.number else ""


def _row(batch: ImportBatch, verdict: Verdict, cells: dict[str, Any]) -> ImportRow:
    return ImportRow(
        batch_id=batch.id,
        row_no=verdict.row,
        key=key_of(verdict),
        cells={name: value if isinstance(value, str) else str(value) for name, value in cells.items()},
        verdict=as_json(verdict),
        is_ok=verdict.ok,
    )


def as_json(verdict: Verdict) -> dict[str, Any]:
    """The verdict for programs and for the database."""

    def issue(one: Issue) -> dict[str, Any]:
        return {"field": one.field, "code": one.code, "text": one.text, "facts": one.facts}

    def iso(day: date | None) -> str | None:
        return day.isoformat() if day else None

    return {
        "ok": verdict.ok,
        "kind": verdict.kind.value if verdict.kind else None,
        "number": verdict.number or None,
        "title": verdict.title,
        "in_force_until": iso(verdict.in_force_until),
        "next_due_on": iso(verdict.next_due_on),
        "errors": [issue(one) for one in verdict.errors],
        "warnings": [issue(one) for one in verdict.warnings],
        "normalised": [list(change) for change in verdict.normalised],
    }


def _bring_in(batch: ImportBatch, now: datetime) -> int:
    """A chunk of rows, each with its right in one transaction; what the bank took in meanwhile is said, not doubled."""
    waiting = (
        select(ImportRow)
        .where(ImportRow.batch_id == batch.id, ImportRow.is_ok.is_(True), ImportRow.asset_id.is_(None))
        .order_by(ImportRow.row_no)
        .limit(CHUNK)
    )
    rows = list(db.session.scalars(waiting))
    if not rows:
        batch.state = BatchState(LIFE_CYCLE.next(batch.state, "finish", CLOCK))
        batch.finished_at = now
        audit.record("import.finished", f"import:{batch.id}", now=now, rows=batch.rows_imported)
        return 0
    known = assets.known_numbers(batch.bank_id, [row.key.partition(":")[2] for row in rows])
    loans = cases.by_loan(batch.bank_id, {squeezed(row.cells.get("loan_ref")) for row in rows} - {""})
    for row in rows:
        kind, _, number = row.key.partition(":")
        if (kind, number) in known:
            issue = {"field": "number", "code": "duplicate_in_portfolio", "text": TEXTS["duplicate_in_portfolio"],
                     "facts": {"ref": known[kind, number]}}  # fmt: skip
            row.verdict = row.verdict | {"ok": False, "errors": [*row.verdict["errors"], issue]}
            row.is_ok = False
            continue
        verdict = judge(row.row_no, row.cells, shanghai_date(now))
        case = loans.get(verdict.values.get("loan_ref") or "")
        asset = asset_service.take_in(batch.bank, new_right(verdict), case, by=batch.uploaded_by, now=now)
        row.asset_id = asset.id
        batch.rows_imported += 1
    return len(rows)


def new_right(verdict: Verdict) -> asset_service.NewRight:
    """A judged row as a right."""
    assert verdict.kind is not None
    values = verdict.values
    return asset_service.NewRight(
        kind=verdict.kind,
        number=verdict.number,
        title=verdict.title,
        abstract=values["abstract"],
        holder=values["holder"],
        dates={name: values[name] for name in DATES if values.get(name)},
        fee_paid_through_year=values.get("fee_paid_through_year"),
        classes=tuple(values.get("classes", ())),
        co_owners=tuple(values["co_owners"]),
        valuation=values["valuation"],
        valuation_base_on=values.get("valuation_base_on"),
    )

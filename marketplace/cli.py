"""Commands: due work once or for ever, imports, the demo market, checks of the record."""

import json
import sys
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app

from marketplace import audit, jobs
from marketplace.accounts import queries as accounts
from marketplace.core.clock import Clock, shanghai_date
from marketplace.core.errors import NotFound, Refusal
from marketplace.core.roles import Role
from marketplace.database import db
from marketplace.demo import market
from marketplace.intake import queries as imports
from marketplace.intake import service as intake
from marketplace.intake.spreadsheets import Sheet


def _now() -> datetime:
    clock: Clock = current_app.extensions["clock"]
    return clock.now()


def init_app(app: Flask) -> None:
    app.cli.add_command(tick)
    app.cli.add_command(worker)
    app.cli.add_command(check_record)
    app.cli.add_command(demo_load)
    app.cli.add_command(import_assets)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def tick(as_json: bool) -> None:
    """Do all that is due, once."""
    done = jobs.tick(_now())
    click.echo(json.dumps(done) if as_json else "\n".join(f"{n:6} {name}" for name, n in done.items()))


@click.command()
def worker() -> None:
    """Do what is due for ever; SIGINT lets the running round finish."""
    from marketplace.worker import run

    run(current_app._get_current_object())  # type: ignore[attr-defined]


@click.command("check-record")
def check_record() -> None:
    """Walk the audit chain and say whether any line was edited."""
    broken = audit.broken_at()
    if broken is not None:
        click.echo(f"the record is broken at line {broken}", err=True)
        sys.exit(1)
    click.echo("the record is whole")


@click.command("demo-load")
@click.option("--scale", default=1.0, help="Share of the usual number of lots.")
def demo_load(scale: float) -> None:
    """Fill an empty database with the demo market; a database that holds anything is left alone."""
    if not current_app.extensions["settings"].demo_market:
        raise click.ClickException("set DEMO_MARKET=1: sample data never goes into a real market")
    if market.is_loaded():
        click.echo("the demo market is already there")
        return
    market.Market(_now(), cost=current_app.extensions["settings"].password_cost).load(scale)
    click.echo("the demo market is loaded")


@click.command("import-assets")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--bank", "bank_ref", help="Reference of the bank the rights come to; a dry run can do without.")
@click.option("--dry-run", is_flag=True, help="Judge every row and keep nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per row.")
def import_assets(file: Path, bank_ref: str | None, dry_run: bool, as_json: bool) -> None:
    """Judge the rights in FILE (CSV or XLSX) row by row and, without --dry-run, take the good ones in."""
    if bank_ref is None and not dry_run:
        raise click.UsageError("--bank is needed, except with --dry-run")
    try:
        bank = accounts.organisation(bank_ref) if bank_ref else None
    except NotFound:
        raise click.BadParameter(f"no bank {bank_ref!r}", param_hint="--bank") from None
    if bank is not None and bank.kind is not Role.BANK:
        raise click.BadParameter(f"{bank_ref} is not a bank", param_hint="--bank")
    good = wrong = 0
    try:
        lines = _dry(file, bank.id if bank else None) if dry_run else _for_real(file, bank)
        for line in lines:
            good, wrong = good + line["ok"], wrong + (not line["ok"])
            click.echo(json.dumps(line, ensure_ascii=False) if as_json else _sentence(line))
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from None
    click.echo(f"{good + wrong} rows: {good} good, {wrong} wrong", err=True)


def _dry(file: Path, bank_id: int | None) -> Iterator[dict[str, Any]]:
    sheet, seen = Sheet(file.read_bytes()), dict[str, int]()
    _say_unknown(sheet.heads.unknown)
    rows, today = sheet.rows(), shanghai_date(_now())
    while chunk := list(islice(rows, intake.CHUNK)):
        judged = intake.judged(bank_id, chunk, today, earlier=lambda keys: {k: seen[k] for k in keys if k in seen})
        for verdict, _cells in judged:
            if key := intake.key_of(verdict):
                seen.setdefault(key, verdict.row)
            yield _line(verdict.row, intake.as_json(verdict))


def _for_real(file: Path, bank: Any) -> Iterator[dict[str, Any]]:
    batch = intake.upload(bank, file.name, file.read_bytes(), by=None, now=_now())
    db.session.commit()
    _say_unknown(batch.unknown_columns)
    while intake.work_off(_now(), 1000):
        pass
    if batch.failure:
        raise click.ClickException(batch.failure)
    intake.accept(batch, by=None, now=_now())
    db.session.commit()
    while intake.work_off(_now(), 1000):
        pass
    for page in range(1, batch.rows_total // imports.PER_PAGE + 2):
        for row in imports.rows(batch, only_wrong=False, page=page):
            yield _line(row.row_no, row.verdict)


def _say_unknown(columns: Any) -> None:
    if columns:
        click.echo(f"columns not understood and left out: {', '.join(columns)}", err=True)


def _line(row: int, verdict: dict[str, Any]) -> dict[str, Any]:
    def issues(name: str) -> list[dict[str, str]]:
        return [
            {"field": i["field"], "code": i["code"], "message": i["text"].format(**i["facts"])} for i in verdict[name]
        ]

    plain = {name: verdict[name] for name in ("ok", "kind", "number", "in_force_until", "next_due_on")}
    return {"row": row, **plain, "errors": issues("errors"), "warnings": issues("warnings")}


def _sentence(line: dict[str, Any]) -> str:
    what = f"{line['kind'] or '?'} {line['number'] or '?'}"
    said = "; ".join(f"{issue['field']}: {issue['message']}" for issue in line["errors"] + line["warnings"])
    return f"{line['row']:6} {'ok   ' if line['ok'] else 'WRONG'} {what}  {said}".rstrip()

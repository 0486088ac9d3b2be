"""Imports on each engine: judged, accepted, interrupted, gone on with."""

import json
from itertools import islice

from flask import Flask
from sqlalchemy import func, select

from marketplace.assets.models import Asset
from marketplace.database import db
from marketplace.intake import service
from marketplace.intake.models import ImportBatch, ImportRow
from marketplace.intake.rules import BatchState
from tests.conftest import NOON
from tests.factories import World, patent


def spreadsheet(rows: int, *more: str) -> bytes:
    lines = ["权利类型,权利号,名称,申请日,评估值,评估基准日"]
    lines += [f"发明专利,{patent()},一种装置{n},2020-04-14,300万,2026-05-01" for n in range(rows)]
    return "\n".join([*lines, *more]).encode()


def finished(batch: ImportBatch) -> ImportBatch:
    while service.work_off(NOON, 100):
        pass
    db.session.refresh(batch)
    return batch


def test_good_rows_come_in_and_wrong_ones_stay_out(app: Flask) -> None:
    world = World.make(NOON)
    content = spreadsheet(3, "发明专利,ZL202010288867.8,坏号,,,", "商标,12345678,一个商标,,,")
    batch = service.upload(world.bank, "a.csv", content, by=world.officer, now=NOON)
    db.session.commit()

    assert finished(batch).state is BatchState.CHECKED
    assert (batch.rows_total, batch.rows_ok) == (5, 4)
    service.accept(batch, by=world.officer, now=NOON)
    db.session.commit()

    assert finished(batch).state is BatchState.IMPORTED
    assert batch.rows_imported == 4
    values = db.session.scalars(select(Asset).where(Asset.bank_id == world.bank.id)).all()
    assert sum(asset.reference is not None for asset in values) == 3


def test_duplicates_in_the_file_and_in_the_portfolio_are_named(app: Flask) -> None:
    world = World.make(NOON)
    asset = world.asset()
    db.session.commit()
    number = patent()
    rows = [f"发明专利,{number},甲,,,", f"发明专利,{number},乙,,,", f"发明专利,{asset.number},丙,,,"]
    batch = service.upload(world.bank, "a.csv", spreadsheet(0, *rows), by=world.officer, now=NOON)
    db.session.commit()
    finished(batch)

    codes = [
        [issue["code"] for issue in row.verdict["errors"]]
        for row in db.session.scalars(select(ImportRow).order_by(ImportRow.row_no))
    ]
    assert codes == [[], ["duplicate_in_file"], ["duplicate_in_portfolio"]]


def test_an_interrupted_import_goes_on_where_it_stopped_and_doubles_nothing(app: Flask) -> None:
    world = World.make(NOON)
    batch = service.upload(world.bank, "a.csv", spreadsheet(service.CHUNK * 2 + 10), by=world.officer, now=NOON)
    db.session.commit()
    list(islice(service._steps(batch.id, NOON), 1))
    db.session.rollback()
    assert finished(batch).rows_checked == service.CHUNK * 2 + 10
    service.accept(batch, by=world.officer, now=NOON)
    db.session.commit()
    list(islice(service._steps(batch.id, NOON), 1))
    db.session.rollback()

    assert finished(batch).state is BatchState.IMPORTED
    assert db.session.scalar(select(func.count(Asset.id))) == service.CHUNK * 2 + 10 == batch.rows_imported


def test_command_line_judges_without_a_database(app: Flask, tmp_path: object) -> None:
    path = tmp_path / "rights.csv"  # type: ignore[operator]
    path.write_text(
        "kind,number,title,colour\ninvention,ZL202010288867.7,A battery,red\ninvention,ZL202010288867.8,B,red\n"
    )

    result = app.test_cli_runner().invoke(args=["import-assets", str(path), "--dry-run", "--json"])
    lines = [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]

    assert [(line["row"], line["ok"], line["number"]) for line in lines] == [
        (2, True, "202010288867.7"),
        (3, False, None),
    ]
    assert lines[1]["errors"][0]["field"] == "number"
    assert set(lines[0]) == {"row", "ok", "kind", "number", "in_force_until", "next_due_on", "errors", "warnings"}


def test_command_line_takes_good_rows_in(app: Flask, tmp_path: object) -> None:
    world = World.make(NOON)
    path = tmp_path / "rights.csv"  # type: ignore[operator]
    path.write_bytes(spreadsheet(3))

    result = app.test_cli_runner().invoke(args=["import-assets", str(path), "--bank", world.bank.ref, "--json"])

    assert result.exit_code == 0, result.output
    assert db.session.scalar(select(func.count(Asset.id))) == 3

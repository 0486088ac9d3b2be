"""Reports to read and to take away."""

import csv
import io
from datetime import date
from typing import Any

import xlsxwriter
from flask import Blueprint, Response, render_template
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from marketplace import web
from marketplace.core.errors import NotFound
from marketplace.core.money import Money
from marketplace.core.roles import Role
from marketplace.papers.rules import XLSX
from marketplace.reports.registry import REPORTS, Report

bp = Blueprint("reports", __name__)
READERS = (Role.BANK, Role.PLATFORM, Role.REGULATOR)


def _report(name: str) -> Report:
    report = REPORTS.get(name)
    if report is None or current_user.role not in report.roles:
        raise NotFound
    return report


@bp.get("/reports")
@web.requires(*READERS)
def index() -> str:
    mine = {name: report for name, report in REPORTS.items() if current_user.role in report.roles}
    return render_template("reports/index.html", reports=mine)


@bp.get("/reports/<name>")
@web.requires(*READERS)
def show(name: str) -> str:
    report = _report(name)
    mine = {key: other for key, other in REPORTS.items() if current_user.role in other.roles}
    return render_template(
        "reports/show.html", report=report, name=name, rows=report.rows(current_user), reports=mine, Money=Money
    )


@bp.get("/reports/<name>.csv")
@web.requires(*READERS)
def as_csv(name: str) -> BaseResponse:
    report = _report(name)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_(head) for head in report.columns])
    for row in report.rows(current_user):
        writer.writerow([_plain(cell, place in report.bps) for place, cell in enumerate(row)])
    return Response(
        b"\xef\xbb\xbf" + out.getvalue().encode(),
        mimetype="text/csv",
        headers={"Content-Disposition": f"attachment; filename=zhiyi-{name}.csv"},
    )


def _plain(cell: Any, is_share: bool) -> str:
    """A cell for machines: yuan as a decimal, shares in percent, days in ISO form."""
    if cell is None:
        return ""
    if isinstance(cell, Money):
        return cell.decimal
    if is_share:
        return f"{cell / 100:.2f}"
    return cell.isoformat() if isinstance(cell, date) else web.inert(web.written(cell))


@bp.get("/reports/<name>.xlsx")
@web.requires(*READERS)
def as_xlsx(name: str) -> BaseResponse:
    report = _report(name)
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet("zhiyi")
    head = book.add_format({"bold": True, "bg_color": "#f5ecd9", "bottom": 1})
    formats = {
        "money": book.add_format({"num_format": "#,##0.00"}),
        "share": book.add_format({"num_format": "0.00%"}),
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
    }
    sheet.write_row(0, 0, [_(column) for column in report.columns], head)
    for line, row in enumerate(report.rows(current_user), start=1):
        for place, cell in enumerate(row):
            _write(sheet, line, place, cell, place in report.bps, formats)
    sheet.freeze_panes(1, 1)
    sheet.autofit()
    book.close()
    return Response(
        out.getvalue(), mimetype=XLSX, headers={"Content-Disposition": f"attachment; filename=zhiyi-{name}.xlsx"}
    )


def _write(sheet: Any, line: int, place: int, cell: Any, is_share: bool, formats: dict[str, Any]) -> None:
    if cell is None:
        return
    if isinstance(cell, Money):
        sheet.write_number(line, place, cell.minor / 100, formats["money"])
    elif is_share:
        sheet.write_number(line, place, cell / 10_000, formats["share"])
    elif isinstance(cell, date):
        sheet.write_datetime(line, place, cell, formats["day"])
    elif isinstance(cell, int):
        sheet.write_number(line, place, cell)
    else:
        sheet.write_string(line, place, web.written(cell))

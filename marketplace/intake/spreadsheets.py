"""Files in and out: rows of a CSV (UTF-8 or GB18030) or XLSX one at a time, and the template to fill."""

import csv
import io
import zipfile
from collections.abc import Iterator
from typing import Any

import xlsxwriter
from python_calamine import CalamineError, CalamineWorkbook

from marketplace.core.errors import N_, Refusal
from marketplace.intake.columns import REQUIRED, TEMPLATE, Heads, read_heads, squeezed

LARGEST_WORKBOOK = 400 * 1024 * 1024
"""Of an unpacked workbook: a file that blows up beyond it is refused unopened."""
MOST_ROWS = 50_000


class Unreadable(Refusal):
    field = "file"
    text = N_("无法读取该文件：请使用 XLSX，或 UTF-8、GB18030 编码的 CSV。")


class NoHeads(Refusal):
    field = "file"
    text = N_("第一行须为列名，缺少：{missing}。请下载模板对照。")


class RepeatedHeads(Refusal):
    field = "file"
    text = N_("列名重复：{repeated}。请合并后重试。")


class TooManyRows(Refusal):
    field = "file"
    text = N_("超过 {greatest} 行，请拆分后分批导入。")


def _csv_rows(content: bytes) -> Iterator[list[Any]]:
    encoding = "utf-8-sig"
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        encoding = "gb18030"
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            raise Unreadable from None
    stream = io.TextIOWrapper(io.BytesIO(content), encoding=encoding, newline="")
    first = stream.readline()
    stream.seek(0)
    delimiter = max(",\t;", key=first.count)
    try:
        yield from csv.reader(stream, delimiter=delimiter)
    except csv.Error:
        raise Unreadable from None


def _workbook_rows(content: bytes) -> Iterator[list[Any]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(item.file_size for item in archive.infolist()) > LARGEST_WORKBOOK:
                raise Unreadable
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
        yield from sheet.iter_rows()
    except (zipfile.BadZipFile, CalamineError, IndexError):
        raise Unreadable from None


class Sheet:
    """A file's heads, and its rows as cells by column name."""

    def __init__(self, content: bytes) -> None:
        """:raises Unreadable, NoHeads, RepeatedHeads: when it cannot be a list of rights"""
        if b"\x00" in content[:512] and not content.startswith(b"PK"):
            raise Unreadable
        self._rows = enumerate(
            _workbook_rows(content) if content.startswith(b"PK\x03\x04") else _csv_rows(content), start=1
        )
        self.heads = Heads({}, (), REQUIRED, ())
        for _number, cells in self._rows:
            if any(squeezed(cell) for cell in cells):
                self.heads = read_heads(cells)
                break
        if self.heads.missing:
            raise NoHeads(missing=[column.head for column in TEMPLATE if column.name in self.heads.missing])
        if self.heads.repeated:
            raise RepeatedHeads(repeated=list(self.heads.repeated))

    def rows(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Each row that holds anything, with its number as the spreadsheet counts.

        :raises TooManyRows: past the most a file may hold
        """
        for number, cells in self._rows:
            if number > MOST_ROWS + 1:
                raise TooManyRows(greatest=MOST_ROWS)
            if any(squeezed(cell) for cell in cells):
                yield number, {name: cells[place] for name, place in self.heads.positions.items() if place < len(cells)}


def template_csv(language: str) -> bytes:
    """The template as CSV, with a byte-order mark so that spreadsheets read the Chinese."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([c.name if language == "en" else c.head for c in TEMPLATE])
    writer.writerow([c.example for c in TEMPLATE])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def template_xlsx(language: str) -> bytes:
    """The template as a workbook; numbers and dates are text cells, so that nothing is turned into something else."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet("rights" if language == "en" else "质押权利")
    head = book.add_format({"bold": True, "bg_color": "#f5ecd9", "bottom": 1})
    text = book.add_format({"num_format": "@"})
    for place, column in enumerate(TEMPLATE):
        sheet.write(0, place, column.name if language == "en" else column.head, head)
        sheet.write_string(1, place, column.example, text)
        sheet.set_column(place, place, 40 if column.name == "abstract" else 20, text)
    sheet.freeze_panes(1, 0)
    book.close()
    return out.getvalue()

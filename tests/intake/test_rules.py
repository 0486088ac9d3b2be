"""Verdicts on rows."""

from datetime import date

import pytest

from marketplace.assets.kinds import Kind
from marketplace.core.errors import Refusal
from marketplace.core.money import Money
from marketplace.intake.columns import parse_amount, parse_date, read_heads
from marketplace.intake.rules import judge
from marketplace.intake.spreadsheets import NoHeads, Sheet, Unreadable, template_csv, template_xlsx

TODAY = date(2026, 6, 1)
GOOD = {
    "kind": "发明专利",
    "number": "ZL 2020 1 0288867.7",
    "title": "一种电池",
    "filed_on": "2020年4月14日",
    "classes": "H01M10/613",
}


@pytest.mark.parametrize(
    "text", ["2020-01-31", "2020/1/31", "2020年1月31日", "20200131", "２０２０-01-31", date(2020, 1, 31)]
)
def test_dates_in_every_spelling(text: object) -> None:
    assert parse_date(text) == date(2020, 1, 31)


@pytest.mark.parametrize("text", ["2020-02-30", "31.1.2020x", "yesterday", "2020-13-01"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(Refusal):
        parse_date(text)


def test_amounts_in_wan() -> None:
    assert parse_amount("300万") == Money.yuan(3_000_000)
    assert parse_amount("3,000,000.00") == Money.yuan(3_000_000)


def test_a_good_row_is_normalised_and_computed() -> None:
    verdict = judge(2, GOOD, TODAY)

    assert verdict.ok
    assert (verdict.kind, verdict.number) == (Kind.INVENTION, "202010288867.7")
    assert verdict.in_force_until == date(2040, 4, 13)
    assert ("number", "ZL 2020 1 0288867.7", "202010288867.7") in verdict.normalised


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"number": "ZL202010288867.8"}, "number", "WrongCheckDigit"),
        ({"kind": "什么"}, "kind", "unknown_kind"),
        ({"kind": "实用新型"}, "kind", "kind_mismatch"),
        ({"title": " "}, "title", "missing"),
        ({"filed_on": "2027-01-01"}, "filed_on", "future"),
        ({"valuation": "很多"}, "valuation", "NotAnAmount"),
    ],
)
def test_a_wrong_cell_is_named_with_what_is_wrong(changes: dict[str, str], field: str, code: str) -> None:
    verdict = judge(2, GOOD | changes, TODAY)

    assert (field, code) in [(issue.field, issue.code) for issue in verdict.errors]


def test_heads_in_both_languages_and_unknown_ones_reported() -> None:
    heads = read_heads(["Kind", "权利号", "title", "颜色"])

    assert set(heads.positions) == {"kind", "number", "title"}
    assert heads.unknown == ("颜色",)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_in_the_encodings_banks_have(encoding: str) -> None:
    text = "权利类型,权利号,名称\n发明专利,202010288867.7,一种电池\n"

    assert [cells["title"] for _row, cells in Sheet(text.encode(encoding)).rows()] == ["一种电池"]


def test_templates_can_be_read_back() -> None:
    for content in (template_csv("zh"), template_csv("en"), template_xlsx("zh"), template_xlsx("en")):
        rows = list(Sheet(content).rows())
        assert rows[0][0] == 2
        assert rows[0][1]["number"] == "ZL 2020 1 0288867.7"


@pytest.mark.parametrize(
    ("content", "refusal"),
    [(b"\x00\x01\x02" * 200, Unreadable), (b"a,b\n1,2\n", NoHeads), (b"PK\x03\x04xx", Unreadable)],
)
def test_files_that_are_no_lists_are_refused(content: bytes, refusal: type) -> None:
    with pytest.raises(refusal):
        Sheet(content)

"""Numbers of rights and parties: the published vectors, and what check digits must catch."""

import csv
import gzip
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.core import identifiers as ids

VALID_PATENTS = [
    "ZL202010288867.7", "ZL 201911393580.4", "ZL2019 2 2113032.3", "ZL2020 2 2360603.6", "202310397744.0",
    "201710431918.5", "201710601862.3", "ZL95115608.X", "202410000001.x", "202130123456.8", "201880012345.5",
    "201910551886.1",
]  # fmt: skip


@pytest.mark.parametrize("text", VALID_PATENTS)
def test_real_and_published_patent_numbers_are_accepted(text: str) -> None:
    number = ids.patent_number(text)

    assert len(number.canonical) in (10, 14)
    assert ids.patent_number(number.canonical) == number


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("ZL202010000001.0", ids.WrongCheckDigit),
        ("ZL20221955451.7", ids.WrongLength),
        ("202010288867.8", ids.WrongCheckDigit),
    ],
)
def test_wrong_patent_numbers_are_refused(text: str, error: type[ids.BadNumber]) -> None:
    with pytest.raises(error):
        ids.patent_number(text)


def test_refused_check_digit_says_the_right_one() -> None:
    with pytest.raises(ids.WrongCheckDigit) as refused:
        ids.patent_number("ZL202010000001.0")

    assert refused.value.facts["expected"] == "1"


def test_type_digit_tells_kind_and_pct() -> None:
    assert ids.patent_number("202130123456.8").kind == "design"
    assert ids.patent_number("201880012345.5").is_pct


@given(st.integers(2004, 2025), st.sampled_from("123"), st.integers(0, 9_999_999), st.data())
def test_every_one_digit_corruption_of_a_patent_number_is_caught(
    year: int, kind: str, serial: int, data: st.DataObject
) -> None:
    body = f"{year}{kind}{serial:07d}"
    digits = body + ids.patent_check_digit(body)
    place = data.draw(st.integers(0, 11))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != digits[place]]))
    corrupt = digits[:place] + other + digits[place + 1 :]

    with pytest.raises(ids.BadNumber):
        ids.patent_number(f"{corrupt[:12]}.{corrupt[12]}")


@pytest.mark.parametrize(
    "code",
    [
        "91110108551385082Q", "91110000600037341L", "91350100M000100Y43", "911522010783762860", "91340600MA2PBP2120",
        "91410000MA403TWC10", "91100000100003962T", "911100001000044477", "911100001000054748", "911000001000013428",
    ],
)  # fmt: skip
def test_credit_codes_including_those_ending_in_nought_are_accepted(code: str) -> None:
    assert ids.uscc(code).code == code


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("91110000600037341N", ids.WrongCheckDigit),
        ("91410000MA9ABCDEF0", ids.WrongCheckDigit),
        ("9111000060003IOZSV", ids.WrongForm),
    ],
)
def test_wrong_credit_codes_are_refused(code: str, error: type[ids.BadNumber]) -> None:
    with pytest.raises(error):
        ids.uscc(code)


def test_other_numbers() -> None:
    assert ids.lei("213800KUD8LAJWSQ9D15") and ids.lei("5493002ERZU2K9PZDL40")
    assert ids.resident_id("11010519491231002X") and ids.resident_id("440524188001010014")
    for good in ("BS.08500145.7", "BS.12500520.2", "BS.185559220"):
        assert ids.ic_layout_number(good)
    assert ids.software_registration("2020SR0369466") == "2020SR0369466"
    assert ids.software_registration("2016SR172900") == "2016SR172900"
    assert ids.copyright_registration("国作登字-2021-L-00268255") == "国作登字-2021-L-00268255"


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (ids.lei, "213800KUD8LXJWSQ9D15"), (ids.resident_id, "412723199010050013"),
        (ids.ic_layout_number, "BS.08500145.8"), (ids.software_registration, "2019R11L885247"),
    ],
)  # fmt: skip
def test_other_wrong_numbers_are_refused(read: object, text: str) -> None:
    with pytest.raises(ids.BadNumber):
        read(text)  # type: ignore[operator]


def test_genuine_patent_numbers_are_never_refused() -> None:
    """A sample of published numbers; all 9,897 of the full collection were checked the same way."""
    path = Path(__file__).parent.parent / "data" / "patent_numbers.csv.gz"
    with gzip.open(path, "rb") as packed:
        numbers = [row["number"] for row in csv.DictReader(io.TextIOWrapper(packed, encoding="utf-8"))]

    assert len(numbers) > 9000
    for number in numbers:
        ids.patent_number(number)

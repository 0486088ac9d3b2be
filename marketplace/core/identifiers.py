"""Numbers that name rights and parties, read as people write them and checked as their offices made them.

A reader returns the canonical spelling or refuses with what is wrong. Passing means well-formed, not existing.

Example: ``ZL 2020 1 0288867.7`` reads as 202010288867.7, an invention filed in 2020; its check digit is the sum of
the twelve digits weighted 2,3,4,5,6,7,8,9,2,3,4,5, modulo 11, with 10 written X (ZC 0006-2003).
"""

import re
import unicodedata
from dataclasses import dataclass

from marketplace.core.errors import N_, Refusal


class BadNumber(Refusal):
    """A number that cannot be what it says it is."""

    text = N_("“{given}”不是有效的号码。")


class WrongForm(BadNumber):
    text = N_("“{given}”格式不符：应为 {expected}。")


class WrongLength(BadNumber):
    text = N_("“{given}”位数不对：应为 {expected}。")


class WrongCheckDigit(BadNumber):
    text = N_("“{given}”校验位错误：按规则应为 {expected}，请核对是否有数字录错。")


class AcceptanceSerial(BadNumber):
    text = N_("“{given}”是受理流水号，不是登记号；登记号形如 2020SR0369466。")


def plain(text: str) -> str:
    """Full-width to half-width, no white space, no zero-width marks, upper case."""
    return re.sub(r"[\s\u200b-\u200f\ufeff]+", "", unicodedata.normalize("NFKC", str(text))).upper()


def _weighted(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(d) * w for d, w in zip(digits, weights, strict=True))


# --- patents (ZC 0006-2003) ------------------------------------------------------------------------------------------

PATENT_WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
PATENT_KINDS = {"1": "invention", "8": "invention", "2": "utility_model", "9": "utility_model", "3": "design"}
_PATENT = re.compile(r"(?:ZL|CN)?(\d+)\.?([0-9X])")


@dataclass(frozen=True, slots=True)
class PatentNumber:
    """An application number, which with ``ZL`` is the patent's number."""

    canonical: str
    """``202010288867.7``"""
    year: int
    kind: str
    is_pct: bool

    @property
    def display(self) -> str:
        body, check = self.canonical.split(".")
        cut = 4 if len(body) == 12 else 2
        return f"ZL {body[:cut]} {body[cut]} {body[cut + 1 :]}.{check}"


def patent_check_digit(body: str) -> str:
    """The check digit of 12 digits (since 2003-10) or 8 digits (before)."""
    remainder = _weighted(body, PATENT_WEIGHTS[: len(body)]) % 11
    return "X" if remainder == 10 else str(remainder)


def patent_number(text: str) -> PatentNumber:
    """Read an application or patent number in any usual spelling.

    :raises WrongForm, WrongLength, WrongCheckDigit: as the case may be
    """
    given = str(text).strip()[:40]
    match = _PATENT.fullmatch(plain(text))
    if match is None:
        raise WrongForm(given=given, expected="ZL 2020 1 0288867.7")
    body, check = match.groups()
    if len(body) not in (8, 12):
        raise WrongLength(given=given, expected="12+1 / 8+1")
    cut = 4 if len(body) == 12 else 2
    year = int(body[:cut]) if cut == 4 else 1900 + int(body[:2]) + (100 if body[:2] < "85" else 0)
    if body[cut] not in PATENT_KINDS or not 1985 <= year <= 2100 or (cut == 2 and year > 2003):
        raise WrongForm(given=given, expected="ZL YYYY 1|2|3|8|9 …")
    expected = patent_check_digit(body)
    if check != expected:
        raise WrongCheckDigit(given=given, expected=expected)
    return PatentNumber(f"{body}.{check}", year, PATENT_KINDS[body[cut]], body[cut] in "89")


_PUBLICATION = re.compile(r"CN([123]\d{6}|[123]\d{8})([ABCUYSD]\d?)")


def publication_number(text: str) -> str:
    """``CN112330675B``; it has no check digit."""
    match = _PUBLICATION.fullmatch(plain(text))
    if match is None:
        raise WrongForm(given=str(text).strip()[:40], expected="CN112330675B")
    return f"CN{match[1]}{match[2]}"


# --- other rights ----------------------------------------------------------------------------------------------------


def _form(pattern: str, expected: str, text: str) -> str:
    value = plain(text)
    if re.fullmatch(pattern, value) is None:
        raise WrongForm(given=str(text).strip()[:40], expected=expected)
    return value


def trademark_number(text: str) -> str:
    """1–8 digits, a suffix letter after a split, ``G`` for Madrid; no check digit."""
    return _form(
        r"G?\d{1,8}[A-Z]?", "12345678 / 12345678A / G1234567", plain(text).removeprefix("第").removesuffix("号")
    )


def software_registration(text: str) -> str:
    """``2020SR0369466`` (older: six digits).

    :raises AcceptanceSerial: for ``2019R11L885247`` and its like
    """
    value = plain(text)
    if re.fullmatch(r"20\d{2}R\d{1,2}[A-Z]\d+", value):
        raise AcceptanceSerial(given=str(text).strip()[:40])
    return _form(r"20\d{2}SR\d{6,7}", "2020SR0369466", value)


def copyright_registration(text: str) -> str:
    """``国作登字-2021-L-00268255`` or a province's."""
    value = plain(text).replace("—", "-").replace("–", "-").replace("－", "-")
    return _form(r"[\u4e00-\u9fff]作登字-\d{4}-[A-L]-\d{8}", "国作登字-2021-L-00268255", value)


def ic_check_digit(body: str) -> str:
    """The check digit of the eight digits of a layout design; the old patent rule (inferred, fits real numbers)."""
    return patent_check_digit(body)


def ic_layout_number(text: str) -> str:
    """``BS.08500145.7``"""
    value = plain(text).replace(".", "")
    match = re.fullmatch(r"BS(\d{8})([0-9X])", value)
    if match is None or match[1][2] != "5":
        raise WrongForm(given=str(text).strip()[:40], expected="BS.08500145.7")
    expected = ic_check_digit(match[1])
    if match[2] != expected:
        raise WrongCheckDigit(given=str(text).strip()[:40], expected=expected)
    return f"BS.{match[1]}.{match[2]}"


def own_reference(text: str) -> str:
    """Any reference of the holder's own, for rights no office numbers."""
    value = " ".join(unicodedata.normalize("NFKC", str(text)).split())
    if not value or len(value) > 80:
        raise WrongForm(given=str(text).strip()[:40], expected="1–80")
    return value


# --- parties ---------------------------------------------------------------------------------------------------------

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS = tuple(pow(3, i, 31) for i in range(17))
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True, slots=True)
class Uscc:
    """A unified social credit code (GB 32100-2015)."""

    code: str
    inner_check_ok: bool
    """Whether the organisation code inside (GB 11714) carries its own right check digit."""


def uscc_check(body: str) -> str:
    """The 18th character of 17; nought where the sum is a multiple of 31."""
    remainder = sum(USCC_ALPHABET.index(c) * w for c, w in zip(body, USCC_WEIGHTS, strict=True)) % 31
    return USCC_ALPHABET[(31 - remainder) % 31]


def uscc_inner_check(body: str) -> str:
    """The ninth character of an organisation code (GB 11714); letters count A=10 … Z=35."""
    remainder = 11 - sum(int(c, 36) * w for c, w in zip(body, ORGANISATION_WEIGHTS, strict=True)) % 11
    return {10: "X", 11: "0"}.get(remainder, str(remainder))


def uscc(text: str) -> Uscc:
    """Read a unified social credit code.

    :raises WrongForm: for letters it never has (I O S V Z)
    :raises WrongLength: unless 18 characters
    :raises WrongCheckDigit: naming the right one
    """
    value, given = plain(text), str(text).strip()[:40]
    if len(value) != 18:
        raise WrongLength(given=given, expected="18")
    if any(c not in USCC_ALPHABET for c in value):
        raise WrongForm(given=given, expected="0-9 A-H J-N P-R T U W X Y")
    expected = uscc_check(value[:17])
    if value[17] != expected:
        raise WrongCheckDigit(given=given, expected=expected)
    return Uscc(value, value[16] == uscc_inner_check(value[8:16]))


def make_uscc(prefix: str, division: str, organisation: str) -> str:
    """A well-formed code from a two-character prefix, six-digit division and eight-character organisation body."""
    body = f"{prefix}{division}{organisation}{uscc_inner_check(organisation)}"
    return body + uscc_check(body)


def lei(text: str) -> str:
    """ISO 17442: letters count 10 … 35, the whole number modulo 97 is 1."""
    value = _form(r"[0-9A-Z]{18}\d{2}", "ISO 17442", text)
    if int("".join(str(int(c, 36)) for c in value)) % 97 != 1:
        raise WrongCheckDigit(given=value, expected="mod 97 = 1")
    return value


RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def resident_id(text: str) -> str:
    """GB 11643: eighteen characters with a birth date inside."""
    value = _form(r"[1-9]\d{5}(18|19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}[0-9X]", "GB 11643", text)
    expected = "10X98765432"[_weighted(value[:17], RESIDENT_WEIGHTS) % 11]
    if value[17] != expected:
        raise WrongCheckDigit(given=f"{value[:6]}…", expected=expected)
    return value


def mobile(text: str) -> str:
    return _form(r"1[3-9]\d{9}", "13800000000", plain(text).removeprefix("+86").replace("-", ""))


# --- classes ---------------------------------------------------------------------------------------------------------

_IPC = re.compile(r"([A-H]\d{2}[A-Z])(?:(\d{1,4})/(\d{2,6}))?(?:\(.*\).*)?")


def ipc_symbol(text: str) -> str:
    """``H01M 10/0525`` as ``H01M10/0525``; an edition mark is dropped, a bare subclass is taken."""
    match = _IPC.fullmatch(plain(text).replace("-", ""))
    if match is None:
        raise WrongForm(given=str(text).strip()[:40], expected="H01M10/0525")
    return match[1] if match[2] is None else f"{match[1]}{int(match[2])}/{match[3]}"


def locarno_class(text: str) -> str:
    """``26-05``: one of 32 classes and its subclass."""
    match = re.fullmatch(r"(?:LOC(?:\(\d+\))?(?:CL\.)?)?(\d{1,2})-?(\d{2})", plain(text))
    if match is None or not 1 <= int(match[1]) <= 32:
        raise WrongForm(given=str(text).strip()[:40], expected="26-05")
    return f"{int(match[1]):02d}-{match[2]}"


def nice_class(text: str) -> str:
    """``9`` or ``第9类`` (classes 1–45), or a four-digit similar group such as ``0907``."""
    value = plain(text).removeprefix("第").removesuffix("类")
    if re.fullmatch(r"\d{4}", value) and 1 <= int(value[:2]) <= 45:
        return value
    if not re.fullmatch(r"\d{1,2}", value) or not 1 <= int(value) <= 45:
        raise WrongForm(given=str(text).strip()[:40], expected="1–45 / 0907")
    return str(int(value))


def industry_code(text: str) -> str:
    """GB/T 4754-2017: a section letter and two to four digits."""
    return _form(r"[A-T](\d{2,4})?", "C3841", text)


def work_class(text: str) -> str:
    """The letter of a registered work's class."""
    return _form(r"[A-L]", "A–L", text)

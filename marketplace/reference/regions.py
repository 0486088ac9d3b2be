"""China's administrative divisions, GB/T 2260."""

from functools import cache

from marketplace.reference import tables


@cache
def _rows() -> dict[str, dict[str, str]]:
    return {row["code"]: row for row in tables.rows("regions")}


def name(code: str) -> str:
    """The division's own name; provinces for codes ending in noughts."""
    return _rows().get(code, {}).get("name", "")


def full_name(code: str) -> str:
    """Province and prefecture, as far as the code goes."""
    parts = [name(province_of(code))]
    if code[2:] != "0000":
        own = name(code[:4] + "00")
        parts.append("" if own in {"市辖区", "县"} else own)
    if code[4:] != "00":
        parts.append(name(code))
    return "".join(dict.fromkeys(part for part in parts if part))


def province_of(code: str) -> str:
    return code[:2] + "0000"


def exists(code: str) -> bool:
    return code in _rows()


@cache
def provinces() -> tuple[tuple[str, str], ...]:
    return tuple((code, row["name"]) for code, row in _rows().items() if row["level"] == "province")


@cache
def prefectures(province: str) -> tuple[tuple[str, str], ...]:
    return tuple((code, row["name"]) for code, row in _rows().items() if row["parent"] == province)


@cache
def choices() -> tuple[tuple[str, str], ...]:
    """Every province and prefecture for a select, the home region first."""
    listed = sorted(provinces(), key=lambda item: (item[0] != "410000", item[0]))
    return tuple(
        (code, full_name(code)) for province, _ in listed for code in (province, *(c for c, _ in prefectures(province)))
    )

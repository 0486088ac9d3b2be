"""GB/T 4754-2017, the classification of the national economy."""

from functools import cache

from marketplace.reference import tables


@cache
def _names() -> dict[str, str]:
    return {row["code"]: row["name_zh"] for row in tables.rows("industries")}


def title(code: str) -> str:
    return _names().get(code, "")


def sections() -> list[tuple[str, str]]:
    return [(code, name) for code, name in _names().items() if len(code) == 1]

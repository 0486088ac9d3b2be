"""The Nice classes (45) and China's similar groups (类似群)."""

from functools import cache

from marketplace.reference import tables


@cache
def _classes() -> dict[str, dict[str, str]]:
    return {row["class"]: row for row in tables.rows("nice_classes")}


@cache
def _groups() -> dict[str, dict[str, str]]:
    return {row["group"]: row for row in tables.rows("nice_groups")}


def title(code: str, language: str = "zh") -> str:
    """The name of a class or a similar group; groups are named in Chinese only."""
    if len(code) == 4:
        return _groups().get(code, {}).get("name_zh", "")
    row = _classes().get(code, {})
    return row.get("heading_en" if language == "en" else "short_name_zh", "")


def exists(code: str) -> bool:
    """Whether there is such a class, or such a similar group."""
    return code in (_groups() if len(code) == 4 else _classes())


def class_of(code: str) -> str:
    """The class a similar group belongs to; a class is its own."""
    return str(int(code[:2])) if len(code) == 4 else code

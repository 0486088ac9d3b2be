"""The Locarno classification of industrial designs: the names of its 32 classes."""

from functools import cache

from marketplace.reference import tables


@cache
def _classes() -> dict[str, dict[str, str]]:
    return {row["class"]: row for row in tables.rows("locarno_classes")}


def title(code: str, language: str = "zh") -> str:
    """The name of the class a symbol such as ``26-05`` belongs to."""
    return _classes().get(code[:2], {}).get("title_en" if language == "en" else "title_zh", "")

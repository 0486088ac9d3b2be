"""The International Patent Classification: titles by symbol, from section to subgroup."""

import re
from functools import cache

from marketplace.reference import tables

SECTIONS_EN = {
    "A": "Human necessities",
    "B": "Performing operations; transporting",
    "C": "Chemistry; metallurgy",
    "D": "Textiles; paper",
    "E": "Fixed constructions",
    "F": "Mechanical engineering; lighting; heating; weapons; blasting",
    "G": "Physics",
    "H": "Electricity",
}


@cache
def _zh() -> dict[str, str]:
    return {row["code"]: row["title_zh"] for row in tables.rows("ipc_zh")}


@cache
def _en() -> dict[str, str]:
    return SECTIONS_EN | {row["code"]: row["title_en"] for row in tables.rows("ipc_en")}


def section(symbol: str) -> str:
    return symbol[:1]


def class_(symbol: str) -> str:
    return symbol[:3]


def subclass(symbol: str) -> str:
    return symbol[:4]


def main_group(symbol: str) -> str:
    return re.sub(r"/.*", "/00", symbol)


def title(symbol: str, language: str = "zh") -> str:
    """The title of a symbol; English where there is one (to the subclass), Chinese otherwise, or empty."""
    if language == "en" and symbol in _en():
        return _en()[symbol]
    return _zh().get(symbol, "")


def ancestors(symbol: str) -> list[str]:
    """From the section down to the symbol, each once."""
    chain = [section(symbol), class_(symbol), subclass(symbol)]
    if "/" in symbol:
        chain += [main_group(symbol), symbol]
    return list(dict.fromkeys(chain))


def exists(symbol: str) -> bool:
    return symbol in _zh()


def children(symbol: str) -> list[str]:
    """Sections' classes and classes' subclasses, in order."""
    length = {0: 1, 1: 3, 3: 4}.get(len(symbol), 0)
    return [code for code in _zh() if len(code) == length and code.startswith(symbol)]

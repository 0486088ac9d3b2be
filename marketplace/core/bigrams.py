"""Words for a keyword index that both database engines treat alike: Chinese as overlapping pairs, the rest as words.

``电池管理`` is indexed as ``电池 池管 管理``, so a query of any length finds it by its own pairs; ``Li-ion`` as ``li ion``.
"""

import re
import unicodedata

_RUNS = re.compile(r"[㐀-䶿一-鿿豈-﫿]+|[a-z0-9]+(?:\.[0-9]+)*")
_HAN = re.compile(r"[㐀-鿿豈-﫿]")


def _runs(text: str) -> list[str]:
    return _RUNS.findall(unicodedata.normalize("NFKC", text).lower())


def _pairs(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(len(run) - 1)]


def index_words(text: str) -> list[str]:
    """Every word a text can be found by; a lone Chinese character is one too."""
    words: list[str] = []
    for run in _runs(text):
        if _HAN.match(run):
            words += _pairs(run)
            words += list(run)
        else:
            words.append(run)
            words += run.split(".") if "." in run else []
    return words


def query_words(text: str, greatest: int = 24) -> list[str]:
    """The words every hit must hold: pairs, or the character itself when it stands alone; each once."""
    words: list[str] = []
    for run in _runs(text):
        words += (_pairs(run) or [run]) if _HAN.match(run) else [run]
    return list(dict.fromkeys(words))[:greatest]

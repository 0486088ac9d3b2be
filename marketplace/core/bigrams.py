"""Words for a keyword index that both database engines treat alike: Chinese as overlapping pairs, the rest as words.

``电池管理`` is indexed as ``电池 池管 管理 理`` and asked for as the phrase ``电池 池管 管理``, so a run of any length is
found wherever it stands, whatever a dictionary knows; one character alone is asked for as a prefix.
"""

import re
import unicodedata
from collections.abc import Iterator

_RUNS = re.compile(r"[㐀-鿿豈-﫿\U00020000-\U0003ffff]+|[0-9a-z]+")


def _runs(text: str) -> list[str]:
    return _RUNS.findall(unicodedata.normalize("NFKC", text).lower())


def _is_han(run: str) -> bool:
    return run[0] > "z"


def index_words(text: str) -> Iterator[str]:
    """The words of a text in their order."""
    for run in _runs(text):
        yield from (run[i : i + 2] for i in range(len(run))) if _is_han(run) else (run,)


def query_phrases(text: str, most: int = 12) -> list[tuple[str, ...]]:
    """What every hit must hold: phrases of words in a row; a single ``池*`` stands for a prefix."""
    phrases: list[tuple[str, ...]] = []
    for run in _runs(text):
        if not _is_han(run):
            phrases.append((run,))
        elif len(run) == 1:
            phrases.append((run + "*",))
        else:
            phrases.append(tuple(run[i : i + 2] for i in range(len(run) - 1)))
    return list(dict.fromkeys(phrases))[:most]

"""Reading the packaged tables, each once."""

import csv
import gzip
import io
from functools import cache
from importlib import resources


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """All rows of a packaged ``.csv.gz``."""
    packed = (resources.files("marketplace.reference") / "data" / f"{name}.csv.gz").read_bytes()
    return tuple(csv.DictReader(io.StringIO(gzip.decompress(packed).decode())))

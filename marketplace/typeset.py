"""Papers the market makes itself: a Typst template and plain facts in, PDF/A out.

Facts go in as JSON, so that nothing a person typed can be read as markup; the stamp is the document's own moment, so
that the same facts give the same bytes.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from marketplace.config import ROOT

FONTS = ROOT / "static" / "fonts" / "print"
TEMPLATES = ROOT / "templates" / "pdf"


def pdf(template: str, facts: dict[str, Any], *, stamp: datetime) -> bytes:
    """The PDF of a template under ``templates/pdf`` with its facts."""
    import typst

    source = Path(TEMPLATES / f"{template}.typ")
    made: bytes = typst.compile(
        str(source),
        root=str(TEMPLATES),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(facts, ensure_ascii=False, default=str)},
        pdf_standards=["a-2b"],
        timestamp=stamp.replace(microsecond=0),
    )
    return made

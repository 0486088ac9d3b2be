"""Papers: every name can be set, what people type stays text, the same facts give the same bytes."""

import io

from pypdf import PdfReader

from marketplace import typeset
from tests.conftest import NOON

FACTS = {
    "title": "公告", "heading": "公告", "reference": "L1", "published": "2026-06-01", "opening": "喆犇昇镕科技 #evil[*x*]",
    "sections": [{"title": "一、标的", "rows": [["名称", "一种电池"]]}], "english": "Summary.",
}  # fmt: skip


def test_a_name_with_rare_characters_and_markup_is_set_as_it_was_typed() -> None:
    text = "".join(
        page.extract_text() for page in PdfReader(io.BytesIO(typeset.pdf("notice", FACTS, stamp=NOON))).pages
    )

    assert "喆犇昇镕科技 #evil[*x*]" in text


def test_the_same_facts_give_the_same_bytes() -> None:
    assert typeset.pdf("notice", FACTS, stamp=NOON) == typeset.pdf("notice", FACTS, stamp=NOON)

"""The tables that come with the product: what a class is called, and which there are."""

import pytest

from marketplace.assets.kinds import CLASS_READERS
from marketplace.core.identifiers import BadNumber
from marketplace.reference import locarno, nice, tables


def test_every_locarno_class_has_a_name_in_both_languages() -> None:
    codes = [row["class"] for row in tables.rows("locarno_classes")]

    assert codes == [f"{number:02d}" for number in range(1, 33)]
    assert all(locarno.title(code) and locarno.title(code, "en") for code in codes)


def test_a_locarno_symbol_is_named_after_its_class() -> None:
    assert (locarno.title("26-05"), locarno.title("26-05", "en")) == ("照明设备", "Lighting apparatus")


def test_a_similar_group_knows_its_class_and_name() -> None:
    assert (nice.class_of("0907"), nice.title("0907")) == ("9", "通讯导航设备")


@pytest.mark.parametrize("given", ["46", "0", "0999", "4601"])
def test_classes_and_groups_that_are_not_in_the_tables_are_refused(given: str) -> None:
    with pytest.raises(BadNumber):
        CLASS_READERS["nice"](given)


@pytest.mark.parametrize(("given", "code"), [("第9类", "9"), ("09", "9"), ("0907", "0907"), ("第35类", "35")])
def test_nice_classes_are_read_as_people_write_them(given: str, code: str) -> None:
    assert CLASS_READERS["nice"](given) == code

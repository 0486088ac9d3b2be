"""What an approval vouches for cannot change behind its back."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from marketplace.accounts.models import Organisation, User
from marketplace.accounts.rules import Verification
from marketplace.core.calendar import add_years
from marketplace.core.roles import Duty, Role
from marketplace.database import db
from marketplace.papers import service as papers
from marketplace.papers.rules import PDF
from marketplace.verification import service
from tests.conftest import NOON
from tests.factories import PDF_BYTES, World, make_organisation, make_user, uscc

CONTENTS = dict.fromkeys(service.FIELDS, "样例") | {"account_no": "6222"}
RELATED = [("关联公司", uscc(), "股东")]


def save(firm: Organisation, by: User, **changes: Any) -> None:
    values = {"owners": [("张三", 10_000)], "related": [], "has_declared": True, "region_code": "410000"}
    service.save(firm, values=CONTENTS | changes.pop("values", {}), **(values | changes), by=by, now=NOON)


def approved(world: World, **contents: Any) -> tuple[Organisation, User]:
    firm = make_organisation(Role.ENTERPRISE, NOON, verified=False)
    clerk = make_user(firm, NOON, Duty.OFFICER)
    save(firm, clerk, **contents)
    for kind in service.REQUIRED_PAPERS:
        papers.keep(service.subject(firm), kind, "x.pdf", PDF_BYTES, PDF, by=clerk, now=NOON)
    service.submit(firm, by=clerk, now=NOON)
    service.approve(firm, by=world.operators[0], now=NOON)
    return firm, clerk


def test_approval_stands_for_a_year(app: Flask) -> None:
    firm, _clerk = approved(World.make(NOON))

    last = add_years(NOON.date(), 1)
    assert [firm.has_standing(last), firm.has_standing(last + timedelta(days=1))] == [True, False]


@pytest.mark.parametrize(
    "changes",
    [
        {"values": {"account_no": "6333"}},
        {"owners": [("李四", 10_000)]},
        {"related": RELATED},
        {"region_code": "110000"},
    ],
)
def test_changing_an_approved_file_asks_for_a_new_review(app: Flask, changes: dict[str, Any]) -> None:
    firm, clerk = approved(World.make(NOON))

    save(firm, clerk, **changes)

    assert (firm.verification, firm.has_standing(NOON.date())) == (Verification.DRAFT, False)


def test_saving_an_approved_file_unchanged_leaves_it_approved(app: Flask) -> None:
    firm, clerk = approved(World.make(NOON), related=RELATED)

    save(firm, clerk, related=RELATED)
    db.session.flush()

    assert (firm.verification, firm.has_standing(NOON.date())) == (Verification.APPROVED, True)


def test_renewing_in_time_keeps_the_standing_and_a_refusal_ends_it(app: Flask) -> None:
    world = World.make(NOON)
    firm, clerk = approved(world)

    service.submit(firm, by=clerk, now=NOON)
    assert firm.has_standing(NOON.date())

    service.send_back(firm, "执照不清晰", by=world.operators[0], now=NOON)
    assert not firm.has_standing(NOON.date())


def test_a_file_under_review_is_not_changed(app: Flask) -> None:
    world = World.make(NOON)
    firm, clerk = approved(world)
    service.submit(firm, by=clerk, now=NOON)

    with pytest.raises(service.UnderReview):
        save(firm, clerk, values={"account_no": "6333"})

    assert firm.file is not None
    assert firm.file.account_no == "6222"

"""What is written about a right, and what its checks then say."""

from datetime import date

import pytest
from flask import Flask

from marketplace.assets import queries, service
from marketplace.assets.kinds import Kind
from marketplace.assets.rules import COMPLETER_PRIORITY, Code, GrantedBeforeFiled, HeldByLot, Status
from marketplace.cases import service as cases
from marketplace.core.calendar import InFuture
from marketplace.core.errors import Several
from marketplace.database import db
from marketplace.listings import service as listings
from tests.conftest import NOON
from tests.factories import World, patent, uscc


@pytest.mark.parametrize(
    ("basis", "notified_on", "is_found"),
    [
        (None, None, True),
        ("民法典 第860条", date(2026, 5, 20), True),
        (COMPLETER_PRIORITY, None, True),
        (COMPLETER_PRIORITY, date(2026, 5, 20), False),
    ],
)
def test_a_service_invention_stays_blocked_until_its_completers_are_told(
    app: Flask, basis: str | None, notified_on: date | None, is_found: bool
) -> None:
    world = World.make(NOON)
    asset = world.asset()
    asset.is_service_invention = True

    if basis:
        service.add_priority_holder(
            asset, name="王某", uscc="", basis=basis, rank=1, notified_on=notified_on, by=world.officer, now=NOON
        )

    codes = [finding.code for finding in queries.findings(asset, NOON.date())]
    assert (Code.INVENTOR_RIGHT in codes) is is_found


def correction(**changes: object) -> dict[str, object]:
    return {
        "title": "一种电池热管理系统", "classes": (("ipc", "H01M10/613"),), "co_owners": (), "filed_on": date(2020, 4, 14),
        "granted_on": date(2021, 9, 3), "status": Status.IN_FORCE,
    } | changes  # fmt: skip


def test_a_correction_replaces_classes_in_order_and_keeps_consents(app: Flask) -> None:
    world = World.make(NOON)
    asset = world.asset()
    service.change(asset, correction(co_owners=("甲", "乙")), asset.case, by=world.officer, now=NOON)
    db.session.flush()
    service.record_consent(asset, asset.co_owners[0].id, date(2026, 5, 1), by=world.officer, now=NOON)

    classes = (("ipc", "H01M10/625"), ("ipc", "H01M10/613"))
    service.change(asset, correction(classes=classes, co_owners=("甲", "丙")), asset.case, by=world.officer, now=NOON)
    db.session.commit()
    db.session.refresh(asset)

    assert tuple((row.scheme, row.code) for row in asset.classes) == classes
    assert [(row.name, row.consented_on) for row in asset.co_owners] == [("甲", date(2026, 5, 1)), ("丙", None)]


@pytest.mark.parametrize(
    ("changes", "refusals"),
    [
        ({"filed_on": date(2026, 6, 2), "granted_on": None}, [InFuture]),
        ({"granted_on": date(2019, 1, 1)}, [GrantedBeforeFiled]),
    ],
)
def test_days_that_cannot_be_are_refused(app: Flask, changes: dict[str, object], refusals: list[type]) -> None:
    world = World.make(NOON)
    asset = world.asset()

    with pytest.raises(Several) as refused:
        service.change(asset, correction(**changes), asset.case, by=world.officer, now=NOON)

    assert [type(reason) for reason in refused.value.reasons] == refusals


def test_a_utility_model_is_not_taken_in_under_an_inventions_number(app: Flask) -> None:
    world = World.make(NOON)
    new = service.NewRight(kind=Kind.UTILITY_MODEL, number=patent(), title="一种装置")

    with pytest.raises(Several) as refused:
        service.take_in(world.bank, new, world.case(), by=world.officer, now=NOON)

    assert [reason.facts for reason in refused.value.reasons] == [
        {"actual": Kind.INVENTION, "given": Kind.UTILITY_MODEL}
    ]


def test_what_a_handed_in_lot_rests_on_stays_until_it_is_recalled(app: Flask) -> None:
    world = World.make(NOON)
    listing = world.draft()
    asset, case = listing.items[0].asset, listing.items[0].asset.case
    assert case is not None
    listings.submit(listing, by=world.officer, now=NOON)

    with pytest.raises(Several) as refused:
        service.change(asset, correction(title="另一名称"), None, by=world.officer, now=NOON)
    assert [(type(r), r.field) for r in refused.value.reasons] == [(HeldByLot, "case_ref"), (HeldByLot, "title")]
    with pytest.raises(HeldByLot):
        service.make_reference(asset, asset.valuations[0].id, by=world.officer, now=NOON)
    kept = {name: getattr(case, name) for name in cases.RESTED_ON}
    with pytest.raises(Several) as refused:
        cases.change(case, kept | {"debtor_uscc": uscc()}, by=world.officer, now=NOON)
    assert [reason.field for reason in refused.value.reasons] == ["debtor_uscc"]
    service.change(asset, correction(status=Status.LAPSED), case, by=world.officer, now=NOON)
    cases.change(case, kept | {"interest_minor": 1}, by=world.officer, now=NOON)

    listings.recall(listing, by=world.officer, now=NOON)
    assert (asset.held_at, case.held_at) == (None, None)
    service.change(asset, correction(title="另一名称"), case, by=world.officer, now=NOON)
    assert asset.title == "另一名称"

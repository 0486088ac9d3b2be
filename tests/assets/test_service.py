"""What is written about a right, and what its checks then say."""

from datetime import date

import pytest
from flask import Flask

from marketplace.assets import queries, service
from marketplace.assets.rules import COMPLETER_PRIORITY, Code
from tests.conftest import NOON
from tests.factories import World


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

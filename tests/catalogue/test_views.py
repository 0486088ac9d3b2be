"""The public hall: found, filtered, counted, in few queries; the same on both engines."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from marketplace.catalogue import queries
from marketplace.catalogue.board import Asked
from marketplace.database import db
from marketplace.listings import service as listings
from marketplace.listings.rules import Reason
from tests.conftest import NOON
from tests.factories import World, sign_in


class Counted:
    """How many statements run meanwhile."""

    def __init__(self, app: Flask) -> None:
        self.app, self.statements = app, list[str]()

    def __enter__(self) -> "Counted":
        with self.app.app_context():
            self.engine = db.engine
        event.listen(self.engine, "before_cursor_execute", self._note)
        return self

    def __exit__(self, *_error: object) -> None:
        event.remove(self.engine, "before_cursor_execute", self._note)

    def _note(self, _c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN")):
            self.statements.append(statement)


def test_filters_count_and_narrow(app: Flask) -> None:
    world = World.make(NOON)
    first = world.publish()
    asset = world.asset(value=9_000_000, title="一种小麦育种方法")
    from marketplace.core.money import Money

    second = world.publish(
        listings.draft(world.bank, [asset], world.terms(asset, start=Money.yuan(6_300_000), increment=Money.yuan(50_000), deposit=Money.yuan(630_000)),
                       by=world.officer, now=NOON)
    )  # fmt: skip

    every, found = queries.hall(Asked(), 1, NOON)
    cheap, _found = queries.hall(Asked(price="2"), 1, NOON)
    wheat, by_word = queries.hall(Asked(words="小麦"), 1, NOON)
    none, nothing = queries.hall(Asked(words="小麦", kinds=("trademark",)), 1, NOON)

    assert {entry.id for entry in every} == {first.id, second.id}
    assert [entry.id for entry in cheap] == [first.id]
    assert [entry.id for entry in wheat] == [second.id]
    assert (none, nothing.whole) == ([], 0)
    assert found.counts["stage"] == {"notice": 2}
    assert found.counts["price"]["2"] == 1 and found.counts["price"]["3"] == 1
    assert by_word.counts["section"] == {"H": 1}


def test_stages_follow_the_clock_and_changes_show_at_once(app: Flask) -> None:
    world = World.make(NOON)
    listing = world.publish()
    assert listing.opens_at is not None

    def stage(at: Any) -> dict[str, int]:
        return queries.hall(Asked(), 1, at)[1].counts["stage"]

    assert stage(NOON) == {"notice": 1}
    assert stage(listing.opens_at) == {"open": 1}
    listings.suspend(listing, Reason.SYSTEM_FAULT, "故障", by=world.operators[0], now=NOON)
    db.session.commit()
    assert stage(listing.opens_at) == {"suspended": 1}


@pytest.mark.parametrize("path", ["/lots", "/results", "/"])
def test_list_pages_take_the_same_queries_for_one_lot_and_for_three(page_app: Flask, path: str) -> None:
    with page_app.app_context():
        world = World.make(NOON)
        world.publish()
    client = page_app.test_client()
    client.get(path)
    with Counted(page_app) as one:
        client.get(path)
    with page_app.app_context():
        world = World.make(NOON + timedelta(minutes=1))
        world.publish()
        world.publish()
    client.get(path)
    with Counted(page_app) as three:
        client.get(path)

    assert len(one.statements) == len(three.statements) <= 8


def test_desks_and_portfolios_stay_within_a_handful_of_queries(page_app: Flask) -> None:
    with page_app.app_context():
        world = World.make(NOON)
        for _ in range(4):
            world.publish()
        email = world.officer.email
    client = page_app.test_client()
    sign_in(client, email)
    for path, most in (("/desk", 20), ("/assets", 10), ("/cases", 8), ("/listings", 9)):
        with Counted(page_app) as counted:
            assert client.get(path).status_code == 200
        assert len(counted.statements) <= most, (path, len(counted.statements))


def test_a_lot_page_and_its_address_survive_odd_arguments(page_app: Flask) -> None:
    with page_app.app_context():
        listing = World.make(NOON).publish()
        ref = listing.ref
    client = page_app.test_client()

    for path in (
        f"/lots/{ref}", f"/lots/{ref}/panel", f"/lots/{ref}/standing.json", f"/lots/{ref}/bids.csv", "/lots?page=-3",
        "/lots?page=999999999999", "/lots?price=99&term=x&sort=drop&stage=none&kind=none&ipc=zzzz", "/lots?q=%27%22%29%28%2A%3A%26%7C",
        "/lots?q=" + "长" * 500,
    ):  # fmt: skip
        assert client.get(path).status_code == 200, path
    assert client.get("/lots/L00000000").status_code == 404

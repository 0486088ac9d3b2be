"""What people type: a form opened and sent back as it stands is accepted, and nothing odd in a field is a crash."""

import random
from html.parser import HTMLParser

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketplace.accounts.models import User
from marketplace.core.roles import Duty, Role
from marketplace.database import db
from tests.conftest import NOON
from tests.factories import World, make_organisation, make_user, sign_in

ODD = (
    "", "0", "-1", "-0.01", "1.005", "12,345.67", "300万", "9" * 25, "1e400", "NaN", "inf", "２０２６", "abc", "中文",
    "a" * 5000, "😀", "\x00", "<script>", "%s %(x)s {y} {0}", "2026-02-30", "0001-01-01", "9999-12-31", "2026-06-01T25:00",
    "9999-12-31T23:59", "0001-01-01T00:00", "2147483648", "9223372036854775808", "3,4,5\n1;2", "张三, 60%", "甲, 乙, 丙",
)  # fmt: skip


class Forms(HTMLParser):
    """The forms of a page: for each its action and the fields a browser would send."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self._select, self._area = "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "form" and given.get("method", "").lower() == "post":
            self.forms.append((given.get("action", ""), {}))
        elif tag == "form":
            self.forms.append(("-", {}))
        elif not self.forms:
            return
        elif tag == "input" and given.get("type") == "checkbox":
            self._put(name, given.get("value", "y"), "checked" in given)
        elif tag == "input" and given.get("type") != "file":
            self._put(name, given.get("value", ""), True)
        elif tag == "select":
            self._select = name
        elif tag == "option":
            self._put(
                self._select, given.get("value", ""), "selected" in given or self._select not in self.forms[-1][1]
            )
        elif tag == "textarea":
            self._area = name
            self._put(name, "", True)

    def _put(self, name: str, value: str, is_sent: bool) -> None:
        if name and is_sent:
            self.forms[-1][1][name] = value

    def handle_data(self, data: str) -> None:
        if self._area:
            self.forms[-1][1][self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            name, self._area = self._area, ""
            self.forms[-1][1][name] = self.forms[-1][1][name].removeprefix("\r\n").removeprefix("\n")


def forms(client: FlaskClient, path: str) -> list[tuple[str, dict[str, str]]]:
    page = client.get(path)
    assert page.status_code == 200, path
    parser = Forms()
    parser.feed(page.get_data(as_text=True))
    return [(action or path, fields) for action, fields in parser.forms if action != "-" and "sign-out" not in action]


@pytest.fixture
def market(page_app: Flask) -> tuple[Flask, dict[str, User], dict[str, list[str]]]:
    """People, and for each the pages on which they type."""
    with page_app.app_context():
        world = World.make(NOON)
        listing = world.draft()
        published = world.publish()
        asset = listing.items[0].asset
        assert asset.case is not None
        asset.case.limitation_expires_on = NOON.date()
        clerk = make_user(make_organisation(Role.ENTERPRISE, NOON, verified=False), NOON, Duty.OFFICER)
        db.session.commit()
        people = {"officer": world.officer, "buyer": world.buyers[0], "clerk": clerk, "operator": world.operators[0]}
        pages = {
            "officer": [
                f"/assets/{asset.ref}/edit", f"/cases/{asset.case.ref}/edit", f"/listings/{listing.ref}/edit", "/account",
                "/assets/new", "/cases/new", f"/assets/{asset.ref}", f"/cases/{asset.case.ref}",
                f"/listings/{listing.ref}", "/team",
            ],
            "buyer": [f"/lots/{published.ref}/registration", "/verification", "/account"],
            "clerk": ["/verification"],
            "operator": [f"/listings/{published.ref}", f"/operator/organisations/{clerk.organisation.ref}"],
        }  # fmt: skip
        for user in people.values():
            db.session.refresh(user)
        db.session.expunge_all()
    return page_app, people, pages


Market = tuple[Flask, dict[str, User], dict[str, list[str]]]


@pytest.mark.parametrize("place", range(4))
def test_what_was_kept_can_be_opened_and_saved_as_it_stands(market: Market, place: int) -> None:
    app, people, pages = market
    client = app.test_client()
    sign_in(client, people["officer"].email)
    path = pages["officer"][place]
    action, fields = forms(client, path)[0] if place == 3 else next(f for f in forms(client, path) if f[0] == path)

    answer = client.post(action, data=fields)

    assert answer.status_code == 302, (fields, answer.get_data(as_text=True))


@pytest.mark.parametrize("who", ["officer", "buyer", "clerk", "operator"])
def test_nothing_a_person_types_is_a_crash(market: Market, who: str) -> None:
    app, people, pages = market
    client = app.test_client()
    sign_in(client, people[who].email)
    dice = random.Random(who)
    found = [form for path in pages[who] for form in forms(client, path)]
    assert found

    for action, fields in found:
        for name in fields:
            odd = fields | {name: dice.choice(ODD)}
            if not any(word in action for word in ("deactivate", "revoke", "password")):
                assert client.post(action, data=odd).status_code < 500, (action, name, odd[name])
        whole = dict.fromkeys(fields, dice.choice(ODD))
        assert client.post(action, data=whole).status_code < 500, (action, whole)

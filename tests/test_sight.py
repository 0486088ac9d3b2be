"""Nobody sees what is not theirs: every page as every role, against two tenants."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketplace import jobs
from marketplace.accounts.models import User
from marketplace.core.roles import Duty, Role
from marketplace.database import db
from marketplace.demo import market
from marketplace.listings.models import Listing
from marketplace.listings.rules import State
from marketplace.payments.models import PaymentOrder
from marketplace.payments.rules import Purpose
from tests.conftest import NOON
from tests.factories import PASSWORD, World, make_organisation, make_user, sign_in


def visitor(app: Flask, user: User | None) -> FlaskClient:
    client = app.test_client()
    if user is not None:
        sign_in(client, user.email)
    return client


@pytest.fixture
def two(page_app: Flask, clock: object) -> tuple[Flask, World, World, dict[str, User]]:
    """Two banks, each with a draft, and a lot of the first that two enterprises have entered."""
    with page_app.app_context():
        first = World.make(NOON, 2)
        other = World.make(NOON, 1)
        people = {
            "regulator": make_user(make_organisation(Role.REGULATOR, NOON), NOON, Duty.VIEWER),
            "reserve": make_user(make_organisation(Role.RESERVE, NOON), NOON, Duty.OFFICER),
            "firm": make_user(make_organisation(Role.SERVICE_FIRM, NOON), NOON, Duty.OFFICER),
        }
        listing = first.publish()
        for buyer in first.buyers:
            first.enter(listing, buyer, NOON + timedelta(days=1))
        first.draft()
        other.draft()
        db.session.commit()
        for row in list(db.session):
            db.session.refresh(row)
        db.session.expunge_all()
    return page_app, first, other, people


def test_another_banks_things_are_not_there(two: tuple[Flask, World, World, dict[str, User]]) -> None:
    app, first, other, _people = two
    with app.app_context():
        own = [row for row in db.session.query(Listing).all() if row.bank_id == first.bank.id]
        paths = [f"/listings/{row.ref}" for row in own]
        paths += [f"/assets/{row.items[0].asset.ref}" for row in own]
        paths += [f"/cases/{row.items[0].asset.case.ref}" for row in own if row.items[0].asset.case]

    insider, outsider = visitor(app, first.officer), visitor(app, other.officer)

    assert {insider.get(path).status_code for path in paths} == {200}
    assert {outsider.get(path).status_code for path in paths} == {404}
    assert {outsider.post(f"{path}/edit").status_code for path in paths} == {404}


def test_a_payment_order_is_its_payers_alone(two: tuple[Flask, World, World, dict[str, User]]) -> None:
    app, first, _other, _people = two
    with app.app_context():
        order = (
            db.session.query(PaymentOrder)
            .filter_by(purpose=Purpose.DEPOSIT, payer_id=first.buyers[0].organisation_id)
            .one()
        )
        ref = order.ref

    assert visitor(app, first.buyers[0]).get(f"/payments/{ref}").status_code == 200
    assert visitor(app, first.buyers[1]).get(f"/payments/{ref}").status_code == 404


def test_until_the_close_nobody_can_tie_a_code_to_a_name(two: tuple[Flask, World, World, dict[str, User]]) -> None:
    app, first, _other, people = two
    with app.app_context():
        from marketplace.auctions.models import Registration

        listing = db.session.query(Listing).filter_by(state=State.PUBLISHED).one()
        codes = {row.code: row.organisation.name for row in db.session.query(Registration)}
        ref = listing.ref
    viewers = {"operator": first.operators[0], "bank": first.officer, "regulator": people["regulator"], "nobody": None}

    for who, user in viewers.items():
        client = visitor(app, user)
        for path in _pages(client, limit=120):
            text = client.get(path).get_data().decode("utf-8", "replace")
            for code, name in codes.items():
                assert not (code in text and name in text), (who, path)
    own = visitor(app, first.buyers[0]).get(f"/lots/{ref}").get_data(as_text=True)
    assert sum(code in own for code in codes) == 1


def _pages(client: FlaskClient, limit: int) -> list[str]:
    """Addresses a visitor can walk to by links."""
    seen: list[str] = []
    todo = ["/", "/desk", "/lots"]
    shapes: dict[str, int] = {}
    while todo and len(seen) < limit:
        path = todo.pop(0)
        shape = re.sub(r"/[A-Z]{1,3}[0-9A-F-]{5,}", "/X", path.split("?")[0])
        shapes[shape] = shapes.get(shape, 0) + 1
        if path in seen or shapes[shape] > 5 or path.startswith(("/static", "/live")) or "lang=" in path:
            continue
        answer = client.get(path)
        assert answer.status_code in (200, 302, 403), (path, answer.status_code)
        seen.append(path)
        if answer.mimetype == "text/html":
            links = re.findall(r'href="(/[^"#]*)"', answer.get_data(as_text=True))
            todo += [link.replace("&amp;", "&") for link in links]
    return seen


@pytest.mark.xdist_group("demo")
def test_every_page_of_the_demo_market_opens_for_every_role(page_app: Flask) -> None:
    with page_app.app_context():
        market.Market(NOON, cost="cheap").load(scale=0.03)
        for _round in range(4):
            jobs.tick(NOON + timedelta(minutes=1))
    for email in (
        "officer@bank1.demo",
        "approver@bank1.demo",
        "buyer@firm1.demo",
        "operator@zhiyi.demo",
        "viewer@regulator.demo",
        "",
    ):
        client = page_app.test_client()
        if email:
            sign_in(client, email, "zhiyi-demo-2026")
        assert len(_pages(client, limit=150)) > 12, email


def test_papers_follow_their_subject(two: tuple[Flask, World, World, dict[str, User]]) -> None:
    app, first, other, _people = two
    with app.app_context():
        from marketplace.papers.models import Paper

        paper = db.session.query(Paper).filter(Paper.subject.like("case:%"), Paper.is_public.is_(False)).first()
        assert paper is not None
        ref = paper.ref

    assert visitor(app, first.officer).get(f"/papers/{ref}").status_code == 200
    assert visitor(app, other.officer).get(f"/papers/{ref}").status_code == 404
    assert visitor(app, None).get(f"/papers/{ref}").status_code == 404


def test_a_paper_is_served_so_that_it_cannot_run(two: tuple[Flask, World, World, dict[str, User]]) -> None:
    app, first, _other, _people = two
    with app.app_context():
        from marketplace.papers.models import Paper

        paper = db.session.query(Paper).first()
        assert paper is not None
        ref = paper.ref
    answer = visitor(app, first.officer).get(f"/papers/{ref}")

    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_viewer_cannot_act(two: tuple[Flask, World, World, dict[str, User]]) -> None:
    app, first, _other, _people = two
    with app.app_context():
        viewer = make_user(db.session.merge(first.bank), NOON, Duty.VIEWER)
        db.session.commit()
        email = viewer.email
    client = app.test_client()
    sign_in(client, email, PASSWORD)

    assert client.get("/assets").status_code == 200
    assert client.get("/cases/new").status_code == 403

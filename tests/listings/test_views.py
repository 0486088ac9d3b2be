"""A bank's way on from a failed round, as its officer sees it."""

from flask import Flask
from flask.testing import FlaskClient

from marketplace.core.clock import FrozenClock
from marketplace.database import db
from marketplace.listings.models import Listing
from marketplace.listings.routes import Form
from marketplace.listings.rules import State
from tests.auctions.test_selloff import second_failed
from tests.conftest import NOON
from tests.factories import World, sign_in
from tests.test_forms import forms


def test_the_sell_off_opens_with_its_fixed_terms_and_is_drafted_as_it_stands(
    page_app: Flask, visitor: FlaskClient, clock: FrozenClock
) -> None:
    with page_app.app_context():
        world = World.make(NOON)
        listing, at = second_failed(world)
        db.session.commit()
        ref, email, price = listing.ref, world.officer.email, listing.start
        clock.set(at)
    sign_in(visitor, email)

    shown = visitor.get(f"/listings/{ref}").get_data(as_text=True)
    assert "转入变卖" in shown
    action, fields = next(form for form in forms(visitor, f"/listings/{ref}/relist") if "start" in form[1])
    assert fields["start"] == fields["deposit"] == f"{price.minor // 100}"
    answer = visitor.post(action, data=fields | {"contact": "0371"})

    assert answer.status_code == 302, answer.get_data(as_text=True)
    with page_app.app_context():
        lot = db.session.query(Listing).order_by(Listing.id.desc()).first()
        assert lot is not None
        assert (lot.form, lot.state, lot.attempt) == (Form.SELL_OFF, State.DRAFT, 3)
    assert "转入变卖" not in visitor.get(f"/listings/{ref}").get_data(as_text=True)
    assert visitor.get(f"/listings/{ref}/relist").status_code == 302

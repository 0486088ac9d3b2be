"""Databases of earlier versions come along without loss."""

from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import select

from marketplace.assets.models import Asset
from marketplace.cases.models import Case
from marketplace.database import db
from tests.conftest import NOON
from tests.factories import World


def test_rights_in_lots_that_were_handed_in_are_held_after_the_upgrade(app: Flask) -> None:
    world = World.make(NOON)
    held, free = world.publish().items[0].asset_id, world.draft().items[0].asset_id
    db.session.commit()
    db.session.remove()

    downgrade(revision="0001")
    upgrade()

    assert db.session.get_one(Asset, held).held_at is not None
    assert db.session.get_one(Asset, free).held_at is None
    cases = db.session.scalars(select(Case).where(Case.held_at.is_not(None))).all()
    assert [case.id for case in cases] == [db.session.get_one(Asset, held).case_id]

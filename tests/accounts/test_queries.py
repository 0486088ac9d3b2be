"""Who a line of the record names, to whom."""

from flask import Flask

from marketplace import audit
from marketplace.accounts import queries
from marketplace.core.roles import Duty, Role
from tests.conftest import NOON
from tests.factories import World, make_organisation, make_user


def test_the_record_names_people_to_their_own_and_to_operators_only(app: Flask) -> None:
    world = World.make(NOON)
    stranger = make_user(make_organisation(Role.BANK, NOON), NOON, Duty.OFFICER)
    audit.record("listing.submit", "listing:1", by=world.officer, now=NOON, why="到期")

    def who(viewer: object) -> str:
        return queries.record_of("listing:1", viewer)[0].who  # type: ignore[arg-type]

    full = f"{world.bank.name} · {world.officer.name}"
    assert (who(world.approver), who(world.operators[0])) == (full, full)
    assert {who(stranger), who(world.buyers[0]), who(None)} == {world.bank.name}


def test_a_branch_signs_in_full_to_its_bank(app: Flask) -> None:
    world = World.make(NOON)
    branch = make_organisation(Role.BANK, NOON)
    branch.parent_id = world.bank.id
    clerk = make_user(branch, NOON, Duty.OFFICER)
    audit.record("case.opened", "case:1", by=clerk, now=NOON)

    assert queries.record_of("case:1", world.officer)[0].who == f"{branch.name} · {clerk.name}"


def test_an_enterprise_is_named_to_itself_alone(app: Flask) -> None:
    world = World.make(NOON)
    buyer, rival = world.buyers[:2]
    audit.record("payment.proved", "payment:1", by=buyer, now=NOON)

    entries = [queries.record_of("payment:1", viewer)[0] for viewer in (world.operators[0], world.officer, rival, None)]
    own = queries.record_of("payment:1", buyer)[0]

    assert [(entry.who, entry.is_party) for entry in entries] == [("", True)] * 4
    assert own.who == f"{buyer.organisation.name} · {buyer.name}"


def test_the_clock_signs_with_no_name(app: Flask) -> None:
    audit.record("listing.fail", "listing:1", now=NOON, why="no_bids")

    entry = queries.record_of("listing:1", None)[0]

    assert (entry.who, entry.is_party, entry.why) == ("", False, "no_bids")

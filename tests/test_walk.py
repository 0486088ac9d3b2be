"""Every route that names a thing, as every role, against two tenants: who opens it, what it says, what it lets them do."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule

from marketplace.accounts import service as accounts
from marketplace.accounts.models import Device, Invitation, Organisation, User
from marketplace.auctions import service as bidding
from marketplace.audit import AuditHead
from marketplace.core.roles import Duty, Role
from marketplace.database import db
from marketplace.deals.models import Deal
from marketplace.intake import service as intake
from marketplace.jobs import tick
from marketplace.listings import service as listings
from marketplace.listings.models import Listing
from marketplace.notices.models import Notice
from marketplace.papers.models import Paper
from marketplace.payments.models import PaymentOrder, Payout
from marketplace.reports.registry import REPORTS
from tests.conftest import NOON
from tests.factories import World, auction_of, make_organisation, make_user, sign_in

ROWS = "kind,number,title\ninvention,ZL202010288867.7,导入的权利甲\n".encode()


@dataclass
class Ground:
    """Two banks and everybody else; the first has a thing of every sort."""

    app: Flask
    people: dict[str, str | None]
    """Who, and the address they sign in with; None comes without."""
    values: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    """Values for the places of a rule, by the rule's first words."""
    secrets: dict[str, set[str]] = field(default_factory=dict)
    """Words, and who may read them."""

    def clients(self) -> dict[str, FlaskClient]:
        made = {}
        for who, email in self.people.items():
            made[who] = self.app.test_client()
            if email:
                sign_in(made[who], email)
        return made

    def addresses(self, method: str) -> Iterator[tuple[Rule, str]]:
        """Every address of a thing that answers to a method."""
        builder = self.app.url_map.bind("localhost")
        for rule in self.app.url_map.iter_rules():
            if method not in (rule.methods or ()) or not rule.arguments or rule.endpoint == "static":
                continue
            place = next((p for p in sorted(self.values, key=len, reverse=True) if rule.rule.startswith(p)), None)
            assert place is not None, f"the walk does not know {rule.rule}"
            combinations: list[dict[str, str]] = [{}]
            for name in rule.arguments:
                known = self.values[place].get(name) or self.values["/"][name]
                combinations = [{**given, name: value} for given in combinations for value in known]
            for given in combinations:
                try:
                    yield rule, builder.build(rule.endpoint, given, method=method)
                except ValueError:
                    continue


def refs(model: type, *where: object) -> list[str]:
    return list(db.session.scalars(select(model.ref).where(*where)))  # type: ignore[attr-defined,arg-type]


def ids(model: type, *where: object) -> list[str]:
    return [str(key) for key in db.session.scalars(select(model.id).where(*where))]  # type: ignore[attr-defined,arg-type]


@pytest.fixture
def ground(page_app: Flask, clock: object) -> Ground:
    later = NOON + timedelta(days=33)
    with page_app.app_context():
        first, other = World.make(NOON, 2), World.make(NOON, 1)
        first.bank.name, other.bank.name = "甲样例银行", "乙样例银行"
        winner, loser = first.buyers
        winner.organisation.name, loser.organisation.name = "竞得样例企业", "落选样例企业"
        for buyer, account in ((winner, "6222000000001111"), (loser, "6222000000002222")):
            assert buyer.organisation.file is not None
            buyer.organisation.file.account_no = account
        people: dict[str, str | None] = {
            "officer": first.officer.email, "approver": first.approver.email, "other officer": other.officer.email,
            "other approver": other.approver.email, "winner": winner.email, "loser": loser.email,
            "outsider": other.buyers[0].email, "operator": first.operators[0].email, "nobody": None,
        }  # fmt: skip
        for who, kind in (("regulator", Role.REGULATOR), ("reserve", Role.RESERVE), ("firm", Role.SERVICE_FIRM)):
            people[who] = make_user(make_organisation(kind, NOON), NOON, Duty.OFFICER).email
        secret_case = first.case()
        secret_case.loan_ref, secret_case.debtor_name = "贷样例甲零零一", "样例债务人甲"
        draft_of = first.asset(secret_case, title="未公告的权利甲")
        draft = listings.draft(first.bank, [draft_of], first.terms(draft_of), by=first.officer, now=NOON)
        listings.submit(draft, by=first.officer, now=NOON)
        listings.return_(draft, "行内意见甲", by=first.approver, now=NOON)
        sold, live = first.publish(), first.publish()
        for user in first.buyers:
            first.enter(sold, user, NOON + timedelta(days=1))
        first.enter(live, winner, NOON + timedelta(days=1))
        auction = auction_of(sold)
        bidding.place_bid(auction.id, sold.start, bidder=winner.organisation, key="k" * 20, now=auction.opens_at)
        db.session.commit()
        batch = intake.upload(first.bank, "甲.csv", ROWS, by=first.officer, now=NOON)
        accounts.invite(first.bank, "guest@example.com", [Duty.VIEWER], by=first.officer, now=NOON)
        other.draft()
        db.session.commit()
        for step in range(3):
            tick(later + timedelta(minutes=step))
        db.session.commit()
        clock.set(later + timedelta(minutes=2))  # type: ignore[attr-defined]
        assert db.session.query(Deal).count() == 1
        sign_in(page_app.test_client(), first.officer.email)
        own = Listing.bank_id == first.bank.id
        rights = [item.asset for listing in db.session.scalars(select(Listing).where(own)) for item in listing.items]
        team = User.organisation_id == first.bank.id
        traders = Organisation.id.in_([winner.organisation_id, loser.organisation_id])
        values = {
            "/": {
                "token": ["no-such-token"], "name": [*REPORTS], "row_id": ["1"], "format": ["xlsx", "csv"],
                "code": ["pledge_release"],
            },
            "/assets/": {"ref": [right.ref for right in rights], "valuation_id": ["1"], "act": ["lift", "cancel-pledge", "consent"]},
            "/cases/": {"ref": [right.case.ref for right in rights if right.case]},
            "/listings/": {
                "ref": refs(Listing, own),
                "act": ["submit", "approve", "return", "recall", "discard", "contact", "publish", "send_back", "suspend",
                        "terminate"],
            },
            "/lots/": {"ref": refs(Listing, own)},
            "/live/": {"ref": refs(Listing, own)},
            "/deals/": {"ref": refs(Deal)},
            "/payments/": {"ref": refs(PaymentOrder)},
            "/papers/": {"ref": refs(Paper, Paper.subject != "sample")},
            "/imports/": {"ref": [batch.ref]},
            "/notices/": {"notice_id": ids(Notice, Notice.user_id == first.officer.id)[:3]},
            "/team/": {"user_id": ids(User, team), "invitation_id": ids(Invitation)},
            "/account/": {"device_id": ids(Device)},
            "/operator/organisations/": {
                "ref": refs(Organisation, traders),
                "decision": ["approve", "send_back", "reject", "block", "unblock"],
            },
            "/operator/payments/": {"ref": refs(PaymentOrder)},
            "/operator/payouts/": {"payout_id": ids(Payout), "act": ["confirm", "reject"]},
        }  # fmt: skip
        inside = {"officer", "approver"}
        secrets = {
            "贷样例甲零零一": inside | {"operator"}, "样例债务人甲": inside | {"operator"},
            "未公告的权利甲": inside | {"operator"}, "行内意见甲": inside | {"operator"}, "导入的权利甲": inside,
            first.officer.email: inside | {"operator"}, "guest@example.com": inside,
            "6222000000001111": {"winner", "operator"}, "6222000000002222": {"loser", "operator"},
            "落选样例企业": {"loser", "operator"},
        }  # fmt: skip
        assert [(place, name) for place in values for name in values[place] if not values[place][name]] == []
    return Ground(page_app, people, values, secrets)


def test_no_viewer_receives_a_field_it_may_not_see(ground: Ground) -> None:
    read: dict[str, set[str]] = {word: set() for word in ground.secrets}
    plain = [
        rule.rule for rule in ground.app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.arguments and rule.endpoint != "notices.demo_mail"
    ]  # fmt: skip
    things = [path for rule, path in ground.addresses("GET") if rule.endpoint != "auctions.follow"]
    for who, client in ground.clients().items():
        for path in (*plain, *things):
            answer = client.get(path)
            assert answer.status_code in (200, 302, 303, 400, 403, 404), (who, path, answer.status_code)
            text = answer.get_data().decode("utf-8", "replace")
            for word, allowed in ground.secrets.items():
                if word in text:
                    read[word].add(who)
                    assert who in allowed, (who, path, word)

    assert {word for word, readers in read.items() if not readers} == set()


def test_another_tenants_things_are_not_found_and_cannot_be_moved(ground: Ground) -> None:
    strangers = ("other officer", "other approver", "outsider", "regulator", "reserve", "firm", "nobody")
    clients = {who: client for who, client in ground.clients().items() if who in strangers}

    def head() -> str:
        with ground.app.app_context():
            return db.session.get_one(AuditHead, 1).hash

    before = head()
    for rule, path in ground.addresses("POST"):
        for who, client in clients.items():
            answer = client.post(path)
            assert answer.status_code in (302, 400, 403, 404, 405, 422), (who, path, answer.status_code)
            is_open = rule.rule.startswith(("/lots/", "/confirm/", "/reset/", "/invitations/"))
            if answer.status_code == 302 and not is_open:
                assert "/sign-in" in answer.headers["Location"], (who, path, answer.headers["Location"])
    assert head() == before

    private = ("/assets/", "/cases/", "/listings/", "/deals/", "/payments/", "/imports/", "/operator/")
    for rule, path in ground.addresses("GET"):
        if rule.rule.startswith(private) and "template" not in path:
            assert {clients[who].get(path).status_code for who in strangers[:3]} <= {403, 404}, path

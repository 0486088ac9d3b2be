"""Things to test with: valid by default, unsurprising, made through the services."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from flask.testing import FlaskClient

from marketplace.accounts import service as accounts
from marketplace.accounts.models import Organisation, User, VerificationFile
from marketplace.accounts.rules import FirmKind, Verification
from marketplace.assets import service as assets
from marketplace.assets.kinds import Kind
from marketplace.assets.models import Asset
from marketplace.assets.valuation import Method
from marketplace.auctions import queries as auctions
from marketplace.auctions import service as bidding
from marketplace.auctions.models import Auction, Registration
from marketplace.cases import service as cases
from marketplace.cases.models import Case
from marketplace.cases.rules import BASES, FiveTier, LegalBasis
from marketplace.core import policy
from marketplace.core.calendar import add_years, at_hour
from marketplace.core.clock import shanghai_date
from marketplace.core.identifiers import make_uscc, patent_check_digit
from marketplace.core.money import Money
from marketplace.core.roles import Duty, Role
from marketplace.database import db
from marketplace.listings import service as listings
from marketplace.listings.models import Listing
from marketplace.papers import service as papers
from marketplace.papers.rules import PDF
from marketplace.payments import queries as money
from marketplace.payments import service as payments
from marketplace.payments.rules import Purpose

PASSWORD = "right-horse-battery"
PDF_BYTES = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"
_number = count(1)


def uscc(number: int | None = None, letter: str = "YY") -> str:
    return make_uscc("91", "410100", f"{letter}{number or next(_number):06d}")


def patent(serial: int | None = None, year: int = 2020) -> str:
    body = f"{year}1{9_000_000 + (serial or next(_number)):07d}"
    return f"{body}.{patent_check_digit(body)}"


def make_organisation(
    kind: Role,
    now: datetime,
    *,
    name: str = "",
    verified: bool = True,
    firm_kind: FirmKind | None = None,
    code: str = "",
) -> Organisation:
    number = next(_number)
    row = Organisation(
        ref=f"ORG-{number}", kind=kind, firm_kind=firm_kind, name=name or f"机构{number}", uscc=code or uscc(number),
        created_at=now, verification=Verification.APPROVED if verified else Verification.DRAFT,
    )  # fmt: skip
    row.reverify_on = add_years(shanghai_date(now), 1) if verified else None
    row.file = VerificationFile()
    db.session.add(row)
    db.session.flush()
    return row


def make_user(organisation: Organisation, now: datetime, *duties: Duty, email: str = "", sample: bool = True) -> User:
    number = next(_number)
    user = accounts.add_user(
        organisation, email=email or f"user{number}@example.com", name=f"用户{number}",
        password_hash=accounts.hash_password(PASSWORD, cost="cheap"), duties=list(duties) or [Duty.OFFICER], now=now,
        confirmed=now,
    )  # fmt: skip
    user.is_sample = sample
    return user


@dataclass
class World:
    """A bank with maker and checker, two operators, and enterprises."""

    now: datetime
    bank: Organisation
    officer: User
    approver: User
    operators: tuple[User, User]
    buyers: list[User]

    @classmethod
    def make(cls, now: datetime, buyers: int = 3) -> "World":
        bank = make_organisation(Role.BANK, now, name="甲银行")
        platform = make_organisation(Role.PLATFORM, now, name="平台")
        world = cls(
            now, bank, make_user(bank, now, Duty.OFFICER, Duty.ADMINISTRATOR), make_user(bank, now, Duty.APPROVER),
            (make_user(platform, now, Duty.OFFICER), make_user(platform, now, Duty.APPROVER)),
            [make_user(make_organisation(Role.ENTERPRISE, now), now, Duty.OFFICER) for _ in range(buyers)],
        )  # fmt: skip
        db.session.commit()
        return world

    def case(self, *, with_papers: bool = True, **changes: Any) -> Case:
        code = uscc(letter="YX")
        today = shanghai_date(self.now)
        values = {
            "loan_ref": f"贷-{next(_number)}", "debtor_name": "债务人有限公司", "debtor_uscc": code,
            "pledgor_name": "债务人有限公司", "pledgor_uscc": code, "principal_minor": 180_000_000,
            "interest_minor": 9_500_000, "costs_minor": 1_200_000, "lent_on": today - timedelta(days=900),
            "due_on": today - timedelta(days=120), "defaulted_on": today - timedelta(days=90),
            "five_tier": FiveTier.DOUBTFUL, "legal_basis": LegalBasis.SELF_HELP_CLAUSE, "regime": policy.Regime.OTC,
        }  # fmt: skip
        case = cases.open_case(self.bank, values | changes, by=self.officer, now=self.now)
        if with_papers:
            for kind in BASES[case.legal_basis].papers:
                papers.keep(case.subject, kind, "x.pdf", PDF_BYTES, PDF, by=self.officer, now=self.now)
        return case

    def asset(self, case: Case | None = None, *, value: int = 3_000_000, title: str = "一种电池热管理系统") -> Asset:
        case = case or self.case()
        new = assets.NewRight(
            kind=Kind.INVENTION, number=patent(), title=title, abstract="本发明公开一种液冷板。", holder="权利人有限公司",
            dates={"filed_on": date(2020, 4, 14), "granted_on": date(2021, 9, 3)}, fee_paid_through_year=7,
            classes=(("ipc", "H01M10/613"),),
        )  # fmt: skip
        asset = assets.take_in(self.bank, new, case, by=self.officer, now=self.now)
        assets.add_valuation(
            asset, method=Method.COST, amount=Money.yuan(value), base_on=shanghai_date(self.now) - timedelta(days=30),
            firm_name="评估", firm_uscc="", signers=["甲", "乙"], report_no="1", is_reference=True, by=self.officer,
            now=self.now,
        )  # fmt: skip
        pledge = {
            "rank": 1, "pledgee_name": self.bank.name, "pledgee_id": self.bank.id, "registration_no": f"Y{asset.id}",
            "registered_on": date(2024, 1, 10),
        }  # fmt: skip
        assets.add_pledge(asset, pledge, by=self.officer, now=self.now)
        return asset

    def terms(self, asset: Asset, **changes: Any) -> listings.Terms:
        opens = at_hour(shanghai_date(self.now) + timedelta(days=31), 10)
        values: dict[str, Any] = {
            "title": asset.title, "summary": "", "defects": "未发现", "tax_terms": "各自承担", "handover_terms": "登记后划付",
            "qualification": "", "contact": "0371", "start": Money.yuan(2_100_000), "increment": Money.yuan(20_000),
            "deposit": Money.yuan(210_000), "balance_due_days": 15, "opens_at": opens, "closes_at": opens + timedelta(days=1),
        }  # fmt: skip
        return listings.Terms(**(values | changes))

    def draft(self, **changes: Any) -> Listing:
        asset = self.asset()
        return listings.draft(self.bank, [asset], self.terms(asset, **changes), by=self.officer, now=self.now)

    def publish(self, listing: Listing | None = None) -> Listing:
        """A published lot with its auction."""
        listing = listing or self.draft()
        listings.submit(listing, by=self.officer, now=self.now)
        listings.approve(listing, by=self.approver, now=self.now)
        listings.publish(listing, by=self.operators[0], now=self.now)
        bidding.schedule(listing, now=self.now)
        db.session.commit()
        return listing

    def enter(self, listing: Listing, user: User, at: datetime) -> Registration:
        """A bidder whose deposit has come."""
        registration = payments.register(auction_of(listing), by=user, accepts_rules=listing.policy_version, now=at)
        order = money.of_subject(Purpose.DEPOSIT, f"registration:{registration.id}")
        assert order is not None
        for operator in self.operators:
            payments.confirm(order, shanghai_date(at), by=operator, now=at)
        db.session.commit()
        return registration


def auction_of(listing: Listing) -> Auction:
    auction = auctions.of(listing)
    assert auction is not None
    return auction


def sign_in(client: FlaskClient, user_email: str, password: str = PASSWORD) -> None:
    answer = client.post("/sign-in", data={"email": user_email, "password": password})
    assert answer.status_code == 302, answer.get_data(as_text=True)[:2000]

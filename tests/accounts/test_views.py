"""Coming in: registration, sign-in, second factor, resets, the team – as a visitor meets them."""

import re
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketplace import jobs
from marketplace.accounts import queries
from marketplace.accounts.rules import Verification
from marketplace.core.clock import FrozenClock
from marketplace.core.roles import Duty, Role
from marketplace.database import db
from marketplace.notices.models import DeliveredMail
from tests.conftest import NOON
from tests.factories import PASSWORD, PDF_BYTES, make_organisation, make_user, sign_in, uscc

FORM = {
    "kind": "enterprise", "firm_kind": "", "organisation_name": "新企业有限公司", "uscc": uscc(777777), "name": "张三",
    "email": "new@example.com", "password": "a long enough one", "repeated": "a long enough one",
}  # fmt: skip


def mails(app: Flask, clock: FrozenClock) -> list[DeliveredMail]:
    with app.app_context():
        jobs.tick(clock.now())
        return list(db.session.query(DeliveredMail).order_by(DeliveredMail.id))


def link(mail: DeliveredMail) -> str:
    found = re.search(r"http://localhost(/\S+)", mail.body)
    assert found is not None
    return found[1]


@pytest.fixture
def somebody(page_app: Flask) -> str:
    with page_app.app_context():
        user = make_user(make_organisation(Role.ENTERPRISE, NOON), NOON, Duty.OFFICER, Duty.ADMINISTRATOR)
        db.session.commit()
        return user.email


def test_registering_confirming_and_signing_in(page_app: Flask, visitor: FlaskClient, clock: FrozenClock) -> None:
    assert visitor.post("/register", data=FORM).status_code == 200
    assert visitor.post("/sign-in", data=FORM).status_code == 422

    path = link(mails(page_app, clock)[-1])
    assert visitor.get(path).status_code == 200
    visitor.post(path)
    sign_in(visitor, "new@example.com", "a long enough one")

    with page_app.app_context():
        user = queries.by_email("new@example.com")
        assert user is not None
        assert (user.organisation.name, user.organisation.verification) == ("新企业有限公司", Verification.DRAFT)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("uscc", "91110000600037341N", "应为 L"),
        ("password", "short", "10 个字符"),
        ("email", "nobody", "有效的邮箱"),
        ("organisation_name", "", "必填"),
        ("kind", "platform", "has-error"),
    ],
)
def test_wrong_registrations_are_refused_at_their_field(
    visitor: FlaskClient, field: str, value: str, said: str
) -> None:
    answer = visitor.post(
        "/register", data=FORM | {field: value, "repeated": value if field == "password" else FORM["repeated"]}
    )

    assert answer.status_code == 422
    assert said in answer.get_data(as_text=True)


def test_nothing_says_whether_an_address_is_known(visitor: FlaskClient, somebody: str) -> None:
    def page(answer: object) -> str:
        text = answer.get_data(as_text=True)  # type: ignore[attr-defined]
        return re.sub(r'nonce="[^"]+"|data-now="[^"]+"|value="[^"]*"', "", text)

    known, unknown = (visitor.post("/reset", data={"email": email}) for email in (somebody, "nobody@example.com"))
    wrong, nobody = (
        visitor.post("/sign-in", data={"email": email, "password": "wrong wrong"})
        for email in (somebody, "nobody@example.com")
    )
    first, again = (
        visitor.post("/register", data=FORM | {"email": e, "uscc": uscc(n)})
        for n, e in ((700001, somebody), (700002, "x@example.com"))
    )

    assert page(known) == page(unknown)
    assert page(wrong) == page(nobody)
    assert page(first) == page(again)


def test_a_reset_link_works_once_and_signs_other_browsers_out(
    page_app: Flask, visitor: FlaskClient, somebody: str, clock: FrozenClock
) -> None:
    other = page_app.test_client()
    sign_in(other, somebody)
    visitor.post("/reset", data={"email": somebody})
    path = link(mails(page_app, clock)[-1])
    new = {"password": "another long one", "repeated": "another long one"}

    assert visitor.post(path, data=new).status_code == 302
    assert other.get("/desk").status_code == 302
    visitor.post(path, data={"password": "a third long one", "repeated": "a third long one"})
    sign_in(visitor, somebody, "another long one")


def test_a_reset_link_is_stale_after_an_hour_of_the_signers_clock(visitor: FlaskClient) -> None:
    assert visitor.get("/reset/forged-token").status_code == 302


def test_operators_and_approvers_need_a_second_factor(
    page_app: Flask, visitor: FlaskClient, clock: FrozenClock
) -> None:
    with page_app.app_context():
        user = make_user(make_organisation(Role.PLATFORM, NOON), NOON, Duty.OFFICER, sample=False)
        db.session.commit()
        email = user.email
    answer = visitor.post("/sign-in", data={"email": email, "password": PASSWORD})
    assert answer.headers["Location"].startswith("/sign-in/code")
    assert visitor.get("/desk").status_code == 302
    with page_app.app_context():
        user_ = queries.by_email(email)
        assert user_ is not None
        code = pyotp.TOTP(user_.totp_secret).at(clock.now())

    assert visitor.post("/sign-in/code", data={"code": "000000" if code != "000000" else "111111"}).status_code == 422
    assert visitor.post("/sign-in/code", data={"code": code}).headers["Location"].endswith("/desk")
    again = page_app.test_client()
    again.post("/sign-in", data={"email": email, "password": PASSWORD})
    assert again.post("/sign-in/code", data={"code": code}).status_code == 422


def test_a_revoked_device_is_signed_out(page_app: Flask, visitor: FlaskClient, somebody: str) -> None:
    other = page_app.test_client()
    sign_in(visitor, somebody)
    sign_in(other, somebody)
    ids = re.findall(r"/account/devices/(\d+)/revoke", visitor.get("/account").get_data(as_text=True))

    assert len(ids) == 1
    visitor.post(f"/account/devices/{ids[0]}/revoke")

    assert other.get("/desk").status_code == 302
    assert visitor.get("/desk").status_code == 200


def test_sessions_end_by_themselves(visitor: FlaskClient, somebody: str, clock: FrozenClock) -> None:
    sign_in(visitor, somebody)
    clock.set(NOON + timedelta(days=15))

    assert visitor.get("/desk").status_code == 302


def test_inviting_joining_and_deactivating(
    page_app: Flask, visitor: FlaskClient, somebody: str, clock: FrozenClock
) -> None:
    sign_in(visitor, somebody)
    visitor.post("/team", data={"email": "second@example.com", "duties": ["officer"]})
    path = link(mails(page_app, clock)[-1])
    guest = page_app.test_client()
    joined = {"name": "李四", "password": "her own long one", "repeated": "her own long one"}

    assert guest.post(path, data=joined).status_code == 302
    sign_in(guest, "second@example.com", "her own long one")
    assert guest.get("/team").status_code == 403
    with page_app.app_context():
        second = queries.by_email("second@example.com")
        assert second is not None
        number = second.id
    visitor.post(f"/team/{number}/deactivate")
    assert guest.get("/desk").status_code == 302
    assert page_app.test_client().post(path, data=joined).status_code == 302


def test_sign_in_is_limited(make_app: object) -> None:
    app = make_app("sqlite")  # type: ignore[operator]
    from marketplace.web import limiter

    limiter.enabled = True
    try:
        client = app.test_client()
        codes = [
            client.post("/sign-in", data={"email": "x@example.com", "password": "wrong"}).status_code for _ in range(25)
        ]
    finally:
        limiter.enabled = False
        limiter.reset()

    assert codes[0] == 422
    assert codes[-1] == 429


def test_verification_from_file_to_approval(page_app: Flask, visitor: FlaskClient) -> None:
    import io

    with page_app.app_context():
        firm = make_organisation(Role.ENTERPRISE, NOON, verified=False)
        user = make_user(firm, NOON, Duty.ADMINISTRATOR)
        operator = make_user(make_organisation(Role.PLATFORM, NOON), NOON, Duty.OFFICER)
        db.session.commit()
        ref, email, reviewer = firm.ref, user.email, operator.email
    sign_in(visitor, email)
    visitor.post("/verification/submit")
    assert "认证资料不完整" in visitor.get("/verification").get_data(as_text=True)
    kept = {
        "region_code": "410100", "legal_representative": "甲", "handler_name": "乙", "handler_mobile": "13800000000",
        "account_name": "丙", "account_no": "6222000011112222", "account_bank": "丁行", "owners": "张三, 60%",
        "related": f"某公司, {uscc(55)}, 股东", "has_declared_related": "y",
    }  # fmt: skip
    twice = {"related": f"某公司, {uscc(55)}, 股东\n某公司, {uscc(55)}, 董事"}
    for wrong in ({"owners": "张三"}, {"owners": "张三, inf%"}, {"owners": "张三, nan"}, twice):
        assert visitor.post("/verification", data=kept | wrong).status_code == 422, wrong
    for _again in range(2):
        assert visitor.post("/verification", data=kept).status_code == 302
    for kind in ("licence", "power_of_attorney"):
        visitor.post("/verification/papers", data={"kind": kind, "file": (io.BytesIO(PDF_BYTES), "a.pdf")})
    visitor.post("/verification/papers", data={"kind": "other", "file": (io.BytesIO(b"MZ\x90 program"), "licence.pdf")})
    assert "按内容识别" in visitor.get("/verification").get_data(as_text=True)
    visitor.post("/verification/submit")

    desk = page_app.test_client()
    sign_in(desk, reviewer)
    desk.post(f"/operator/organisations/{ref}/send_back", data={"reason": ""})
    assert "请写明原因" in desk.get(f"/operator/organisations/{ref}").get_data(as_text=True)
    desk.post(f"/operator/organisations/{ref}/approve")

    assert "已认证" in visitor.get("/verification").get_data(as_text=True)

"""The main job in a browser, role by role: from a bank's spreadsheet to distributed money."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from marketplace.core.calendar import at_hour
from marketplace.core.clock import shanghai_date
from marketplace.core.roles import Duty, Role
from marketplace.database import db
from marketplace.listings.models import Listing
from tests.conftest import NOON
from tests.factories import PDF_BYTES, World, auction_of, make_organisation, make_user, patent, uscc
from tests.journeys.conftest import House, sound

PAPERS = ("借款合同", "质押合同", "质押登记通知书", "违约证明", "自行处置通知")


@pytest.fixture
def world(house: House) -> World:
    with house.app.app_context():
        made = World.make(NOON, 2)
        regulator = make_user(make_organisation(Role.REGULATOR, NOON), NOON, Duty.VIEWER, email="reg@example.com")
        db.session.commit()
        for row in [*list(db.session), regulator]:
            db.session.refresh(row)
        db.session.expunge_all()
    return made


def flashed(page: Page, text: str) -> None:
    expect(page.locator(".flash").filter(has_text=text)).to_be_visible()


def test_from_spreadsheet_to_distributed_money(house: House, world: World, tmp_path: Path) -> None:
    proof = tmp_path / "proof.pdf"
    proof.write_bytes(PDF_BYTES)
    bank = house.visit(world.officer.email)
    open_case(bank, proof)
    import_rights(house, bank, tmp_path)
    lot = draft_lot(bank)
    approve(house, world, lot)
    publish(house, world, lot)
    house.until(NOON + timedelta(days=5))
    enter(house, world, proof)
    bid_and_win(house, world, lot)
    deal = pay_and_close(house, world, proof)
    distribute(house, world, deal)
    remembered(house, lot)


def open_case(bank: Page, proof: Path) -> None:
    bank.goto("/cases/new")
    sound(bank)
    bank.click("text=保存")
    expect(bank.locator(".error").first).to_be_visible()
    code = uscc(letter="YX")
    for name, value in {
        "loan_ref": "贷2024-088", "debtor_name": "某债务人有限公司", "debtor_uscc": code, "pledgor_name": "某债务人有限公司",
        "pledgor_uscc": code, "principal": "1,800,000", "interest": "95,000", "costs": "12,000", "due_on": "2026-01-10",
        "defaulted_on": "2026-02-10",
    }.items():  # fmt: skip
        bank.fill(f"#{name}", value)
    bank.select_option("#legal_basis", "self_help_clause")
    bank.click("text=保存")
    expect(bank.locator("h1")).to_have_text("贷2024-088")
    for kind in PAPERS:
        bank.select_option("#paper-kind", label=kind)
        bank.set_input_files("#paper-file", proof)
        bank.click("main >> text=上传 >> nth=-1")
        flashed(bank, "文件已保存")
    expect(bank.locator("text=机器检查未发现问题")).to_be_visible()
    sound(bank)


def import_rights(house: House, bank: Page, folder: Path) -> None:
    path = folder / "权利.csv"
    good, wrong = patent(), "ZL202010288867.8"
    path.write_text(
        "权利类型,权利号,名称,摘要,权利人,申请日,授权日,分类号,贷款编号,评估值,评估基准日\n"
        f"发明专利,{good},一种动力电池液冷系统,液冷板与换热器,某债务人有限公司,2020年4月14日,2021/9/3,H01M10/613,贷2024-088,300万,20260401\n"
        f"发明专利,{wrong},坏号,,,,,,,,\n",
        encoding="gb18030",
    )
    bank.goto("/imports")
    sound(bank)
    bank.set_input_files("#file", path)
    bank.click("text=上传并检查")
    house.work()
    bank.reload()
    expect(bank.locator("text=可导入 1 行")).to_be_visible()
    expect(bank.locator("td", has_text="校验").or_(bank.locator("td", has_text="应为")).first).to_be_visible()
    sound(bank)
    bank.click("text=导入 1 项")
    house.work()
    bank.reload()
    expect(bank.locator(".badge", has_text="已导入")).to_be_visible()


def draft_lot(bank: Page) -> str:
    bank.goto("/assets")
    bank.click("text=一种动力电池液冷系统")
    bank.click("summary:has-text('登记质押')")
    bank.fill("#pledge-registration_no", "Y2024410000001")
    bank.fill("#pledge-registered_on", "2024-03-01")
    bank.click("details[open] button:has-text('保存')")
    flashed(bank, "已保存")
    sound(bank)
    bank.click("text=用于处置")
    bank.fill("#defects", "存在一项普通许可")
    bank.fill("#contact", "0371-00000000")
    bank.fill("#start", "2,000,000")
    bank.click("text=保存草稿")
    expect(bank.locator(".error", has_text="70%")).to_be_visible()
    bank.fill("#start", "2,100,000")
    bank.fill("#defects", "存在一项普通许可")
    bank.click("text=保存草稿")
    flashed(bank, "草稿已保存")
    sound(bank)
    bank.click("button:has-text('提交行内复核')")
    expect(bank.locator(".badge", has_text="待行内复核")).to_be_visible()
    expect(bank.locator("text=复核通过，送平台审核")).to_have_count(0)
    return bank.url.rsplit("/", 1)[1]


def approve(house: House, world: World, lot: str) -> None:
    checker = house.visit(world.approver.email)
    checker.click("text=一种动力电池液冷系统")
    checker.click("summary:has-text('复核通过')")
    checker.click("details[open] button")
    expect(checker.locator(".badge", has_text="平台审核中")).to_be_visible()
    sound(checker)


def publish(house: House, world: World, lot: str) -> None:
    operator = house.visit(world.operators[0].email)
    sound(operator)
    operator.goto("/operator/reviews")
    operator.click("text=一种动力电池液冷系统")
    operator.click("summary:has-text('审核通过并公告')")
    operator.check("#has_compared")
    operator.click("details[open] button")
    expect(operator.locator(".badge", has_text="公告中")).to_be_visible()
    house.work()
    sound(operator)


def enter(house: House, world: World, proof: Path) -> None:
    buyer = house.visit(world.buyers[0].email)
    buyer.goto("/lots")
    buyer.fill("main input[name=q]", "液冷")
    buyer.click("main >> text=搜索")
    expect(buyer.locator("text=共 1 个标的")).to_be_visible()
    sound(buyer)
    buyer.click("text=一种动力电池液冷系统")
    sound(buyer)
    expect(buyer.locator("text=竞价公告").first).to_be_visible()
    buyer.click("text=报名参加")
    for box in ("accepts_rules", "accepts_defects", "accepts_publication"):
        buyer.check(f"#{box}")
    sound(buyer)
    buyer.click("main button:has-text('报名')")
    expect(buyer.locator("dt", has_text="附言")).to_be_visible()
    buyer.set_input_files("#file", proof)
    buyer.click("main >> text=提交 >> nth=-1")
    flashed(buyer, "凭证已提交")
    sound(buyer)
    confirm_arrival(house, world)


def confirm_arrival(house: House, world: World) -> None:
    """Two operators, one after the other."""
    for number, operator in enumerate(world.operators):
        page = house.visit(operator.email)
        page.goto("/operator/money")
        sound(page)
        page.click("text=复核到账" if number else "text=确认到账")
        flashed(page, "已记录到账")
    house.work()


def bid_and_win(house: House, world: World, lot: str) -> None:
    with house.app.app_context():
        listing = db.session.query(Listing).filter_by(ref=lot).one()
        assert listing.opens_at is not None and listing.closes_at is not None
        opens, closes = listing.opens_at, listing.closes_at
        world.enter(listing, db.session.merge(world.buyers[1]), house.clock.now())
    house.until(opens + timedelta(hours=1))
    bystander = house.visit()
    bystander.goto(f"/lots/{lot}")
    expect(bystander.locator("text=实时竞价")).to_be_visible()
    buyer = house.visit(world.buyers[0].email)
    buyer.goto(f"/lots/{lot}")
    buyer.fill("#amount", "2,100,001")
    buyer.click("button:has-text('出价')")
    expect(buyer.locator(".flash.refusal")).to_contain_text("¥2,100,000")
    buyer.click("button:has-text('出价')")
    expect(buyer.locator("text=预计应付合计")).to_be_visible()
    sound(buyer)
    buyer.check("#is_binding")
    buyer.click("button:has-text('确认出价')")
    flashed(buyer, "出价成功")
    expect(bystander.locator("[data-part=panel]")).to_contain_text("1 次出价", timeout=10_000)
    expect(bystander.locator("[data-part=ledger] tbody tr")).to_have_count(1)
    assert world.buyers[0].organisation.name not in bystander.content()
    sound(bystander)
    house.until(closes + timedelta(minutes=1))
    expect(bystander.locator("[data-part=panel]")).to_contain_text("买受人", timeout=15_000)


def pay_and_close(house: House, world: World, proof: Path) -> str:
    buyer = house.visit(world.buyers[0].email)
    buyer.goto("/deals")
    buyer.click("text=一种动力电池液冷系统")
    expect(buyer.locator("h1")).to_have_text("一种动力电池液冷系统")
    expect(buyer.locator("text=成交确认书")).to_be_visible()
    sound(buyer)
    house.until(house.clock.now() + timedelta(days=3))
    confirm_arrival(house, world)
    bank = house.visit(world.officer.email)
    deal = buyer.url.rsplit("/", 1)[1]
    for step in ("质权人出具解除或同意文件", "质押登记注销", "权利转让登记"):
        bank.goto(f"/deals/{deal}")
        bank.fill("#on", shanghai_date(house.clock.now()).isoformat())
        bank.set_input_files("#file", proof)
        bank.click(f"button:has-text('{step}')")
        flashed(bank, "已记录")
        house.until(house.clock.now() + timedelta(days=2))
    sound(bank)
    return deal


def distribute(house: House, world: World, deal: str) -> None:
    first = house.visit(world.operators[0].email)
    first.goto(f"/deals/{deal}/settlement")
    sound(first)
    first.fill("#costs", "评估费, 某评估公司, 30000")
    first.click("button:has-text('编制')")
    flashed(first, "分配方案已编制")
    expect(first.locator("text=批准分配方案")).to_have_count(0)
    second = house.visit(world.operators[1].email)
    second.goto(f"/deals/{deal}/settlement")
    second.click("summary:has-text('批准分配方案')")
    second.click("details[open] button")
    flashed(second, "已批准")
    for page, label in ((first, "确认已划付"), (second, "复核已划付")):
        page.goto(f"/deals/{deal}/settlement")
        while page.locator(f"button:has-text('{label}')").count():
            page.locator(f"button:has-text('{label}')").first.click()
            page.wait_for_load_state()
            page.goto(f"/deals/{deal}/settlement")
    second.goto(f"/deals/{deal}")
    expect(second.locator(".page-head .badge")).to_have_text("已结清")
    sound(second)
    journal = second
    journal.goto("/operator/ledger")
    expect(journal.locator("tfoot .num")).to_have_text("¥0")
    sound(journal)


def remembered(house: House, lot: str) -> None:
    anybody = house.visit()
    anybody.goto("/results")
    expect(anybody.locator("tbody tr")).to_have_count(1)
    expect(anybody.locator("tbody tr")).to_contain_text("¥2,100,000")
    sound(anybody)
    regulator = house.visit()
    regulator.goto("/sign-in")
    regulator.fill("#email", "reg@example.com")
    regulator.fill("#password", "right-horse-battery")
    regulator.click("main button[type=submit]")
    expect(regulator.locator("h1")).to_contain_text("季度")
    expect(regulator.locator("table")).to_contain_text("2026Q3")
    sound(regulator)


def test_in_english_a_foreign_reader_finds_and_enters_a_lot(house: House, world: World) -> None:
    with house.app.app_context():
        made = World(
            NOON,
            *(db.session.merge(x) for x in (world.bank, world.officer, world.approver)),
            tuple(db.session.merge(o) for o in world.operators),
            [db.session.merge(b) for b in world.buyers],
        )  # type: ignore[arg-type]
        listing = made.publish()
        ref = listing.ref
    reader = house.visit(language="en-GB")
    reader.goto("/")
    expect(reader.locator("html")).to_have_attribute("lang", "en")
    sound(reader)
    for path in ("/lots", f"/lots/{ref}", "/results", "/rules", "/register", "/sign-in"):
        reader.goto(path)
        text = re.sub(r"[（(][^）)]*[）)]", "", reader.locator("header.masthead").inner_text())
        assert not re.search(r"[一-鿿]", text.replace("中文", "").replace("质", "")), text
        for label in reader.locator("label, th, dt, h2, button, summary").all_inner_texts():
            assert not re.search(r"[一-鿿]", label.replace("质", "")), (path, label)
        sound(reader)
    buyer = house.visit(world.buyers[0].email, language="en-GB")
    buyer.goto(f"/lots/{ref}")
    buyer.click("text=Register to bid")
    for box in ("accepts_rules", "accepts_defects", "accepts_publication"):
        buyer.check(f"#{box}")
    buyer.click("main button:has-text('Register')")
    expect(buyer.locator("h1")).to_contain_text("Deposit")
    sound(buyer)


def test_on_a_phone_a_buyer_follows_and_bids(house: House, world: World) -> None:
    with house.app.app_context():
        made = World(
            NOON,
            *(db.session.merge(x) for x in (world.bank, world.officer, world.approver)),
            tuple(db.session.merge(o) for o in world.operators),
            [db.session.merge(b) for b in world.buyers],
        )  # type: ignore[arg-type]
        listing = made.publish()
        made.enter(listing, made.buyers[0], NOON + timedelta(days=1))
        auction = auction_of(listing)
        ref, opens = listing.ref, auction.opens_at
    house.until(opens + timedelta(hours=1))
    phone = house.visit(world.buyers[0].email, width=390)
    sound(phone)
    phone.goto("/")
    expect(phone.locator("nav.menu")).to_be_hidden()
    phone.click(".burger")
    phone.click("nav.menu >> text=标的大厅")
    sound(phone)
    phone.click(f"a[href='/lots/{ref}']")
    sound(phone)
    assert phone.locator("#amount").bounding_box()["height"] >= 44  # type: ignore[index]
    phone.click("button:has-text('出价')")
    phone.check("#is_binding")
    sound(phone)
    phone.click("button:has-text('确认出价')")
    flashed(phone, "出价成功")
    for path in ("/desk", "/payments", "/watched", "/notices", "/account", "/results", "/rules"):
        phone.goto(path)
        sound(phone)
    assert at_hour(shanghai_date(opens), 10) == opens


def test_in_the_dark_everything_can_still_be_read(house: House) -> None:
    with house.app.app_context():
        world = World.make(NOON, 1)
        ref, officer, operator = world.publish().ref, world.officer.email, world.operators[0].email
        world.draft()
        db.session.commit()
    house.work()

    for email, paths in (
        ("", ["/", "/lots", f"/lots/{ref}", "/rules", "/sign-in"]),
        (officer, ["/desk", "/cases/new", f"/listings/{ref}"]),
        (operator, ["/desk", "/operator/money"]),
    ):
        page = house.visit(email)
        page.emulate_media(color_scheme="dark")
        for path in paths:
            page.goto(path)
            sound(page)

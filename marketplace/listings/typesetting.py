"""The published notice as a paper: what art. 13 and 14 of 法释〔2016〕18号 want disclosed, in Chinese, with an English
summary. It is made anew when the timetable or the contact changes; every version is kept by its hash."""

from datetime import datetime
from typing import Any

from flask import current_app
from flask_babel import force_locale, gettext
from sqlalchemy import select

from marketplace import typeset, web
from marketplace.assets import queries as assets
from marketplace.assets.kinds import KINDS
from marketplace.cases.rules import BASES
from marketplace.core import policy
from marketplace.core.clock import shanghai_date
from marketplace.core.money import Money
from marketplace.database import db
from marketplace.listings import queries
from marketplace.listings.models import Listing
from marketplace.listings.routes import Form
from marketplace.listings.search import WHOLE_LOT
from marketplace.papers import service as papers
from marketplace.papers.rules import PDF, PaperKind

CHINESE = "zh_Hans_CN"


def make_notice(payload: dict[str, Any], now: datetime) -> None:
    """Typeset the notice of a lot and keep it as a public paper; one made since it was asked for is left alone."""
    listing = db.session.scalar(select(Listing).where(Listing.id == payload["listing"]).options(*WHOLE_LOT))
    if listing is None or listing.notice_at is None:
        return
    since = datetime.fromisoformat(payload["since"]) if "since" in payload else listing.notice_at
    made = [paper.uploaded_at for paper in queries.public_papers(listing) if paper.kind is PaperKind.NOTICE]
    if any(moment >= since for moment in made):
        return
    with force_locale(CHINESE), web.reading(CHINESE):
        facts = notice(listing) | {"revised": _revised(since) if made else ""}
    content = typeset.pdf("notice", facts, stamp=since)
    papers.keep(
        listing.subject, PaperKind.NOTICE, f"{listing.ref}-notice.pdf", content, PDF, by=None, now=now, is_public=True
    )


def _revised(since: datetime) -> str:
    return f"本公告更新于{web.moment(since)}，替代此前各版；时间与联系方式以本版为准，其他内容未作修改。"


def word_for_sale(regime: policy.Regime, form: Form = Form.BIDDING) -> str:
    """变卖 for a sell-off; 拍卖 only where the law lets us say so (Auction Law art. 11); otherwise 网络竞价."""
    if form is Form.SELL_OFF:
        return "变卖"
    return "拍卖" if regime in (policy.Regime.COURT, policy.Regime.LICENSED) else "网络竞价"


def notice(listing: Listing) -> dict[str, Any]:
    """Everything the notice says, as plain text."""
    assert listing.notice_at
    assert listing.opens_at
    assert listing.closes_at
    terms = policy.policy(listing.policy_version)
    case = queries.case_of(listing)
    examined = queries.examination(listing, listing.notice_at)
    word = word_for_sale(listing.regime, listing.form)
    settings = current_app.extensions["settings"]
    account = " ".join(filter(None, (settings.escrow_account_name, settings.escrow_account_no, settings.escrow_bank)))
    return {
        "title": f"{listing.title}{word}公告",
        "heading": f"{word}公告",
        "reference": listing.ref,
        "published": web.moment(listing.notice_at),
        "opening": (
            f"{listing.bank.name}依据{web.label(case.legal_basis) if case else ''}，就下列质押知识产权于"
            f"{web.moment(listing.opens_at)}起至{web.moment(listing.closes_at)}止（延时除外）在质易平台公开{word}。"
        ),
        "sections": [
            {"title": "一、标的", "rows": [row for item in listing.items for row in _right(item.asset, listing)]},
            {"title": "二、价格与时间", "rows": _price(listing, terms, word)},
            {
                "title": "三、处置依据与权利负担",
                "rows": [["处置依据", f"{web.label(case.legal_basis)}（{BASES[case.legal_basis].article}）" if case else ""],
                         ["规则版本", listing.policy_version]]
                + [[web.label(f.code), gettext(f.spec.meaning)] for e in examined.rights for f in e.findings],
            },
            {"title": "四、已知瑕疵", "text": listing.defects.splitlines() or ["无"]},
            {
                "title": "五、竞买人条件与优先购买权",
                "text": [
                    listing.qualification or "具有完全民事行为能力的企业法人及其他组织均可参与。",
                    "平台及其工作人员、债务人、出质人、评估机构及其关联方不得参与竞买。",
                    _priority(listing),
                    "委托他人代理竞买的，应在竞价开始前确认委托关系。",
                ],
            },
            {
                "title": "六、竞价规则",
                "text": [
                    _how_long(listing, terms),
                    f"截止前 {terms.extension_minutes} 分钟内有出价的，截止时间延至该次出价后 {terms.extension_minutes} 分钟，依此类推。",
                    "出价以服务器收到的时间为准；优先购买权人可以相同价格优先。",
                ],
            },
            {
                "title": "七、款项、税费与交付",
                "text": [
                    f"保证金与尾款汇入监管账户：{account}。",
                    f"成交后 {listing.balance_due_days} 日内付清尾款；买受人悔拍的，保证金不予退还，依次用于支付本次处置费用、"
                    "弥补再次处置差价、清偿本案债务。此约定具有违约金性质。",
                    listing.tax_terms,
                    listing.handover_terms,
                ],
            },
            {
                "title": "八、特别提示",
                "text": [
                    "标的以现状交付，参与竞买即视为已知悉并接受标的一切已知与未知瑕疵。",
                    "成交确认书将公示买受人真实身份。",
                    "未成交竞买人的保证金在竞价结束后 "
                    f"{terms.deposit_release_hours} 小时内退还。",
                ],
            },
            {"title": "九、联系方式", "text": [listing.contact]},
        ],
        "english": _english(listing),
    }  # fmt: skip


def _right(asset: Any, listing: Listing) -> list[list[str]]:
    assert listing.notice_at is not None
    life = assets.life(asset, shanghai_date(listing.notice_at))
    best = asset.reference
    return [
        ["名称", asset.title],
        ["类型与号码", f"{gettext(KINDS[asset.kind].label)} {asset.shown_number}"],
        ["权利人", asset.holder or "—"],
        ["保护期至", web.day(life.until)],
        [
            "参考价",
            f"{web.money(best.amount)}（{best.firm_name or '评估'}，基准日 {web.day(best.base_on)}）" if best else "—",
        ],
        ["权利取得", f"{gettext(KINDS[asset.kind].registry)}{web.label(life.passing)}"],
    ]


def _price(listing: Listing, terms: policy.Policy, word: str) -> list[list[str]]:
    return [
        ["参考价", web.money(listing.reference)],
        ["变卖价" if listing.form is Form.SELL_OFF else "起拍价（即保留价）", web.money(listing.start)],
        ["加价幅度", web.money(listing.increment)],
        ["保证金", web.money(listing.deposit)],
        [f"{word}时间", f"{web.moment(listing.opens_at)} 至 {web.moment(listing.closes_at)}"],
        ["次数", "两次竞价流拍后变卖" if listing.form is Form.SELL_OFF else f"第 {listing.attempt} 次"],
        ["公告期", f"{terms.notice_days(listing.attempt)} 日"],
    ]


def _how_long(listing: Listing, terms: policy.Policy) -> str:
    if listing.form is Form.SELL_OFF:
        return (
            f"变卖期 {terms.selloff_days} 日；竞买人全额预缴变卖价款后方可应价；首次应价后 {terms.selloff_contest_hours} "
            "小时内其他竞买人可以加价，无人加价的，首个应价人成交。"
        )
    return f"自由竞价时间不少于 {terms.window_min_hours} 小时；一人报名且出价不低于起拍价的，即可成交。"


def _priority(listing: Listing) -> str:
    holders = [holder for item in listing.items for holder in item.asset.priority_holders]
    if not holders:
        return "未发现优先购买权人。"
    told = "；".join(f"{h.basis}，第 {h.rank} 顺位，{'已通知' if h.notified_on else '尚未通知'}" for h in holders)
    return f"优先购买权人 {len(holders)} 名（{told}），经通知未参与的视为放弃。"


def _english(listing: Listing) -> str:
    def yuan(amount: Money) -> str:
        return f"CNY {amount.minor / 100:,.2f}" if amount.minor % 100 else f"CNY {amount.minor // 100:,}"

    assert listing.opens_at
    assert listing.closes_at
    way = "a sell-off at a fixed price" if listing.form is Form.SELL_OFF else "online competitive bidding"
    return (
        f"{listing.bank.name} offers pledged intellectual property (lot {listing.ref}, {len(listing.items)} right(s)) "
        f"in {way}. Starting price {yuan(listing.start)}, reference price "
        f"{yuan(listing.reference)}, increment {yuan(listing.increment)}, deposit {yuan(listing.deposit)}. Bidding runs "
        f"from {web.moment(listing.opens_at)} to {web.moment(listing.closes_at)} (Beijing time); a bid in the last five "
        "minutes moves the end. The lot is sold as it is. The Chinese text decides."
    )

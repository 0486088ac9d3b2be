"""The confirmation letter: an immutable paper with the winner's real name, made once when the lot is struck."""

from datetime import datetime
from typing import Any

import cn2an
from flask import current_app
from flask_babel import force_locale
from sqlalchemy import select

from marketplace import typeset, web
from marketplace.core.money import Money
from marketplace.core.policy import Regime
from marketplace.database import db
from marketplace.deals.models import Deal
from marketplace.deals.queries import WHOLE
from marketplace.papers import service as papers
from marketplace.papers.rules import PDF, PaperKind

CHINESE = "zh_Hans_CN"


def in_capitals(amount: Money) -> str:
    """An amount in the capital numerals of Chinese cheques: ¥1,680,000.50 is 人民币壹佰陆拾捌万元伍角整."""
    return "人民币" + str(cn2an.an2cn(amount.decimal, "rmb"))


def make_confirmation(payload: dict[str, Any], now: datetime) -> None:
    """Typeset the letter of a deal and keep it; a deal that has one is left alone."""
    deal = db.session.scalar(select(Deal).where(Deal.id == payload["deal"]).options(*WHOLE))
    if deal is None or deal.confirmation_id is not None:
        return
    with force_locale(CHINESE), web.reading(CHINESE):
        facts = letter(deal, now)
    content = typeset.pdf("confirmation", facts, stamp=deal.struck_at)
    paper = papers.keep(
        deal.subject, PaperKind.CONFIRMATION, f"{deal.ref}-confirmation.pdf", content, PDF, by=None, now=now
    )
    deal.confirmation_id = paper.id


def letter(deal: Deal, now: datetime) -> dict[str, Any]:
    """Everything the letter says (fields of the courts' 网络竞价成功确认书)."""
    listing = deal.listing
    base = current_app.extensions["settings"].base_url
    is_court = listing.regime is Regime.COURT
    return {
        "title": "网络竞价成功确认书",
        "heading": "网络竞价成功确认书",
        "reference": deal.ref,
        "rows": [
            ["处置单位", listing.bank.name],
            ["标的名称", listing.title],
            ["标的网址", f"{base}/lots/{listing.ref}"],
            ["公告时间", web.moment(listing.notice_at, seconds=True)],
            ["竞价开始", web.moment(listing.opens_at, seconds=True)],
            ["竞价结束", web.moment(deal.struck_at, seconds=True)],
            ["买受人", deal.buyer.name],
            ["统一社会信用代码", deal.buyer.uscc],
            ["竞买号", deal.bidder_code],
            ["成交价（小写）", str(deal.price)],
            ["成交价（大写）", in_capitals(deal.price)],
            ["已缴保证金", str(deal.deposit)],
            ["尾款期限", web.day(deal.balance_due_on)],
            ["规则版本", deal.policy_version],
        ],
        "text": [
            f"买受人 {deal.buyer.name}（竞买号 {deal.bidder_code}）于 {web.moment(deal.struck_at, seconds=True)} 以最高价"
            f" {deal.price} 竞得上述标的。",
            "买受人应按公告要求在期限内将尾款汇入监管账户；逾期未付的，保证金不予退还，并按公告约定处理。",
            "拍卖成交的最终效力以人民法院裁定为准。" if is_court else "权利自完成登记（或法律规定的其他时点）时转移。",
        ],
        "issuer": "质易 Zhiyi",
        "confirmed": f"确认时间 {web.moment(now, seconds=True)}",
    }

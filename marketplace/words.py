"""Words of the record: what each audit line says to a reader, and names behind codes."""

from typing import Any

from flask_babel import gettext

from marketplace.assets.kinds import Kind
from marketplace.core.errors import N_
from marketplace.core.money import Money
from marketplace.listings.routes import Form
from marketplace.listings.rules import Reason, Stage
from marketplace.payments.waterfall import Component
from marketplace.reference import ipc, locarno, nice, regions
from marketplace.web import label, language

EVENTS = {
    "asset.changed": N_("修改权利信息"),
    "asset.coowner_consented": N_("登记共有人同意"),
    "asset.encumbered": N_("登记权利负担"),
    "asset.encumbrance_lifted": N_("权利负担解除"),
    "asset.pledge_cancelled": N_("质押注销"),
    "asset.pledge_recorded": N_("登记质押"),
    "asset.priority_recorded": N_("登记优先权人"),
    "asset.reference_chosen": N_("指定参考价"),
    "asset.taken_in": N_("录入权利"),
    "asset.valued": N_("录入评估"),
    "auction.cancelled": N_("竞价取消"),
    "auction.scheduled": N_("竞价已排期"),
    "case.changed": N_("修改案件"),
    "case.opened": N_("建立案件"),
    "case.repaid": N_("登记债务清偿"),
    "deal.balance_paid": N_("尾款到账"),
    "deal.defaulted": N_("认定悔拍"),
    "deal.settled": N_("结清"),
    "deal.step_met": N_("完成交割步骤"),
    "deal.struck": N_("成交"),
    "listing.approve": N_("行内复核通过"),
    "listing.award": N_("成交"),
    "listing.contact_changed": N_("更新联系方式"),
    "listing.default": N_("买受人悔拍"),
    "listing.discard": N_("放弃草稿"),
    "listing.drafted": N_("建立草稿"),
    "listing.edited": N_("修改草稿"),
    "listing.fail": N_("流拍"),
    "listing.publish": N_("审核通过并公告"),
    "listing.recall": N_("经办撤回修改"),
    "listing.relisted": N_("再次竞价"),
    "listing.resume": N_("恢复"),
    "listing.return": N_("行内退回"),
    "listing.send_back": N_("平台退回"),
    "listing.settle": N_("结清"),
    "listing.stop": N_("债务清偿，处置停止"),
    "listing.submit": N_("提交行内复核"),
    "listing.suspend": N_("中止"),
    "listing.terminate": N_("终结"),
    "listing.withdraw": N_("撤回"),
    "organisation.attached": N_("设置上级机构"),
    "organisation.blocked": N_("限制交易"),
    "organisation.registered": N_("注册"),
    "organisation.unblocked": N_("解除限制"),
    "outcome.recorded": N_("记录处置结果"),
    "paper.kept": N_("保存材料"),
    "payment.asked": N_("生成付款单"),
    "payment.confirmed": N_("核对到账"),
    "payment.expired": N_("付款单过期"),
    "payment.proved": N_("提交付款凭证"),
    "payment.rejected": N_("退回付款凭证"),
    "settlement.approved": N_("批准分配方案"),
    "settlement.prepared": N_("编制分配方案"),
    "verification.approved": N_("认证通过"),
    "verification.rejected": N_("认证未通过"),
    "verification.saved": N_("保存认证资料"),
    "verification.sent_back": N_("认证退回"),
    "verification.submitted": N_("提交认证"),
}

RESULTS = {
    "sold": N_("成交"),
    "failed": N_("流拍"),
    "defaulted": N_("悔拍"),
    "withdrawn": N_("撤回"),
    "terminated": N_("终结"),
}


def event_name(event: str) -> str:
    return gettext(EVENTS[event]) if event in EVENTS else event


def why_name(why: str) -> str:
    """A reason with its code in the reader's words."""
    word, _colon, note = why.partition(": ")
    if word in set(Reason):
        return f"{label(Reason(word))}{': ' if note else ''}{note}"
    return gettext(REASONS[why]) if why in REASONS else why


REASONS = {"no_bids": N_("无人出价"), "buyer_default": N_("买受人未按期付款")}


def result_name(result: str) -> str:
    return gettext(RESULTS[result])


def round_name(form: str, attempt: int) -> str:
    """Which time a lot is offered: a numbered round, or the sell-off after the last."""
    return form_name(form) if form == Form.SELL_OFF else gettext("第 %(n)s 次", n=attempt)


def kind_name(kind: str) -> str:
    return label(Kind(kind))


def region_name(code: str) -> str:
    return regions.name(code)


def component_name(component: str) -> str:
    return label(Component(component))


NO_BURDENS = ("未发现", "无", "没有")


def says_burdens(defects: str) -> bool:
    """Whether a statement of defects at least mentions a burden, where the register holds one."""
    text = defects.strip()
    return (
        bool(text)
        and not any(text in (word, f"{word}。") for word in NO_BURDENS)
        and any(word in text for word in ("许可", "查封", "冻结", "无效", "撤销", "纠纷", "负担"))
    )


def as_money(minor: int | None) -> Money | None:
    return None if minor is None else Money(minor)


def stage_name(stage: str) -> str:
    return label(Stage(stage))


def form_name(form: str) -> str:
    return label(Form(form))


def plain_name(word: str) -> str:
    return word


def _reading_language() -> str:
    return "en" if language() == "en" else "zh"


def ipc_rows(counts: dict[str, int], chosen: str) -> list[tuple[str, str, int]]:
    """IPC symbols with their titles and counts; when one is chosen, its classes and the way back."""
    rows = [
        (symbol, f"{symbol} {short(ipc.title(symbol, _reading_language()))}", count)
        for symbol, count in sorted(counts.items())
        if not chosen or symbol.startswith(chosen[:1])
    ]
    if chosen and chosen not in counts:
        rows.insert(
            0, (chosen, f"{chosen} {short(ipc.title(chosen, _reading_language()))}", sum(n for _s, _t, n in rows))
        )
    return rows


def short(title: str, most: int = 18) -> str:
    """A class's title cut where a list has no room."""
    first = title.split("；", maxsplit=1)[0].split(";", maxsplit=1)[0]
    return first if len(first) <= most * 2 else first[: most * 2 - 1] + "…"


def price_rows(bands: Any, counts: dict[str, int]) -> list[tuple[str, str, int]]:
    return [(str(i), price_name(*band), counts.get(str(i), 0)) for i, band in enumerate(bands)]


def term_rows(bands: Any, counts: dict[str, int]) -> list[tuple[str, str, int]]:
    years = [(least // 12, None if most is None else most // 12) for least, most in bands]
    return [(str(i), band_name(*band, gettext("年")), counts.get(str(i), 0)) for i, band in enumerate(years)]


def price_name(least: int, most: int | None) -> str:
    """A band of prices given in 万: for English readers in millions of yuan."""
    if language() != "en":
        return band_name(least, most, gettext("万元"))
    low, high = (None if wan is None else f"{wan / 100:g}" for wan in (least, most))
    return f"¥{low}m and more" if high is None else f"¥{low}–{high}m"


def band_name(least: int, most: int | None, unit: str) -> str:
    if most is None:
        return gettext("%(n)s %(unit)s以上", n=f"{least:,}", unit=unit)
    return f"{least:,}–{most:,} {unit}"


def class_names(asset: Any) -> str:
    """A right's classes with the main one in words."""
    codes = "；".join(row.code for row in asset.classes[:6])
    main = asset.classes[0] if asset.classes else None
    if main is None:
        return ""
    title = ""
    if main.scheme == "ipc":
        title = ipc.title(ipc.subclass(main.code), _reading_language())
    elif main.scheme == "nice":
        title = nice.title(main.code, _reading_language())
    elif main.scheme == "locarno":
        title = locarno.title(main.code, _reading_language())
    return f"{codes} {short(title, 30)}".strip()


NAMES = (
    says_burdens,
    stage_name,
    form_name,
    plain_name,
    ipc_rows,
    price_rows,
    term_rows,
    class_names,
    component_name,
    event_name,
    why_name,
    result_name,
    kind_name,
    round_name,
    region_name,
    as_money,
)
"""What templates may call."""

"""Every number of the market that comes from law or custom, with its source: a policy per regime, by date.

A lot is published under one version and remembers it; a later version never reaches back.
"""

from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum
from typing import Any

from marketplace.core.errors import N_


class Regime(StrEnum):
    """Who runs the sale, which chooses the rule set."""

    COURT = "court"
    LICENSED = "licensed_auction_house"
    OTC = "otc"


NETWORK_2016 = "法释〔2016〕18号"
"""SPC rules on network judicial auctions, in force 2017-01-01."""
PRACTICE_2017 = "法明传〔2017〕455号"
CUSTOM = "平台规则"
"""A default of this market, adopted by contract; not law."""


def rule(value: int | str, source: str) -> Any:
    return field(default=value, metadata={"source": source})


@dataclass(frozen=True, kw_only=True)
class Policy:
    """One version of a regime's rules. ``_bps`` basis points, ``_days`` calendar days, ``_hours``, ``_minutes``."""

    version: str
    regime: Regime
    effective_on: date
    start_ratio_min_bps: int = rule(7000, f"{NETWORK_2016} 第10条")
    notice_days_first: int = rule(30, f"{NETWORK_2016} 第12条")
    notice_days_second: int = rule(15, f"{NETWORK_2016} 第26条")
    deposit_min_bps: int = rule(500, f"{NETWORK_2016} 第17条")
    deposit_max_bps: int = rule(2000, f"{NETWORK_2016} 第17条；民法典 第586条")
    deposit_default_bps: int = rule(1000, CUSTOM)
    increment_min_bps: int = rule(10, CUSTOM)
    increment_max_bps: int = rule(500, CUSTOM)
    increment_suggested_bps: int = rule(100, CUSTOM)
    window_min_hours: int = rule(24, f"{NETWORK_2016} 第20条")
    extension_minutes: int = rule(5, f"{NETWORK_2016} 第20条")
    cut_max_bps: int = rule(2000, f"{NETWORK_2016} 第26条")
    second_round_within_days: int = rule(30, f"{NETWORK_2016} 第26条")
    rounds_max: int = rule(2, f"{NETWORK_2016} 第26条")
    """Rounds of bidding before a sell-off."""
    selloff_within_days: int = rule(15, PRACTICE_2017)
    selloff_notice_days: int = rule(15, PRACTICE_2017)
    selloff_days: int = rule(60, PRACTICE_2017)
    selloff_contest_hours: int = rule(24, PRACTICE_2017)
    deposit_release_hours: int = rule(24, f"{NETWORK_2016} 第23条、第25条")
    balance_days_default: int = rule(15, CUSTOM)
    balance_days_max: int = rule(60, CUSTOM)
    resume_within_days: int = rule(5, f"{NETWORK_2016} 第28条")
    valuation_months: int = rule(12, "法释〔2018〕15号 第19条、第27条")
    valuation_tolerance_months: int = rule(6, "法释〔2018〕15号 第27条")
    state_floor_bps: int = rule(9000, "国务院国资委 财政部令第32号")
    remaining_term_warn_months: int = rule(24, CUSTOM)
    default_topup: str = rule("none", CUSTOM)
    """Whether a defaulting buyer also owes a shortfall beyond the deposit: ``none`` or ``shortfall``."""
    retention_years: int = rule(10, f"{NETWORK_2016} 第29条；反洗钱法 第34条")

    @classmethod
    def source_of(cls, name: str) -> str:
        """Where a number comes from."""
        return str(next(f.metadata["source"] for f in fields(cls) if f.name == name))

    def numbers(self) -> list[tuple[str, int | str, str]]:
        """Every parameter with its value and source."""
        return [(f.name, getattr(self, f.name), f.metadata["source"]) for f in fields(self) if "source" in f.metadata]

    def notice_days(self, attempt: int) -> int:
        """Days a notice must stand: of the first round, of a further one, or of the sell-off after the last."""
        if attempt > self.rounds_max:
            return self.selloff_notice_days
        return self.notice_days_first if attempt == 1 else self.notice_days_second

    def notice_source(self, attempt: int) -> str:
        name = "selloff_notice_days" if attempt > self.rounds_max else "notice_days_first"
        return self.source_of(name if attempt != 2 or self.rounds_max < 2 else "notice_days_second")


POLICIES = (
    Policy(version="court-2017-01", regime=Regime.COURT, effective_on=date(2017, 1, 1)),
    Policy(
        version="licensed-2021-01",
        regime=Regime.LICENSED,
        effective_on=date(2021, 1, 1),
        notice_days_first=30,
        notice_days_second=15,
    ),
    Policy(version="otc-2021-01", regime=Regime.OTC, effective_on=date(2021, 1, 1)),
)


def policy_for(regime: Regime, on: date) -> Policy:
    """The version in force for a regime on a day.

    :raises ValueError: before the first version
    """
    known = [p for p in POLICIES if p.regime is regime and p.effective_on <= on]
    if not known:
        raise ValueError(f"no policy for {regime} on {on}")
    return max(known, key=lambda p: p.effective_on)


def policy(version: str) -> Policy:
    """The policy of that version.

    :raises ValueError: if there is none
    """
    for known in POLICIES:
        if known.version == version:
            return known
    raise ValueError(f"no policy {version!r}")


LABELS = {
    Regime.COURT: N_("法院网络司法拍卖（镜像）"),
    Regime.LICENSED: N_("持牌拍卖机构"),
    Regime.OTC: N_("场外网络竞价"),
}

NUMBER_LABELS = {
    "start_ratio_min_bps": N_("起拍价不低于参考价的比例"),
    "notice_days_first": N_("首次公告期（日）"),
    "notice_days_second": N_("再次公告期（日）"),
    "deposit_min_bps": N_("保证金下限（占起拍价）"),
    "deposit_max_bps": N_("保证金上限（占起拍价）"),
    "deposit_default_bps": N_("保证金建议比例"),
    "increment_min_bps": N_("加价幅度下限（占起拍价）"),
    "increment_max_bps": N_("加价幅度上限（占起拍价）"),
    "increment_suggested_bps": N_("加价幅度建议比例"),
    "window_min_hours": N_("竞价时长下限（小时）"),
    "extension_minutes": N_("延时（分钟）"),
    "cut_max_bps": N_("再次竞价降价上限"),
    "second_round_within_days": N_("流拍后再次竞价期限（日）"),
    "rounds_max": N_("变卖前竞价次数"),
    "selloff_within_days": N_("末次流拍后变卖公告期限（日）"),
    "selloff_contest_hours": N_("变卖首次出价后竞争时间（小时）"),
    "selloff_days": N_("变卖期（日）"),
    "selloff_notice_days": N_("变卖公告期（日）"),
    "deposit_release_hours": N_("未成交保证金退还时限（小时）"),
    "balance_days_default": N_("尾款期限（日）"),
    "balance_days_max": N_("尾款期限上限（日）"),
    "resume_within_days": N_("中止原因消失后恢复期限（日）"),
    "valuation_months": N_("参考价有效期（月）"),
    "valuation_tolerance_months": N_("有效期内公告的宽限（月）"),
    "state_floor_bps": N_("国有资产最低比例"),
    "remaining_term_warn_months": N_("剩余保护期提示线（月）"),
    "default_topup": N_("悔拍差额补足"),
    "retention_years": N_("数据保存年限"),
}

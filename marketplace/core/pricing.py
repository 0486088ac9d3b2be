"""The bounds of a lot's price terms: pure arithmetic over a policy. Least prices round up, greatest down.

Example (G51): on a reference price of ¥3,000,000 the start may not be below ¥2,100,000, its deposit lies between
¥105,000 and ¥420,000, and a second round may not start below ¥1,680,000, 56 % of the reference.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum

from marketplace.core.calendar import add_days, add_months, add_years
from marketplace.core.errors import N_, Refusal
from marketplace.core.money import Money
from marketplace.core.policy import Policy


class StartBelowFloor(Refusal):
    field = "start"
    text = N_("起拍价不得低于参考价的 {ratio}，即至少 {least}（{source}）。")


class StartBelowStateFloor(Refusal):
    field = "start"
    text = N_("出质人为国有主体且未取得批准：起拍价不得低于参考价的 {ratio}，即至少 {least}（{source}）。")


class CutTooDeep(Refusal):
    field = "start"
    text = N_("再次竞价的起拍价降幅不得超过前次的 {ratio}，即至少 {least}（{source}）。")


class DepositOutOfBounds(Refusal):
    field = "deposit"
    text = N_("保证金应为起拍价的 {low}—{high}，即 {least} 至 {greatest}（{source}）。")


class IncrementOutOfBounds(Refusal):
    field = "increment"
    text = N_("加价幅度应在 {least} 至 {greatest} 之间（{source}）。")


class NoticeTooShort(Refusal):
    field = "opens_at"
    text = N_("公告期不足：自公告之日起至少 {days} 日，最早可于 {earliest} 开始（{source}）。")


class WindowTooShort(Refusal):
    field = "closes_at"
    text = N_("竞价时长不得少于 {hours} 小时，最早可于 {earliest} 截止（{source}）。")


class RoundTooLate(Refusal):
    field = "opens_at"
    text = N_("再次竞价应在前次流拍后 {days} 日内开始，即不晚于 {latest}（{source}）。")


class SelloffPriceFixed(Refusal):
    field = "start"
    text = N_("变卖价为末次流拍的起拍价 {price}，不再降价（{source}）。")


class SelloffPrepaid(Refusal):
    field = "deposit"
    text = N_("变卖须全额预缴：保证金为变卖价 {price}（{source}）。")


class SelloffTooLate(Refusal):
    text = N_("变卖公告应在末次流拍后 {days} 日内发布，即不晚于 {latest}（{source}）。")


class SelloffPeriod(Refusal):
    field = "closes_at"
    text = N_("变卖期为 {days} 日，应于 {end} 截止（{source}）。")


class BalanceDaysOutOfBounds(Refusal):
    field = "balance_due_days"
    text = N_("尾款期限应在 1 至 {greatest} 日之间（{source}）。")


def share_text(bps: int) -> str:
    return f"{bps / 100:g}%"


def start_floor(policy: Policy, reference: Money) -> Money:
    return reference.share_up(policy.start_ratio_min_bps)


def second_round_floor(policy: Policy, previous_start: Money) -> Money:
    return previous_start.share_up(10_000 - policy.cut_max_bps)


def deposit_bounds(policy: Policy, start: Money) -> tuple[Money, Money]:
    return start.share_up(policy.deposit_min_bps), start.share_down(policy.deposit_max_bps)


def increment_bounds(policy: Policy, start: Money) -> tuple[Money, Money]:
    least = max(start.share_up(policy.increment_min_bps), Money(1))
    return least, max(start.share_down(policy.increment_max_bps), least)


def suggested_increment(policy: Policy, start: Money) -> Money:
    """A step of 1, 2 or 5 with noughts, near the suggested share of the start and inside the bounds."""
    least, greatest = increment_bounds(policy, start)
    aim = max(start.share_down(policy.increment_suggested_bps).minor, 1)
    power = 10 ** (len(str(aim)) - 1)
    nice = max((power * n for n in (1, 2, 5) if power * n <= aim), default=power)
    return min(max(Money(nice), least), greatest)


def nice_start(policy: Policy, floor: Money) -> Money:
    """The floor, rounded up to two leading digits' worth of yuan, so that a price reads well."""
    step = 10 ** max(len(str(floor.minor)) - 3, 2)
    return Money(-(-floor.minor // step) * step)


def nice_deposit(policy: Policy, start: Money) -> Money:
    """The suggested deposit, rounded to two leading digits' worth of yuan, inside the bounds."""
    low, high = deposit_bounds(policy, start)
    aim = start.share_down(policy.deposit_default_bps)
    step = 10 ** max(len(str(aim.minor)) - 2, 2)
    return min(max(Money(aim.minor // step * step), low), high)


def direct_selloff_floor(valuation: Money) -> Money:
    """Half the valuation: the least a sell-off without auction may be lowered to (法释〔2004〕16号 art. 32)."""
    return valuation.share_up(5000)


def check_prices(
    policy: Policy,
    *,
    reference: Money,
    start: Money,
    deposit: Money,
    increment: Money,
    balance_due_days: int,
    previous_start: Money | None = None,
    needs_state_approval: bool = False,
) -> list[Refusal]:
    """Every bound the price terms break, each with its field, rule and number.

    :param previous_start: of the failed round this one follows
    :param needs_state_approval: a state-owned pledgor whose sale below the state floor nobody approved
    """
    broken: list[Refusal] = []
    if previous_start is None:
        least = start_floor(policy, reference)
        if start < least:
            broken.append(
                StartBelowFloor(
                    least=least,
                    ratio=share_text(policy.start_ratio_min_bps),
                    source=Policy.source_of("start_ratio_min_bps"),
                )
            )
    else:
        least = second_round_floor(policy, previous_start)
        if start < least:
            broken.append(
                CutTooDeep(least=least, ratio=share_text(policy.cut_max_bps), source=Policy.source_of("cut_max_bps"))
            )
    state_least = reference.share_up(policy.state_floor_bps)
    if needs_state_approval and start < state_least:
        broken.append(
            StartBelowStateFloor(
                least=state_least,
                ratio=share_text(policy.state_floor_bps),
                source=Policy.source_of("state_floor_bps"),
            )
        )
    low, high = deposit_bounds(policy, start)
    if not low <= deposit <= high:
        broken.append(
            DepositOutOfBounds(
                least=low,
                greatest=high,
                low=share_text(policy.deposit_min_bps),
                high=share_text(policy.deposit_max_bps),
                source=Policy.source_of("deposit_min_bps"),
            )
        )
    return broken + _check_step_and_balance(policy, start, increment, balance_due_days)


def _check_step_and_balance(policy: Policy, start: Money, increment: Money, balance_due_days: int) -> list[Refusal]:
    broken: list[Refusal] = []
    low, high = increment_bounds(policy, start)
    if not low <= increment <= high:
        broken.append(IncrementOutOfBounds(least=low, greatest=high, source=Policy.source_of("increment_min_bps")))
    if not 1 <= balance_due_days <= policy.balance_days_max:
        broken.append(
            BalanceDaysOutOfBounds(greatest=policy.balance_days_max, source=Policy.source_of("balance_days_max"))
        )
    return broken


def check_times(
    policy: Policy,
    *,
    published_on: date,
    opens_on: date,
    opens_at: datetime,
    closes_at: datetime,
    attempt: int,
    failed_on: date | None = None,
) -> list[Refusal]:
    """Every bound the timetable breaks. ``opens_on − published_on ≥ N`` (G48); a second round within 30 days (G49)."""
    broken: list[Refusal] = []
    days = policy.notice_days(attempt)
    earliest = add_days(published_on, days)
    if opens_on < earliest:
        broken.append(NoticeTooShort(days=days, earliest=earliest, source=policy.notice_source(attempt)))
    window = timedelta(hours=policy.window_min_hours)
    if closes_at - opens_at < window:
        broken.append(
            WindowTooShort(
                hours=policy.window_min_hours,
                earliest=opens_at + window,
                source=Policy.source_of("window_min_hours"),
            )
        )
    if failed_on is not None:
        latest = add_days(failed_on, policy.second_round_within_days)
        if opens_on > latest:
            broken.append(
                RoundTooLate(
                    days=policy.second_round_within_days,
                    latest=latest,
                    source=Policy.source_of("second_round_within_days"),
                )
            )
    return broken


def check_selloff_prices(
    policy: Policy, *, failed_start: Money, start: Money, deposit: Money, increment: Money, balance_due_days: int
) -> list[Refusal]:
    """Every bound a sell-off's prices break: the price of the last failed round, prepaid in full (G51, 法明传〔2017〕455号)."""
    broken: list[Refusal] = []
    if start != failed_start:
        broken.append(SelloffPriceFixed(price=failed_start, source=Policy.source_of("selloff_days")))
    if deposit != start:
        broken.append(SelloffPrepaid(price=start, source=Policy.source_of("selloff_days")))
    return broken + _check_step_and_balance(policy, start, increment, balance_due_days)


def check_selloff_times(
    policy: Policy,
    *,
    published_on: date,
    opens_on: date,
    opens_at: datetime,
    closes_at: datetime,
    failed_on: date | None,
) -> list[Refusal]:
    """Every bound a sell-off's timetable breaks.

    :param failed_on: of the last round; None when the sell-off is repeated after a default
    """
    broken: list[Refusal] = []
    if failed_on is not None and published_on > (latest := add_days(failed_on, policy.selloff_within_days)):
        broken.append(
            SelloffTooLate(
                days=policy.selloff_within_days, latest=latest, source=Policy.source_of("selloff_within_days")
            )
        )
    earliest = add_days(published_on, policy.selloff_notice_days)
    if opens_on < earliest:
        broken.append(
            NoticeTooShort(
                days=policy.selloff_notice_days, earliest=earliest, source=Policy.source_of("selloff_notice_days")
            )
        )
    if closes_at - opens_at != timedelta(days=policy.selloff_days):
        broken.append(
            SelloffPeriod(
                days=policy.selloff_days,
                end=opens_at + timedelta(days=policy.selloff_days),
                source=Policy.source_of("selloff_days"),
            )
        )
    return broken


def second_round_window(policy: Policy, failed_on: date) -> tuple[date, date]:
    """The latest day a second round may be announced, and the latest it may begin (G49)."""
    latest = add_days(failed_on, policy.second_round_within_days)
    return add_days(latest, -policy.notice_days_second), latest


class ValuationState(StrEnum):
    VALID = "valid"
    TOLERATED = "tolerated"
    """Past its day, but the notice was issued inside it and the sale falls in the tolerance."""
    EXPIRED = "expired"


def valuation_valid_until(policy: Policy, base_on: date) -> date:
    """The last day of validity: a year from the base date, less a day (G47)."""
    return add_days(add_years(base_on, policy.valuation_months // 12), -1)


def valuation_state(policy: Policy, valid_until: date, *, noticed_on: date | None, on: date) -> ValuationState:
    """Whether a reference price may carry a sale on a day (法释〔2018〕15号 art. 27)."""
    if on <= valid_until:
        return ValuationState.VALID
    tolerated = add_months(valid_until, policy.valuation_tolerance_months)
    if noticed_on is not None and noticed_on <= valid_until and on <= tolerated:
        return ValuationState.TOLERATED
    return ValuationState.EXPIRED


LABELS = {
    ValuationState.VALID: N_("有效"),
    ValuationState.TOLERATED: N_("宽限期内"),
    ValuationState.EXPIRED: N_("已过期"),
}

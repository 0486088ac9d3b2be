"""What stands against disposing of a right: the checks of every kind, each blocking or warning, with article and cure.

Example: a patent whose year-5 fee is three months late can be listed, but the lot says so and what it costs to cure;
a patent with a co-owner who has not agreed cannot be (Patent Law art. 14).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from marketplace.assets.kinds import KINDS, MARKS, PATENTS, Kind
from marketplace.assets.valuation import Due, Right, in_force_until, is_lapsed_for_fee, next_due, remaining_months
from marketplace.cases.rules import CheckSpec, Severity
from marketplace.core import identifiers
from marketplace.core.calendar import InFuture
from marketplace.core.errors import N_, Refusal
from marketplace.core.pricing import ValuationState


class Status(StrEnum):
    IN_FORCE = "in_force"
    PENDING = "pending"
    LAPSED = "lapsed"
    EXPIRED = "expired"
    INVALIDATED = "invalidated"
    CANCELLED = "cancelled"


class EncumbranceKind(StrEnum):
    LICENCE_EXCLUSIVE = "licence_exclusive"
    LICENCE_SOLE = "licence_sole"
    LICENCE_ORDINARY = "licence_ordinary"
    OPEN_LICENCE = "open_licence"
    FREEZE = "freeze"
    WAITING_FREEZE = "waiting_freeze"
    SUSPENSION = "suspension"
    INVALIDATION = "invalidation"
    NONUSE = "nonuse"


class Code(StrEnum):
    NOT_IN_FORCE = "not_in_force"
    EXPIRED = "expired"
    LAPSED = "lapsed"
    TERM_UNKNOWN = "term_unknown"
    FEE_GRACE = "fee_grace"
    FEE_UNKNOWN = "fee_unknown"
    REMAINING_TERM = "remaining_term"
    FROZEN = "frozen"
    SUSPENDED = "suspended"
    INVALIDATION_PENDING = "invalidation_pending"
    NONUSE_PENDING = "nonuse_pending"
    COOWNER = "coowner"
    MARK_FAMILY = "mark_family"
    LICENCE_EXCLUSIVE = "licence_exclusive"
    OPEN_LICENCE = "open_licence"
    LICENCE_LIVE = "licence_live"
    SECRET = "secret"
    EXPORT_CONTROL = "export_control"
    PLEDGE_TERM = "pledge_term"
    FURTHER_PLEDGE = "further_pledge"
    INVENTOR_RIGHT = "inventor_right"
    NOT_AUCTIONABLE = "not_auctionable"
    NO_REFERENCE = "no_reference"
    VALUATION_EXPIRED = "valuation_expired"
    VALUATION_TOLERATED = "valuation_tolerated"
    NO_EVALUATION_REPORT = "no_evaluation_report"


COMPLETER_PRIORITY = "民法典 第847条"
"""The priority of those who completed a service invention; without their notice no round may close on the right."""

B, W = Severity.BLOCK, Severity.WARN
CHECKS = {
    Code.NOT_IN_FORCE: CheckSpec(
        B, "专利法 第47条；商标法 第47条", N_("权利未处于有效状态。"), N_("核对登记簿；恢复权利后更新状态。")
    ),
    Code.EXPIRED: CheckSpec(B, "专利法 第42条等", N_("保护期已届满。"), N_("商标可在宽展期内续展；其他权利不能处置。")),
    Code.LAPSED: CheckSpec(
        B, "专利法实施细则 第115条", N_("年费滞纳期已过，权利自应缴日起终止。"), N_("两个月内请求恢复权利并缴费。")
    ),
    Code.TERM_UNKNOWN: CheckSpec(
        W, "平台规则", N_("缺少计算保护期所需的日期。"), N_("补录申请日、注册日或首次发表日。")
    ),
    Code.FEE_GRACE: CheckSpec(
        W,
        "专利法实施细则 第115条；商标法 第40条",
        N_("正处于六个月滞纳或宽展期，质押登记机构会拒绝办理。"),
        N_("立即缴纳费用及滞纳金，或在公告中列明由谁承担。"),
    ),
    Code.FEE_UNKNOWN: CheckSpec(
        W, "专利法实施细则 第114条", N_("未记录年费缴至第几年，按已按期缴纳推定。"), N_("查询登记簿副本后补录。")
    ),
    Code.REMAINING_TERM: CheckSpec(
        W,
        "民法典 第865条",
        N_("剩余保护期较短，影响价值与许可期限。"),
        N_("在公告中明示；许可期限不得超过剩余保护期。"),
    ),
    Code.FROZEN: CheckSpec(
        B, "专利法实施细则 第103—105条", N_("权利被法院查封或保全。"), N_("取得解除保全裁定，或由查封法院处置。")
    ),
    Code.SUSPENDED: CheckSpec(
        B, "专利法实施细则 第103条", N_("因权属纠纷中止，不能转让。"), N_("待中止期限届满或纠纷解决。")
    ),
    Code.INVALIDATION_PENDING: CheckSpec(
        W, "专利法 第45—47条；商标法 第44—47条", N_("正处于无效宣告程序。"), N_("公告中披露程序编号与进展。")
    ),
    Code.NONUSE_PENDING: CheckSpec(
        W, "商标法 第49条", N_("被申请撤销连续三年不使用。"), N_("收集使用证据并在公告中披露。")
    ),
    Code.COOWNER: CheckSpec(
        B, "专利法 第14条；著作权法 第14条", N_("共有人尚未书面同意处置。"), N_("取得全体共有人同意书并记录日期。")
    ),
    Code.MARK_FAMILY: CheckSpec(
        B,
        "商标法 第42条；商标法实施条例 第31、32条",
        N_("同种或类似商品上的近似商标未一并纳入。"),
        N_("将近似商标补入同一标的。"),
    ),
    Code.LICENCE_EXCLUSIVE: CheckSpec(
        W,
        "技术合同解释 第24条；专利法实施细则 第86条",
        N_("存在有效的独占许可。"),
        N_("公告中披露被许可人、期限与许可费。"),
    ),
    Code.OPEN_LICENCE: CheckSpec(
        W, "专利法 第51条", N_("正在实行开放许可，其间不得给予独占或排他许可。"), N_("转让前撤回开放许可声明或披露。")
    ),
    Code.LICENCE_LIVE: CheckSpec(
        W, "技术合同解释 第24条；商标民事解释 第20条", N_("存在有效的在先许可，转让不影响其效力。"), N_("公告中披露。")
    ),
    Code.SECRET: CheckSpec(B, "专利法实施细则 第7条", N_("涉及国家秘密或国防专利。"), N_("不得上架。")),
    Code.EXPORT_CONTROL: CheckSpec(
        W,
        "技术进出口管理条例 第29—39条；国办发〔2018〕19号",
        N_("属于限制出口技术，境外受让人须先取得许可。"),
        N_("竞买资格限于境内主体，或先取得许可意向书。"),
    ),
    Code.PLEDGE_TERM: CheckSpec(
        B, "民法典 第444条", N_("没有有效的质押登记（未登记、已注销或登记期限届满）。"), N_("办理登记延期或补录登记。")
    ),
    Code.FURTHER_PLEDGE: CheckSpec(
        W, "民法典 第414条", N_("存在后顺位质权。"), N_("按登记时间顺序清偿，并通知后顺位质权人。")
    ),
    Code.INVENTOR_RIGHT: CheckSpec(
        B,
        COMPLETER_PRIORITY,
        N_("职务技术成果完成人享有优先受让权，尚未通知。"),
        N_("公告前三日书面通知，登记为优先权人并留存证明。"),
    ),
    Code.NOT_AUCTIONABLE: CheckSpec(
        B,
        "反不正当竞争法；集体商标、证明商标注册和管理规定",
        N_("该类权利不宜公开竞价。"),
        N_("改用许可或协商方式。"),
    ),
    Code.NO_REFERENCE: CheckSpec(
        B, "法释〔2018〕15号 第2条", N_("没有作为处置参考价的评估。"), N_("录入评估并指定其一为参考价。")
    ),
    Code.VALUATION_EXPIRED: CheckSpec(
        B, "法释〔2018〕15号 第27条", N_("参考价已过有效期。"), N_("重新评估，或指定仍在有效期内的评估。")
    ),
    Code.VALUATION_TOLERATED: CheckSpec(
        W, "法释〔2018〕15号 第27条", N_("参考价已过有效期，处于公告在先的六个月宽限内。"), N_("宽限期内完成处置。")
    ),
    Code.NO_EVALUATION_REPORT: CheckSpec(
        W, "专利法 第66条", N_("实用新型、外观设计未附专利权评价报告。"), N_("上传评价报告可提高成交可能。")
    ),
}


class KindMismatch(Refusal):
    field = "kind"
    text = N_("号码表明这是{actual}，与所填类型{given}不符。")


class GrantedBeforeFiled(Refusal):
    field = "granted_on"
    text = N_("授权日早于申请日。")


class HeldByLot(Refusal):
    text = N_("该权利所在标的已提交复核、公告或成交，此项不能修改；须先撤回标的。")


MOVES_WITH_TIME = frozenset(
    {
        "status", "fee_paid_through_year", "renewed_until", "is_mark_family_complete", "is_service_invention",
        "is_export_controlled", "is_secret",
    }
)  # fmt: skip
"""What may still be put right of a right whose lot was handed in: facts that change, or come to light, and are shown
at once. What the notice says of the right stays as it was reviewed until the lot is taken back."""


def number_kind(kind: Kind, number: str) -> Kind:
    """The kind a number speaks of: patents carry theirs in the number, other numbers fit the kind they were read as."""
    return Kind(identifiers.patent_number(number).kind) if kind in PATENTS else kind


def wrong_days(days: Mapping[str, date | None], today: date) -> list[Refusal]:
    """Days of a right that cannot be: still to come, or a grant before the filing."""
    wrong: list[Refusal] = [InFuture(field=name, given=day) for name, day in days.items() if day and day > today]
    filed, granted = days.get("filed_on"), days.get("granted_on")
    if filed and granted and granted < filed:
        wrong.append(GrantedBeforeFiled())
    return wrong


@dataclass(frozen=True, slots=True)
class Burden:
    """An encumbrance with the order's own dates."""

    kind: EncumbranceKind
    party: str = ""
    from_on: date | None = None
    until_on: date | None = None
    lifted_on: date | None = None

    def is_live(self, today: date) -> bool:
        is_over = self.until_on is not None and self.until_on < today
        return self.lifted_on is None and not is_over


@dataclass(frozen=True, slots=True)
class PledgeFacts:
    rank: int
    registered_on: date
    expires_on: date | None = None
    cancelled_on: date | None = None

    def is_live(self, today: date) -> bool:
        return self.cancelled_on is None and (self.expires_on is None or self.expires_on >= today)


@dataclass(frozen=True, slots=True)
class AssetFacts:
    """What the checks look at."""

    right: Right
    status: Status = Status.IN_FORCE
    burdens: tuple[Burden, ...] = ()
    pledges: tuple[PledgeFacts, ...] = ()
    needs_pledge: bool = True
    """False for assets the bank owns and rights their owner sells."""
    coowners_without_consent: int = 0
    is_mark_family_complete: bool = True
    is_secret: bool = False
    is_export_controlled: bool = False
    is_service_invention: bool = False
    are_completers_notified: bool = True
    valuation: ValuationState | None = None
    """Of the reference price; None when there is none."""
    has_evaluation_report: bool = True
    remaining_term_warn_months: int = 24


@dataclass(frozen=True, slots=True)
class Finding:
    """A check that struck."""

    code: Code
    facts: tuple[str, ...] = field(default=())
    due: Due | None = None

    @property
    def spec(self) -> CheckSpec:
        return CHECKS[self.code]

    @property
    def severity(self) -> Severity:
        return self.spec.severity


def findings(facts: AssetFacts, today: date) -> list[Finding]:
    """Everything that stands against disposing of the right, gravest first."""
    struck = _life(facts, today) | _burdens(facts, today) | _consents(facts, today) | _price(facts)
    due = next_due(facts.right, today)
    found = [Finding(code, due=due if code is Code.FEE_GRACE else None) for code, is_so in struck.items() if is_so]
    return sorted(found, key=lambda f: f.severity is not Severity.BLOCK)


def is_blocked(found: list[Finding]) -> bool:
    return any(finding.severity is Severity.BLOCK for finding in found)


def _life(facts: AssetFacts, today: date) -> dict[Code, bool]:
    right = facts.right
    until, due = in_force_until(right), next_due(right, today)
    in_grace = due is not None and not due.is_assumed and due.due_on < today <= due.grace_until
    is_mark_in_grace = right.kind in MARKS and in_grace
    is_expired = until is not None and until < today and not is_mark_in_grace
    left = remaining_months(right, today)
    return {
        Code.NOT_IN_FORCE: facts.status is not Status.IN_FORCE,
        Code.EXPIRED: is_expired,
        Code.LAPSED: not is_expired and is_lapsed_for_fee(right, today),
        Code.TERM_UNKNOWN: until is None and bool(KINDS[right.kind].anchor),
        Code.FEE_GRACE: in_grace,
        Code.FEE_UNKNOWN: due is not None and due.is_assumed,
        Code.REMAINING_TERM: left is not None and not is_expired and left < facts.remaining_term_warn_months
        and right.kind not in MARKS,
    }  # fmt: skip


def _burdens(facts: AssetFacts, today: date) -> dict[Code, bool]:
    live = {burden.kind for burden in facts.burdens if burden.is_live(today)}
    return {
        Code.FROZEN: EncumbranceKind.FREEZE in live,
        Code.SUSPENDED: EncumbranceKind.SUSPENSION in live,
        Code.INVALIDATION_PENDING: EncumbranceKind.INVALIDATION in live,
        Code.NONUSE_PENDING: EncumbranceKind.NONUSE in live,
        Code.LICENCE_EXCLUSIVE: EncumbranceKind.LICENCE_EXCLUSIVE in live,
        Code.OPEN_LICENCE: EncumbranceKind.OPEN_LICENCE in live,
        Code.LICENCE_LIVE: bool(live & {EncumbranceKind.LICENCE_SOLE, EncumbranceKind.LICENCE_ORDINARY}),
    }


def _consents(facts: AssetFacts, today: date) -> dict[Code, bool]:
    live = [pledge for pledge in facts.pledges if pledge.is_live(today)]
    return {
        Code.COOWNER: facts.coowners_without_consent > 0,
        Code.MARK_FAMILY: facts.right.kind in MARKS and not facts.is_mark_family_complete,
        Code.SECRET: facts.is_secret,
        Code.EXPORT_CONTROL: facts.is_export_controlled,
        Code.PLEDGE_TERM: facts.needs_pledge and not live,
        Code.FURTHER_PLEDGE: len(live) > 1,
        Code.INVENTOR_RIGHT: facts.is_service_invention and not facts.are_completers_notified,
        Code.NOT_AUCTIONABLE: not KINDS[facts.right.kind].is_auctionable,
    }


def _price(facts: AssetFacts) -> dict[Code, bool]:
    is_unexamined = facts.right.kind in PATENTS and facts.right.kind is not Kind.INVENTION
    return {
        Code.NO_REFERENCE: facts.valuation is None,
        Code.VALUATION_EXPIRED: facts.valuation is ValuationState.EXPIRED,
        Code.VALUATION_TOLERATED: facts.valuation is ValuationState.TOLERATED,
        Code.NO_EVALUATION_REPORT: is_unexamined and not facts.has_evaluation_report,
    }


LABELS = {
    Status.IN_FORCE: N_("有效"),
    Status.PENDING: N_("未授权"),
    Status.LAPSED: N_("因未缴费终止"),
    Status.EXPIRED: N_("期满"),
    Status.INVALIDATED: N_("被宣告无效"),
    Status.CANCELLED: N_("已撤销或注销"),
    EncumbranceKind.LICENCE_EXCLUSIVE: N_("独占许可"),
    EncumbranceKind.LICENCE_SOLE: N_("排他许可"),
    EncumbranceKind.LICENCE_ORDINARY: N_("普通许可"),
    EncumbranceKind.OPEN_LICENCE: N_("开放许可"),
    EncumbranceKind.FREEZE: N_("查封、冻结或保全"),
    EncumbranceKind.WAITING_FREEZE: N_("轮候查封"),
    EncumbranceKind.SUSPENSION: N_("权属纠纷中止"),
    EncumbranceKind.INVALIDATION: N_("无效宣告程序"),
    EncumbranceKind.NONUSE: N_("撤销三年不使用程序"),
    Code.NOT_IN_FORCE: N_("权利状态"),
    Code.LAPSED: N_("年费终止"),
    Code.TERM_UNKNOWN: N_("保护期未知"),
    Code.FEE_GRACE: N_("滞纳或宽展期"),
    Code.FEE_UNKNOWN: N_("年费状态未核"),
    Code.REMAINING_TERM: N_("剩余保护期短"),
    Code.FROZEN: N_("查封保全"),
    Code.SUSPENDED: N_("中止程序"),
    Code.INVALIDATION_PENDING: N_("无效程序中"),
    Code.NONUSE_PENDING: N_("撤三程序中"),
    Code.COOWNER: N_("共有人未同意"),
    Code.MARK_FAMILY: N_("近似商标遗漏"),
    Code.LICENCE_LIVE: N_("在先许可"),
    Code.SECRET: N_("国家秘密"),
    Code.EXPORT_CONTROL: N_("出口管制"),
    Code.PLEDGE_TERM: N_("质押登记失效"),
    Code.FURTHER_PLEDGE: N_("后顺位质权"),
    Code.INVENTOR_RIGHT: N_("完成人优先权"),
    Code.NOT_AUCTIONABLE: N_("不宜竞价"),
    Code.NO_REFERENCE: N_("无参考价"),
    Code.VALUATION_EXPIRED: N_("参考价过期"),
    Code.VALUATION_TOLERATED: N_("参考价宽限"),
    Code.NO_EVALUATION_REPORT: N_("无评价报告"),
}

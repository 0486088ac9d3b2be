"""The life of a lot: drafted by one person, approved by another, reviewed by the operator, published, ended by the clock.

Example: an officer submits a draft; the same person cannot approve it; a colleague does; the operator compares each
statement with the machine's findings and publishes. From then on the stage follows the hour: notice until it opens,
open until it ends, whatever job has or has not run.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from marketplace.core.errors import N_, Refusal
from marketplace.core.states import LifeCycle, Move


class State(StrEnum):
    DRAFT = "draft"
    AWAITING_APPROVAL = "awaiting_approval"
    UNDER_REVIEW = "under_review"
    SENT_BACK = "sent_back"
    PUBLISHED = "published"
    SUSPENDED = "suspended"
    SOLD = "sold"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    TERMINATED = "terminated"
    DEFAULTED = "defaulted"
    SETTLED = "settled"


class Stage(StrEnum):
    """Where a lot is by state and clock together; what people see."""

    DRAFT = "draft"
    AWAITING_APPROVAL = "awaiting_approval"
    UNDER_REVIEW = "under_review"
    SENT_BACK = "sent_back"
    NOTICE = "notice"
    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"
    """Bidding is over, the result is being recorded."""
    SUSPENDED = "suspended"
    SOLD = "sold"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    TERMINATED = "terminated"
    DEFAULTED = "defaulted"
    SETTLED = "settled"


MAKER, CHECKER, OPERATOR, CLOCK = "maker", "checker", "operator", "clock"

LIFE_CYCLE = LifeCycle(
    "listing",
    #    from                     action       to                       by
    Move(State.DRAFT,             "submit",    State.AWAITING_APPROVAL, MAKER),
    Move(State.SENT_BACK,         "submit",    State.AWAITING_APPROVAL, MAKER),
    Move(State.DRAFT,             "discard",   State.WITHDRAWN,         MAKER),
    Move(State.SENT_BACK,         "discard",   State.WITHDRAWN,         MAKER),
    Move(State.AWAITING_APPROVAL, "recall",    State.DRAFT,             MAKER),
    Move(State.UNDER_REVIEW,      "recall",    State.DRAFT,             MAKER),
    Move(State.AWAITING_APPROVAL, "approve",   State.UNDER_REVIEW,      CHECKER),
    Move(State.AWAITING_APPROVAL, "return",    State.SENT_BACK,         CHECKER),
    Move(State.UNDER_REVIEW,      "publish",   State.PUBLISHED,         OPERATOR),
    Move(State.UNDER_REVIEW,      "send_back", State.SENT_BACK,         OPERATOR),
    Move(State.PUBLISHED,         "suspend",   State.SUSPENDED,         OPERATOR),
    Move(State.SUSPENDED,         "resume",    State.PUBLISHED,         OPERATOR),
    Move(State.PUBLISHED,         "withdraw",  State.WITHDRAWN,         CHECKER),
    Move(State.PUBLISHED,         "withdraw",  State.WITHDRAWN,         OPERATOR),
    Move(State.SUSPENDED,         "withdraw",  State.WITHDRAWN,         CHECKER),
    Move(State.SUSPENDED,         "withdraw",  State.WITHDRAWN,         OPERATOR),
    Move(State.PUBLISHED,         "terminate", State.TERMINATED,        OPERATOR),
    Move(State.SUSPENDED,         "terminate", State.TERMINATED,        OPERATOR),
    Move(State.DRAFT,             "stop",      State.TERMINATED,        CLOCK),
    Move(State.SENT_BACK,         "stop",      State.TERMINATED,        CLOCK),
    Move(State.AWAITING_APPROVAL, "stop",      State.TERMINATED,        CLOCK),
    Move(State.UNDER_REVIEW,      "stop",      State.TERMINATED,        CLOCK),
    Move(State.PUBLISHED,         "stop",      State.TERMINATED,        CLOCK),
    Move(State.SUSPENDED,         "stop",      State.TERMINATED,        CLOCK),
    Move(State.PUBLISHED,         "award",     State.SOLD,              CLOCK),
    Move(State.PUBLISHED,         "fail",      State.FAILED,            CLOCK),
    Move(State.SOLD,              "settle",    State.SETTLED,           CLOCK),
    Move(State.SOLD,              "default",   State.DEFAULTED,         CLOCK),
)  # fmt: skip
"""``stop`` is the debtor's repayment taking effect; ``withdraw`` by the bank is refused once a valid bid exists."""

LAST_MINUTES = timedelta(minutes=5)

PUBLIC_STATES = (
    State.PUBLISHED,
    State.SUSPENDED,
    State.SOLD,
    State.FAILED,
    State.DEFAULTED,
    State.SETTLED,
)
"""What anybody may read; withdrawn and terminated lots are public too once their notice had been published."""


RESTING_STATES = (
    State.AWAITING_APPROVAL,
    State.UNDER_REVIEW,
    State.PUBLISHED,
    State.SUSPENDED,
    State.SOLD,
    State.SETTLED,
)
"""While a lot is in one of these, what its bank said of the rights and the case stays as it was reviewed; to change it
the lot is recalled, sent back or withdrawn first, and is reviewed again. A published lot itself changes its contact only."""


def stage(state: State, opens_at: datetime | None, ends_at: datetime | None, now: datetime) -> Stage:
    """What a lot is at this moment; a published lot's stage follows the hour."""
    if state is not State.PUBLISHED or opens_at is None or ends_at is None:
        return Stage.NOTICE if state is State.PUBLISHED else Stage(state.value)
    if now < opens_at:
        return Stage.NOTICE
    if now >= ends_at:
        return Stage.CLOSED
    return Stage.CLOSING if ends_at - now <= LAST_MINUTES else Stage.OPEN


class Reason(StrEnum):
    """Why a lot is suspended, withdrawn or terminated; each needs evidence in the note or on the case."""

    REPAID = "repaid"
    AGREEMENT_REVOKED = "agreement_revoked"
    TITLE_DISPUTE = "title_dispute"
    INVALIDATION = "invalidation"
    RIGHT_LAPSED = "right_lapsed"
    FREEZE_OR_BANKRUPTCY = "freeze_or_bankruptcy"
    VALUATION_EXPIRED = "valuation_expired"
    MISDESCRIPTION = "misdescription"
    SYSTEM_FAULT = "system_fault"
    COLLUSION = "collusion"
    REGULATOR_ORDER = "regulator_order"


STILL_FREE = frozenset({"contact"})
"""What a published lot may still change, openly; anything else needs it withdrawn or, before publication, recalled,
approved and reviewed anew."""


class ReasonNeeded(Refusal):
    field = "note"
    text = N_("请写明原因，将记入公告与处置档案。")


class SamePerson(Refusal):
    text = N_("须由另一位同事复核：提交人不能复核自己提交的标的。")


class NotReady(Refusal):
    text = N_("还不能提交：{missing}。")


class Blocked(Refusal):
    text = N_("存在阻断事项，须先消除：{blocks}。")


class BidsExist(Refusal):
    text = N_("本标的已有有效出价，撤回须由平台审核并全额退还保证金，请联系平台。")


class NoticePending(Refusal):
    text = N_("竞价已开始，不能再修改时间。")


class ResumeTooLate(Refusal):
    field = "closes_at"
    text = N_("恢复后剩余竞价时间不足：请将截止时间定在 {earliest} 之后。")


class OnlyOneRight(Refusal):
    field = "assets"
    text = N_("请至少选择一项权利；多项权利须属于同一案件。")


class RightTaken(Refusal):
    field = "assets"
    text = N_("“{title}”已在另一标的中，或不属于贵行。")


class CourtSells(Refusal):
    text = N_("该案由法院执行，须在法院网络平台处置；本平台不能发起竞价。")


class NotRelistable(Refusal):
    text = N_("只有流拍或悔拍的标的可以再次竞价，且每次只能发起一次。")


LABELS = {
    Reason.REPAID: N_("债务已清偿或和解"),
    Reason.AGREEMENT_REVOKED: N_("处置协议被撤销（尚无有效出价）"),
    Reason.TITLE_DISPUTE: N_("权属争议"),
    Reason.INVALIDATION: N_("被提起或宣告无效"),
    Reason.RIGHT_LAPSED: N_("权利终止或届满"),
    Reason.FREEZE_OR_BANKRUPTCY: N_("法院查封或权利人破产"),
    Reason.VALUATION_EXPIRED: N_("参考价过期"),
    Reason.MISDESCRIPTION: N_("重大信息错误"),
    Reason.SYSTEM_FAULT: N_("系统故障"),
    Reason.COLLUSION: N_("涉嫌串通"),
    Reason.REGULATOR_ORDER: N_("监管要求"),
    State.DRAFT: N_("草稿"),
    State.AWAITING_APPROVAL: N_("待行内复核"),
    State.UNDER_REVIEW: N_("平台审核中"),
    State.SENT_BACK: N_("已退回"),
    State.PUBLISHED: N_("已公告"),
    State.SUSPENDED: N_("中止"),
    State.SOLD: N_("已成交"),
    State.FAILED: N_("流拍"),
    State.WITHDRAWN: N_("已撤回"),
    State.TERMINATED: N_("终结"),
    State.DEFAULTED: N_("悔拍"),
    State.SETTLED: N_("已结清"),
    Stage.NOTICE: N_("公告中"),
    Stage.OPEN: N_("竞价中"),
    Stage.CLOSING: N_("即将截止"),
    Stage.CLOSED: N_("待确认结果"),
}

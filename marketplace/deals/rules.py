"""The life of a deal and its closing checklist.

Title moves in a fixed order (balance in escrow → pledgee's release → pledge cancelled → assignment recorded → escrow
paid out), because the register refuses an assignment of a pledged right without the pledgee's consent (Civil Code
art. 444) and the escrow must not pay before the right is the buyer's. Example: a patent is struck on 2 April; the
balance is due on the 17th, release within 10 days of it, and the title date is the day the assignment is recorded.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from marketplace.core.errors import N_, Refusal
from marketplace.core.states import LifeCycle, Move
from marketplace.papers.rules import PaperKind


class DealState(StrEnum):
    AWAITING_BALANCE = "awaiting_balance"
    CLOSING = "handover"
    SETTLED = "settled"
    DEFAULTED = "defaulted"


class MilestoneCode(StrEnum):
    """The steps of closing, in their order."""

    BALANCE_PAID = "balance_paid"
    PLEDGE_RELEASE = "pledge_release"
    PLEDGE_CANCELLED = "pledge_cancelled"
    ASSIGNMENT_RECORDED = "assignment_recorded"
    ESCROW_PAID_OUT = "escrow_paid_out"


class MilestoneState(StrEnum):
    PENDING = "pending"
    MET = "met"
    NOT_APPLICABLE = "not_applicable"


CLOCK, PARTIES, OPERATOR = "clock", "parties", "operator"

LIFE_CYCLE = LifeCycle(
    "deal",
    #    from                        action     to                   by
    Move(DealState.AWAITING_BALANCE, "balance", DealState.CLOSING,   CLOCK),
    Move(DealState.AWAITING_BALANCE, "default", DealState.DEFAULTED, OPERATOR),
    Move(DealState.CLOSING,          "settle",  DealState.SETTLED,   CLOCK),
)  # fmt: skip

STEPS = {
    #  step                              days after the balance, paper that proves it
    MilestoneCode.PLEDGE_RELEASE: (10, PaperKind.RELEASE),
    MilestoneCode.PLEDGE_CANCELLED: (20, PaperKind.PLEDGE_CANCELLATION),
    MilestoneCode.ASSIGNMENT_RECORDED: (60, PaperKind.ASSIGNMENT_RECORD),
}
"""What the parties do between the balance and the payout (days are market defaults, not law)."""
PAYOUT_DAYS = 65
REMIND_DAYS = 3


class OutOfOrder(Refusal):
    text = N_("请按顺序办理：须先完成“{earlier}”。")


class NotDoneHere(Refusal):
    text = N_("此步骤由资金流程自动记录，不能手工填写。")


class FutureDay(Refusal):
    field = "on"
    text = N_("完成日不能晚于今天。")


class BeforeStrike(Refusal):
    field = "on"
    text = N_("完成日不能早于成交日 {struck}。")


class NotOverdue(Refusal):
    text = N_("尾款期限 {due} 尚未届满，不能认定悔拍。")


def check_step(
    states: Mapping[MilestoneCode, MilestoneState], code: MilestoneCode, on: date, *, struck: date, today: date
) -> None:
    """Let a step of closing be recorded as done on a day.

    :raises NotDoneHere: for the steps money decides
    :raises OutOfOrder: while an earlier step is open
    :raises FutureDay, BeforeStrike: for a day that cannot be
    """
    if code not in STEPS:
        raise NotDoneHere
    for earlier in list(MilestoneCode)[: list(MilestoneCode).index(code)]:
        if states[earlier] is MilestoneState.PENDING:
            raise OutOfOrder(earlier=earlier)
    if on > today:
        raise FutureDay
    if on < struck:
        raise BeforeStrike(struck=struck)


LABELS = {
    DealState.AWAITING_BALANCE: N_("待付尾款"),
    DealState.CLOSING: N_("交割中"),
    DealState.SETTLED: N_("已结清"),
    DealState.DEFAULTED: N_("悔拍"),
    MilestoneCode.BALANCE_PAID: N_("尾款到账"),
    MilestoneCode.PLEDGE_RELEASE: N_("质权人出具解除或同意文件"),
    MilestoneCode.PLEDGE_CANCELLED: N_("质押登记注销"),
    MilestoneCode.ASSIGNMENT_RECORDED: N_("权利转让登记"),
    MilestoneCode.ESCROW_PAID_OUT: N_("监管资金划付"),
    MilestoneState.PENDING: N_("待办"),
    MilestoneState.MET: N_("已完成"),
    MilestoneState.NOT_APPLICABLE: N_("不适用"),
}

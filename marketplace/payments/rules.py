"""The journal's one invariant, and the lives of payment orders and payouts.

Two nouns: accounts and postings. A posting's entries sum to nought (debits positive, credits negative) and its key
names its cause, so the same cause posts once. Client money is never ours: ``escrow`` mirrors the supervised bank
account, everything else says whose money in it is. Example: a deposit of ¥100,000 arrives: escrow +100,000,
deposit:7 −100,000; it is released: deposit:7 +100,000, escrow −100,000.

Money is confirmed by two different people (four eyes), both when it comes in and when it goes out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from marketplace.core.errors import N_, Refusal
from marketplace.core.money import Money, total
from marketplace.core.states import LifeCycle, Move

ESCROW = "escrow"
COMMISSION = "commission"


def deposit_account(registration_id: int) -> str:
    """Whose money a bidder's deposit is: still the bidder's."""
    return f"deposit:{registration_id}"


def sale_account(deal_id: int) -> str:
    """The price of a deal, held until title has passed."""
    return f"sale:{deal_id}"


def forfeit_account(deal_id: int) -> str:
    """A defaulting buyer's deposit, held until it is applied."""
    return f"forfeit:{deal_id}"


def late_account(deal_id: int) -> str:
    """A balance that came after the sale had ended: still the payer's."""
    return f"late:{deal_id}"


class Unbalanced(Exception):
    """A posting whose entries do not sum to nought: always a bug."""


@dataclass(frozen=True, slots=True)
class Entry:
    account: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Posting:
    key: str
    memo: str
    entries: tuple[Entry, ...]

    def __post_init__(self) -> None:
        if total(entry.amount for entry in self.entries):
            raise Unbalanced(self.key)


def move(key: str, memo: str, amount: Money, *, to: str, out_of: str) -> Posting:
    """Money moves from one account to another."""
    return Posting(key, memo, (Entry(to, amount), Entry(out_of, -amount)))


def deposit_received(registration_id: int, amount: Money) -> Posting:
    account = deposit_account(registration_id)
    return move(f"deposit-in:{registration_id}", "deposit received", amount, to=ESCROW, out_of=account)


def deposit_released(registration_id: int, amount: Money) -> Posting:
    account = deposit_account(registration_id)
    return move(f"deposit-out:{registration_id}", "deposit released", amount, to=account, out_of=ESCROW)


def deposit_set_off(registration_id: int, deal_id: int, amount: Money) -> Posting:
    """The winner's deposit becomes part of the price."""
    return move(
        f"deposit-setoff:{registration_id}",
        "deposit set off against the price",
        amount,
        to=deposit_account(registration_id),
        out_of=sale_account(deal_id),
    )


def deposit_forfeited(deal_id: int, amount: Money) -> Posting:
    """A defaulting buyer's deposit leaves the price and waits to be applied."""
    return move(
        f"deposit-forfeit:{deal_id}",
        "deposit forfeited",
        amount,
        to=sale_account(deal_id),
        out_of=forfeit_account(deal_id),
    )


def balance_received(deal_id: int, price_part: Money, commission: Money) -> Posting:
    """The rest of the price and the buyer's commission arrive together."""
    entries = [
        Entry(ESCROW, price_part + commission),
        Entry(sale_account(deal_id), -price_part),
        Entry(COMMISSION, -commission),
    ]
    return Posting(f"balance-in:{deal_id}", "balance received", tuple(e for e in entries if e.amount))


def late_received(deal_id: int, amount: Money) -> Posting:
    return move(f"late-in:{deal_id}", "balance received after default", amount, to=ESCROW, out_of=late_account(deal_id))


def paid_out(key: str, account: str, amount: Money) -> Posting:
    return move(f"payout:{key}", "paid out of escrow", amount, to=account, out_of=ESCROW)


class Purpose(StrEnum):
    DEPOSIT = "deposit"
    BALANCE = "balance"
    DEPOSIT_RELEASE = "deposit_release"
    REFUND = "refund"
    """Money of a buyer that has no sale to go into: late, or prepaid beyond what a default costs."""
    COST = "cost"
    CLAIM = "claim"
    SURPLUS = "surplus"
    TAX = "tax"
    FORFEIT = "forfeit"


class OrderState(StrEnum):
    OPEN = "open_order"
    PROOF_SUBMITTED = "proof_submitted"
    FIRST_CONFIRMED = "first_confirmed"
    CONFIRMED = "confirmed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class PayoutState(StrEnum):
    DUE = "due"
    FIRST_CONFIRMED = "first_confirmed"
    PAID = "paid"


PAYER, FIRST, SECOND, CLOCK = "payer", "first operator", "second operator", "clock"

ORDER = LifeCycle(
    "payment order",
    #    from                        action     to                          by
    Move(OrderState.OPEN,            "prove",   OrderState.PROOF_SUBMITTED, PAYER),
    Move(OrderState.PROOF_SUBMITTED, "prove",   OrderState.PROOF_SUBMITTED, PAYER),
    Move(OrderState.OPEN,            "confirm", OrderState.FIRST_CONFIRMED, FIRST),
    Move(OrderState.PROOF_SUBMITTED, "confirm", OrderState.FIRST_CONFIRMED, FIRST),
    Move(OrderState.FIRST_CONFIRMED, "confirm", OrderState.CONFIRMED,       SECOND),
    Move(OrderState.FIRST_CONFIRMED, "reject",  OrderState.OPEN,            SECOND),
    Move(OrderState.PROOF_SUBMITTED, "reject",  OrderState.OPEN,            FIRST),
    Move(OrderState.OPEN,            "expire",  OrderState.EXPIRED,         CLOCK),
    Move(OrderState.PROOF_SUBMITTED, "expire",  OrderState.EXPIRED,         CLOCK),
    Move(OrderState.OPEN,            "cancel",  OrderState.CANCELLED,       CLOCK),
    Move(OrderState.PROOF_SUBMITTED, "cancel",  OrderState.CANCELLED,       CLOCK),
    Move(OrderState.CANCELLED,       "reopen",  OrderState.OPEN,            PAYER),
    Move(OrderState.EXPIRED,         "confirm", OrderState.FIRST_CONFIRMED, FIRST),
    Move(OrderState.CANCELLED,       "confirm", OrderState.FIRST_CONFIRMED, FIRST),
)  # fmt: skip
"""Money that arrives for an expired or cancelled order is still recorded, and goes back."""

PAYOUT = LifeCycle(
    "payout",
    #    from                         action     to                           by
    Move(PayoutState.DUE,             "confirm", PayoutState.FIRST_CONFIRMED, FIRST),
    Move(PayoutState.FIRST_CONFIRMED, "confirm", PayoutState.PAID,            SECOND),
    Move(PayoutState.FIRST_CONFIRMED, "reject",  PayoutState.DUE,             SECOND),
    Move(PayoutState.DUE,             "refund",  PayoutState.PAID,            CLOCK),
)  # fmt: skip
"""``refund`` is a provider that can sending a deposit back the way it came; where it cannot, two people pay it out."""


class FourEyes(Refusal):
    text = N_("须由另一位工作人员复核：初核与复核不得为同一人。")


def eye(first_confirmed_by: int | None, by: int) -> str:
    """Which of the two pairs of eyes this is.

    :raises FourEyes: when the same person looks twice
    """
    if first_confirmed_by is None:
        return FIRST
    if first_confirmed_by == by:
        raise FourEyes
    return SECOND


def balances(postings: Sequence[Posting]) -> dict[str, Money]:
    """Every account's balance after some postings."""
    result: dict[str, Money] = {}
    for posting in postings:
        for entry in posting.entries:
            result[entry.account] = result.get(entry.account, Money(0)) + entry.amount
    return result


LABELS = {
    Purpose.DEPOSIT: N_("保证金"),
    Purpose.BALANCE: N_("尾款"),
    Purpose.DEPOSIT_RELEASE: N_("退还保证金"),
    Purpose.REFUND: N_("退还款项"),
    Purpose.COST: N_("变现费用"),
    Purpose.CLAIM: N_("清偿债权"),
    Purpose.SURPLUS: N_("余额返还出质人"),
    Purpose.TAX: N_("代扣税费"),
    Purpose.FORFEIT: N_("没收保证金抵偿"),
    OrderState.OPEN: N_("待付款"),
    OrderState.PROOF_SUBMITTED: N_("已传凭证"),
    OrderState.FIRST_CONFIRMED: N_("已初核"),
    OrderState.CONFIRMED: N_("已到账"),
    OrderState.EXPIRED: N_("已过期"),
    OrderState.CANCELLED: N_("已取消"),
    PayoutState.DUE: N_("待划付"),
    PayoutState.PAID: N_("已划付"),
}

"""What a bid may do: open ascending bidding as the network rules shape it (法释〔2016〕18号 arts. 18, 20, 21).

A bid is refused if the lot is not open at the moment the server received it, if the bidder is not confirmed or is
barred, if it lies below the start or off the grid ``start + k × increment``, or if it does not beat the standing bid
by a full increment – except that somebody with a priority right may *equal* the highest price when it is held by
somebody without one or of a lower rank. A bid in the last five minutes moves the end to its own time plus five
minutes. The last bid standing at the end wins; one bidder suffices.

Example (G56), start 100, increment 10: 100 stands; 105 is off the grid; 110 leads; another ordinary 110 is refused; a
priority holder's 110 leads; an ordinary 120 leads; the priority holder's 120 leads again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from marketplace.accounts.rules import Bar
from marketplace.core.errors import N_, Refusal
from marketplace.core.money import Money
from marketplace.core.states import LifeCycle, Move
from marketplace.listings.rules import State


class AuctionState(StrEnum):
    SCHEDULED = "scheduled"
    """Notice, open or over by the hour; the result is not recorded yet."""
    SOLD = "sold"
    FAILED = "failed"
    CANCELLED = "cancelled"


class RegistrationState(StrEnum):
    APPLIED = "applied"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


CLOCK, BIDDER = "clock", "bidder"

AUCTION = LifeCycle(
    "auction",
    #    from                    action    to                      by
    Move(AuctionState.SCHEDULED, "sell",   AuctionState.SOLD,      CLOCK),
    Move(AuctionState.SCHEDULED, "fail",   AuctionState.FAILED,    CLOCK),
    Move(AuctionState.SCHEDULED, "cancel", AuctionState.CANCELLED, CLOCK),
)  # fmt: skip

REGISTRATION = LifeCycle(
    "registration",
    #    from                         action      to                           by
    Move(RegistrationState.APPLIED,   "confirm",  RegistrationState.CONFIRMED, CLOCK),
    Move(RegistrationState.APPLIED,   "withdraw", RegistrationState.WITHDRAWN, BIDDER),
    Move(RegistrationState.WITHDRAWN, "apply",    RegistrationState.APPLIED,   BIDDER),
    Move(RegistrationState.APPLIED,   "lapse",    RegistrationState.LAPSED,    CLOCK),
)  # fmt: skip


class AuctionNotOpen(Refusal):
    text = N_("竞价尚未开始，将于 {opens_at} 开始。")


class AuctionClosed(Refusal):
    text = N_("竞价已于 {ended_at} 结束，以服务器收到出价的时间为准。")


class AuctionPaused(Refusal):
    text = N_("该标的目前不接受报名或出价，请查看公告栏说明。")


class NotAdmitted(Refusal):
    text = N_("贵单位不能参与本标的竞价：{reasons}")


class AlreadyRegistered(Refusal):
    text = N_("贵单位已报名本标的，无需重复报名。")


class RulesChanged(Refusal):
    text = N_("竞价规则版本已更新，请重新阅读后确认。")


class BidderNotConfirmed(Refusal):
    text = N_("保证金到账并确认资格后方可出价。")


class BidderBarred(Refusal):
    text = N_("贵单位已被限制参与竞价。")


class BidBelowStart(Refusal):
    field = "amount"
    text = N_("出价低于起拍价：至少须为 {least}。")


class BidOffGrid(Refusal):
    field = "amount"
    text = N_("出价须为起拍价加若干个加价幅度，最接近的有效价格为 {below} 或 {above}；目前至少须为 {least}。")


class BidTooLow(Refusal):
    field = "amount"
    text = N_("出价过低：目前至少须为 {least}。")


@dataclass(frozen=True, slots=True)
class Terms:
    """What was announced; the timetable's end is the scheduled one, the moving end is handed in beside it."""

    start: Money
    increment: Money
    opens_at: datetime
    scheduled_end_at: datetime
    extension: timedelta
    policy_version: str = ""
    contest: timedelta = timedelta(hours=24)
    """In a sell-off: how long others may outbid the first taker."""


@dataclass(frozen=True, slots=True)
class Bidder:
    id: int
    is_confirmed: bool = True
    is_barred: bool = False
    priority_rank: int | None = None
    """1 goes before 2; None has no priority."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The highest bid and who holds it."""

    amount: Money
    bidder_id: int
    priority_rank: int | None
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Admission:
    standing: Standing
    ends_at: datetime
    extended: bool


@dataclass(frozen=True, slots=True)
class Sold:
    amount: Money
    bidder_id: int


@dataclass(frozen=True, slots=True)
class Failed:
    """Nobody bid."""


def admit(
    terms: Terms, standing: Standing | None, ends_at: datetime, amount: Money, bidder: Bidder, at: datetime
) -> Admission:
    """Decide a bid received ``at``.

    :raises AuctionNotOpen, AuctionClosed, BidderNotConfirmed, BidderBarred: whoever or whenever it is
    :raises BidBelowStart, BidOffGrid, BidTooLow: with the least that would have been enough
    """
    if at < terms.opens_at:
        raise AuctionNotOpen(opens_at=terms.opens_at)
    if at >= ends_at:
        raise AuctionClosed(ended_at=ends_at)
    if bidder.is_barred:
        raise BidderBarred
    if not bidder.is_confirmed:
        raise BidderNotConfirmed
    least = least_bid(terms, standing, bidder)
    if amount < terms.start:
        raise BidBelowStart(least=least)
    steps, off = divmod(amount.minor - terms.start.minor, terms.increment.minor)
    if off:
        below = terms.start + terms.increment * steps
        raise BidOffGrid(below=below, above=below + terms.increment, least=least)
    if amount < least:
        raise BidTooLow(least=least)
    is_late = ends_at - at < terms.extension
    return Admission(
        Standing(amount, bidder.id, bidder.priority_rank, at),
        at + terms.extension if is_late else ends_at,
        is_late,
    )


def admit_taker(
    terms: Terms, standing: Standing | None, ends_at: datetime, amount: Money, bidder: Bidder, at: datetime
) -> Admission:
    """Decide a bid in a sell-off: the first at the posted price starts the contest, which then runs like any bidding.

    :raises AuctionNotOpen, AuctionClosed, BidderNotConfirmed, BidderBarred, BidBelowStart, BidOffGrid, BidTooLow:
        as :func:`admit`
    """
    admission = admit(terms, standing, ends_at, amount, bidder, at)
    return admission if standing is not None else Admission(admission.standing, at + terms.contest, extended=False)


def least_bid(terms: Terms, standing: Standing | None, bidder: Bidder) -> Money:
    """The least this bidder must bid now; an own bid may be raised by a step."""
    if standing is None:
        return terms.start
    if standing.bidder_id != bidder.id and goes_before(bidder.priority_rank, standing.priority_rank):
        return standing.amount
    return standing.amount + terms.increment


def goes_before(rank: int | None, other: int | None) -> bool:
    """Whether a priority rank beats another at an equal price; the same rank does not: the earlier bid keeps it."""
    return rank is not None and (other is None or rank < other)


def suggested_bids(terms: Terms, standing: Standing | None, bidder: Bidder) -> list[Money]:
    """The least bid, and one and four steps above it."""
    least = least_bid(terms, standing, bidder)
    return [least, least + terms.increment, least + terms.increment * 4]


def outcome(standing: Standing | None) -> Sold | Failed:
    """What the book says once the end has passed."""
    return Failed() if standing is None else Sold(standing.amount, standing.bidder_id)


def check_entry(
    *,
    listing_state: State,
    ends_at: datetime,
    bars: list[Bar],
    is_registered: bool,
    rules_version: str,
    policy_version: str,
    at: datetime,
) -> None:
    """Let an organisation enter; late entry is allowed until bidding ends (art. 18).

    :raises AuctionPaused, AuctionClosed, NotAdmitted, AlreadyRegistered, RulesChanged: otherwise
    """
    if listing_state is not State.PUBLISHED:
        raise AuctionPaused
    if at >= ends_at:
        raise AuctionClosed(ended_at=ends_at)
    if is_registered:
        raise AlreadyRegistered
    if bars:
        raise NotAdmitted(reasons=bars)
    if rules_version != policy_version:
        raise RulesChanged


def check_running(listing_state: State, auction_state: AuctionState, *, ended_at: datetime) -> None:
    """:raises AuctionPaused: while the lot is suspended, withdrawn or ended otherwise than by the hour
    :raises AuctionClosed: once the result is recorded, whenever the bid was received
    """
    if auction_state in (AuctionState.SOLD, AuctionState.FAILED):
        raise AuctionClosed(ended_at=ended_at)
    if listing_state is not State.PUBLISHED or auction_state is AuctionState.CANCELLED:
        raise AuctionPaused


LABELS = {
    AuctionState.SCHEDULED: N_("已排期"),
    AuctionState.SOLD: N_("成交"),
    AuctionState.FAILED: N_("流拍"),
    AuctionState.CANCELLED: N_("取消"),
    RegistrationState.APPLIED: N_("待缴保证金"),
    RegistrationState.CONFIRMED: N_("已取得竞买资格"),
    RegistrationState.WITHDRAWN: N_("已撤回报名"),
    RegistrationState.LAPSED: N_("未缴保证金，已失效"),
}

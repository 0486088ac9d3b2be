"""Loading the demo market once, and the sample bidders who keep it alive."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import select, update

from marketplace import typeset
from marketplace.accounts.models import Organisation, User
from marketplace.assets.service import NewRight
from marketplace.auctions import queries as auctions
from marketplace.auctions import rules
from marketplace.auctions import service as bidding
from marketplace.auctions.models import Auction, Bid, Registration
from marketplace.auctions.rules import AuctionState, RegistrationState
from marketplace.config import Settings
from marketplace.core.calendar import at_hour
from marketplace.core.clock import shanghai_date
from marketplace.core.errors import Refusal
from marketplace.database import db
from marketplace.demo.cast import Bank, Cast, gather
from marketplace.demo.rights import rights
from marketplace.demo.story import DAY, Teller
from marketplace.listings import service as listings
from marketplace.listings.models import Listing
from marketplace.listings.rules import Reason, State
from marketplace.notices.models import Notice
from marketplace.outbox import Effect
from marketplace.payments import service as payments


def is_loaded() -> bool:
    return db.session.scalar(select(Organisation.id).limit(1)) is not None


class Market:
    """Everything that is told, in the order of its beginnings."""

    def __init__(self, now: datetime, *, cost: str, seed: int = 20261124) -> None:
        self.now = now
        self.chance = random.Random(seed)  # noqa: S311 - a story, not a secret
        self.cast: Cast = gather(now, cost=cost)
        paper = typeset.pdf("sample", {"title": "样例材料", "reference": "样例"}, stamp=now - 300 * DAY)
        self.teller = Teller(self.cast, self.chance, paper, now)
        self.news: Iterator[NewRight] = rights(self.chance, shanghai_date(now))

    def _bank(self) -> Bank:
        return self.chance.choices(self.cast.banks, weights=[5, 2, 2, 1, 1, 1])[0]

    def _rights(self) -> list[NewRight]:
        return [next(self.news) for _ in range(2 if self.chance.random() < 0.08 else 1)]

    def _noticed(self, days_ago: float) -> datetime:
        return at_hour(shanghai_date(self.now - timedelta(days=days_ago)), 10)

    def load(self, scale: float = 1.0) -> None:
        """Tell every life; ``scale`` makes a smaller market for tests."""

        def times(count: int) -> range:
            return range(max(1, round(count * scale)))

        ago = sorted((self.chance.uniform(85, 260) for _ in times(55)), reverse=True)
        for days in ago:
            self.finished(days)
        for days in sorted((self.chance.uniform(40, 250) for _ in times(50)), reverse=True):
            self.failed(days)
        for number in times(14):
            self.closing(number)
        self.defaulted()
        for number in times(4):
            self.selling_off(number)
        for number in times(4):
            self.stopped(number)
        for number in times(26):
            self.open(number)
        self.just_won()
        for _ in times(70):
            self.in_notice()
        for number in times(44):
            self.in_work(number)
        self.soon()
        self.teller.release_deposits(self.now - timedelta(hours=2), due_before=self.now - DAY)
        self.forget_old_mail()
        db.session.commit()

    def _ended(self, days_ago: float, *, bidders: int, bids: int, own: bool = False) -> tuple[Bank, Listing]:
        """A lot whose notice was published some days before the present and that has been bid for since."""
        bank, noticed = self._bank(), self._noticed(days_ago)
        opens = at_hour(shanghai_date(noticed + 31 * DAY), 10)
        listing = self.teller.published(bank, self._rights(), noticed, opens)
        if bidders:
            users = self.teller.bidders(listing, bidders, noticed + 20 * DAY, own=own)
            self.teller.bid(
                listing, users, bids, opens + timedelta(hours=2), timedelta(minutes=self.chance.randrange(3, 40))
            )
        db.session.commit()
        return bank, listing

    def finished(self, days_ago: float) -> None:
        bank, listing = self._ended(days_ago, bidders=self.chance.randrange(1, 5), bids=self.chance.randrange(1, 12))
        deal = self.teller.closed(listing)
        assert deal is not None
        at = deal.struck_at + timedelta(days=self.chance.randrange(3, 14))
        self.teller.release_deposits(deal.struck_at + timedelta(hours=20), due_before=deal.struck_at + 2 * DAY)
        self.teller.paid(deal, at)
        at = self.teller.stepped(bank, deal, at)
        self.teller.settled(deal, min(at + 3 * DAY, self.now - 3 * DAY))
        db.session.commit()

    def failed(self, days_ago: float) -> None:
        bank, listing = self._ended(days_ago, bidders=0, bids=0)
        self.teller.closed(listing)
        if self.chance.random() < 0.4:
            noticed = at_hour(shanghai_date(listing.ended_at or self.now) + 5 * DAY, 10)
            if noticed + 20 * DAY < self.now:
                again = self.teller.relisted(bank, listing, noticed)
                assert again.opens_at is not None
                if self.chance.random() < 0.5:
                    users = self.teller.bidders(again, 2, noticed + 3 * DAY)
                    self.teller.bid(again, users, 3, again.opens_at + timedelta(hours=1), timedelta(minutes=9))
                self.teller.closed(again)
        db.session.commit()

    def selling_off(self, number: int) -> None:
        """Failed twice and now for sale at the last price; somebody has just taken the first of them."""
        bank, listing = self._ended((95.0, 80.0, 110.0, 66.0)[number], bidders=0, bids=0)
        for tell in (self.teller.relisted, self.teller.sold_off):
            self.teller.closed(listing)
            listing = tell(bank, listing, at_hour(shanghai_date(listing.ended_at or self.now) + 5 * DAY, 10))
        if number == 0:
            (taker,) = self.teller.bidders(listing, 1, self.now - 2 * DAY)
            self.teller.bid(listing, [taker], 1, self.now - timedelta(hours=3), timedelta(hours=1))
        db.session.commit()

    def closing(self, number: int) -> None:
        """Sold and on the way: waiting for the balance, or some steps into closing."""
        own = number in (0, 3, 6)
        bank, listing = self._ended(
            self.chance.uniform(37, 44) if number < 5 else self.chance.uniform(52, 75), bidders=3, bids=6, own=own
        )
        deal = self.teller.closed(listing)
        assert deal is not None
        if number >= 5:
            self.teller.paid(deal, deal.struck_at + 6 * DAY)
            has_time = deal.struck_at + 42 * DAY < self.now
            self.teller.stepped(bank, deal, deal.struck_at + 6 * DAY, count=number % 4 if has_time else 0)
        db.session.commit()

    def defaulted(self) -> None:
        for days in (64.0, 110.0):
            _bank, listing = self._ended(days, bidders=2, bids=3)
            deal = self.teller.closed(listing)
            assert deal is not None
            payments.declare_default(deal, by=self.cast.operators[0], now=deal.struck_at + 25 * DAY)
            db.session.commit()

    def stopped(self, number: int) -> None:
        bank, noticed = self._bank(), self._noticed(20)
        listing = self.teller.published(bank, self._rights(), noticed, self._noticed(-15))
        operator, at = self.cast.operators[0], noticed + 9 * DAY
        if number % 2:
            listings.withdraw(listing, Reason.AGREEMENT_REVOKED, "质押双方重新协商（样例）", by=bank.approver, now=at)
        else:
            listings.suspend(listing, Reason.TITLE_DISPUTE, "收到案外人异议，核实中（样例）", by=operator, now=at)
        db.session.commit()

    def open(self, number: int) -> None:
        """Being bid for now, ending from a few minutes to three days from now."""
        minutes = (9, 24, 48, 95)[number] if number < 4 else self.chance.randrange(200, 4300)
        ends = self.now + timedelta(minutes=minutes)
        opens = ends - timedelta(hours=72)
        listing = self.teller.published(self._bank(), self._rights(), self.now - 36 * DAY, opens, 72)
        count = 4 if number < 4 else self.chance.randrange(0, 4)
        if count:
            users = self.teller.bidders(listing, count, self.now - 4 * DAY, own=number < 2 or number % 9 == 5)
            step = (self.now - opens) / 14
            rivals = users[1:] if number < 2 else users
            self.teller.bid(listing, rivals, self.chance.randrange(2, 9), opens + timedelta(hours=1), step)
        db.session.commit()

    def just_won(self) -> None:
        """The demo's own buyer won a quarter of an hour ago."""
        opens = self.now - timedelta(hours=24, minutes=15)
        listing = self.teller.published(self.cast.banks[0], self._rights(), self.now - 36 * DAY, opens)
        users = self.teller.bidders(listing, 3, self.now - 5 * DAY, own=True)
        self.teller.bid(listing, [users[1], users[2], users[0]], 6, opens + timedelta(hours=3), timedelta(hours=1))
        self.teller.closed(listing)
        db.session.commit()

    def in_notice(self) -> None:
        days = self.chance.uniform(0.5, 29)
        noticed = self._noticed(days)
        opens = at_hour(shanghai_date(noticed) + timedelta(days=self.chance.randrange(31, 40)), 10)
        listing = self.teller.published(self._bank(), self._rights(), min(noticed, self.now), opens)
        if self.chance.random() < 0.3 and noticed + 2 * DAY < self.now:
            self.teller.bidders(listing, self.chance.randrange(1, 4), noticed + 2 * DAY)
        elif self.chance.random() < 0.15:
            self.teller.proof_waiting(listing, max(noticed, self.now - timedelta(hours=6)))
        db.session.commit()

    def in_work(self, number: int) -> None:
        """Drafts, lots waiting for a colleague or the operator, and some sent back."""
        bank, at = self._bank(), self.now - 5 * DAY
        listing = self.teller.drafted(bank, self._rights(), at, at_hour(shanghai_date(self.now) + 45 * DAY, 10))
        if number % 4:
            listings.submit(listing, by=bank.officer, now=at + DAY)
        if number % 4 >= 2:
            listings.approve(listing, by=bank.approver, now=at + 2 * DAY)
        if number % 8 == 7:
            listings.send_back(
                listing, "请补充被许可人名称与许可期限（样例）", by=self.cast.operators[0], now=at + 3 * DAY
            )
        db.session.commit()

    def soon(self) -> None:
        """Opens within the hour, so that the opening can be watched."""
        opens = self.now + timedelta(minutes=40)
        listing = self.teller.published(self.cast.banks[1], self._rights(), self.now - 32 * DAY, opens)
        self.teller.bidders(listing, 3, self.now - 3 * DAY, own=True)
        db.session.commit()

    def forget_old_mail(self) -> None:
        """Mail of long ago is not sent now, and old notices are read."""
        since = self.now - 2 * DAY
        db.session.execute(
            update(Effect)
            .where(Effect.kind == "mail.send", Effect.created_at < since)
            .values(done_at=Effect.created_at)
        )
        db.session.execute(update(Effect).where(Effect.done_at.is_(None)).values(run_at=self.now))
        db.session.execute(update(Notice).where(Notice.created_at < since).values(read_at=Notice.created_at))


# --- sample bidders --------------------------------------------------------------------------------------------------

QUIET_SECONDS = 25
MOST_BIDS = 40


def act(now: datetime, limit: int) -> int:
    """On a demo market, let sample bidders answer in lots that end within a quarter of an hour."""
    settings: Settings = current_app.extensions["settings"]
    if not settings.demo_market:
        return 0
    ending = (
        select(Auction)
        .join(Listing, Listing.id == Auction.listing_id)
        .where(
            Auction.state == AuctionState.SCHEDULED,
            Listing.state == State.PUBLISHED,
            Auction.opens_at <= now,
            Auction.ends_at > now,
            Auction.ends_at < now + timedelta(minutes=15),
            Auction.bid_count < MOST_BIDS,
        )
        .limit(limit)
    )
    done = 0
    for auction in db.session.scalars(ending).all():
        done += int(_answer(auction, now))
    return done


def _answer(auction: Auction, now: datetime) -> bool:
    last = db.session.scalar(
        select(Bid.received_at).where(Bid.auction_id == auction.id).order_by(Bid.seq.desc()).limit(1)
    )
    if last is not None and (now - last).total_seconds() < QUIET_SECONDS:
        return False
    rivals = db.session.scalars(
        select(Registration)
        .join(User, User.id == Registration.user_id)
        .where(
            Registration.auction_id == auction.id,
            Registration.state == RegistrationState.CONFIRMED,
            Registration.id != (auction.leader_id or 0),
            User.is_sample.is_(True),
            User.email != "buyer@firm1.demo",
        )
        .order_by(Registration.id)
    ).all()
    if not rivals:
        return False
    rival = rivals[(auction.bid_count * 7) % len(rivals)]
    bidder = auctions.as_bidder(auction, rival, rival.organisation)
    least = rules.least_bid(auctions.terms(auction), auctions.standing(auction), bidder)
    try:
        bidding.place_bid(auction.id, least, bidder=rival.organisation, key=f"sample-live-{auction.bid_count}", now=now)
        db.session.commit()
    except Refusal:
        db.session.rollback()
        return False
    return True

"""The lives of the demo market's lots, told act by act through the services, each at its own moment."""

import random
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from marketplace.accounts.models import User
from marketplace.assets import service as assets
from marketplace.assets.models import Asset
from marketplace.assets.rules import EncumbranceKind
from marketplace.assets.service import NewRight
from marketplace.assets.valuation import Method
from marketplace.auctions import queries as auctions
from marketplace.auctions import service as bidding
from marketplace.auctions.models import Auction, Registration
from marketplace.cases import service as cases
from marketplace.cases.models import Case
from marketplace.cases.rules import BASES, FiveTier, LegalBasis
from marketplace.core import policy, pricing
from marketplace.core.calendar import add_years, at_hour
from marketplace.core.clock import shanghai_date
from marketplace.core.identifiers import make_uscc
from marketplace.core.money import Money
from marketplace.database import db
from marketplace.deals import queries as deals
from marketplace.deals import service as closing
from marketplace.deals.models import Deal
from marketplace.deals.rules import STEPS
from marketplace.demo.cast import Bank, Cast
from marketplace.listings import service as listings
from marketplace.listings.models import Listing
from marketplace.papers import service as papers
from marketplace.papers.rules import PDF, PaperKind
from marketplace.payments import queries as money
from marketplace.payments import service as payments
from marketplace.payments import settlement
from marketplace.payments.charges import VatTreatment
from marketplace.payments.rules import OrderState, Purpose
from marketplace.payments.waterfall import Cost

DAY = timedelta(days=1)


@dataclass
class Teller:
    """Tells one life after another with the same chance, paper and people."""

    cast: Cast
    chance: random.Random
    paper: bytes
    now: datetime
    debtors: int = 0

    # --- what comes before a lot -----------------------------------------------------------------------------------

    def case(self, bank: Bank, at: datetime) -> Case:
        """A defaulted loan with all its papers."""
        self.debtors += 1
        code = make_uscc("91", "410100", f"YX{self.debtors:06d}")
        defaulted = shanghai_date(at) - timedelta(days=self.chance.randrange(60, 400))
        due = defaulted - timedelta(days=30)
        principal = self.chance.randrange(80, 1200) * 1_000_000
        basis = self.chance.choice((LegalBasis.POST_DEFAULT_AGREEMENT, LegalBasis.SELF_HELP_CLAUSE))
        name = f"样例债务人{self.debtors:03d}号有限公司"
        case = cases.open_case(
            bank.organisation,
            {
                "loan_ref": f"样例-{at.year}-{self.debtors:04d}", "debtor_name": name, "debtor_uscc": code,
                "pledgor_name": name, "pledgor_uscc": code, "region_code": bank.organisation.region_code,
                "principal_minor": principal, "interest_minor": principal * 7 // 100, "costs_minor": 3_000_000,
                "lent_on": due - timedelta(days=730), "due_on": due, "defaulted_on": defaulted,
                "five_tier": self.chance.choice((FiveTier.SUBSTANDARD, FiveTier.DOUBTFUL, FiveTier.LOSS)),
                "legal_basis": basis, "regime": policy.Regime.OTC,
            },
            by=bank.officer, now=at,
        )  # fmt: skip
        for kind in BASES[basis].papers:
            papers.keep(case.subject, kind, "样例.pdf", self.paper, PDF, by=bank.officer, now=at)
        return case

    def right(self, bank: Bank, case: Case, new: NewRight, at: datetime) -> Asset:
        """A pledged right with its valuation, registration and report."""
        asset = assets.take_in(bank.organisation, new, case, by=bank.officer, now=at)
        amount = Money(self.chance.choice((60, 80, 120, 150, 200, 260, 320, 450, 600, 900, 1500)) * 1_000_000)
        firm = self.cast.appraiser
        assets.add_valuation(
            asset, method=Method.RELIEF_FROM_ROYALTY, amount=amount, base_on=shanghai_date(at) - timedelta(days=40),
            firm_name=firm.name, firm_uscc=firm.uscc, signers=["样例评估师甲", "样例评估师乙"],
            report_no=f"样例评报字{asset.id:04d}号", is_reference=True, by=bank.officer, now=at,
        )  # fmt: skip
        registered = case.lent_on or shanghai_date(at)
        assets.add_pledge(asset, self._pledge(1, bank.organisation.name, bank.organisation.id, registered, asset.id),
                          by=bank.officer, now=at)  # fmt: skip
        if self.chance.random() < 0.12:
            second = self.chance.choice([b for b in self.cast.banks if b is not bank])
            values = self._pledge(2, second.organisation.name, second.organisation.id, registered + 90 * DAY, asset.id)
            values |= {"claim_principal_minor": self.chance.randrange(20, 200) * 1_000_000}
            assets.add_pledge(asset, values, by=bank.officer, now=at)
        if self.chance.random() < 0.15:
            assets.add_encumbrance(
                asset, kind=EncumbranceKind.LICENCE_ORDINARY, party="样例被许可人有限公司", document_no="样例许可 2024-01",
                from_on=registered, until_on=add_years(shanghai_date(at), 2), note="普通许可，许可费已一次付清",
                by=bank.officer, now=at,
            )  # fmt: skip
        kind = PaperKind.VALUATION_REPORT
        papers.keep(asset.subject, kind, "评估报告样例.pdf", self.paper, PDF, by=bank.officer, now=at, is_public=True)
        return asset

    @staticmethod
    def _pledge(rank: int, name: str, bank_id: int, registered: date, number: int) -> dict[str, object]:
        return {
            "rank": rank, "pledgee_name": name, "pledgee_id": bank_id, "registration_no": f"样例登记{number:05d}-{rank}",
            "registered_on": registered, "expires_on": add_years(registered, 8),
        }  # fmt: skip

    # --- a lot -----------------------------------------------------------------------------------------------------

    def terms(
        self, rights: list[Asset], opens_at: datetime, closes_at: datetime, floor: Money | None = None
    ) -> listings.Terms:
        """Terms inside the bounds."""
        rules = policy.policy_for(policy.Regime.OTC, shanghai_date(opens_at))
        reference = Money(sum(r.reference.amount_minor for r in rights if r.reference))
        start = pricing.nice_start(rules, floor or pricing.start_floor(rules, reference))
        title = rights[0].title if len(rights) == 1 else f"{rights[0].title}等 {len(rights)} 项"
        return listings.Terms(
            title=title[:200], summary="银行已核对登记簿；技术资料可在工作日预约查阅。",
            defects=self.chance.choice((
                "未发现重大瑕疵；权利状态以登记簿副本为准。",
                "存在一项普通许可，转让不影响其效力；年费由买受人自登记之日起承担。",
                "实施该技术需与其他设备配套，平台与银行不保证其实施效果。",
            )),
            tax_terms="交易税费由双方依法各自承担；登记规费由买受人承担。",
            handover_terms="尾款到账后办理质押注销与转让登记，登记完成后划付资金。", qualification="",
            contact="样例银行资产保全部 0371-00000000", start=start, increment=pricing.suggested_increment(rules, start),
            deposit=pricing.nice_deposit(rules, start), balance_due_days=15, opens_at=opens_at, closes_at=closes_at,
        )  # fmt: skip

    def drafted(self, bank: Bank, news: list[NewRight], at: datetime, opens_at: datetime, hours: int = 24) -> Listing:
        case = self.case(bank, at - 10 * DAY)
        rights = [self.right(bank, case, new, at - 8 * DAY) for new in news]
        terms = self.terms(rights, opens_at, opens_at + timedelta(hours=hours))
        return listings.draft(bank.organisation, rights, terms, by=bank.officer, now=at)

    def published(
        self, bank: Bank, news: list[NewRight], noticed: datetime, opens_at: datetime, hours: int = 24
    ) -> Listing:
        listing = self.drafted(bank, news, noticed - 3 * DAY, opens_at, hours)
        self.publish(bank, listing, noticed)
        return listing

    def publish(self, bank: Bank, listing: Listing, noticed: datetime) -> None:
        listings.submit(listing, by=bank.officer, now=noticed - 2 * DAY)
        listings.approve(listing, by=bank.approver, now=noticed - DAY)
        listings.publish(listing, by=self.cast.operators[0], now=noticed)
        bidding.schedule(listing, now=noticed)

    def bidders(self, listing: Listing, count: int, at: datetime, *, own: bool = False) -> list[User]:
        """Enter some enterprises, with their deposits confirmed by two operators."""
        pool = list(self.cast.firms[2:])
        chosen = self.chance.sample(pool, count)
        if own:
            chosen[0] = self.cast.firms[0]
        auction = self.auction(listing)
        for user in chosen:
            entry = payments.register(auction, by=user, accepts_rules=listing.policy_version, now=at)
            order = money.of_subject(Purpose.DEPOSIT, f"registration:{entry.id}")
            assert order is not None
            for operator in self.cast.operators:
                payments.confirm(order, shanghai_date(at), by=operator, now=at)
        return chosen

    def proof_waiting(self, listing: Listing, at: datetime) -> None:
        """An enterprise has entered and shown its transfer; the operators have yet to look."""
        user = self.chance.choice(self.cast.firms[2:])
        entry = payments.register(self.auction(listing), by=user, accepts_rules=listing.policy_version, now=at)
        order = money.of_subject(Purpose.DEPOSIT, f"registration:{entry.id}")
        assert order is not None
        payments.prove(order, "付款凭证样例.pdf", self.paper, by=user, now=at)

    def auction(self, listing: Listing) -> Auction:
        found = auctions.of(listing)
        assert found is not None
        return found

    def bid(self, listing: Listing, users: list[User], count: int, first_at: datetime, step: timedelta) -> None:
        """Bids in turn, each the least that leads or a few steps above."""
        auction, at = self.auction(listing), first_at
        for number in range(count):
            user = users[number % len(users)]
            entry = auctions.registration(auction, user.organisation)
            assert isinstance(entry, Registration)
            bidder = auctions.as_bidder(auction, entry, user.organisation)
            least = bidding.rules.least_bid(auctions.terms(auction), auctions.standing(auction), bidder)
            amount = least + listing.increment * self.chance.randrange(0, 3)
            bidding.place_bid(auction.id, amount, bidder=user.organisation, key=f"sample-{auction.id}-{number}", now=at)
            at += step

    # --- what comes after ------------------------------------------------------------------------------------------

    def closed(self, listing: Listing) -> Deal | None:
        """Record the result at its hour and do what the clock does with the money."""
        auction = self.auction(listing)
        at = auction.ends_at + timedelta(seconds=5)
        bidding.close(auction.id, now=at)
        payments.settle_due(at + timedelta(minutes=1), 500)
        return deals.of_listing(listing)

    def paid(self, deal: Deal, at: datetime) -> None:
        """The buyer pays the balance."""
        order = money.of_subject(Purpose.BALANCE, f"deal:{deal.id}")
        assert order is not None
        assert order.state is OrderState.OPEN
        for operator in self.cast.operators:
            payments.confirm(order, shanghai_date(at), by=operator, now=at)

    def stepped(self, bank: Bank, deal: Deal, at: datetime, count: int = 3) -> datetime:
        """The parties record the first steps of closing."""
        for code in list(STEPS)[:count]:
            at += timedelta(days=self.chance.randrange(4, 12))
            closing.meet(deal, code, shanghai_date(at), filename="样例证明.pdf", content=self.paper, note="",
                         by=bank.officer, now=at)  # fmt: skip
        return at

    def settled(self, deal: Deal, at: datetime) -> None:
        """The price is distributed and paid out, everything with four eyes."""
        first, second = self.cast.operators
        cost = Cost("评估费", self.cast.appraiser.name, Money(2_000_000))
        settlement.prepare(deal, [cost], VatTreatment.GENERAL, by=first, now=at)
        settlement.approve(deal, by=second, now=at + timedelta(hours=3))
        self.pay_out(deal, at + DAY)

    def pay_out(self, deal: Deal, at: datetime) -> None:
        first, second = self.cast.operators
        for payout in money.payouts_of(deal):
            settlement.confirm_payout(payout, by=first, now=at)
            settlement.confirm_payout(payout, by=second, now=at + timedelta(hours=1))

    def release_deposits(self, at: datetime, *, due_before: datetime) -> None:
        """Losers whose deposits were due by then have them back."""
        first, second = self.cast.operators
        for payout in money.to_pay():
            if payout.purpose is Purpose.DEPOSIT_RELEASE and payout.due_at <= due_before:
                settlement.confirm_payout(payout, by=first, now=at)
                settlement.confirm_payout(payout, by=second, now=at)

    def sold_off(self, bank: Bank, listing: Listing, noticed: datetime) -> Listing:
        """The sell-off after the second failure: the same price, prepaid, for sixty days."""
        opens = at_hour(shanghai_date(noticed) + timedelta(days=16), 10)
        days = policy.policy(listing.policy_version).selloff_days
        terms = self.terms([item.asset for item in listing.items], opens, opens + days * DAY, listing.start)
        terms = replace(terms, start=listing.start, deposit=listing.start)
        lot = listings.relist(listing, terms, by=bank.officer, now=noticed - 2 * DAY)
        db.session.flush()
        self.publish(bank, lot, noticed)
        return lot

    def relisted(self, bank: Bank, listing: Listing, noticed: datetime) -> Listing:
        """A further round after a failure, a fifth lower."""
        rights = [item.asset for item in listing.items]
        rules = policy.policy(listing.policy_version)
        opens = at_hour(shanghai_date(noticed) + timedelta(days=16), 10)
        terms = self.terms(rights, opens, opens + DAY, pricing.second_round_floor(rules, listing.start))
        again = listings.relist(listing, terms, by=bank.officer, now=noticed - 2 * DAY)
        db.session.flush()
        self.publish(bank, again, noticed)
        return again

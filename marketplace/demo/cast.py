"""Who takes part in the demo market."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from marketplace.accounts import service as accounts
from marketplace.accounts.models import Organisation, RelatedParty, User, VerificationFile
from marketplace.accounts.rules import FirmKind, Verification
from marketplace.core.calendar import add_years
from marketplace.core.clock import shanghai_date
from marketplace.core.identifiers import make_uscc
from marketplace.core.roles import Duty, Role
from marketplace.database import db

PASSWORD = "zhiyi-demo-2026"

BANKS = (
    ("嵩岳样例银行股份有限公司", "410100"), ("洛川样例银行股份有限公司", "410300"), ("汴水样例银行股份有限公司", "410200"),
    ("南都样例农商银行股份有限公司", "411300"), ("牧野样例村镇银行股份有限公司", "410700"), ("淮上样例银行股份有限公司", "411500"),
)  # fmt: skip
STEMS = (
    "云岭", "青禾", "启明", "恒舟", "朗润", "锐象", "宏拓", "致远", "新焱", "博衡", "万象", "澄海", "天枢", "瑞禾", "科澜", "昂立",
    "同序", "和光", "立川", "远瓴", "金石", "北辰", "沐阳", "德润", "开物", "知行", "格物", "越泽", "安澜", "齐岳", "星野", "中亿",
    "卓然", "嘉木", "海拓", "景行", "思源", "长风", "明川", "广域",
)  # fmt: skip
TRADES = ("新材料", "装备制造", "生物科技", "智能科技", "环保工程", "电子", "农业科技", "医疗器械")
REGIONS = ("410100", "410300", "410700", "411300", "320500", "330100", "440300", "420100", "370100", "340100")


@dataclass(frozen=True)
class Bank:
    """A bank with its maker and its checker."""

    organisation: Organisation
    officer: User
    approver: User


@dataclass(frozen=True)
class Cast:
    """Everybody a story needs."""

    banks: tuple[Bank, ...]
    firms: tuple[User, ...]
    """The officer of each enterprise; the first is the demo's own buyer."""
    operators: tuple[User, User]
    appraiser: Organisation


SIGN_INS = (
    ("bank, maker", "officer@bank1.demo"),
    ("bank, checker", "approver@bank1.demo"),
    ("enterprise", "buyer@firm1.demo"),
    ("operator", "operator@zhiyi.demo"),
    ("operator, second", "operator2@zhiyi.demo"),
    ("regulator", "viewer@regulator.demo"),
)
"""One sign-in per role."""


class Casting:
    """Makes organisations and people, all with one password."""

    def __init__(self, now: datetime, cost: str) -> None:
        self.now = now
        self.hash = accounts.hash_password(PASSWORD, cost=cost)
        self.number = 0

    def organisation(
        self, kind: Role, name: str, region: str, *, firm_kind: FirmKind | None = None, verified: bool = True
    ) -> Organisation:
        self.number += 1
        code = make_uscc("91", region, f"YY{self.number:06d}")
        row = Organisation(
            ref=f"ORG-{self.number:04d}", kind=kind, firm_kind=firm_kind, name=name, uscc=code, region_code=region,
            created_at=self.now - timedelta(days=400),
        )  # fmt: skip
        if verified:
            row.verification, row.verified_at = Verification.APPROVED, self.now - timedelta(days=60)
            row.reverify_on = add_years(shanghai_date(self.now - timedelta(days=60)), 1)
        row.file = VerificationFile(
            legal_representative="样例法人", handler_name="样例经办", handler_mobile=f"1990000{self.number:04d}",
            account_name=name, account_no=f"9999000000{self.number:06d}", account_bank="样例清算行",
            beneficial_owners=[{"name": "样例受益人", "share_bps": 10_000}], has_declared_related=True,
        )  # fmt: skip
        db.session.add(row)
        db.session.flush()
        return row

    def user(self, organisation: Organisation, email: str, name: str, *duties: Duty) -> User:
        user = accounts.add_user(
            organisation, email=email, name=name, password_hash=self.hash, duties=list(duties), now=self.now,
            confirmed=self.now - timedelta(days=300),
        )  # fmt: skip
        user.is_sample = True
        return user


def gather(now: datetime, *, cost: str) -> Cast:
    """Make everybody."""
    make = Casting(now, cost)
    platform = make.organisation(Role.PLATFORM, "质易样例平台", "410100")
    first = make.user(platform, "operator@zhiyi.demo", "平台甲", Duty.ADMINISTRATOR, Duty.OFFICER)
    second = make.user(platform, "operator2@zhiyi.demo", "平台乙", Duty.APPROVER)
    regulator = make.organisation(Role.REGULATOR, "样例省金融监管机构", "410000")
    make.user(regulator, "viewer@regulator.demo", "监管样例", Duty.VIEWER)
    reserve = make.organisation(Role.RESERVE, "样例省知识产权收储有限公司", "410100")
    make.user(reserve, "officer@reserve.demo", "收储样例", Duty.ADMINISTRATOR, Duty.OFFICER)
    appraiser = make.organisation(Role.SERVICE_FIRM, "样例资产评估有限公司", "410100", firm_kind=FirmKind.APPRAISER)
    make.user(appraiser, "officer@appraiser.demo", "评估样例", Duty.ADMINISTRATOR, Duty.OFFICER)
    banks = []
    for number, (name, region) in enumerate(BANKS, start=1):
        bank = make.organisation(Role.BANK, name, region)
        officer = make.user(bank, f"officer@bank{number}.demo", f"经办{number}", Duty.ADMINISTRATOR, Duty.OFFICER)
        approver = make.user(bank, f"approver@bank{number}.demo", f"复核{number}", Duty.APPROVER)
        banks.append(Bank(bank, officer, approver))
    branch = make.organisation(Role.BANK, "嵩岳样例银行洛阳分行", "410300")
    branch.parent_id = banks[0].organisation.id
    make.user(branch, "officer@branch1.demo", "分行经办", Duty.OFFICER)
    firms = []
    for number, stem in enumerate(STEMS, start=1):
        is_waiting = number > 37
        firm = make.organisation(
            Role.ENTERPRISE, f"{stem}样例{TRADES[number % len(TRADES)]}有限公司", REGIONS[number % len(REGIONS)],
            verified=not is_waiting,
        )  # fmt: skip
        if is_waiting:
            firm.verification = Verification.SUBMITTED
        firms.append(make.user(firm, f"buyer@firm{number}.demo", f"采购{number}", Duty.ADMINISTRATOR, Duty.OFFICER))
    firms[1].organisation.related = [
        RelatedParty(name="某债务人", uscc=make_uscc("91", "410100", "YX000003"), relation="同一实际控制人")
    ]
    db.session.commit()
    return Cast(tuple(banks), tuple(firms[:37]), (first, second), appraiser)

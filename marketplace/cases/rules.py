"""On what footing a pledge may be realised, which papers prove it, and what in the case stands against it.

A clause that makes the pledged right the creditor's if the debt is not paid gives the creditor priority only, when it
was agreed before maturity (Civil Code art. 428); agreed after, it is a take-over at a price that must refer to the
market (art. 436). A registered pledge cannot be enforced once the main claim's limitation period has run
(担保解释 art. 44; Civil Code art. 188: three years). Example (G74): a clause of 2024 in a loan due 2025 is flagged.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from marketplace.core.errors import N_
from marketplace.core.policy import Regime
from marketplace.papers.rules import PaperKind


class LegalBasis(StrEnum):
    POST_DEFAULT_AGREEMENT = "post_default_agreement"
    SELF_HELP_CLAUSE = "self_help_clause"
    COURT_SPECIAL_PROCEDURE = "court_special_procedure"
    JUDGMENT_OR_AWARD = "judgment_or_award"
    NOTARISED_DEBT = "notarised_debt"
    BANK_OWNED = "bank_owned"
    VOLUNTARY_BY_OWNER = "voluntary_by_owner"


class FiveTier(StrEnum):
    NORMAL = "normal"
    SPECIAL_MENTION = "special_mention"
    SUBSTANDARD = "substandard"
    DOUBTFUL = "doubtful"
    LOSS = "loss"


@dataclass(frozen=True, slots=True)
class BasisSpec:
    """What a footing needs and where it leads."""

    article: str
    papers: tuple[PaperKind, ...]
    regimes: frozenset[Regime]


OTC_OR_HOUSE = frozenset({Regime.OTC, Regime.LICENSED})
COURT_ONLY = frozenset({Regime.COURT})
_LOAN = (PaperKind.LOAN_CONTRACT, PaperKind.PLEDGE_CONTRACT, PaperKind.PLEDGE_REGISTRATION)

BASES = {
    LegalBasis.POST_DEFAULT_AGREEMENT: BasisSpec(
        "民法典 第436条",
        (*_LOAN, PaperKind.DEFAULT_PROOF, PaperKind.REALISATION_AGREEMENT, PaperKind.BOARD_RESOLUTION),
        OTC_OR_HOUSE,
    ),
    LegalBasis.SELF_HELP_CLAUSE: BasisSpec(
        "担保解释 第45条", (*_LOAN, PaperKind.DEFAULT_PROOF, PaperKind.SELF_HELP_NOTICE), OTC_OR_HOUSE
    ),
    LegalBasis.COURT_SPECIAL_PROCEDURE: BasisSpec(
        "民事诉讼法 第207、208条", (PaperKind.RULING, PaperKind.ENFORCEMENT_FILING), COURT_ONLY
    ),
    LegalBasis.JUDGMENT_OR_AWARD: BasisSpec("民事诉讼法 第247条", (PaperKind.INSTRUMENT,), COURT_ONLY),
    LegalBasis.NOTARISED_DEBT: BasisSpec("民事诉讼法 第249条", (PaperKind.INSTRUMENT,), COURT_ONLY),
    LegalBasis.BANK_OWNED: BasisSpec("银行抵债资产管理办法", (PaperKind.OWNERSHIP_RECORD,), OTC_OR_HOUSE),
    LegalBasis.VOLUNTARY_BY_OWNER: BasisSpec(
        "民法典 第444条", (PaperKind.PLEDGEE_CONSENT, PaperKind.ESCROW_DIRECTION), OTC_OR_HOUSE
    ),
}


class Severity(StrEnum):
    BLOCK = "block"
    WARN = "warn"


class CaseCheck(StrEnum):
    FORFEITURE = "forfeiture"
    LIMITATION = "limitation"
    LIMITATION_NEAR = "limitation_near"
    REGIME = "regime"
    PAPER_MISSING = "paper_missing"
    BANKRUPTCY = "bankruptcy"
    STATE_ASSET = "state_asset"
    REPAID = "repaid"


@dataclass(frozen=True, slots=True)
class CheckSpec:
    """A check: how grave, on which article, what it means, how to cure it."""

    severity: Severity
    article: str
    meaning: str
    cure: str


CHECKS = {
    CaseCheck.FORFEITURE: CheckSpec(
        Severity.WARN,
        "民法典 第428条",
        N_("合同含流质条款且订立于债务到期前：质权人只能就质物优先受偿，不能直接取得权利。"),
        N_("按竞价、变卖或到期后协议折价处置，不得依该条款直接过户。"),
    ),
    CaseCheck.LIMITATION: CheckSpec(
        Severity.BLOCK,
        "民法典 第188、419条；担保解释 第44条",
        N_("主债权诉讼时效已届满，登记质权不再受法院保护。"),
        N_("上传催收、还款承诺等时效中断证据并更新时效届满日。"),
    ),
    CaseCheck.LIMITATION_NEAR: CheckSpec(
        Severity.WARN,
        "民法典 第188条",
        N_("主债权诉讼时效将在六个月内届满。"),
        N_("尽快书面催收以中断时效，并记录新的届满日。"),
    ),
    CaseCheck.REGIME: CheckSpec(
        Severity.BLOCK,
        "民事诉讼法 第207、208条；担保解释 第45条",
        N_("所选处置依据与处置方式不符：裁判、公证债权等须由法院执行，平台仅作镜像展示。"),
        N_("改选处置方式，或补充当事人之间的处置协议。"),
    ),
    CaseCheck.PAPER_MISSING: CheckSpec(
        Severity.BLOCK,
        "平台规则",
        N_("缺少处置依据所要求的材料。"),
        N_("在案件页面上传所缺材料。"),
    ),
    CaseCheck.BANKRUPTCY: CheckSpec(
        Severity.BLOCK,
        "企业破产法 第19、75、109条",
        N_("出质人已进入破产程序，执行中止，重整期间担保权暂停行使。"),
        N_("向管理人申报债权，由管理人处置或经其同意。"),
    ),
    CaseCheck.STATE_ASSET: CheckSpec(
        Severity.BLOCK,
        "企业国有资产法 第54、55条；国资委财政部令第32号",
        N_("出质人为国有主体，尚无评估备案及审批文件。"),
        N_("上传国有资产评估备案和批准文件后重新提交。"),
    ),
    CaseCheck.REPAID: CheckSpec(
        Severity.BLOCK,
        "法释〔2004〕16号（2020修正）第19条",
        N_("债务已全部清偿，处置必须停止。"),
        N_("无需处置；请办理质押注销登记。"),
    ),
}

NEAR_MONTHS = 6


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What the checks look at."""

    basis: LegalBasis
    regime: Regime
    papers: frozenset[PaperKind]
    due_on: date | None
    limitation_expires_on: date | None
    forfeiture_clause_on: date | None = None
    """The day a forfeiture clause was agreed; None when there is none."""
    is_pledgor_bankrupt: bool = False
    is_pledgor_state_owned: bool = False
    is_state_sale_approved: bool = False
    is_repaid: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """A check that struck, with what is missing where it is a list."""

    code: CaseCheck
    missing: tuple[PaperKind, ...] = ()

    @property
    def spec(self) -> CheckSpec:
        return CHECKS[self.code]

    @property
    def severity(self) -> Severity:
        return self.spec.severity


def limitation_after(enforceable_on: date) -> date:
    """The last day of the general limitation period, counted from the day after (Civil Code arts. 188, 201)."""
    try:
        return enforceable_on.replace(year=enforceable_on.year + 3)
    except ValueError:
        return enforceable_on.replace(year=enforceable_on.year + 3, day=28)


TOLERATED_GAP_BPS = 300
"""How far the bad-loan ratio of IP pledges may exceed the bank's own without a supervisory mark (notice of 2023, 9)."""


def is_gap_tolerated(all_bps: int, ip_bps: int) -> bool:
    """Whether the bad-loan ratio of IP pledges is at most three points above that of all loans (G70)."""
    return ip_bps - all_bps <= TOLERATED_GAP_BPS


def findings(facts: CaseFacts, today: date) -> list[Finding]:
    """Everything the case has against it, gravest first."""
    spec = BASES[facts.basis]
    missing = tuple(kind for kind in spec.papers if kind not in facts.papers)
    expiry = facts.limitation_expires_on
    is_early_clause = facts.forfeiture_clause_on is not None and (
        facts.due_on is None or facts.forfeiture_clause_on < facts.due_on
    )
    struck = {
        CaseCheck.REPAID: facts.is_repaid,
        CaseCheck.BANKRUPTCY: facts.is_pledgor_bankrupt,
        CaseCheck.REGIME: facts.regime not in spec.regimes,
        CaseCheck.LIMITATION: expiry is not None and expiry < today,
        CaseCheck.STATE_ASSET: facts.is_pledgor_state_owned and not facts.is_state_sale_approved,
        CaseCheck.PAPER_MISSING: bool(missing),
        CaseCheck.LIMITATION_NEAR: expiry is not None and today <= expiry and (expiry - today).days < 31 * NEAR_MONTHS,
        CaseCheck.FORFEITURE: is_early_clause,
    }
    found = [
        Finding(code, missing if code is CaseCheck.PAPER_MISSING else ()) for code, is_so in struck.items() if is_so
    ]
    return sorted(found, key=lambda f: f.severity is not Severity.BLOCK)


LABELS = {
    LegalBasis.POST_DEFAULT_AGREEMENT: N_("违约后质权实现协议"),
    LegalBasis.SELF_HELP_CLAUSE: N_("合同约定自行变价"),
    LegalBasis.COURT_SPECIAL_PROCEDURE: N_("实现担保物权特别程序"),
    LegalBasis.JUDGMENT_OR_AWARD: N_("判决或仲裁裁决"),
    LegalBasis.NOTARISED_DEBT: N_("公证债权文书"),
    LegalBasis.BANK_OWNED: N_("银行抵债资产"),
    LegalBasis.VOLUNTARY_BY_OWNER: N_("权利人自愿转让（质权人同意）"),
    FiveTier.NORMAL: N_("正常"),
    FiveTier.SPECIAL_MENTION: N_("关注"),
    FiveTier.SUBSTANDARD: N_("次级"),
    FiveTier.DOUBTFUL: N_("可疑"),
    FiveTier.LOSS: N_("损失"),
    Severity.BLOCK: N_("阻断"),
    Severity.WARN: N_("提示"),
    CaseCheck.FORFEITURE: N_("流质条款"),
    CaseCheck.LIMITATION: N_("诉讼时效届满"),
    CaseCheck.LIMITATION_NEAR: N_("诉讼时效将届满"),
    CaseCheck.REGIME: N_("处置依据与方式不符"),
    CaseCheck.PAPER_MISSING: N_("材料不全"),
    CaseCheck.BANKRUPTCY: N_("出质人破产"),
    CaseCheck.STATE_ASSET: N_("国有资产审批"),
    CaseCheck.REPAID: N_("债务已清偿"),
}

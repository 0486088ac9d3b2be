"""Which papers there are, and what a file must be to be one.

A file is judged by its bytes, not by its name: a program called licence.pdf is refused.
"""

from enum import StrEnum

from marketplace.core.errors import N_, Refusal

PDF, PNG, JPEG = "application/pdf", "image/png", "image/jpeg"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SCANS = frozenset({PDF, PNG, JPEG})
MEGABYTE = 1024 * 1024
LARGEST = 20 * MEGABYTE


class PaperKind(StrEnum):
    LICENCE = "licence"
    POWER_OF_ATTORNEY = "power_of_attorney"
    LOAN_CONTRACT = "loan_contract"
    PLEDGE_CONTRACT = "pledge_contract"
    PLEDGE_REGISTRATION = "pledge_registration"
    DEFAULT_PROOF = "default_proof"
    REALISATION_AGREEMENT = "realisation_agreement"
    SELF_HELP_NOTICE = "self_help_notice"
    BOARD_RESOLUTION = "board_resolution"
    RULING = "ruling"
    ENFORCEMENT_FILING = "enforcement_filing"
    INSTRUMENT = "instrument"
    OWNERSHIP_RECORD = "ownership_record"
    PLEDGEE_CONSENT = "pledgee_consent"
    ESCROW_DIRECTION = "escrow_direction"
    STATE_APPROVAL = "state_approval"
    COOWNER_CONSENT = "coowner_consent"
    VALUATION_REPORT = "valuation_report"
    EVALUATION_REPORT = "evaluation_report"
    CERTIFICATE = "certificate"
    PRIORITY_NOTICE = "priority_notice"
    PAYMENT_PROOF = "payment_proof"
    RELEASE = "release"
    PLEDGE_CANCELLATION = "pledge_cancellation"
    ASSIGNMENT_RECORD = "assignment_record"
    NOTICE = "notice"
    CONFIRMATION = "confirmation"
    OTHER = "other"


MADE_BY_THE_MARKET = frozenset({PaperKind.NOTICE, PaperKind.CONFIRMATION})
"""Nobody uploads these."""


class EmptyFile(Refusal):
    field = "file"
    text = N_("文件为空，请重新选择。")


class TooLarge(Refusal):
    field = "file"
    text = N_("文件过大：不得超过 {greatest} MB。")


class WrongType(Refusal):
    field = "file"
    text = N_("文件内容不是 PDF、PNG 或 JPEG（按内容识别，与扩展名无关）。")


def check_upload(media_type: str, size: int, allowed: frozenset[str] = SCANS) -> None:
    """:raises EmptyFile, TooLarge, WrongType: what is wrong with a file whose bytes say ``media_type``"""
    if size == 0:
        raise EmptyFile
    if size > LARGEST:
        raise TooLarge(greatest=LARGEST // MEGABYTE)
    if media_type not in allowed:
        raise WrongType


LABELS = {
    PaperKind.LICENCE: N_("营业执照"),
    PaperKind.POWER_OF_ATTORNEY: N_("授权委托书"),
    PaperKind.LOAN_CONTRACT: N_("借款合同"),
    PaperKind.PLEDGE_CONTRACT: N_("质押合同"),
    PaperKind.PLEDGE_REGISTRATION: N_("质押登记通知书"),
    PaperKind.DEFAULT_PROOF: N_("违约证明"),
    PaperKind.REALISATION_AGREEMENT: N_("质权实现协议"),
    PaperKind.SELF_HELP_NOTICE: N_("自行处置通知"),
    PaperKind.BOARD_RESOLUTION: N_("董事会或股东会决议"),
    PaperKind.RULING: N_("法院裁定"),
    PaperKind.ENFORCEMENT_FILING: N_("执行立案材料"),
    PaperKind.INSTRUMENT: N_("生效法律文书"),
    PaperKind.OWNERSHIP_RECORD: N_("权属登记"),
    PaperKind.PLEDGEE_CONSENT: N_("质权人同意书"),
    PaperKind.ESCROW_DIRECTION: N_("提存或提前清偿指示"),
    PaperKind.STATE_APPROVAL: N_("国有资产审批或评估备案"),
    PaperKind.COOWNER_CONSENT: N_("共有人同意书"),
    PaperKind.VALUATION_REPORT: N_("评估报告"),
    PaperKind.EVALUATION_REPORT: N_("专利权评价报告"),
    PaperKind.CERTIFICATE: N_("权利证书"),
    PaperKind.PRIORITY_NOTICE: N_("优先购买权人通知证明"),
    PaperKind.PAYMENT_PROOF: N_("付款凭证"),
    PaperKind.RELEASE: N_("质权人解除或同意文件"),
    PaperKind.PLEDGE_CANCELLATION: N_("质押登记注销通知书"),
    PaperKind.ASSIGNMENT_RECORD: N_("转让登记证明"),
    PaperKind.NOTICE: N_("竞价公告"),
    PaperKind.CONFIRMATION: N_("成交确认书"),
    PaperKind.OTHER: N_("其他材料"),
}

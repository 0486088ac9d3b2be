"""Who takes part: kinds of organisation and the duties of the people in them.

A bank's maker prepares and its checker approves; the same person may hold both duties but never acts as both on one
thing (separation of duties is checked act by act, not by role).
"""

from enum import StrEnum

from marketplace.core.errors import N_


class Role(StrEnum):
    """What an organisation is in the market; a user acts in the role of their organisation."""

    BANK = "bank"
    ENTERPRISE = "enterprise"
    PLATFORM = "platform"
    REGULATOR = "regulator"
    RESERVE = "reserve"
    SERVICE_FIRM = "service_firm"


class Duty(StrEnum):
    """What a person may do inside their organisation."""

    ADMINISTRATOR = "administrator"
    OFFICER = "officer"
    """The maker: drafts, uploads, bids, operates."""
    APPROVER = "approver"
    """The checker: approves what another person made."""
    VIEWER = "viewer"


LABELS = {
    Role.BANK: N_("银行"),
    Role.ENTERPRISE: N_("企业"),
    Role.PLATFORM: N_("平台"),
    Role.REGULATOR: N_("监管机构"),
    Role.RESERVE: N_("收储机构"),
    Role.SERVICE_FIRM: N_("服务机构"),
    Duty.ADMINISTRATOR: N_("管理员"),
    Duty.OFFICER: N_("经办"),
    Duty.APPROVER: N_("复核"),
    Duty.VIEWER: N_("查看"),
}

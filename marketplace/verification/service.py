"""Every write of verification."""

from datetime import datetime

from marketplace import audit
from marketplace.accounts.models import Organisation, RelatedParty, User, VerificationFile
from marketplace.accounts.queries import operators, people
from marketplace.accounts.rules import OPERATOR, ORGANISATION, VERIFICATION, Verification
from marketplace.core.calendar import add_years
from marketplace.core.clock import shanghai_date
from marketplace.core.errors import N_, Refusal
from marketplace.core.roles import Role
from marketplace.notices.service import tell
from marketplace.papers import queries as papers
from marketplace.papers.rules import PaperKind

REQUIRED_PAPERS = (PaperKind.LICENCE, PaperKind.POWER_OF_ATTORNEY)
YEARS = 1


class FileIncomplete(Refusal):
    text = N_("认证资料不完整，请补充：{missing}。")


class UnderReview(Refusal):
    text = N_("资料正在审核，审核结束后才能修改。")


class ReasonMissing(Refusal):
    field = "reason"
    text = N_("请写明原因，对方将看到这段文字。")


class NotABranch(Refusal):
    text = N_("只有银行可以设置上级机构，且上级须为总行。")


class AlreadyBlocked(Refusal):
    text = N_("该机构已处于限制状态。")


FIELDS = {
    "legal_representative": N_("法定代表人"),
    "handler_name": N_("经办人"),
    "handler_mobile": N_("经办人手机"),
    "account_name": N_("账户名"),
    "account_no": N_("账号"),
    "account_bank": N_("开户行"),
}


def save(
    organisation: Organisation,
    *,
    values: dict[str, str],
    owners: list[tuple[str, int]],
    related: list[tuple[str, str, str]],
    has_declared: bool,
    region_code: str,
    by: User,
    now: datetime,
) -> None:
    """Keep the file as it is typed so far; changing an approved one makes it a draft that must be reviewed again.

    :raises UnderReview: while operators are reading it

    :param owners: (name, share in bps)
    :param related: (name, uscc, relation)
    """
    if organisation.verification is Verification.SUBMITTED:
        raise UnderReview
    file = organisation.file or VerificationFile()
    organisation.file = file
    before = _contents(organisation)
    for name in FIELDS:
        setattr(file, name, values.get(name, "").strip())
    file.beneficial_owners = [{"name": name, "share_bps": share} for name, share in owners]
    file.has_declared_related = has_declared
    organisation.region_code = region_code
    kept = {row.uscc: row for row in organisation.related}
    organisation.related = [_related(kept, *row) for row in related]
    if organisation.verification is Verification.APPROVED and _contents(organisation) != before:
        organisation.verification = Verification(VERIFICATION.next(organisation.verification, "change", ORGANISATION))
        organisation.reverify_on = None
    audit.record("verification.saved", subject(organisation), by=by, now=now)


def _related(kept: dict[str, RelatedParty], name: str, code: str, relation: str) -> RelatedParty:
    """The row of a related party, the one already kept where there is one."""
    row = kept.get(code) or RelatedParty(uscc=code)
    row.name, row.relation = name, relation
    return row


def _contents(organisation: Organisation) -> tuple[object, ...]:
    """What an approval vouches for."""
    file = organisation.file
    assert file is not None
    related = sorted((row.name, row.uscc, row.relation) for row in organisation.related)
    owners = [(owner["name"], owner["share_bps"]) for owner in file.beneficial_owners or []]
    return (*(getattr(file, name) for name in FIELDS), owners, related, organisation.region_code)


def submit(organisation: Organisation, *, by: User, now: datetime) -> None:
    """Send the file to the operators.

    :raises FileIncomplete: naming what is missing
    :raises MoveRefused: while it is under review
    """
    file = organisation.file
    missing = [label for name, label in FIELDS.items() if file is None or not getattr(file, name)]
    if file is None or not file.beneficial_owners:
        missing.append(N_("受益所有人"))
    if file is None or not file.has_declared_related:
        missing.append(N_("关联方声明"))
    kept = {paper.kind for paper in papers.of(subject(organisation))}
    missing += [kind for kind in REQUIRED_PAPERS if kind not in kept]
    if missing:
        raise FileIncomplete(missing=missing)
    assert file is not None
    organisation.verification = Verification(VERIFICATION.next(organisation.verification, "submit", ORGANISATION))
    file.submitted_at, file.submitted_by_id = now, by.id
    audit.record("verification.submitted", subject(organisation), by=by, now=now)
    tell(
        operators(),
        "verification_submitted",
        link=f"/operator/organisations/{organisation.ref}",
        now=now,
        organisation=organisation.name,
    )


def subject(organisation: Organisation) -> str:
    return f"organisation:{organisation.id}"


def approve(organisation: Organisation, *, by: User, now: datetime) -> None:
    """Let the organisation trade up to its re-verification day, a year on."""
    organisation.verification = Verification(VERIFICATION.next(organisation.verification, "approve", OPERATOR))
    organisation.verified_at, organisation.verification_reason = now, ""
    organisation.reverify_on = add_years(shanghai_date(now), YEARS)
    _said(organisation, "approved", "", by=by, now=now)


def send_back(organisation: Organisation, reason: str, *, by: User, now: datetime) -> None:
    """:raises ReasonMissing: without saying why"""
    _reasoned(organisation, "send_back", reason)
    _said(organisation, "sent_back", reason, by=by, now=now)


def reject(organisation: Organisation, reason: str, *, by: User, now: datetime) -> None:
    """:raises ReasonMissing: without saying why"""
    _reasoned(organisation, "reject", reason)
    _said(organisation, "rejected", reason, by=by, now=now)


def _reasoned(organisation: Organisation, action: str, reason: str) -> None:
    if not reason.strip():
        raise ReasonMissing
    organisation.verification = Verification(VERIFICATION.next(organisation.verification, action, OPERATOR))
    organisation.verification_reason, organisation.reverify_on = reason.strip(), None


def _said(organisation: Organisation, what: str, why: str, *, by: User, now: datetime) -> None:
    audit.record(f"verification.{what}", subject(organisation), by=by, now=now, why=why)
    tell(people(organisation), f"verification_{what}", link="/verification", now=now, reason=why)


def attach(branch: Organisation, bank: Organisation | None, *, by: User, now: datetime) -> None:
    """Say which bank a branch belongs to (or that it stands alone); its people keep to the branch's own things.

    :raises NotABranch: unless both are banks and the parent is no branch itself
    """
    if bank is not None:
        is_sound = (
            branch.kind is Role.BANK and bank.kind is Role.BANK and bank.parent_id is None and bank.id != branch.id
        )
        if not is_sound:
            raise NotABranch
    branch.parent_id = bank.id if bank else None
    audit.record("organisation.attached", subject(branch), by=by, now=now, parent=bank.ref if bank else "")


def block(organisation: Organisation, reason: str, *, by: User, now: datetime) -> None:
    """Keep an organisation from trading, with a reason it is told.

    :raises ReasonMissing, AlreadyBlocked: as they say
    """
    if not reason.strip():
        raise ReasonMissing
    if organisation.blocked_at is not None:
        raise AlreadyBlocked
    organisation.blocked_at, organisation.blocked_reason = now, reason.strip()
    audit.record("organisation.blocked", subject(organisation), by=by, now=now, why=reason)
    tell(people(organisation), "organisation_blocked", link="/verification", now=now, reason=reason)


def unblock(organisation: Organisation, *, by: User, now: datetime) -> None:
    organisation.blocked_at, organisation.blocked_reason = None, ""
    audit.record("organisation.unblocked", subject(organisation), by=by, now=now)

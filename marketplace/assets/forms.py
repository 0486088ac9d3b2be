"""What a bank types about a right."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, NumberRange, Optional, ValidationError

from marketplace.assets.kinds import CLASS_READERS, KINDS, Kind
from marketplace.assets.kinds import LABELS as KIND_LABELS
from marketplace.assets.rules import COMPLETER_PRIORITY, LABELS, EncumbranceKind, Status
from marketplace.assets.valuation import LABELS as METHOD_LABELS
from marketplace.assets.valuation import Method
from marketplace.core.errors import Refusal
from marketplace.fields import REQUIRED, MoneyField, UsccField, day, refused
from marketplace.reference import regions

DATES = ("filed_on", "granted_on", "registered_on", "first_published_on", "completed_on", "first_used_on")


def listed(text: str | None) -> list[str]:
    """What people separate by semicolons, of either width."""
    return [part.strip() for part in (text or "").replace("；", ";").split(";") if part.strip()]


class AssetForm(FlaskForm):
    """A right typed by hand; the import reads the same things from a file."""

    kind = SelectField(_l("权利类型"), choices=[(k.value, _l(KIND_LABELS[k])) for k in Kind])
    number = StringField(_l("权利号"), [REQUIRED, Length(max=80)])
    title = StringField(_l("名称"), [REQUIRED, Length(max=300)])
    abstract = TextAreaField(_l("摘要"), [Length(max=20000)])
    holder = StringField(_l("权利人"), [Length(max=300)])
    case_ref = SelectField(_l("所属案件"), validate_choice=False)
    co_owners = StringField(_l("共有人（以分号分隔）"), [Length(max=400)])
    classes = StringField(_l("分类号（以分号分隔，主分类在前）"), [Length(max=400)])
    status = SelectField(_l("权利状态"), choices=[(s.value, _l(LABELS[s])) for s in Status])
    region_code = SelectField(_l("所在地"), choices=list(regions.choices()))
    filed_on = day(_l("申请日"))
    granted_on = day(_l("授权公告日"))
    registered_on = day(_l("注册日"))
    first_published_on = day(_l("首次发表日"))
    completed_on = day(_l("完成日"))
    first_used_on = day(_l("首次商业利用日"))
    fee_paid_through_year = IntegerField(_l("年费已缴至第几年"), [Optional(), NumberRange(1, 20)])
    renewed_until = day(_l("续展至"))
    is_mark_family_complete = BooleanField(_l("近似商标已全部纳入（商标）"), default=True)
    is_service_invention = BooleanField(_l("职务技术成果（完成人有优先权）"))
    is_export_controlled = BooleanField(_l("属于限制出口技术"))
    is_secret = BooleanField(_l("涉及国家秘密"))

    def validate_number(self, field: StringField) -> None:
        if self.kind.errors:
            return
        try:
            self.canonical = KINDS[Kind(self.kind.data)].read_number(field.data or "")
        except Refusal as refusal:
            raise refused(refusal) from None

    def validate_classes(self, field: StringField) -> None:
        self.class_rows: list[tuple[str, str]] = []
        schemes = () if self.kind.errors else KINDS[Kind(self.kind.data)].schemes
        for given in listed(field.data):
            for scheme in schemes:
                try:
                    self.class_rows.append((scheme, CLASS_READERS[scheme](given)))
                    break
                except Refusal:
                    continue
            else:
                raise ValidationError(_l("分类“%(given)s”不符合该类权利的分类格式。", given=given))

    def values(self) -> dict[str, Any]:
        """The columns a correction may change."""
        names = (
            "title", "abstract", "holder", "region_code", *DATES, "fee_paid_through_year", "renewed_until",
            "is_mark_family_complete", "is_service_invention", "is_export_controlled", "is_secret",
        )  # fmt: skip
        return {name: self[name].data for name in names} | {
            "status": Status(self.status.data),
            "classes": tuple(dict.fromkeys(self.class_rows)),
            "co_owners": tuple(dict.fromkeys(listed(self.co_owners.data))),
        }


class ValuationForm(FlaskForm):
    method = SelectField(_l("评估方法"), choices=[(m.value, _l(METHOD_LABELS[m])) for m in Method])
    amount = MoneyField(_l("评估值（元）"), [REQUIRED])
    base_on = day(_l("评估基准日"), REQUIRED)
    firm_name = StringField(_l("评估机构"), [REQUIRED, Length(max=200)])
    firm_uscc = UsccField(_l("评估机构统一社会信用代码"), [Optional()])
    signers = StringField(_l("签字评估师（至少两名，以分号分隔）"), [REQUIRED, Length(max=200)])
    report_no = StringField(_l("报告编号"), [Length(max=80)])
    is_reference = BooleanField(_l("作为处置参考价"))

    def validate_signers(self, field: StringField) -> None:
        self.names = listed(field.data)
        if len(self.names) < 2:
            raise ValidationError(_l("资产评估报告须由至少两名评估师签字（资产评估法 第27条）。"))


class PledgeForm(FlaskForm):
    rank = IntegerField(_l("顺位"), [REQUIRED, NumberRange(1, 20)], default=1)
    pledgee_name = StringField(_l("质权人"), [REQUIRED, Length(max=200)])
    registration_no = StringField(_l("质押登记号"), [REQUIRED, Length(max=80)])
    registered_on = day(_l("登记日"), REQUIRED)
    expires_on = day(_l("登记届满日"))
    cap = MoneyField(_l("最高额（最高额质押填写）"))
    principal = MoneyField(_l("担保债权本金（本行第一顺位可留空，随案件）"))
    interest = MoneyField(_l("利息"))
    costs = MoneyField(_l("费用"))

    def validate_expires_on(self, field: DateField) -> None:
        if field.data and self.registered_on.data and field.data < self.registered_on.data:
            raise ValidationError(_l("届满日早于登记日。"))

    def values(self) -> dict[str, Any]:
        return {
            "rank": self.rank.data,
            "pledgee_name": self.pledgee_name.data,
            "registration_no": self.registration_no.data,
            "registered_on": self.registered_on.data,
            "expires_on": self.expires_on.data,
            "cap_minor": self.cap.minor or None,
            "claim_principal_minor": self.principal.minor,
            "claim_interest_minor": self.interest.minor,
            "claim_costs_minor": self.costs.minor,
        }


class EncumbranceForm(FlaskForm):
    kind = SelectField(_l("类型"), choices=[(k.value, _l(LABELS[k])) for k in EncumbranceKind])
    party = StringField(_l("被许可人、法院或申请人"), [Length(max=200)])
    document_no = StringField(_l("文号"), [Length(max=80)])
    from_on = day(_l("起"))
    until_on = day(_l("止（以裁定或合同为准）"))
    note = StringField(_l("说明"), [Length(max=300)])

    def validate_until_on(self, field: DateField) -> None:
        if field.data and self.from_on.data and field.data < self.from_on.data:
            raise ValidationError(_l("止日早于起日。"))


class PriorityForm(FlaskForm):
    name = StringField(_l("优先权人"), [REQUIRED, Length(max=200)])
    uscc = UsccField(_l("统一社会信用代码（自然人留空）"), [Optional()])
    basis = SelectField(
        _l("依据"),
        choices=[
            (COMPLETER_PRIORITY, _l("职务技术成果完成人")),
            ("民法典 第859条", _l("委托开发的委托人")),
            ("民法典 第860条", _l("合作开发的共有人")),
            ("民法典 第305条", _l("按份共有人")),
        ],
    )
    rank = IntegerField(_l("优先顺位"), [REQUIRED, NumberRange(1, 9)], default=1)
    notified_on = day(_l("书面通知日"))


class DayForm(FlaskForm):
    on = day(_l("日期"), REQUIRED)

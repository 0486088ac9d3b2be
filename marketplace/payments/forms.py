"""Money as people type it: bids, proofs, confirmations, costs."""

import re

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, ValidationError

from marketplace.core.errors import Refusal
from marketplace.core.money import Money
from marketplace.fields import REQUIRED, MoneyField, day
from marketplace.payments.charges import LABELS, VatTreatment
from marketplace.payments.waterfall import Cost


class RegistrationForm(FlaskForm):
    rules_version = HiddenField(validators=[REQUIRED])
    accepts_rules = BooleanField(_l("我单位已阅读并接受竞价规则与公告全部内容"), [REQUIRED])
    accepts_defects = BooleanField(_l("我单位接受标的现状及一切已知与未知瑕疵"), [REQUIRED])
    accepts_publication = BooleanField(_l("成交后同意公示我单位真实名称"), [REQUIRED])
    exempt_as_pledgee = BooleanField(_l("我单位是本标的质权人，申请免缴保证金"))


class BidForm(FlaskForm):
    amount = MoneyField(_l("出价（元）"), [REQUIRED])


class ConfirmedBidForm(BidForm):
    key = HiddenField(validators=[REQUIRED, Length(16, 64)])
    is_binding = BooleanField(_l("我确认该出价不可撤回，成交后按期付清全部款项"), [REQUIRED])


class ProofForm(FlaskForm):
    file = FileField(_l("付款凭证（PDF、PNG、JPEG）"), [FileRequired(_l("请选择文件。"))])


class ArrivalForm(FlaskForm):
    paid_on = day(_l("到账日"), REQUIRED)


class WhyForm(FlaskForm):
    why = StringField(_l("原因"), [REQUIRED, Length(max=300)])


class CostsForm(FlaskForm):
    vat = SelectField(_l("增值税处理"), choices=[(v.value, _l(LABELS[v])) for v in VatTreatment])
    costs = TextAreaField(
        _l("变现费用（每行：项目, 收款方, 金额）"),
        [Length(max=4000)],
        render_kw={"placeholder": "评估费, 某评估公司, 30000"},
    )

    def validate_costs(self, field: TextAreaField) -> None:
        self.rows: list[Cost] = []
        for line in (field.data or "").splitlines():
            if not line.strip():
                continue
            parts = [part.strip() for part in re.split("[,，]", line, maxsplit=2)]
            try:
                name, payee, amount = parts
                self.rows.append(Cost(name[:60], payee[:120], Money.parse(amount)))
            except (ValueError, Refusal):
                raise ValidationError(
                    gettext("每行写作“项目, 收款方, 金额”，例如：评估费, 某评估公司, 30000。")
                ) from None

"""What a bank types about a loan."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, DateField, SelectField, StringField
from wtforms.validators import Length, ValidationError

from marketplace.cases.rules import LABELS, FiveTier, LegalBasis
from marketplace.core import policy
from marketplace.fields import REQUIRED, MoneyField, UsccField, day
from marketplace.papers.rules import LABELS as PAPERS
from marketplace.papers.rules import MADE_BY_THE_MARKET, PaperKind
from marketplace.reference import regions


class CaseForm(FlaskForm):
    loan_ref = StringField(_l("贷款编号"), [REQUIRED, Length(max=80)])
    debtor_name = StringField(_l("债务人"), [REQUIRED, Length(max=200)])
    debtor_uscc = UsccField(_l("债务人统一社会信用代码"), [REQUIRED])
    pledgor_name = StringField(_l("出质人"), [REQUIRED, Length(max=200)])
    pledgor_uscc = UsccField(_l("出质人统一社会信用代码"), [REQUIRED])
    is_pledgor_state_owned = BooleanField(_l("出质人为国有主体"))
    is_state_sale_approved = BooleanField(_l("已取得国有资产评估备案及批准"))
    is_pledgor_bankrupt = BooleanField(_l("出质人已进入破产程序"))
    region_code = SelectField(_l("所在地"), choices=list(regions.choices()))
    principal = MoneyField(_l("本金"), [REQUIRED])
    interest = MoneyField(_l("利息及罚息"))
    costs = MoneyField(_l("实现债权的费用"))
    lent_on = day(_l("放款日"))
    due_on = day(_l("到期日"))
    defaulted_on = day(_l("违约日"), REQUIRED)
    limitation_expires_on = day(_l("诉讼时效届满日（留空则自到期日起算三年）"))
    five_tier = SelectField(_l("五级分类"), choices=[(t.value, _l(LABELS[t])) for t in FiveTier], default="doubtful")
    legal_basis = SelectField(_l("处置依据"), choices=[(b.value, _l(LABELS[b])) for b in LegalBasis])
    regime = SelectField(
        _l("处置方式"),
        choices=[(r.value, _l(policy.LABELS[r])) for r in policy.Regime],
        default=policy.Regime.OTC.value,
    )
    has_forfeiture_clause = BooleanField(_l("质押合同含流质条款"))
    forfeiture_clause_on = day(_l("流质条款订立日"))

    def validate_forfeiture_clause_on(self, field: DateField) -> None:
        if self.has_forfeiture_clause.data and not field.data:
            raise ValidationError(_l("请填写条款订立日：到期前订立的，只能就质物优先受偿。"))

    def values(self) -> dict[str, Any]:
        """The case's columns, amounts in fen."""
        plain = (
            "loan_ref", "debtor_name", "debtor_uscc", "pledgor_name", "pledgor_uscc", "is_pledgor_state_owned",
            "is_state_sale_approved", "is_pledgor_bankrupt", "region_code", "lent_on", "due_on", "defaulted_on",
            "limitation_expires_on", "has_forfeiture_clause", "forfeiture_clause_on",
        )  # fmt: skip
        return {name: self[name].data for name in plain} | {
            "principal_minor": self.principal.minor,
            "interest_minor": self.interest.minor,
            "costs_minor": self.costs.minor,
            "five_tier": FiveTier(self.five_tier.data),
            "legal_basis": LegalBasis(self.legal_basis.data),
            "regime": policy.Regime(self.regime.data),
        }


class PaperForm(FlaskForm):
    """A paper of a case, a right or a deal."""

    kind = SelectField(_l("材料"), choices=[(k.value, _l(PAPERS[k])) for k in PaperKind if k not in MADE_BY_THE_MARKET])
    title = StringField(_l("说明"), [Length(max=120)])
    is_public = BooleanField(_l("公告后向公众公开"))
    file = FileField(_l("文件（PDF、PNG、JPEG，20 MB 以内）"), [FileRequired(_l("请选择文件。"))])

"""What an organisation says about itself, and what an operator answers."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional, Regexp, ValidationError

from marketplace.core import identifiers
from marketplace.core.errors import Refusal
from marketplace.papers.rules import LABELS, PaperKind
from marketplace.reference import regions


class FileForm(FlaskForm):
    """Saved as it is; whether it is complete is asked when it is submitted."""

    region_code = SelectField(_l("所在地"), choices=list(regions.choices()))
    legal_representative = StringField(_l("法定代表人"), [Length(max=60)])
    handler_name = StringField(_l("经办人"), [Length(max=60)])
    handler_mobile = StringField(
        _l("经办人手机"),
        [Optional(), Regexp(r"1[3-9]\d{9}$", message=_l("请填写 11 位手机号。"))],
        render_kw={"inputmode": "tel"},
    )
    account_name = StringField(_l("收付款账户名（须为本机构）"), [Length(max=120)])
    account_no = StringField(
        _l("账号"),
        [Optional(), Regexp(r"[\d ]{8,40}$", message=_l("账号只含数字。"))],
        render_kw={"inputmode": "numeric"},
    )
    account_bank = StringField(_l("开户行"), [Length(max=120)])
    owners = TextAreaField(_l("受益所有人"), [Length(max=4000)])
    related = TextAreaField(_l("关联方"), [Length(max=8000)])
    has_declared_related = BooleanField(
        _l("我单位已如实申报与债务人、出质人、评估机构及平台的全部关联关系（无则留空上栏）")
    )

    def validate_owners(self, field: TextAreaField) -> None:
        try:
            self.owner_rows = [_owner(line) for line in (field.data or "").splitlines() if line.strip()]
        except (ValueError, OverflowError):
            raise ValidationError(_l("每行一人，写作“姓名, 持股比例%”，例如：张三, 60%。")) from None

    def validate_related(self, field: TextAreaField) -> None:
        self.related_rows = []
        for line in (field.data or "").splitlines():
            if not line.strip():
                continue
            parts = [part.strip() for part in line.replace("，", ",").split(",")]
            if len(parts) != 3:
                raise ValidationError(_l("每行一个关联方，写作“名称, 统一社会信用代码, 关系”。"))
            try:
                code = identifiers.uscc(parts[1]).code
            except Refusal as refusal:
                raise ValidationError(_l(refusal.text).format(**refusal.facts)) from None
            if code in {row[1] for row in self.related_rows}:
                raise ValidationError(_l("%(code)s 写了两次，同一关联方请合并为一行。", code=code))
            self.related_rows.append((parts[0], code, parts[2]))


def _owner(line: str) -> tuple[str, int]:
    name, _, share = line.replace("，", ",").rpartition(",")
    bps = round(float(share.strip().rstrip("%％")) * 100)
    if not name.strip() or not 0 < bps <= 10_000:
        raise ValueError(line)
    return name.strip(), bps


class PaperForm(FlaskForm):
    kind = SelectField(
        _l("材料"),
        choices=[(k.value, _l(LABELS[k])) for k in (PaperKind.LICENCE, PaperKind.POWER_OF_ATTORNEY, PaperKind.OTHER)],
    )
    file = FileField(_l("文件（PDF、PNG、JPEG）"), [FileRequired(_l("请选择文件。"))])


class ReasonForm(FlaskForm):
    reason = TextAreaField(_l("原因（对方可见）"), [Length(max=2000)])

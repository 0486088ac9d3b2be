"""What people type about themselves."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField, SelectField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, Email, EqualTo, Length, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from marketplace.accounts.rules import LABELS as FIRM_LABELS
from marketplace.accounts.rules import FirmKind, is_weak
from marketplace.core import identifiers
from marketplace.core.errors import Refusal
from marketplace.core.roles import LABELS, Duty, Role

REQUIRED = DataRequired(_l("必填。"))
ADDRESS = Email(_l("请填写有效的邮箱地址，例如 name@example.com。"))


class MultiCheckboxField(SelectMultipleField):
    """Several of a few: boxes, not a list to scroll."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class WithPassword:
    """A password asked for twice."""

    password = PasswordField(_l("密码"), [REQUIRED, Length(max=200)], render_kw={"autocomplete": "new-password"})
    repeated = PasswordField(
        _l("再次输入密码"),
        [EqualTo("password", _l("两次输入的密码不一致。"))],
        render_kw={"autocomplete": "new-password"},
    )

    def validate_password(self, field: PasswordField) -> None:
        email = getattr(self, "email", None)
        if is_weak(field.data or "", email.data if email is not None and email.data else "@"):
            raise ValidationError(_l("密码至少 10 个字符，且不得与邮箱相同或全为重复字符。"))


class SignInForm(FlaskForm):
    email = EmailField(_l("邮箱"), [REQUIRED, ADDRESS], render_kw={"autocomplete": "username"})
    password = PasswordField(_l("密码"), [REQUIRED], render_kw={"autocomplete": "current-password"})


class CodeForm(FlaskForm):
    code = StringField(
        _l("六位验证码"),
        [REQUIRED, Length(6, 6, _l("请输入六位数字。"))],
        render_kw={"inputmode": "numeric", "autocomplete": "one-time-code"},
    )


class RegistrationForm(WithPassword, FlaskForm):
    kind = SelectField(
        _l("机构类型"),
        choices=[
            (role.value, _l(LABELS[role])) for role in (Role.ENTERPRISE, Role.BANK, Role.RESERVE, Role.SERVICE_FIRM)
        ],
    )
    firm_kind = SelectField(
        _l("服务机构类别"), choices=[("", "—"), *((kind.value, _l(FIRM_LABELS[kind])) for kind in FirmKind)]
    )
    organisation_name = StringField(_l("机构全称"), [REQUIRED, Length(max=120)])
    uscc = StringField(_l("统一社会信用代码"), [REQUIRED], render_kw={"maxlength": 30, "autocapitalize": "characters"})
    name = StringField(_l("经办人姓名"), [REQUIRED, Length(max=60)])
    email = EmailField(_l("工作邮箱"), [REQUIRED, ADDRESS], render_kw={"autocomplete": "email"})

    def validate_uscc(self, field: StringField) -> None:
        try:
            identifiers.uscc(field.data or "")
        except Refusal as refusal:
            raise ValidationError(_l(refusal.text).format(**refusal.facts)) from None

    def validate_firm_kind(self, field: SelectField) -> None:
        if self.kind.data == Role.SERVICE_FIRM and not field.data:
            raise ValidationError(_l("请选择服务机构类别。"))


class AddressForm(FlaskForm):
    email = EmailField(_l("邮箱"), [REQUIRED, ADDRESS])


class PasswordForm(WithPassword, FlaskForm):
    pass


class JoinForm(WithPassword, FlaskForm):
    name = StringField(_l("姓名"), [REQUIRED, Length(max=60)])


class ProfileForm(FlaskForm):
    name = StringField(_l("姓名"), [REQUIRED, Length(max=60)])
    locale = SelectField(_l("界面语言"), choices=[("", _l("跟随浏览器")), ("zh_Hans_CN", "中文"), ("en", "English")])


class ChangePasswordForm(WithPassword, FlaskForm):
    current = PasswordField(_l("当前密码"), [REQUIRED], render_kw={"autocomplete": "current-password"})


DUTIES = [(duty.value, _l(LABELS[duty])) for duty in Duty]


class InvitationForm(FlaskForm):
    email = EmailField(_l("受邀人邮箱"), [REQUIRED, ADDRESS])
    duties = MultiCheckboxField(_l("职责"), [DataRequired(_l("请至少选择一项职责。"))], choices=DUTIES)


class DutiesForm(FlaskForm):
    duties = MultiCheckboxField(_l("职责"), [DataRequired(_l("请至少选择一项职责。"))], choices=DUTIES)

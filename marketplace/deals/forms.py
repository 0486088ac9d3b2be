"""A step of closing, with its day and its proof."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import StringField
from wtforms.validators import Length

from marketplace.fields import REQUIRED, day


class StepForm(FlaskForm):
    on = day(_l("完成日（登记、公告或收到之日）"), REQUIRED)
    file = FileField(_l("证明文件（PDF、PNG、JPEG）"), [FileRequired(_l("请选择证明文件。"))])
    note = StringField(_l("备注"), [Length(max=200)])

"""What a bank types about a lot, and what an operator answers."""

from datetime import UTC, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateTimeLocalField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, NumberRange

from marketplace.core.clock import SHANGHAI
from marketplace.fields import REQUIRED, MoneyField
from marketplace.listings.rules import LABELS, Reason


class MomentField(DateTimeLocalField):
    """A moment on Shanghai's clock, as aware UTC in ``moment``."""

    def __init__(self, label: Any, validators: Any = None, **kwargs: Any) -> None:
        super().__init__(label, validators, format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"], **kwargs)

    def process_data(self, value: Any) -> None:
        if isinstance(value, datetime) and value.tzinfo is not None:
            value = value.astimezone(SHANGHAI).replace(tzinfo=None)
        super().process_data(value)

    @property
    def moment(self) -> datetime:
        assert self.data is not None
        return self.data.replace(tzinfo=SHANGHAI).astimezone(UTC)


class ListingForm(FlaskForm):
    """A lot's words and terms; the bounds are the policy's, not the form's."""

    title = StringField(_l("标的名称"), [REQUIRED, Length(max=200)])
    summary = TextAreaField(_l("标的介绍"), [Length(max=8000)])
    defects = TextAreaField(_l("已知瑕疵与负担（没有请写“未发现”）"), [REQUIRED, Length(max=8000)])
    tax_terms = TextAreaField(_l("税费承担"), [REQUIRED, Length(max=2000)])
    handover_terms = TextAreaField(_l("交付与登记"), [REQUIRED, Length(max=2000)])
    qualification = TextAreaField(_l("竞买人条件（留空则不限）"), [Length(max=2000)])
    contact = StringField(_l("联系方式"), [REQUIRED, Length(max=200)])
    start = MoneyField(_l("起拍价（元）"), [REQUIRED])
    increment = MoneyField(_l("加价幅度（元）"), [REQUIRED])
    deposit = MoneyField(_l("保证金（元）"), [REQUIRED])
    balance_due_days = IntegerField(_l("尾款期限（日）"), [REQUIRED, NumberRange(1, 365)])
    opens_at = MomentField(_l("竞价开始（北京时间）"), [REQUIRED])
    closes_at = MomentField(_l("竞价截止（北京时间）"), [REQUIRED])


class ContactForm(FlaskForm):
    contact = StringField(_l("联系方式"), [REQUIRED, Length(max=200)])


class NoteForm(FlaskForm):
    note = TextAreaField(_l("说明（对方可见）"), [Length(max=2000)])


class StopForm(FlaskForm):
    reason = SelectField(_l("原因"), choices=[(r.value, _l(LABELS[r])) for r in Reason])
    note = TextAreaField(_l("依据与说明（公告可见）"), [Length(max=2000)])


class ResumeForm(FlaskForm):
    opens_at = MomentField(_l("竞价开始（北京时间）"), [REQUIRED])
    closes_at = MomentField(_l("竞价截止（北京时间）"), [REQUIRED])


class PublishForm(FlaskForm):
    has_compared = BooleanField(_l("我已逐项核对机器检查结果、材料与公告内容"), [REQUIRED])


class RepaidForm(FlaskForm):
    is_sure = BooleanField(_l("确认债务已全部清偿，停止本案全部处置"), [REQUIRED])

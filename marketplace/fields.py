"""Form fields of the trade: amounts as money, codes checked, days."""

from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import DateField, StringField
from wtforms.validators import DataRequired, Optional, ValidationError

from marketplace.core import identifiers
from marketplace.core.errors import Refusal
from marketplace.core.money import Money

REQUIRED = DataRequired(_l("必填。"))


def refused(refusal: Refusal) -> ValidationError:
    """A rule's refusal as a line under the field."""
    return ValidationError(gettext(refusal.text).format(**refusal.facts))


class MoneyField(StringField):
    """An amount in yuan, as :class:`Money`."""

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        super().__init__(label, validators, render_kw={"inputmode": "decimal", "class": "number"}, **kwargs)
        self.amount: Money | None = None

    def process_data(self, value: Any) -> None:
        self.data = f"{Money(value).decimal}".removesuffix(".00") if isinstance(value, int) else value

    def pre_validate(self, form: Any) -> None:
        self.amount = None
        if self.data and self.data.strip():
            try:
                self.amount = Money.parse(self.data)
            except Refusal as refusal:
                raise refused(refusal) from None

    @property
    def minor(self) -> int:
        return self.amount.minor if self.amount else 0


class UsccField(StringField):
    """A unified social credit code, checked and normalised."""

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        if not validation_stopped and self.data:
            try:
                self.data = identifiers.uscc(self.data).code
            except Refusal as refusal:
                raise refused(refusal) from None


FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2200, 12, 31)


def plausible(_form: Any, field: Any) -> None:
    """A day somebody could mean: no year 1, no year 9999."""
    if field.data is not None and not FIRST_DAY <= field.data <= LAST_DAY:
        raise ValidationError(_l("请填写 1900 至 2200 年之间的日期。"))


def day(label: Any, *validators: Any) -> DateField:
    return DateField(label, [*(validators or (Optional(),)), plausible])

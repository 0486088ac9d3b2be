"""A spreadsheet to import."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired


class ImportForm(FlaskForm):
    file = FileField(_l("XLSX 或 CSV 文件（20 MB 以内）"), [FileRequired(_l("请选择文件。"))])

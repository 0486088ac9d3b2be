"""The edge every page shares: who may come in, what a submitted form does, what the clock says, how facts are written.

``submit`` validates a form, runs one service call in one unit of work and commits; a :class:`Refusal` becomes a line
on the form and nothing stays half-written. ``act`` does the same for plain buttons. Nothing else commits a request.
"""

import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency
from flask import Flask, abort, current_app, flash, g, has_request_context, redirect, request, session, url_for
from flask_babel import Babel, gettext
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager, current_user
from flask_wtf import FlaskForm
from flask_wtf.csrf import CSRFProtect
from markupsafe import Markup
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.routing import BuildError

from marketplace.core.clock import SHANGHAI, Clock, shanghai_date
from marketplace.core.errors import N_, Refusal, Several
from marketplace.core.money import Money
from marketplace.core.roles import Duty, Role
from marketplace.database import db

P = ParamSpec("P")
R = TypeVar("R")

LANGUAGES = ("zh_Hans_CN", "en")

babel = Babel()
csrf = CSRFProtect()
login_manager = LoginManager()
limiter = Limiter(get_remote_address, strategy="moving-window", default_limits=[])


class Overtaken(Refusal):
    text = N_("刚才有人先一步修改了同一内容。请查看最新状态后重试。")


# --- who may come in -------------------------------------------------------------------------------------------------


def public(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a view as open to everybody, on purpose."""
    view.__guard__ = "public"  # type: ignore[attr-defined]
    return view


def requires(*roles: Role, duty: Duty | tuple[Duty, ...] | None = None, verified: bool = False) -> Any:
    """Let in signed-in users of these roles (any role if none is named) who hold one of the duties.

    Not signed in leads to the sign-in page; another role finds nothing here (404); a missing duty is said (403).
    ``verified`` also asks that an operator has approved the organisation.
    """
    duties = (duty,) if isinstance(duty, Duty) else duty

    def guard(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not current_user.is_authenticated:
                return login_manager.unauthorized()
            if roles and current_user.role not in roles:
                abort(404)
            if duties and not current_user.has(*duties):
                abort(403)
            own, today = current_user.organisation, shanghai_date(now())
            if verified and not own.has_standing(today):
                overdue = gettext("机构认证已过复审日，请核对资料后重新提交审核。")
                flash(
                    overdue if own.is_overdue(today) else gettext("请先完成机构认证，认证通过后即可使用此功能。"),
                    "attention",
                )
                return redirect(url_for("verification.file"))
            return view(*args, **kwargs)

        guarded.__guard__ = {"roles": roles, "duties": duties, "verified": verified}  # type: ignore[attr-defined]
        return guarded

    return guard


def viewer() -> Any:
    """The signed-in user, or None."""
    return current_user._get_current_object() if current_user and current_user.is_authenticated else None


def now() -> datetime:
    """The moment of this request: read once, then the same for everything it does."""
    if "now" not in g:
        clock: Clock = current_app.extensions["clock"]
        g.now = clock.now()
    return g.now  # type: ignore[no-any-return]


# --- what a submitted form does --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Done:
    """A call that went through, with what it returned; always true."""

    result: Any


def _commit(call: Callable[[], Any]) -> Done:
    """Run a call and commit it.

    :raises Refusal: what the call refused, or :class:`Overtaken` when somebody else was faster; nothing is kept
    """
    try:
        result = call()
        db.session.commit()
    except Refusal:
        db.session.rollback()
        raise
    except (StaleDataError, IntegrityError) as overtaken:
        db.session.rollback()
        current_app.logger.info("overtaken: %s", type(overtaken).__name__)
        raise Overtaken from overtaken
    return Done(result)


def submit(form: FlaskForm, call: Callable[[], Any]) -> Done | None:
    """Validate, run, commit. On refusal the form carries the sentence and the answer is None."""
    if not form.validate_on_submit():
        return None
    try:
        return _commit(call)
    except Several as several:
        for refusal in several.reasons:
            _note(form, refusal)
        return None
    except Refusal as refusal:
        _note(form, refusal)
        return None


def _note(form: FlaskForm, refusal: Refusal) -> None:
    if refusal.field in form:
        form[refusal.field].errors = [*form[refusal.field].errors, say(refusal)]
    else:
        form.form_errors.append(say(refusal))


def flash_errors(form: FlaskForm) -> None:
    """Say on the next page what a form was refused for, where it has no page of its own."""
    for name, errors in form.errors.items():
        label_ = f"{form[name].label.text}: " if name else ""
        flash(label_ + " ".join(str(error) for error in errors), "refusal")


def act(call: Callable[[], Any], done: str = "") -> Done | None:
    """Run and commit a plain button's call; a refusal is flashed, and so is ``done`` when it went through."""
    try:
        outcome = _commit(call)
    except Refusal as refusal:
        flash(say(refusal), "refusal")
        return None
    if done:
        flash(done, "done")
    return outcome


def say(refusal: Refusal) -> str:
    """A refusal's sentence with its facts, in the reader's language."""
    return gettext(refusal.text).format(**{name: written(value) for name, value in refusal.facts.items()})


def written(value: Any) -> str:
    """Any fact as the reader's language writes it."""
    if isinstance(value, Money):
        return money(value)
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, Refusal):
        return say(value)
    if isinstance(value, StrEnum):
        return label(value)
    if isinstance(value, list | tuple):
        return ("; " if language() == "en" else "；").join(written(item) for item in value)
    return str(value)


# --- how facts are written -------------------------------------------------------------------------------------------


def money(amount: Money | None) -> str:
    if amount is None:
        return "—"
    if amount.currency != "CNY":
        return format_currency(amount.decimal, amount.currency, locale=language())
    return str(amount).removesuffix(".00")


def money_in_wan(amount: Money | None) -> str:
    """From a million yuan also in 万 (ten thousands), for Chinese readers; otherwise empty."""
    if amount is None or abs(amount.minor) < 100_000_000 or language() == "en":
        return ""
    wan, rest = divmod(amount.minor, 1_000_000)
    decimals = f"{rest:06d}"[:2].rstrip("0")
    return f"{wan:,}{'.' + decimals if decimals else ''} 万"


def money_short(amount: Money | None) -> str:
    """A large amount where there is little room: in 万, in millions for English readers, whole below a million yuan."""
    if amount is None or abs(amount.minor) < 100_000_000:
        return money(amount)
    if language() != "en":
        return money_in_wan(amount)
    return f"¥{amount.minor / 100_000_000:,.2f}m"


def day(value: date | None) -> str:
    if value is None:
        return "—"
    return value.isoformat() if language() != "en" else format_date(value, "d MMM yyyy", locale="en")


def moment(value: datetime | None, seconds: bool = False) -> str:
    """A moment on Shanghai's clock."""
    if value is None:
        return "—"
    local = value.astimezone(SHANGHAI)
    if language() == "en":
        return format_datetime(local, "d MMM yyyy HH:mm:ss" if seconds else "d MMM yyyy HH:mm", locale="en")
    return local.strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")


def percent(bps: int | None, places: int = 1) -> str:
    return "—" if bps is None else f"{bps / 100:.{places}f}%"


def label(word: Any) -> str:
    """The reader's words for a word of ours: its module's ``LABELS`` entry, translated."""
    if word is None:
        return "—"
    labels = getattr(sys.modules[type(word).__module__], "LABELS", {})
    return gettext(labels[word]) if word in labels else str(word)


def inert(text: str) -> str:
    """A cell for a CSV that no spreadsheet will run as a formula."""
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


# --- language, headers, wiring ---------------------------------------------------------------------------------------


def language() -> str:
    """What this reader reads: their choice, their setting, their browser's first of ours; Chinese otherwise."""
    if "language" in g:
        return g.language  # type: ignore[no-any-return]
    if not has_request_context():
        return LANGUAGES[0]
    chosen = request.args.get("lang") or session.get("lang") or ""
    if not chosen and current_user and current_user.is_authenticated:
        chosen = current_user.locale
    g.language = _ours(chosen) or next(filter(None, (_ours(tag) for tag, _ in request.accept_languages)), LANGUAGES[0])
    return g.language  # type: ignore[no-any-return]


@contextmanager
def reading(chosen: str) -> Iterator[None]:
    """Write facts for somebody else's language for a while (mail)."""
    before = g.get("language")
    g.language = chosen
    try:
        yield
    finally:
        g.pop("language", None)
        if before is not None:
            g.language = before


def _ours(tag: str) -> str | None:
    primary = tag.replace("_", "-").split("-")[0].lower()
    return {"zh": "zh_Hans_CN", "en": "en"}.get(primary)


def csp_nonce() -> str:
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return g.csp_nonce  # type: ignore[no-any-return]


def endpoint_url(endpoint: str, **values: Any) -> str | None:
    """The address of an endpoint, or None where it does not exist or needs more."""
    try:
        return url_for(endpoint, **values)
    except BuildError:
        return None


def current_url(**changes: Any) -> str:
    """This page's address with some query arguments replaced (None drops one)."""
    args: dict[str, Any] = request.args.to_dict(flat=False)
    for name, value in changes.items():
        if value is None:
            args.pop(name, None)
        else:
            args[name] = value
    endpoint = request.endpoint
    if endpoint is None:
        return "/"
    return url_for(endpoint, **{**(request.view_args or {}), **args})


def init_app(app: Flask, clock: Clock) -> None:
    """Wire the edge to an application."""
    app.extensions["clock"] = clock
    babel.init_app(app, locale_selector=language, default_locale=LANGUAGES[0], default_timezone="Asia/Shanghai")
    csrf.init_app(app)
    login_manager.init_app(app)
    login_manager.login_view = "accounts.sign_in"
    login_manager.login_message = None  # type: ignore[assignment]
    limiter.init_app(app)
    app.jinja_env.filters.update(
        money=money,
        money_in_wan=money_in_wan,
        money_short=money_short,
        day=day,
        moment=moment,
        percent=percent,
        label=label,
        say=say,
        written=written,
        day_of=shanghai_date,
    )
    app.jinja_env.globals.update(
        csp_nonce=csp_nonce, endpoint_url=endpoint_url, current_url=current_url, now=now, Markup=Markup
    )

    @app.before_request
    def open_request() -> None:
        g.read_only = request.method in {"GET", "HEAD", "OPTIONS"}
        if request.args.get("lang"):
            session["lang"] = _ours(request.args["lang"]) or LANGUAGES[0]

    @app.after_request
    def harden(response: Any) -> Any:
        policy = (
            f"default-src 'none'; script-src 'self' 'nonce-{csp_nonce()}'; style-src 'self'; img-src 'self' data:; "
            "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
            "manifest-src 'self'"
        )
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        if app.config["SESSION_COOKIE_SECURE"]:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
        if request.endpoint != "static" and current_user and current_user.is_authenticated:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

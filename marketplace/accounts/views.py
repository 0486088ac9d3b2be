"""Signing in and out, registering, second factor, resets, one's own account, and the team."""

from datetime import timedelta
from urllib.parse import urlsplit

import segno
from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_user, logout_user
from itsdangerous import BadSignature, URLSafeTimedSerializer
from markupsafe import Markup
from werkzeug.wrappers import Response

from marketplace import web
from marketplace.accounts import forms, queries, service
from marketplace.accounts.models import User
from marketplace.accounts.rules import FirmKind
from marketplace.core.roles import Duty, Role

bp = Blueprint("accounts", __name__)
Page = str | Response | tuple[str, int]

CONFIRM_SECONDS = 3 * 24 * 3600
RESET_SECONDS = 3600


@web.login_manager.user_loader
def load(_user_id: str) -> User | None:
    """The user behind this browser's token; revoked devices and people are nobody."""
    return queries.signed_in(session.get("device", ""), web.now())


def _cost() -> str:
    return str(current_app.extensions["settings"].password_cost)


def _is_demo() -> bool:
    return bool(current_app.extensions["settings"].demo_market)


def _signer(purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt=f"accounts.{purpose}")


def _address() -> str:
    return (request.form.get("email") or "").strip().lower()


def _let_in(user: User, token: str) -> None:
    language = session.get("lang")
    session.clear()
    if language:
        session["lang"] = language
    session.permanent = True
    session["device"] = token
    login_user(user, remember=False)


def _onward() -> str:
    """Where the visitor was going, if it is one of our own pages."""
    target = request.args.get("next") or ""
    parts = urlsplit(target)
    is_ours = target.startswith("/") and not target.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    return target if is_ours else url_for("desk.home")


@bp.route("/sign-in", methods=["GET", "POST"])
@web.public
@web.limiter.limit("20 per minute", methods=["POST"])
@web.limiter.limit("10 per 5 minutes", key_func=_address, methods=["POST"])
def sign_in() -> Page:
    if current_user.is_authenticated:
        return redirect(url_for("desk.home"))
    form = forms.SignInForm()
    if done := web.submit(form, lambda: service.check_password(form.email.data, form.password.data, cost=_cost())):
        user: User = done.result
        if service.owes_second_factor(user, is_demo_market=_is_demo()):
            web.act(lambda: service.prepare_second_factor(user))
            session["pending"] = user.id
            session["pending_until"] = (web.now() + timedelta(minutes=10)).timestamp()
            return redirect(url_for(".second_factor", next=request.args.get("next")))
        entered = web.act(lambda: service.sign_in(user, user_agent=request.user_agent.string, now=web.now()))
        assert entered is not None
        _let_in(user, entered.result)
        return redirect(_onward())
    return render_template("accounts/sign_in.html", form=form), 422 if form.is_submitted() else 200


def _pending() -> User | None:
    user_id = session.get("pending")
    if user_id is None or session.get("pending_until", 0) < web.now().timestamp():
        return None
    return queries.by_id(user_id)


@bp.route("/sign-in/code", methods=["GET", "POST"])
@web.public
@web.limiter.limit("10 per 5 minutes", methods=["POST"])
def second_factor() -> Page:
    """Give the code, or set the second factor up when it is owed and not there yet."""
    user = _pending()
    if user is None:
        return redirect(url_for(".sign_in"))
    form = forms.CodeForm()

    def enter() -> str:
        service.check_code(user, form.code.data, now=web.now())
        return service.sign_in(user, user_agent=request.user_agent.string, now=web.now())

    if done := web.submit(form, enter):
        _let_in(user, done.result)
        return redirect(_onward())
    is_new = user.totp_confirmed_at is None
    page = render_template(
        "accounts/second_factor.html", form=form, is_new=is_new, qr=_qr(user) if is_new else "", secret=user.totp_secret
    )
    return page, 422 if form.is_submitted() else 200


def _qr(user: User) -> Markup:
    """The authenticator's picture, made here from our own address, so it needs no escaping."""
    code = segno.make(service.provisioning_uri(user), error="m")
    return Markup(code.svg_inline(scale=4, dark="#0e1f24", light="#fffefb"))  # noqa: S704


@bp.post("/sign-out")
@web.requires()
def sign_out() -> Page:
    token = session.get("device", "")
    web.act(lambda: service.sign_out(token, now=web.now()))
    logout_user()
    session.clear()
    return redirect(url_for("catalogue.home"))


@bp.route("/register", methods=["GET", "POST"])
@web.public
@web.limiter.limit("10 per hour", methods=["POST"])
def register() -> Page:
    form = forms.RegistrationForm()
    link = url_for(".confirm", token=_signer("confirm").dumps((form.email.data or "").strip().lower()))
    if web.submit(
        form,
        lambda: service.register(
            kind=Role(form.kind.data),
            firm_kind=FirmKind(form.firm_kind.data) if form.kind.data == Role.SERVICE_FIRM else None,
            organisation_name=form.organisation_name.data,
            uscc=form.uscc.data,
            name=form.name.data,
            email=form.email.data,
            password=form.password.data,
            confirm_link=link,
            cost=_cost(),
            locale=web.language(),
            now=web.now(),
        ),
    ):
        return render_template("accounts/mail_sent.html", what="register")
    return render_template("accounts/register.html", form=form), 422 if form.is_submitted() else 200


@bp.get("/confirm/<token>")
@web.public
def confirm(token: str) -> Page:
    return render_template("accounts/confirm.html", token=token)


@bp.post("/confirm/<token>")
@web.public
def confirm_address(token: str) -> Page:
    try:
        email = _signer("confirm").loads(token, max_age=CONFIRM_SECONDS)
    except BadSignature:
        flash(_("链接无效或已过期，请重新注册或重置密码。"), "refusal")
        return redirect(url_for(".sign_in"))
    web.act(lambda: service.confirm_address(email, now=web.now()), _("邮箱已确认，请登录后提交机构认证。"))
    return redirect(url_for(".sign_in"))


@bp.route("/reset", methods=["GET", "POST"])
@web.public
@web.limiter.limit("10 per hour", methods=["POST"])
@web.limiter.limit("3 per hour", key_func=_address, methods=["POST"])
def reset() -> Page:
    form = forms.AddressForm()
    if form.validate_on_submit():
        user = queries.by_email(form.email.data)
        token = _signer("reset").dumps([form.email.data.strip().lower(), user.password_hash[-16:] if user else ""])
        web.act(lambda: service.ask_reset(form.email.data, url_for(".new_password", token=token), now=web.now()))
        return render_template("accounts/mail_sent.html", what="reset")
    return render_template("accounts/reset.html", form=form), 422 if form.is_submitted() else 200


@bp.route("/reset/<token>", methods=["GET", "POST"])
@web.public
def new_password(token: str) -> Page:
    """Works once: the link holds the end of the hash it replaces."""
    try:
        email, tail = _signer("reset").loads(token, max_age=RESET_SECONDS)
    except BadSignature:
        email, tail = "", "?"
    user = queries.by_email(email)
    if user is None or user.password_hash[-16:] != tail:
        flash(_("链接无效、已使用或已过期，请重新申请。"), "refusal")
        return redirect(url_for(".reset"))
    form = forms.PasswordForm()
    if web.submit(form, lambda: service.set_password(user, form.password.data, cost=_cost(), now=web.now())):
        flash(_("密码已更新，请用新密码登录。"), "done")
        return redirect(url_for(".sign_in"))
    return render_template("accounts/new_password.html", form=form), 422 if form.is_submitted() else 200


@bp.route("/invitations/<token>", methods=["GET", "POST"])
@web.public
def join(token: str) -> Page:
    place = service.invitation(token, web.now())
    if place is None:
        flash(_("邀请无效、已使用或已过期，请联系贵单位管理员。"), "refusal")
        return redirect(url_for(".sign_in"))
    form = forms.JoinForm()
    if web.submit(
        form,
        lambda: service.accept(token, name=form.name.data, password=form.password.data, cost=_cost(), now=web.now()),
    ):
        flash(_("账号已开通，请登录。"), "done")
        return redirect(url_for(".sign_in"))
    return render_template("accounts/join.html", form=form, place=place), 422 if form.is_submitted() else 200


@bp.route("/account", methods=["GET", "POST"])
@web.requires()
def account() -> Page:
    form = forms.ProfileForm(obj=current_user)
    if web.submit(form, lambda: service.change_profile(current_user, name=form.name.data, locale=form.locale.data)):
        flash(_("已保存。"), "done")
        return redirect(url_for(".account"))
    page = render_template(
        "accounts/account.html",
        form=form,
        password=forms.ChangePasswordForm(),
        devices=queries.devices(current_user, web.now()),
        this_device=queries.token_hash(session.get("device", "")),
    )
    return page, 422 if form.is_submitted() else 200


@bp.post("/account/password")
@web.requires()
@web.limiter.limit("10 per hour")
def change_password() -> Page:
    form = forms.ChangePasswordForm()

    def change() -> None:
        service.check_password(current_user.email, form.current.data, cost=_cost())
        service.set_password(
            current_user, form.password.data, cost=_cost(), now=web.now(), keep_token=session.get("device", "")
        )

    if web.submit(form, change):
        flash(_("密码已更新，其他设备已退出登录。"), "done")
    else:
        for errors in form.errors.values():
            flash(" ".join(str(error) for error in errors), "refusal")
    return redirect(url_for(".account"))


@bp.post("/account/devices/<int:device_id>/revoke")
@web.requires()
def revoke_device(device_id: int) -> Page:
    web.act(lambda: service.revoke(current_user, device_id, now=web.now()), _("该设备已退出登录。"))
    return redirect(url_for(".account"))


@bp.route("/account/second-factor", methods=["GET", "POST"])
@web.requires()
def own_second_factor() -> Page:
    if current_user.totp_confirmed_at is not None:
        return redirect(url_for(".account"))
    form = forms.CodeForm()
    if not current_user.totp_secret:
        if request.method == "GET":
            return render_template("accounts/second_factor_start.html")
        web.act(lambda: service.prepare_second_factor(current_user))
        return redirect(url_for(".own_second_factor"))
    if web.submit(form, lambda: service.check_code(current_user, form.code.data, now=web.now())):
        flash(_("双重验证已启用。"), "done")
        return redirect(url_for(".account"))
    page = render_template(
        "accounts/second_factor.html", form=form, is_new=True, qr=_qr(current_user), secret=current_user.totp_secret
    )
    return page, 422 if form.is_submitted() else 200


# --- the team --------------------------------------------------------------------------------------------------------


@bp.route("/team", methods=["GET", "POST"])
@web.requires(duty=Duty.ADMINISTRATOR)
def team() -> Page:
    form = forms.InvitationForm()
    if web.submit(
        form,
        lambda: service.invite(
            current_user.organisation,
            form.email.data,
            [Duty(d) for d in form.duties.data],
            by=current_user,
            now=web.now(),
        ),
    ):
        flash(_("邀请已发送。"), "done")
        return redirect(url_for(".team"))
    users, invitations = queries.team(current_user)
    page = render_template("accounts/team.html", form=form, users=users, invitations=invitations, duties=forms.DUTIES)
    return page, 422 if form.is_submitted() else 200


@bp.post("/team/<int:user_id>/duties")
@web.requires(duty=Duty.ADMINISTRATOR)
def set_duties(user_id: int) -> Page:
    user = queries.colleague(user_id, current_user)
    duties = [Duty(word) for word in request.form.getlist("duties") if word in set(Duty)]
    if not duties:
        abort(400)
    web.act(lambda: service.set_duties(user, duties, by=current_user, now=web.now()), _("职责已更新。"))
    return redirect(url_for(".team"))


@bp.post("/team/<int:user_id>/deactivate")
@web.requires(duty=Duty.ADMINISTRATOR)
def deactivate(user_id: int) -> Page:
    user = queries.colleague(user_id, current_user)
    web.act(lambda: service.deactivate(user, by=current_user, now=web.now()), _("账号已停用，可随时恢复。"))
    return redirect(url_for(".team"))


@bp.post("/team/<int:user_id>/reactivate")
@web.requires(duty=Duty.ADMINISTRATOR)
def reactivate(user_id: int) -> Page:
    user = queries.colleague(user_id, current_user)
    web.act(lambda: service.reactivate(user, by=current_user, now=web.now()), _("账号已恢复。"))
    return redirect(url_for(".team"))


@bp.post("/team/invitations/<int:invitation_id>/withdraw")
@web.requires(duty=Duty.ADMINISTRATOR)
def withdraw_invitation(invitation_id: int) -> Page:
    web.act(lambda: service.withdraw_invitation(invitation_id, by=current_user, now=web.now()), _("邀请已撤回。"))
    return redirect(url_for(".team"))

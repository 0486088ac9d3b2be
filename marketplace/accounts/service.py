"""Every write about people: registration, sign-in, second factor, resets, invitations, duties, devices."""

import secrets
from datetime import datetime, timedelta
from functools import cache

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select, update

from marketplace import audit
from marketplace.accounts import queries
from marketplace.accounts.models import Device, Invitation, Organisation, User, VerificationFile
from marketplace.accounts.rules import FirmKind, needs_second_factor
from marketplace.core import identifiers
from marketplace.core.errors import N_, NotFound, Refusal
from marketplace.core.roles import Duty, Role
from marketplace.database import db
from marketplace.notices import service as notices

SESSION_DAYS = 14
INVITATION_DAYS = 7


class WrongCredentials(Refusal):
    text = N_("邮箱或密码不正确。")


class WrongCode(Refusal):
    field = "code"
    text = N_("验证码不正确或已使用，请输入验证器上当前显示的六位数字。")


class CodeTaken(Refusal):
    field = "uscc"
    text = N_("该统一社会信用代码已登记。如为贵单位，请联系本单位管理员邀请您加入。")


class LinkSpent(Refusal):
    text = N_("链接无效、已使用或已过期，请重新申请。")


class LastAdministrator(Refusal):
    text = N_("机构至少须保留一名管理员。")


class NotYourself(Refusal):
    text = N_("不能停用自己的账号，请由另一位管理员操作。")


@cache
def _hasher(cost: str) -> PasswordHasher:
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1) if cost == "cheap" else PasswordHasher()


def hash_password(password: str, *, cost: str) -> str:
    return _hasher(cost).hash(password)


@cache
def _nobody(cost: str) -> str:
    """A hash to check against when nobody has the address, so that the answer takes as long."""
    return _hasher(cost).hash(secrets.token_hex(16))


def check_password(email: str, password: str, *, cost: str) -> User:
    """The user with this address and password.

    :raises WrongCredentials: whichever of the two is wrong, after the same work
    """
    user = queries.by_email(email)
    stored = user.password_hash if user and user.is_active else _nobody(cost)
    try:
        _hasher(cost).verify(stored, password)
    except (VerificationError, InvalidHashError):
        raise WrongCredentials from None
    if user is None or not user.is_active:
        raise WrongCredentials
    return user


def sign_in(user: User, *, user_agent: str, now: datetime) -> str:
    """Let a browser in and return the token its cookie keeps."""
    token = secrets.token_urlsafe(32)
    db.session.add(
        Device(
            user_id=user.id,
            token_hash=queries.token_hash(token),
            user_agent=user_agent[:200],
            signed_in_at=now,
            expires_at=now + timedelta(days=SESSION_DAYS),
        )
    )
    audit.record("user.signed_in", f"user:{user.id}", by=user, now=now)
    return token


def sign_out(token: str, *, now: datetime) -> None:
    device = queries.device(token)
    if device is not None and device.revoked_at is None:
        device.revoked_at = now


def revoke(user: User, device_id: int, *, now: datetime) -> None:
    """Sign one of the user's browsers out.

    :raises NotFound: for another's
    """
    device = db.session.get(Device, device_id)
    if device is None or device.user_id != user.id:
        raise NotFound
    if device.revoked_at is None:
        device.revoked_at = now
        audit.record("device.revoked", f"user:{user.id}", by=user, now=now)


def revoke_all(user: User, *, now: datetime, but: str = "") -> None:
    keep = queries.token_hash(but) if but else ""
    db.session.execute(
        update(Device)
        .where(Device.user_id == user.id, Device.revoked_at.is_(None), Device.token_hash != keep)
        .values(revoked_at=now)
    )


# --- second factor ---------------------------------------------------------------------------------------------------


def prepare_second_factor(user: User) -> str:
    """A fresh secret for the user's authenticator; it counts once a code of it was given."""
    if user.totp_confirmed_at is None:
        user.totp_secret = user.totp_secret or pyotp.random_base32()
    return user.totp_secret


def provisioning_uri(user: User) -> str:
    return pyotp.TOTP(user.totp_secret).provisioning_uri(name=user.email, issuer_name="Zhiyi")


def check_code(user: User, code: str, *, now: datetime) -> None:
    """Accept a code once, within a step either way, and confirm the second factor with the first.

    :raises WrongCode: for a wrong, old or used code
    """
    totp, step = pyotp.TOTP(user.totp_secret), int(now.timestamp()) // 30
    for candidate in (step - 1, step, step + 1):
        if candidate > user.totp_last_step and secrets.compare_digest(totp.at(candidate * 30), code.strip()):
            user.totp_last_step = candidate
            if user.totp_confirmed_at is None:
                user.totp_confirmed_at = now
                audit.record("user.second_factor_set", f"user:{user.id}", by=user, now=now)
            return
    raise WrongCode


def owes_second_factor(user: User, *, is_demo_market: bool) -> bool:
    """Whether a code must be given at sign-in; sample accounts of a demo market are let off."""
    if user.is_sample and is_demo_market:
        return False
    return user.totp_confirmed_at is not None or needs_second_factor(user.role, user.duties)


# --- registration and resets -----------------------------------------------------------------------------------------


def register(
    *,
    kind: Role,
    firm_kind: FirmKind | None,
    organisation_name: str,
    uscc: str,
    name: str,
    email: str,
    password: str,
    confirm_link: str,
    cost: str,
    locale: str,
    now: datetime,
) -> User | None:
    """Register an organisation with its first administrator, or tell the address that it already is.

    None when the address was known: the answer on the page is the same, the mail says it.

    :raises CodeTaken: when the organisation is registered
    """
    code = identifiers.uscc(uscc).code
    address = email.strip().lower()
    if queries.by_email(address) is not None:
        _hasher(cost).hash(password)
        notices.mail(
            address,
            "already_registered",
            link="/reset",
            key=f"again:{address}:{now:%Y%m%d%H%M}",
            now=now,
            locale=locale,
        )
        return None
    if db.session.scalar(select(Organisation.id).where(Organisation.uscc == code)):
        raise CodeTaken
    organisation = Organisation(
        ref=f"ORG-{secrets.token_hex(4).upper()}",
        kind=kind,
        firm_kind=firm_kind,
        name=organisation_name.strip(),
        uscc=code,
        created_at=now,
    )
    organisation.file = VerificationFile(handler_name=name.strip())
    db.session.add(organisation)
    db.session.flush()
    user = add_user(
        organisation,
        email=address,
        name=name,
        password_hash=hash_password(password, cost=cost),
        duties=[Duty.ADMINISTRATOR, Duty.OFFICER],
        now=now,
        locale=locale,
    )
    audit.record("organisation.registered", f"organisation:{organisation.id}", by=user, now=now, kind=kind)
    notices.mail(address, "confirm_address", link=confirm_link, key=f"confirm:{user.id}", now=now, locale=locale)
    return user


def add_user(
    organisation: Organisation,
    *,
    email: str,
    name: str,
    password_hash: str,
    duties: list[Duty],
    now: datetime,
    locale: str = "",
    confirmed: datetime | None = None,
) -> User:
    user = User(
        organisation_id=organisation.id,
        email=email.strip().lower(),
        name=name.strip(),
        password_hash=password_hash,
        duty_words=[str(duty) for duty in duties],
        created_at=now,
        locale=locale,
        email_confirmed_at=confirmed,
    )
    db.session.add(user)
    db.session.flush()
    return user


def confirm_address(email: str, *, now: datetime) -> None:
    """:raises LinkSpent: when nobody has the address any more"""
    user = queries.by_email(email)
    if user is None:
        raise LinkSpent
    if user.email_confirmed_at is None:
        user.email_confirmed_at = now
        audit.record("user.address_confirmed", f"user:{user.id}", by=user, now=now)


def ask_reset(email: str, link: str, *, now: datetime) -> None:
    """Mail a reset link, if somebody has the address; nothing says whether."""
    user = queries.by_email(email)
    if user is not None and user.deactivated_at is None:
        notices.mail(
            user.email,
            "reset_password",
            link=link,
            key=f"reset:{user.id}:{now.timestamp():.0f}",
            now=now,
            locale=user.locale,
        )


def set_password(user: User, password: str, *, cost: str, now: datetime, keep_token: str = "") -> None:
    """A new password signs every other browser out."""
    user.password_hash = hash_password(password, cost=cost)
    user.email_confirmed_at = user.email_confirmed_at or now
    revoke_all(user, now=now, but=keep_token)
    audit.record("user.password_set", f"user:{user.id}", by=user, now=now)


def change_profile(user: User, *, name: str, locale: str) -> None:
    user.name, user.locale = name.strip(), locale


# --- the team --------------------------------------------------------------------------------------------------------


def invite(organisation: Organisation, email: str, duties: list[Duty], *, by: User, now: datetime) -> None:
    """Offer a place; the mail's link works once, for seven days."""
    token = secrets.token_urlsafe(24)
    place = Invitation(
        organisation_id=organisation.id,
        email=email.strip().lower(),
        duty_words=[str(d) for d in duties],
        token_hash=queries.token_hash(token),
        invited_by_id=by.id,
        created_at=now,
        expires_at=now + timedelta(days=INVITATION_DAYS),
    )
    db.session.add(place)
    db.session.flush()
    notices.mail(
        place.email,
        "invitation",
        link=f"/invitations/{token}",
        key=f"invitation:{place.id}",
        now=now,
        organisation=organisation.name,
    )
    audit.record("user.invited", f"organisation:{organisation.id}", by=by, now=now, duties=",".join(place.duty_words))


def invitation(token: str, now: datetime) -> Invitation | None:
    """The place a link offers, while it does."""
    place = db.session.scalar(select(Invitation).where(Invitation.token_hash == queries.token_hash(token)))
    if place is None or place.accepted_at or place.withdrawn_at or place.expires_at <= now:
        return None
    return place


def accept(token: str, *, name: str, password: str, cost: str, now: datetime) -> User:
    """Take an offered place.

    :raises LinkSpent: when it is gone, or the address has an account by now
    """
    place = invitation(token, now)
    if place is None or queries.by_email(place.email) is not None:
        raise LinkSpent
    place.accepted_at = now
    user = add_user(
        place.organisation,
        email=place.email,
        name=name,
        password_hash=hash_password(password, cost=cost),
        duties=[Duty(word) for word in place.duty_words],
        now=now,
        confirmed=now,
    )
    audit.record("user.joined", f"organisation:{place.organisation_id}", by=user, now=now)
    return user


def withdraw_invitation(invitation_id: int, *, by: User, now: datetime) -> None:
    """Take a place back before it is accepted.

    :raises NotFound: for another organisation's
    """
    place = db.session.get(Invitation, invitation_id)
    if place is None or place.organisation_id != by.organisation_id:
        raise NotFound
    if place.accepted_at is None and place.withdrawn_at is None:
        place.withdrawn_at = now
        audit.record("user.invitation_withdrawn", f"organisation:{place.organisation_id}", by=by, now=now)


def set_duties(user: User, duties: list[Duty], *, by: User, now: datetime) -> None:
    """:raises LastAdministrator: when nobody would be left to administer"""
    if Duty.ADMINISTRATOR not in duties:
        _keep_an_administrator(user)
    user.duty_words = [str(duty) for duty in duties]
    audit.record("user.duties_set", f"user:{user.id}", by=by, now=now, duties=",".join(user.duty_words))


def deactivate(user: User, *, by: User, now: datetime) -> None:
    """:raises NotYourself, LastAdministrator: as they say"""
    if user.id == by.id:
        raise NotYourself
    _keep_an_administrator(user)
    user.deactivated_at = now
    revoke_all(user, now=now)
    audit.record("user.deactivated", f"user:{user.id}", by=by, now=now)


def reactivate(user: User, *, by: User, now: datetime) -> None:
    user.deactivated_at = None
    audit.record("user.reactivated", f"user:{user.id}", by=by, now=now)


def _keep_an_administrator(leaving: User) -> None:
    others = queries.people(leaving.organisation, Duty.ADMINISTRATOR)
    if leaving.has(Duty.ADMINISTRATOR) and not [user for user in others if user.id != leaving.id]:
        raise LastAdministrator

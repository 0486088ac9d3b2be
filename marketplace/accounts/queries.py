"""Reads of people and organisations."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from marketplace import audit
from marketplace.accounts.models import Device, Invitation, Organisation, User
from marketplace.core.errors import NotFound
from marketplace.core.roles import Duty, Role
from marketplace.database import db


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def signed_in(token: str, now: datetime) -> User | None:
    """Whose device holds this token, if it was not revoked and the person is still let in."""
    device = db.session.scalar(select(Device).where(Device.token_hash == token_hash(token)))
    if device is None or device.revoked_at is not None or device.expires_at <= now or not device.user.is_active:
        return None
    return device.user


def device(token: str) -> Device | None:
    return db.session.scalar(select(Device).where(Device.token_hash == token_hash(token)))


def devices(user: User, now: datetime) -> list[Device]:
    """The user's signed-in browsers, newest first."""
    live = select(Device).where(Device.user_id == user.id, Device.revoked_at.is_(None), Device.expires_at > now)
    return list(db.session.scalars(live.order_by(Device.id.desc())))


def by_id(user_id: int) -> User | None:
    return db.session.get(User, user_id)


def by_email(email: str) -> User | None:
    return db.session.scalar(select(User).where(User.email == email.strip().lower()))


def tenant_ids(user: User) -> tuple[int, ...]:
    """The organisations whose things this user may see as their own: theirs and its branches."""
    branches = db.session.scalars(select(Organisation.id).where(Organisation.parent_id == user.organisation_id))
    return (user.organisation_id, *branches)


def people(organisation: Organisation, *duties: Duty) -> list[User]:
    """Active people of an organisation, holding one of the duties if any is named."""
    users = db.session.scalars(select(User).where(User.organisation_id == organisation.id)).all()
    return [user for user in users if user.is_active and (not duties or user.has(*duties))]


def operators() -> list[User]:
    users = db.session.scalars(select(User).join(Organisation).where(Organisation.kind == Role.PLATFORM)).all()
    return [user for user in users if user.is_active]


def team(viewer: User) -> tuple[list[User], list[Invitation]]:
    """Everybody in the viewer's organisation, and the places still offered."""
    users = db.session.scalars(select(User).where(User.organisation_id == viewer.organisation_id).order_by(User.id))
    offered = select(Invitation).where(
        Invitation.organisation_id == viewer.organisation_id,
        Invitation.accepted_at.is_(None),
        Invitation.withdrawn_at.is_(None),
    )
    return list(users), list(db.session.scalars(offered.order_by(Invitation.id)))


def colleague(user_id: int, viewer: User) -> User:
    """:raises NotFound: unless the user is in the viewer's organisation"""
    user = db.session.get(User, user_id)
    if user is None or user.organisation_id != viewer.organisation_id:
        raise NotFound
    return user


def organisation(ref: str) -> Organisation:
    """:raises NotFound: when there is none; for operators only"""
    found = db.session.scalar(select(Organisation).where(Organisation.ref == ref))
    if found is None:
        raise NotFound
    return found


def banks() -> list[Organisation]:
    return list(
        db.session.scalars(select(Organisation).where(Organisation.kind == Role.BANK).order_by(Organisation.id))
    )


def by_name(name: str) -> Organisation | None:
    """The one organisation of that full name, if there is exactly one."""
    found = db.session.scalars(select(Organisation).where(Organisation.name == name).limit(2)).all()
    return found[0] if len(found) == 1 else None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the record as one reader may see it: when, what, who, why."""

    at: datetime
    event: str
    why: str
    who: str
    """Empty when the clock did it."""
    is_party: bool = False
    """Done by a trading party whose name is not this reader's to know."""


TRADERS = (Role.ENTERPRISE, Role.RESERVE)


def record_of(subject: str, viewer: User | None) -> list[Entry]:
    """What happened to one thing, oldest first, signed as far as the viewer may know the hands.

    A person's name is for their own organisation and for operators; anybody else reads the organisation's. An
    enterprise is named to itself alone: who trades is told by the papers, to those they are for, once they may be.
    """
    lines = audit.lines(subject)
    ids = {line.actor_id for line in lines if line.actor_id}
    actors = {user.id: user for user in db.session.scalars(select(User).where(User.id.in_(ids)))} if ids else {}
    return [_signed(line, actors.get(line.actor_id or 0), viewer) for line in lines]


def _signed(line: audit.AuditLine, actor: User | None, viewer: User | None) -> Entry:
    if actor is None:
        return Entry(line.at, line.event, line.why, "")
    is_own = viewer is not None and viewer.organisation_id in (actor.organisation_id, actor.organisation.parent_id)
    if actor.role in TRADERS and not is_own:
        return Entry(line.at, line.event, line.why, "", is_party=True)
    if is_own or (viewer is not None and viewer.role is Role.PLATFORM):
        return Entry(line.at, line.event, line.why, f"{actor.organisation.name} · {actor.name}")
    return Entry(line.at, line.event, line.why, actor.organisation.name)

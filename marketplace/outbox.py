"""Effects that leave the process – mail, papers, payments – as rows written in the transaction that caused them.

Delivery is at least once: a row is leased, its handler run in a transaction of its own, and marked done; whatever
breaks in between is tried again with growing pauses. Handlers are therefore idempotent.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Index, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database import Base, Key, db

log = structlog.get_logger()

LEASE = timedelta(minutes=5)
GIVE_UP_AFTER = 12

Handler = Callable[[dict[str, Any], datetime], None]


class Effect(Base):
    """One thing to be done outside."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_waiting", "done_at", "run_at"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    """The cause, so that the same cause never queues the same effect twice."""
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    run_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    last_error: Mapped[str | None]


def enqueue(kind: str, payload: dict[str, Any], *, key: str, now: datetime, run_at: datetime | None = None) -> None:
    """Have ``kind`` done after this transaction commits; a key that is already known is left alone."""
    if db.session.scalar(select(Effect.id).where(Effect.key == key)) is None:
        db.session.add(Effect(key=key, kind=kind, payload=payload, created_at=now, run_at=run_at or now))


def deliver_due(handlers: Mapping[str, Handler], now: datetime, limit: int = 100) -> int:
    """Deliver what is due, each in its own transaction; returns how many were done."""
    done = 0
    for effect_id in _lease(now, limit):
        effect = db.session.get_one(Effect, effect_id)
        try:
            handlers[effect.kind](effect.payload, now)
            effect.done_at, effect.locked_until, effect.last_error = now, None, None
            db.session.commit()
            done += 1
        except Exception as error:  # any failure of an effect is retried, never lost and never fatal to the others
            db.session.rollback()
            log.warning("effect failed", kind=effect.kind, effect=effect_id, error=type(error).__name__)
            effect = db.session.get_one(Effect, effect_id)
            effect.last_error = f"{type(error).__name__}: {error}"[:500]
            effect.locked_until = None
            effect.run_at = now + timedelta(seconds=min(15 * 2**effect.attempts, 3600))
            db.session.commit()
    return done


def _lease(now: datetime, limit: int) -> list[int]:
    waiting = (
        select(Effect)
        .where(
            Effect.done_at.is_(None),
            Effect.run_at <= now,
            Effect.attempts < GIVE_UP_AFTER,
            or_(Effect.locked_until.is_(None), Effect.locked_until < now),
        )
        .order_by(Effect.run_at, Effect.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    effects = list(db.session.scalars(waiting))
    for effect in effects:
        effect.locked_until = now + LEASE
        effect.attempts += 1
    ids = [effect.id for effect in effects]
    db.session.commit()
    return ids


def oldest_waiting(now: datetime) -> float:
    """Seconds the oldest due effect has been waiting; 0 when nothing is."""
    run_at = db.session.scalar(
        select(Effect.run_at).where(Effect.done_at.is_(None), Effect.run_at <= now).order_by(Effect.run_at).limit(1)
    )
    return (now - run_at).total_seconds() if run_at else 0.0


class Heartbeat(Base):
    """When the worker last went round; ``/readyz`` reads it."""

    __tablename__ = "heartbeat"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    at: Mapped[datetime]


def beat(now: datetime) -> None:
    """Note that the worker is alive."""
    heart = db.session.get(Heartbeat, 1)
    if heart is None:
        db.session.add(Heartbeat(id=1, at=now))
    else:
        heart.at = now
    db.session.commit()


def last_beat() -> datetime | None:
    return db.session.scalar(select(Heartbeat.at).where(Heartbeat.id == 1))

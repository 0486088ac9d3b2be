"""The database: one declarative base, times that stay aware, and transactions that mean what they say.

SQLite: the driver keeps its hands off; a request that reads opens a read-only snapshot, one that writes takes the
write lock at once (``BEGIN IMMEDIATE``), and a commit is on disk before it is answered (``synchronous=FULL``: an
acknowledged bid survives a power cut). PostgreSQL: the same code, rows locked with ``FOR UPDATE``.
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from weakref import WeakKeyDictionary

from flask import g, has_app_context
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import BigInteger, DateTime, Engine, Integer, MetaData, String, event
from sqlalchemy.orm import DeclarativeBase, registry
from sqlalchemy.types import JSON, TypeDecorator


class UTCDateTime(TypeDecorator[datetime]):
    """A moment: aware, in UTC, to the microsecond; naive values are refused on the way in."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("moments must be aware")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Word(TypeDecorator[Any]):
    """One word of a closed list (a ``StrEnum``), stored as itself."""

    impl = String(40)
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: Any, dialect: Any) -> str | None:
        return None if value is None else str(self.words(value))

    def process_result_value(self, value: Any, dialect: Any) -> StrEnum | None:
        return None if value is None else self.words(value)


Key = BigInteger().with_variant(Integer, "sqlite")
"""A primary key: 64 bits wide on PostgreSQL, the row id on SQLite."""

Fen = BigInteger
"""The type of every ``*_minor`` column: whole fen."""

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """What every table derives from."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMING),
        type_annotation_map={datetime: UTCDateTime(), dict[str, Any]: JSON(), list[Any]: JSON()},
    )


class RoutingSession(Session):
    """Reads of a GET go to a read-only transaction; a write there fails on both engines."""

    def get_bind(self, *args: Any, **kwargs: Any) -> Any:
        bind = super().get_bind(*args, **kwargs)
        if isinstance(bind, Engine) and has_app_context() and g.get("read_only"):
            return _reading(bind)
        return bind


_READING: WeakKeyDictionary[Engine, Engine] = WeakKeyDictionary()


def _reading(engine: Engine) -> Engine:
    """The engine's read-only face; one per engine, or a session would take a connection per statement."""
    if engine not in _READING:
        options: dict[str, Any] = {"ro": True}
        if engine.dialect.name == "postgresql":
            options["postgresql_readonly"] = True
        _READING[engine] = engine.execution_options(**options)
    return _READING[engine]


db = SQLAlchemy(model_class=Base, session_options={"class_": RoutingSession}, disable_autonaming=True)
migrate = Migrate(render_as_batch=True, compare_type=True)


def prepare(engine: Engine) -> None:
    """Install the SQLite transaction rules on an engine; nothing to do elsewhere."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def configure(dbapi: Any, _record: Any) -> None:
        dbapi.isolation_level = None
        cursor = dbapi.cursor()
        for pragma in ("journal_mode=wal", "synchronous=full", "busy_timeout=15000", "foreign_keys=on"):
            cursor.execute(f"pragma {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        read_only = connection.get_execution_options().get("ro")
        connection.exec_driver_sql(f"PRAGMA query_only={int(bool(read_only))}")
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

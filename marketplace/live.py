"""What changes while a page is open: one event row per change, written in the transaction that made it.

Nothing is announced that was rolled back, the row's id is the event's id, and a browser that lost its connection is
sent what it missed (``Last-Event-ID``). One pump per process reads new rows and hands them to the open streams.
"""

import json
import queue
import threading
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, g
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database import Base, Key, db

HEARTBEAT_SECONDS = 15
POLL_SECONDS = 0.1
BYE = object()


class LiveEvent(Base):
    """One change worth showing to whoever watches ``topic``; holds only what everybody may see."""

    __tablename__ = "live_event"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    topic: Mapped[str] = mapped_column(index=True)
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(index=True)


def announce(topic: str, payload: dict[str, Any], *, now: datetime) -> None:
    """Tell whoever watches ``topic``, once this transaction commits."""
    db.session.add(LiveEvent(topic=topic, payload=payload, created_at=now))


def missed(topic: str, after: int) -> list[tuple[int, dict[str, Any]]]:
    rows = select(LiveEvent.id, LiveEvent.payload).where(LiveEvent.topic == topic, LiveEvent.id > after)
    return [(i, p) for i, p in db.session.execute(rows.order_by(LiveEvent.id))]


def newest() -> int:
    return db.session.scalar(select(func.max(LiveEvent.id))) or 0


def forget_old(now: datetime, keep: timedelta = timedelta(days=2)) -> int:
    """Drop events nobody can still be waiting for."""
    result = db.session.execute(delete(LiveEvent).where(LiveEvent.created_at < now - keep))
    db.session.commit()
    return result.rowcount  # type: ignore[attr-defined, no-any-return]


class Hub:
    """The open streams of one process and the pump that feeds them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: dict[str, set[queue.Queue[Any]]] = defaultdict(set)
        self._pump: threading.Thread | None = None
        self._stopping = threading.Event()

    def subscribe(self, app: Flask, topic: str) -> queue.Queue[Any]:
        listener: queue.Queue[Any] = queue.Queue(maxsize=1000)
        with self._lock:
            self._listeners[topic].add(listener)
            if self._pump is None or not self._pump.is_alive():
                with app.app_context():
                    g.read_only = True
                    start = newest()
                    db.session.remove()
                self._pump = threading.Thread(target=self._run, args=(app, start), daemon=True, name="live-pump")
                self._pump.start()
        return listener

    def unsubscribe(self, topic: str, listener: queue.Queue[Any]) -> None:
        with self._lock:
            self._listeners[topic].discard(listener)
            if not self._listeners[topic]:
                del self._listeners[topic]

    def close(self) -> None:
        """Let every stream end, so that the process can."""
        self._stopping.set()
        with self._lock:
            for listeners in self._listeners.values():
                for listener in listeners:
                    listener.put(BYE)

    def _run(self, app: Flask, last: int) -> None:
        while not self._stopping.wait(POLL_SECONDS):
            with self._lock:
                if not self._listeners:
                    self._pump = None
                    return
            with app.app_context():
                rows = self._new_rows(last)
            for row_id, topic, payload in rows:
                last = row_id
                with self._lock:
                    for listener in self._listeners.get(topic, ()):
                        listener.put((row_id, payload))

    @staticmethod
    def _new_rows(last: int) -> list[tuple[int, str, dict[str, Any]]]:
        """Rows after ``last``; ids may commit out of order on PostgreSQL, so the pages re-read the state they show."""
        g.read_only = True
        newer = select(LiveEvent.id, LiveEvent.topic, LiveEvent.payload).where(LiveEvent.id > last)
        return [(i, t, p) for i, t, p in db.session.execute(newer.order_by(LiveEvent.id).limit(1000))]


hub = Hub()


def stream(app: Flask, topic: str, last_seen: int | None, opening: dict[str, Any]) -> Iterator[bytes]:
    """Server-sent events of one topic: first the present state, then each change; needs no database session."""
    listener = hub.subscribe(app, topic)
    try:
        with app.app_context():
            g.read_only = True
            backlog = missed(topic, last_seen) if last_seen is not None else []
            sent = max(last_seen or 0, newest() if not backlog else backlog[-1][0])
            db.session.remove()
        yield b"retry: 2000\n\n" + _message(sent, opening)
        while True:
            try:
                item = listener.get(timeout=HEARTBEAT_SECONDS)
            except queue.Empty:
                yield b": still here\n\n"
                continue
            if item is BYE:
                return
            yield _message(*item)
    finally:
        hub.unsubscribe(topic, listener)


def _message(event_id: int, payload: dict[str, Any]) -> bytes:
    return f"id: {event_id}\nevent: change\ndata: {json.dumps(payload, ensure_ascii=False)}\n\n".encode()

"""State in one SQLite file: objects as JSON rows, and one transaction per request.

A killed process loses nothing it answered for: an answer leaves only after its transaction was committed,
with the state, the events, the webhook deliveries and the idempotent result. WAL with synchronous=NORMAL
survives the death of the process at any moment (a power cut may lose the last commits, which is bearable).
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Object = dict[str, Any]

_TABLES = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, created INTEGER NOT
    NULL,
    status TEXT, payment_intent TEXT, charge TEXT, due INTEGER, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS objects_kind ON objects (kind, seq);
CREATE INDEX IF NOT EXISTS objects_intent ON objects (payment_intent, kind);
CREATE INDEX IF NOT EXISTS objects_charge ON objects (charge, kind);
CREATE INDEX IF NOT EXISTS objects_due ON objects (due) WHERE due IS NOT NULL;
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL,
    next_at REAL NOT NULL, lane TEXT, answer INTEGER, error TEXT, forgery TEXT);
CREATE INDEX IF NOT EXISTS deliveries_waiting ON deliveries (next_at, id) WHERE state = 'pending';
CREATE INDEX IF NOT EXISTS deliveries_lane ON deliveries (lane, next_at) WHERE state = 'waiting';
CREATE INDEX IF NOT EXISTS deliveries_event ON deliveries (event);
CREATE TABLE IF NOT EXISTS idempotency (
    key TEXT PRIMARY KEY, endpoint TEXT NOT NULL, parameters TEXT NOT NULL, status INTEGER NOT NULL,
    body TEXT NOT NULL, created INTEGER NOT NULL, request_id TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS requests (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL,
    params TEXT NOT NULL, idempotency_key TEXT, status INTEGER, replayed INTEGER NOT NULL, fault TEXT,
    request_id TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS faults (id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
_CLEAR = (
    "DELETE FROM objects",
    "DELETE FROM deliveries",
    "DELETE FROM idempotency",
    "DELETE FROM requests",
    "DELETE FROM faults",
    "DELETE FROM settings",
)


@dataclass(frozen=True)
class Caller:
    """Who causes an event: an API request, or nobody (a person at a page, the clock)."""

    request_id: str | None = None
    idempotency_key: str | None = None


class Tx:
    """One open transaction: `now` is fixed in it, whatever it changes is committed together."""

    def __init__(self, connection: sqlite3.Connection, base_url: str, caller: Caller) -> None:
        self.connection = connection
        self.sql = connection.execute
        self.base_url = base_url
        self.caller = caller
        self.queued = False
        self.now = int(time.time() + self.setting("clock_offset", 0))

    def setting(self, name: str, default: Any) -> Any:
        """A configured value, or `default`."""
        row = self.sql("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
        return default if row is None else json.loads(row[0])

    def configure(self, name: str, value: Any) -> None:
        """Keep a configured value."""
        self.sql(
            "INSERT INTO settings VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, json.dumps(value)),
        )

    def get(self, kind: str, identifier: str) -> Object | None:
        """The stored object, private keys (those with a leading underscore) included."""
        row = self.sql("SELECT body FROM objects WHERE id = ? AND kind = ?", (identifier, kind)).fetchone()
        return None if row is None else _load(row[0])

    def take(self, kind: str, identifier: str) -> Object:
        """The stored object that must exist because another one refers to it."""
        found = self.get(kind, identifier)
        if found is None:
            raise LookupError(f"{kind} {identifier} is referred to but not stored")
        return found

    def find(self, kind: str, condition: str = "1", arguments: tuple[Any, ...] = ()) -> list[Object]:
        """Stored objects of a kind, newest first; `condition` is written in this package, never received."""
        parts = ["SELECT body FROM objects WHERE kind = ? AND", condition, "ORDER BY seq DESC"]
        return [_load(row[0]) for row in self.sql(" ".join(parts), (kind, *arguments))]

    def save(self, item: Object) -> Object:
        """Insert or replace by id; the columns used by lists and by the clock follow the body."""
        self.sql(
            "INSERT INTO objects (id, kind, created, status, payment_intent, charge, due, body) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET status = excluded.status, "
            "payment_intent = excluded.payment_intent, due = excluded.due, body = excluded.body",
            (
                item["id"],
                item["object"],
                item["created"],
                item["type"] if item["object"] == "event" else item.get("status"),
                item.get("payment_intent"),
                item.get("_about") or item.get("charge"),
                item.get("_due"),
                json.dumps(item),
            ),
        )
        return item


class Store:
    """The file, one connection and one lock: requests change state one after another."""

    def __init__(self, path: Path | str) -> None:
        self.base_url = ""
        self.wake = threading.Event()
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.execute("PRAGMA busy_timeout=10000")
        self._connection.executescript(_TABLES)
        self._add_missing_columns()

    @contextmanager
    def transaction(self, caller: Caller = Caller()) -> Iterator[Tx]:
        """Commit what happens inside, or nothing of it; then wake the webhook sender."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                tx = Tx(self._connection, self.base_url, caller)
                yield tx
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")
        if tx.queued:
            self.wake.set()

    @contextmanager
    def savepoint(self, tx: Tx) -> Iterator[None]:
        """Undo what happens inside when it raises, and keep the transaction around it."""
        tx.sql("SAVEPOINT step")
        try:
            yield
        except BaseException:
            tx.sql("ROLLBACK TO step")
            tx.sql("RELEASE step")
            raise
        tx.sql("RELEASE step")

    def clear(self, *, keep: tuple[str, ...] = ("webhook",)) -> None:
        """Forget everything except the settings named in `keep`."""
        with self.transaction() as tx:
            kept = {name: tx.setting(name, None) for name in keep}
            for statement in _CLEAR:
                tx.sql(statement)
            for name, value in kept.items():
                tx.configure(name, value)

    def _add_missing_columns(self) -> None:
        """A file of an earlier simulator lacks what came later."""
        columns = [row[1] for row in self._connection.execute("PRAGMA table_info(deliveries)")]
        if "forgery" not in columns:
            self._connection.execute("ALTER TABLE deliveries ADD COLUMN forgery TEXT")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()


def new_id(prefix: str, length: int = 24) -> str:
    """An id in Stripe's style."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    return prefix + "".join(secrets.choice(alphabet) for _ in range(length))


def _load(body: str) -> Object:
    loaded: Object = json.loads(body)
    return loaded

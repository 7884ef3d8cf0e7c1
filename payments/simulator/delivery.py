"""Sends events to the webhook endpoint, signed, until it answers 2xx (docs.stripe.com/webhooks)."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import logging
import queue
import threading
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from payments.simulator.events import start_lane
from payments.simulator.forgeries import forged
from payments.simulator.store import Store, Tx
from payments.simulator.views import public

log = logging.getLogger(__name__)
BACK_OFF = (1, 2, 4, 8, 15, 30, 60)
MOST_ATTEMPTS = 20
WORKERS = 4
TIMEOUT = 10
_WAITING = (
    "SELECT id, event, attempts, lane, forgery, next_at FROM deliveries WHERE state = 'pending' "
    "ORDER BY next_at, id LIMIT 64"
)


@dataclass(frozen=True)
class Job:
    """One attempt."""

    delivery: int
    attempt: int
    lane: str | None
    url: str
    secrets: tuple[str, ...]
    payload: bytes
    forgery: str | None = None


def signature(payload: bytes, secrets: tuple[str, ...], moment: int) -> str:
    """The Stripe-Signature header, one v1 per secret (docs.stripe.com/webhooks#verify-manually)."""
    signed = f"{moment}.".encode() + payload
    marks = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets]
    return ",".join([f"t={moment}", *(f"v1={mark}" for mark in marks)])


class Sender:
    """One dispatcher, a few workers: order isn't promised, as at Stripe, except within a lane."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._busy: set[int] = set()
        self._stop_asked = threading.Event()
        self._jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()
        # Daemons: a receiver that hangs must not keep the process from ending.
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(WORKERS)]
        self._threads.append(threading.Thread(target=self._run, name="dispatcher", daemon=True))

    def start(self) -> None:
        """Begin with whatever an earlier process left undelivered."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop sending; what is unsent stays in the file."""
        self._stop_asked.set()
        self._store.wake.set()

    def _run(self) -> None:
        while not self._stop_asked.is_set():
            self._store.wake.clear()
            try:
                wait = self._dispatch()
            except Exception:
                # The queue must go on after a surprise; the traceback is the report.
                log.exception("dispatch failed")
                wait = 1.0
            self._store.wake.wait(wait)

    def _dispatch(self) -> float:
        """Hand what is due to the workers; seconds until the next look."""
        with self._store.transaction() as tx:
            jobs, wait = self._due(tx)
        for job in jobs:
            self._jobs.put(job)
        return wait

    def _work(self) -> None:
        while not self._stop_asked.is_set():
            self._attempt(self._jobs.get())

    def _due(self, tx: Tx) -> tuple[list[Job], float]:
        jobs: list[Job] = []
        for *what, next_at in tx.sql(_WAITING).fetchall():
            if next_at > time.time():
                return jobs, min(0.5, max(0.005, next_at - time.time()))
            # Only this thread adds to what is busy, so nothing comes between the look and the claim.
            if what[0] not in self._busy:
                jobs.append(_job(tx, *what))
                self._busy.add(what[0])
            if len(self._busy) >= 4 * WORKERS:
                break
        return jobs, 0.5

    def _attempt(self, job: Job) -> None:
        try:
            answer, error = _post(job)
            with self._store.transaction() as tx:
                _record(tx, job, answer, error)
        except Exception:
            # Unrecorded means tried again, which every receiver of webhooks must bear.
            log.exception("delivery %s could not be recorded", job.delivery)
        finally:
            self._busy.discard(job.delivery)
            self._store.wake.set()


def _job(tx: Tx, delivery: int, event_id: str, attempts: int, lane: str | None, forgery: str | None) -> Job:
    webhook = tx.setting("webhook", None) or {}
    event = public(tx, tx.take("event", event_id))
    url, secrets = webhook.get("url") or "", tuple(webhook.get("secrets", ()))
    return Job(delivery, attempts + 1, lane, url, secrets, json.dumps(event, indent=2).encode(), forgery)


def _post(job: Job) -> tuple[int | None, str | None]:
    payload, mark = _signed(job)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        **({} if mark is None else {"Stripe-Signature": mark}),
    }
    try:
        return _send(job, payload, headers)
    except (OSError, ValueError, http.client.HTTPException) as error:
        return None, str(error)[:300]


def _signed(job: Job) -> tuple[bytes, str | None]:
    """Body and signature. Real time, whatever the simulator's clock says: receivers refuse what is off."""
    moment = int(time.time())
    if job.forgery is None:
        return job.payload, signature(job.payload, job.secrets, moment)
    return forged(job.forgery, job.payload, lambda body, at: signature(body, job.secrets, at), moment)


def _send(job: Job, payload: bytes, headers: dict[str, str]) -> tuple[int | None, str | None]:
    """Only 2xx counts; a redirect is not followed, as Stripe doesn't either."""
    parts = urlsplit(job.url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=TIMEOUT)
    try:
        target = parts.path or "/"
        connection.request("POST", f"{target}?{parts.query}" if parts.query else target, payload, headers)
        answer = connection.getresponse()
        answer.read()
    finally:
        connection.close()
    return answer.status, None if 200 <= answer.status < 300 else f"HTTP {answer.status}"


def _record(tx: Tx, job: Job, answer: int | None, error: str | None) -> None:
    if answer is not None and 200 <= answer < 300:
        state = "succeeded"
    else:
        state = "failed" if job.forgery or job.attempt >= MOST_ATTEMPTS else "pending"
    next_at = time.time() + BACK_OFF[min(job.attempt, len(BACK_OFF)) - 1]
    tx.sql(
        "UPDATE deliveries SET state = ?, attempts = ?, next_at = ?, answer = ?, error = ? "
        "WHERE id = ? AND state = 'pending'",
        (state, job.attempt, next_at, answer, error, job.delivery),
    )
    if job.lane is not None and job.attempt == 1:
        start_lane(tx, job.lane)

"""Does dangerous things in forks of itself.

Each line on stdin is a JSON list of jobs: all of them are done at the same moment, each in a fork with a
connection of its own, and the answer is a JSON list of what became of them. A fork that kills itself costs a few
milliseconds, because everything is loaded once.
"""

import gc
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

import stripe
from django.conf import settings
from django.db import connection, connections
from django.template.loader import get_template
from django.urls import get_resolver
from django.utils import timezone

from payments import gateway
from tests.faults import actions, broken, points

type Job = dict[str, Any]
PATIENCE = 60  # seconds until a fork counts as hanging


def serve(database: str, stripe_url: str) -> None:
    """Serve until stdin ends."""
    settings.DATABASES["default"]["NAME"] = database
    settings.STRIPE_API_BASE = stripe_url
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.dummy.EmailBackend"}}
    warm_up()
    for line in sys.stdin:
        print(json.dumps(together(json.loads(line))), flush=True)  # noqa: T201


def warm_up() -> None:
    """Load now, once for all forks, what is otherwise loaded when it is first used."""
    get_resolver().check()
    for template in (settings.BASE_DIR / "templates").rglob("*/*.[ht][tx][mt]*"):
        get_template(str(template.relative_to(settings.BASE_DIR / "templates")))
    for name in ("Charge", "Event", "PaymentIntent", "Refund", "BalanceTransaction", "checkout"):
        getattr(stripe, name)
    client = gateway.client()
    gateway._client.cache_clear()
    # The library waits half a second and more before it asks again.
    waits: Any = stripe.HTTPClient
    waits.INITIAL_DELAY, waits.MAX_DELAY = 0.01, 0.02
    for part in (client.v1.payment_intents, client.v1.refunds, client.v1.checkout.sessions):
        assert part is not None
    gc.freeze()  # a collection in a fork would copy every page that it looks at
    gc.disable()


def together(jobs: list[Job]) -> list[dict[str, Any]]:
    """Start all jobs, let them go at the same moment, and return what became of each."""
    gate, lever = os.pipe()
    forks = [fork(job, gate, lever) for job in jobs]
    os.close(gate)
    for each in forks:
        os.read(each.pipe, 1)  # it is connected and waits at the gate
    os.close(lever)
    return [each.ended() for each in forks]


@dataclass(frozen=True)
class Fork:
    """A running job; what it says arrives on the pipe."""

    pid: int
    pipe: int

    def ended(self) -> dict[str, Any]:
        """Wait for its end and return what it said."""
        with os.fdopen(self.pipe) as pipe:
            said = [json.loads(line) for line in pipe]
        _, status = os.waitpid(self.pid, 0)
        result = {"answer": "", "words": "", "error": "", "seconds": 0.0}
        for each in said:
            result.update(each if "point" not in each else {})
        number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        error = "it hung" if number == signal.SIGALRM else result["error"]
        labels = [each["point"] for each in said if "point" in each]
        return {**result, "killed": number == signal.SIGKILL, "error": error, "points": labels}


def fork(job: Job, gate: int, lever: int) -> Fork:
    """Start one job; it waits at the gate until the lever is closed everywhere."""
    pipe, voice = os.pipe()
    pid = os.fork()
    if pid:
        os.close(voice)
        return Fork(pid, pipe)
    signal.alarm(PATIENCE)
    os.dup2(2, 1)  # stdout belongs to the protocol
    os.close(lever)
    try:
        perform(job, gate, voice)
    except BaseException:  # whatever it is, it is the answer
        tell(voice, error=traceback.format_exc())
    finally:
        os._exit(0)


def perform(job: Job, gate: int, voice: int) -> None:
    """Do one job, telling each point on the way."""
    connection.ensure_connection()
    os.write(voice, b"\n")
    os.read(gate, 1)  # ends when nobody holds the lever any more
    time.sleep(job.get("delay", 0))
    counter = points.Points(kill_at=job.get("kill_at", 0), tell=lambda label: tell(voice, point=label))
    started = time.monotonic()
    with broken.build(job.get("broken", "")), later(job.get("later", 0)), impatient(job), counter.watched():
        answer, words = actions.ACTIONS[job["do"]](job)
    tell(voice, answer=answer, words=words, seconds=time.monotonic() - started)
    connections.close_all()


@contextmanager
def later(seconds: float) -> Iterator[None]:
    """Move the product's clock ahead."""
    now = timezone.now

    def ahead() -> datetime:
        return now() + timedelta(seconds=seconds)

    with mock.patch.object(timezone, "now", ahead):
        yield


@contextmanager
def impatient(job: Job) -> Iterator[None]:
    """Give Stripe less time to answer than the product does, where a job says so."""
    with mock.patch.object(gateway, "TIMEOUT", job.get("timeout", gateway.TIMEOUT)):
        yield


def tell(voice: int, **said: Any) -> None:
    """Write one line at once: nothing may be left in a buffer when the process is killed."""
    os.write(voice, json.dumps(said).encode() + b"\n")

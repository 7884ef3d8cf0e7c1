"""Does dangerous things in forks of itself.

Each line on stdin is a JSON list of jobs: all of them are done at the same moment, each in a fork with a
connection of its own, and the answer is a JSON list of what became of them. A fork that kills itself costs a few
milliseconds, because everything is loaded once. A single job that nobody kills is done here, without a fork: what it
loads is there for the forks that come.
"""

import gc
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from unittest import mock

import stripe
from django.conf import settings
from django.db import connection, connections
from django.template.loader import get_template
from django.urls import get_resolver
from django.utils import timezone

from payments import gateway
from tests.faults import actions, broken, outages, points

type Job = dict[str, Any]
type Voice = Callable[..., None]
PATIENCE: Final = 60  # seconds until a fork counts as hanging
# How long a stopped fork waits at most for the others (seconds), unless they wait for a lock that it holds.
PAUSE: Final = 10
# A job with one of these is done in a fork.
FORKED: Final = ("kill_at", "fail_at", "fork", "role")
SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


def serve(database: str, stripe_url: str) -> None:
    """Serve until stdin ends."""
    settings.DATABASES["default"]["NAME"] = database
    settings.STRIPE_API_BASE = stripe_url
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.dummy.EmailBackend"}}
    warm_up()
    answers, sys.stdout = sys.stdout, sys.stderr  # what the jobs print belongs into the log
    for line in sys.stdin:
        print(json.dumps(together(json.loads(line))), file=answers, flush=True)


def warm_up() -> None:
    """Load now, once for all forks, what is otherwise loaded when it is first used."""
    get_resolver().check()
    for template in (settings.BASE_DIR / "templates").rglob("*/*.[ht][tx][mt]*"):
        get_template(str(template.relative_to(settings.BASE_DIR / "templates")))
    for name in ("Charge", "Dispute", "Event", "PaymentIntent", "Refund", "BalanceTransaction", "checkout"):
        getattr(stripe, name)
    client = gateway.client()
    gateway._client.cache_clear()
    # The library waits half a second and more before it asks again.
    waits: Any = stripe.HTTPClient
    waits.INITIAL_DELAY, waits.MAX_DELAY = 0.01, 0.02
    for part in (client.v1.payment_intents, client.v1.refunds, client.v1.checkout.sessions, client.v1.disputes):
        assert part is not None
    gc.freeze()  # a collection in a fork would copy every page that it looks at
    gc.disable()


def together(jobs: list[Job]) -> list[dict[str, Any]]:
    """Start all jobs, let them go at the same moment, and return what became of each."""
    first, *others = jobs
    if not others and not any(first.get(name) for name in FORKED):
        return [done_here(first)]
    if first.get("pause_at"):
        return interleaved(first, others)
    forks = start(jobs)
    return [each.ended() for each in forks]


def start(jobs: list[Job]) -> "list[Fork]":
    """Let jobs go at the same moment."""
    gate, lever = os.pipe()
    forks = [fork(job, gate, lever) for job in jobs]
    os.close(gate)
    for each in forks:
        os.read(each.pipe, 1)  # it is connected and waits at the gate
    os.close(lever)
    return forks


def interleaved(first: Job, others: list[Job]) -> list[dict[str, Any]]:
    """Stop the first job at its point, do the others as far as they come, and let it go on."""
    (stopped,) = start([first])
    is_stopped = stopped.stops()
    rest = start(others)
    if is_stopped:
        wait_until_stuck(rest)
        os.kill(stopped.pid, signal.SIGCONT)
    return [each.ended() for each in (stopped, *rest)]


def wait_until_stuck(forks: "list[Fork]") -> None:
    """Return when each fork has ended or waits for a lock."""
    deadline = time.monotonic() + PAUSE
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            running = sum(not each.is_over() for each in forks)
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
            if cursor.fetchone()[0] >= running:
                break
            time.sleep(0.01)
    connections.close_all()


@dataclass
class Fork:
    """A running job; what it says arrives on the pipe."""

    pid: int
    pipe: int
    status: int | None = None

    def stops(self) -> bool:
        """Wait until it has stopped itself; False if it has ended instead."""
        _, status = os.waitpid(self.pid, os.WUNTRACED)
        if os.WIFSTOPPED(status):
            return True
        self.status = status
        return False

    def is_over(self) -> bool:
        """Whether it has ended."""
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.status = status if pid else None
        return self.status is not None

    def ended(self) -> dict[str, Any]:
        """Wait for its end and return what it said."""
        with os.fdopen(self.pipe) as pipe:
            said = [json.loads(line) for line in pipe]
        if self.status is None:
            _, self.status = os.waitpid(self.pid, 0)
        number = os.WTERMSIG(self.status) if os.WIFSIGNALED(self.status) else 0
        return summed_up(said, number)


def summed_up(said: list[dict[str, Any]], number: int = 0) -> dict[str, Any]:
    """Return what became of a job, by what it said and the signal that ended it."""
    result = {"answer": "", "words": "", "error": "", "seconds": 0.0}
    for each in said:
        result.update(each if "point" not in each else {})
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

    def tell(**said: Any) -> None:
        """Write one line at once: nothing may be left in a buffer when the process is killed."""
        os.write(voice, json.dumps(said).encode() + b"\n")

    try:
        if role := job.get("role"):
            connection.settings_dict["USER"] = role
        else:
            connection.ensure_connection()
        os.write(voice, b"\n")
        os.read(gate, 1)  # ends when nobody holds the lever any more
        perform(job, tell)
    except BaseException:  # whatever it is, it is the answer
        tell(error=traceback.format_exc())
    finally:
        os._exit(0)


def done_here(job: Job) -> dict[str, Any]:
    """Do one job in this process, and leave no connection that a fork could inherit."""
    said: list[dict[str, Any]] = []
    handlers = [signal.getsignal(number) for number in SIGNALS]
    signal.alarm(PATIENCE)
    try:
        perform(job, lambda **each: said.append(each))
    except BaseException:  # whatever it is, it is the answer
        said.append({"error": traceback.format_exc()})
    finally:
        signal.alarm(0)
        hang_up()
        for number, handler in zip(SIGNALS, handlers, strict=True):
            signal.signal(number, handler)
    return summed_up(said)


def hang_up() -> None:
    """Close what is open to the database and to Stripe."""
    connections.close_all()
    if gateway._client.cache_info().currsize:
        gateway.client()._requestor._client.close()
        gateway._client.cache_clear()


def perform(job: Job, tell: Voice) -> None:
    """Do one job, telling each point on the way."""
    time.sleep(job.get("delay", 0))
    planned = {
        job.get("kill_at", 0): points.KILLED,
        job.get("pause_at", 0): points.STOPPED,
        job.get("fail_at", 0): outages.OUTAGES.get(job.get("outage", ""), points.KILLED),
    }
    counter = points.Points(planned, tell=lambda label: tell(point=label))
    started = time.monotonic()
    with (
        broken.build(job.get("broken", "")),
        later(job.get("later", 0)),
        impatient(job),
        outages.mail_of(job),
        counter.watched(),
    ):
        answer, words = actions.ACTIONS[job["do"]](job)
    tell(answer=answer, words=words, seconds=time.monotonic() - started)
    connections.close_all()


@contextmanager
def later(seconds: float) -> Iterator[None]:
    """Move the product's clock ahead."""
    now = timezone.now

    def ahead() -> datetime:
        return now() + timedelta(seconds=seconds)

    with mock.patch.object(timezone, "now", ahead if seconds else now):
        yield


@contextmanager
def impatient(job: Job) -> Iterator[None]:
    """Give Stripe less time to answer than the product does, where a job says so."""
    with mock.patch.object(gateway, "TIMEOUT", job.get("timeout", gateway.TIMEOUT)):
        yield

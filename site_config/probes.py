"""What machines ask: is this process alive, is it of use, and how are things?

They ask by whatever name or address the process has inside a network, without TLS and without a session, so they
are answered before anything else looks at the request.
"""

import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, JsonResponse
from django.utils import timezone

from bookings import shared_cache
from payments import heartbeat
from site_config import metrics

type GetResponse = Callable[[HttpRequest], HttpResponseBase]

# A mail that waits for so long says that no worker sends them, or that the mail server takes none.
MAIL_WAITS: Final = 15 * 60


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `is_vital` where the process is of no use without it."""

    name: str
    is_good: bool
    is_vital: bool = False
    # Ages in seconds, moments in UTC.
    facts: tuple[tuple[str, Any], ...] = ()


class ProbesMiddleware:
    """Answer /healthz, /readyz and /metrics; everything else goes on."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = PROBES.get(request.path_info)
        if answer is None:
            return self.get_response(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        response = answer(request)
        response.headers["Cache-Control"] = "no-store"
        return response


def alive(_request: HttpRequest) -> HttpResponse:
    """Say that the process answers; nothing else is asked, so that a slow database restarts no process."""
    return HttpResponse("ok", content_type="text/plain")


def ready(_request: HttpRequest) -> HttpResponse:
    """Say whether requests may be sent here: 503 without a database, or before its migrations have run.

    A silent worker or a mail that waits is told, and refuses nothing: guests and staff can still be served.
    """
    findings = list(looked_at(timezone.now()))
    is_ready = all(each.is_good for each in findings if each.is_vital)
    body = {
        "ready": is_ready,
        "checks": {each.name: {"ok": each.is_good, **dict(each.facts)} for each in findings},
    }
    return JsonResponse(body, status=200 if is_ready else 503)


def looked_at(now: datetime) -> Iterator[Finding]:
    """Look at one thing after the other; where there is no database, nothing else can be seen."""
    try:
        connection.ensure_connection()
        missing = unapplied()
        yield Finding("database", True, is_vital=True)
        yield Finding("migrations", not missing, is_vital=True, facts=(("missing", missing),))
        if not missing:
            yield from (mails(now), worker(now), webhooks())
        if shared_cache.shared():
            # Without it each process counts wrong tries by itself; that refuses nobody.
            yield Finding("cache", shared_cache.is_answering())
    except DatabaseError:
        yield Finding("database", False, is_vital=True)


def unapplied() -> int:
    """Return how many migrations have not run."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def mails(now: datetime) -> Finding:
    """How long the mail waits that should have left first."""
    oldest = metrics.oldest_mail(now)
    age = round((now - oldest).total_seconds()) if oldest else 0
    return Finding("outbox", age < MAIL_WAITS, facts=(("oldest_seconds", age),))


def worker(now: datetime) -> Finding:
    """When a worker last turned."""
    return Finding("worker", heartbeat.is_alive(now), facts=(("last_at", in_utc(heartbeat.last())),))


def webhooks() -> Finding:
    """When Stripe last sent something; a quiet hotel hears nothing for days, so that nothing is wrong by itself."""
    return Finding("webhook", True, facts=(("last_at", in_utc(metrics.last_webhook())),))


def in_utc(moment: datetime | None) -> str | None:
    """Return a moment as text."""
    return moment.isoformat(timespec="seconds") if moment else None


def measured(request: HttpRequest) -> HttpResponse:
    """Give the numbers to who knows the token; without a token in the settings there is nothing here."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").encode()
    if not settings.METRICS_TOKEN:
        return HttpResponse(status=404)
    if not hmac.compare_digest(given, settings.METRICS_TOKEN.encode()):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    return HttpResponse(metrics.exposition(timezone.now()), content_type=metrics.CONTENT_TYPE)


PROBES: Final[dict[str, Callable[[HttpRequest], HttpResponse]]] = {
    "/healthz": alive,
    "/readyz": ready,
    "/metrics": measured,
}

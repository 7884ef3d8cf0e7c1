"""What a load balancer and Prometheus are told."""

from datetime import datetime, timedelta

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone

from bookings.models import Message
from payments import heartbeat
from site_config.metrics import WAITING
from tests import factories

TOKEN = "0123456789-abcdef"


def test_process_is_alive_without_a_database_and_under_any_name(client: Client):
    answer = client.get("/healthz", headers={"host": "10.0.0.7"})
    assert (answer.status_code, answer.content, answer.headers["Cache-Control"]) == (200, b"ok", "no-store")
    assert not answer.cookies


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_probes_are_only_read(client: Client, path: str):
    assert client.post(path).status_code == 405


@pytest.mark.django_db
def test_ready_says_what_was_looked_at(client: Client):
    answer = client.get("/readyz", headers={"host": "10.0.0.7"})
    assert answer.status_code == 200
    assert answer.json() == {
        "ready": True,
        "checks": {
            "database": {"ok": True},
            "migrations": {"ok": True, "missing": 0},
            "outbox": {"ok": True, "oldest_seconds": 0},
            "worker": {"ok": False, "last_at": None},
            "webhook": {"ok": True, "last_at": None},
        },
    }


@pytest.mark.django_db
def test_ready_tells_of_a_worker_that_turns_and_of_a_mail_that_waits(client: Client):
    now = timezone.now()
    heartbeat.beat(now)
    queued(due=now - timedelta(minutes=16))
    checks = client.get("/readyz").json()["checks"]
    assert checks["worker"] == {"ok": True, "last_at": now.isoformat(timespec="seconds")}
    assert (checks["outbox"]["ok"], checks["outbox"]["oldest_seconds"] in range(960, 970)) == (False, True)


@pytest.mark.django_db
def test_not_ready_before_the_migrations_have_run(client: Client):
    MigrationRecorder(connection).migration_qs.filter(app="payments").order_by("-id").first().delete()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["ready"]) == (503, False)
    assert answer.json()["checks"] == {"database": {"ok": True}, "migrations": {"ok": False, "missing": 1}}


def test_not_ready_without_a_database(client: Client, monkeypatch: pytest.MonkeyPatch):
    def gone() -> None:
        raise OperationalError("the password of the database")

    monkeypatch.setattr(connection, "ensure_connection", gone)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"ready": False, "checks": {"database": {"ok": False}}})


def test_metrics_are_off_without_a_token(client: Client):
    assert client.get("/metrics", headers={"authorization": "Bearer "}).status_code == 404


@pytest.mark.parametrize("given", ["", "Bearer wrong", "Bearer ", "Bearer ü"])
def test_metrics_are_refused_to_others(client: Client, settings, given: str):
    settings.METRICS_TOKEN = TOKEN
    answer = client.get("/metrics", headers={"authorization": given})
    assert (answer.status_code, answer.content) == (401, b"")


@pytest.mark.django_db
def test_metrics_count_what_waits(client: Client, settings):
    settings.METRICS_TOKEN = TOKEN
    before = scraped(client)
    assert set(before) >= {f"innkeep_{name}" for name in WAITING}
    assert set(before.values()) == {0.0}
    now = timezone.now()
    queued(due=now - timedelta(seconds=90))
    heartbeat.beat(now)
    found = scraped(client)
    assert found["innkeep_mails_waiting"] == 1
    assert 90 <= found["innkeep_mail_oldest_age_seconds"] < 100
    assert found["innkeep_worker_last_turn_timestamp_seconds"] == pytest.approx(now.timestamp(), abs=0.001)


def queued(*, due: datetime) -> None:
    """A mail that should have left."""
    Message.objects.create(booking=factories.BookingFactory(), kind="approved", subject="", to="", next_at=due)


def scraped(client: Client) -> dict[str, float]:
    """The numbers as Prometheus reads them."""
    answer = client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    lines = [line for line in answer.content.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.split(" ") for line in lines)}

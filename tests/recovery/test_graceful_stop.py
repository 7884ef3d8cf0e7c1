"""A process that is asked to end finishes what it has in hand: the guest gets the answer, the money its record."""

import json
import os
import signal
import sys
import threading
import time
import urllib.request
from datetime import timedelta

import pytest
from django.utils import timezone

from payments import decisions
from payments.models import PaymentOperation
from site_config import processes
from site_config.devtools.postgresql import free_port
from tests.api.calls import address, key_of
from tests.stays import AtStripe, at_stripe, by_staff, confirmed, fresh, paid

pytestmark = pytest.mark.django_db(transaction=True)

CAPTURES = {"method": "POST", "path_regex": "/capture$"}
REFUNDS = {"method": "POST", "path_regex": "^/v1/refunds$"}
PATIENCE = 60


@pytest.fixture
def variables(database_url, stripe_simulator):
    return os.environ | {
        "DATABASE_URL": database_url,
        "DJANGO_SETTINGS_MODULE": "site_config.settings",
        "STRIPE_API_BASE": stripe_simulator.url,
    }


def wait_until(check, what):
    deadline = time.monotonic() + PATIENCE
    while not check():
        assert time.monotonic() < deadline, f"{what} did not come"
        time.sleep(0.05)


def answers(port):
    try:
        with urllib.request.urlopen(f"http://localhost:{port}/healthz", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def is_at_stripe(simulator, end):
    """Whether a request that moves money has reached Stripe."""
    rows = simulator.look("requests")
    return any(each["method"] == "POST" and each["path"].endswith(end) for each in rows)


def test_request_in_hand_is_answered_after_sigterm(variables, stripe_simulator, tmp_path):
    booking = confirmed(stripe_simulator)
    stripe_simulator.control("faults", kind="slow_after", seconds=3, times=1, match=REFUNDS)
    port, answered = free_port(), []
    serve = [sys.executable, "-m", "gunicorn", "site_config.wsgi", "--bind", f"127.0.0.1:{port}"]
    # As deploy/systemd/innkeep-web.service starts it.
    options = ["--workers", "2", "--preload", "--worker-tmp-dir", "/dev/shm", "--graceful-timeout", "30"]  # noqa: S108
    headers = {"Authorization": f"Bearer {key_of(booking)}", "Content-Type": "application/json"}
    request = urllib.request.Request(
        f"http://localhost:{port}{address(booking, 'cancel/')}", b"{}", headers, method="POST"
    )

    def press():
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            answered.append((answer.status, json.load(answer)["success"]))

    child = processes.start([*serve, *options], log=tmp_path / "web.log", env=variables)
    try:
        wait_until(lambda: answers(port), "the server")
        guest = threading.Thread(target=press)
        guest.start()
        wait_until(lambda: is_at_stripe(stripe_simulator, "/refunds"), "the refund")
        assert answered == []
        child.send_signal(signal.SIGTERM)
        assert child.wait(timeout=PATIENCE) == 0
        guest.join(timeout=PATIENCE)
    finally:
        processes.stop(child)
    assert answered == [(200, True)]
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, refunded=34000, captures=1, refunds=1)
    assert fresh(booking).status == "CANCELLED"
    assert not PaymentOperation.objects.filter(status="pending").exists()


def test_operation_in_the_workers_hand_is_settled_after_sigterm(variables, stripe_simulator, tmp_path):
    booking = paid(stripe_simulator)
    stripe_simulator.control("faults", kind="drop_before", times=3, match=CAPTURES)
    with by_staff():
        decisions.approve(booking)
    operation = PaymentOperation.objects.get(status="pending")
    PaymentOperation.objects.filter(pk=operation.pk).update(created_at=timezone.now() - timedelta(minutes=1))
    tried = len(stripe_simulator.look("requests"))
    stripe_simulator.control("faults", kind="slow_after", seconds=3, times=1, match=CAPTURES)
    command = [sys.executable, "manage.py", "worker"]
    child = processes.start(command, log=tmp_path / "worker.log", env=variables)
    try:
        wait_until(lambda: at_stripe(stripe_simulator, booking).captures == 1, "the capture")
        assert PaymentOperation.objects.get(pk=operation.pk).is_open
        child.send_signal(signal.SIGTERM)
        assert child.wait(timeout=PATIENCE) == 0
    finally:
        processes.stop(child)
    assert len(stripe_simulator.look("requests")) > tried
    assert PaymentOperation.objects.get(pk=operation.pk).status == "succeeded"
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, captures=1)
    assert fresh(booking).status == "CONFIRMED"

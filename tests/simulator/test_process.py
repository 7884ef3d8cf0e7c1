"""The process: starting, refusing live keys, being killed."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import stripe

from tests.simulator.world import KEY, ROOT, Simulator, session_params


@pytest.mark.parametrize("key", ["sk_live_1", "rk_live_1", "whatever"])
def test_start_is_refused_with_other_than_a_test_key(tmp_path: Path, key: str) -> None:
    command = [sys.executable, "-m", "payments.simulator", "--port", "0", "--api-key", key]
    command += ["--state", str(tmp_path / "s.sqlite3")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=10)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Refusing to start: ")


def test_start_is_quick_and_stop_is_clean(tmp_path: Path) -> None:
    began = time.monotonic()
    simulator = Simulator(tmp_path / "s.sqlite3")
    took = time.monotonic() - began
    assert simulator.stop() == 0
    assert took < 2.0


def test_imports_neither_django_nor_stripe() -> None:
    names = "{'django', 'stripe', 'bookings', 'cancellations', 'site_config'}"
    check = f"import sys, payments.simulator.__main__; print({names} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", check], cwd=ROOT, capture_output=True, text=True, timeout=10)
    assert done.stdout == "set()\n"


def test_kill_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    simulator = Simulator(tmp_path / "s.sqlite3")
    intent = simulator.captured()
    options: stripe.RequestOptions = {"idempotency_key": "k"}
    refund = simulator.stripe.refunds.create({"payment_intent": intent.id, "amount": 700}, options)
    simulator.advance(1000)
    simulator.kill()

    simulator.start()
    again = simulator.stripe.refunds.create({"payment_intent": intent.id, "amount": 700}, options)
    assert again.id == refund.id
    assert simulator.money() == (10000, 10000, 700)
    assert simulator.control("GET", "clock")["offset"] == 1000
    simulator.stop()


def test_kill_while_executing_leaves_no_key_in_flight(tmp_path: Path) -> None:
    simulator = Simulator(tmp_path / "s.sqlite3")
    intent = simulator.captured()
    simulator.fault("slow", seconds=30, match={"path_regex": "refunds"})
    params, options = {"payment_intent": intent.id, "amount": 700}, {"idempotency_key": "k"}
    failed: list[stripe.StripeError] = []

    def waits() -> None:
        try:
            simulator.stripe.refunds.create(params, options)
        except stripe.APIConnectionError as error:
            failed.append(error)

    thread = threading.Thread(target=waits)
    thread.start()
    time.sleep(0.3)
    simulator.kill()
    thread.join()
    simulator.start()
    assert (len(failed), simulator.money()) == (1, (10000, 10000, 0))
    assert simulator.stripe.refunds.create(params, options).status == "succeeded"
    simulator.stop()


def test_killed_again_and_again_while_busy_stays_whole(tmp_path: Path) -> None:
    simulator = Simulator(tmp_path / "s.sqlite3")
    made: dict[str, str] = {}
    for attempt in range(3):
        api = simulator.client()

        def work(attempt: int = attempt, api: stripe.V1Services = api) -> None:
            for number in range(10_000):
                key = f"{attempt}:{number}"
                try:
                    made[key] = api.checkout.sessions.create(session_params(), {"idempotency_key": key}).id
                except stripe.APIConnectionError:
                    return

        thread = threading.Thread(target=work)
        thread.start()
        time.sleep(0.3)
        simulator.kill()
        thread.join()
        simulator.start()
    assert len(made) > 30
    for key, identifier in made.items():
        again = simulator.stripe.checkout.sessions.create(session_params(), {"idempotency_key": key})
        assert again.id == identifier
    kept = {row.id for row in simulator.stripe.checkout.sessions.list({"limit": 100}).auto_paging_iter()}
    assert set(made.values()) <= kept
    assert len(kept) <= len(made) + 3
    simulator.stop()


def test_session_address_follows_the_port(tmp_path: Path) -> None:
    simulator = Simulator(tmp_path / "s.sqlite3")
    session = simulator.checkout()
    simulator.kill()
    simulator.start()
    shown = simulator.stripe.checkout.sessions.retrieve(session.id)
    assert shown.url == f"{simulator.url}/pay/{session.id}"
    assert KEY not in (simulator.control("GET", "requests") or "")
    simulator.stop()

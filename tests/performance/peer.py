"""dj-stripe beside ours: what it does with an event, and how fast, when Stripe answers at once and in 100 ms.

It works in a place of its own (.bench-venv), with its newest release, on the same gunicorn and PostgreSQL: its Django
and its Stripe library need not be ours. `processed` is also the reference for the whole way from webhook to booking.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import stripe

from site_config import processes
from tests import simulator_process
from tests.performance import webhooks
from tests.performance.database import empty
from tests.performance.webhooks import Measured
from tests.simulator_process import StripeSimulator

CHECKOUT: Final = Path(__file__).resolve().parents[2]
PLACE: Final = CHECKOUT / ".bench-venv"
PYTHON: Final = PLACE / "bin" / "python"
REQUIREMENTS: Final = Path(__file__).with_name("requirements-reference.txt")
# As in tests/performance/peer_site.py, which only the other environment can import.
PATH: Final = "/stripe/webhook/6f1f3a52-1c1f-4c0b-9a55-3a7f6f5f0b11/"
# dj-stripe takes only what looks like one of Stripe's.
KEY: Final = "sk_test_" + "bench" * 5
ACCEPT_GOAL, SLOW_GOAL = 6, 50
DRAIN_GOAL, DRAIN_SLOW_GOAL = 5, 20
SLOW_SECONDS: Final = 0.1
INTENTS, EVENTS, SLOW_EVENTS, CLIENTS, ROUNDS = 20, 400, 100, 8, 2


@dataclass(frozen=True)
class Beside:
    """Ours, and dj-stripe's: an event that needs no look-up; one about a payment, at 0 and at 100 ms."""

    ours: Measured
    accepted: Measured
    processed: Measured
    processed_slowly: Measured


@dataclass(frozen=True)
class Site:
    """dj-stripe's site at work, and the Stripe that it asks."""

    running: tuple[int, processes.Child]
    simulator: StripeSimulator
    intents: Path
    env: Mapping[str, str]

    def rate(self, events: int, *, intents: bool) -> Measured:
        """Send events once: about payments, or such that need no look-up."""
        port, child = self.running
        arguments = [str(port), PATH, str(events), str(CLIENTS), *([str(self.intents)] if intents else [])]
        return webhooks.timed("tests.performance.peer_load", arguments, child, events=events, env=self.env)

    def answers_take(self, seconds: float) -> None:
        """Let Stripe take its time for every answer."""
        self.simulator.control("faults", kind="slow", seconds=seconds, times=10**6, match={"path_regex": "^/v1/"})


def measure(env: Mapping[str, str]) -> Beside:
    """Measure ours and dj-stripe's by turns, so that a busy moment of the machine hits both."""
    with (
        tempfile.TemporaryDirectory() as folder,
        site(env) as peer,
        webhooks.server(webhooks.OURS[0], Path(folder), env) as ours,
    ):
        rounds = [
            (webhooks.one_round(ours, webhooks.OURS[1], env), peer.rate(EVENTS, intents=False), processed(peer))
            for _ in range(ROUNDS + 1)
        ][1:]
        best = [webhooks.best([each[side] for each in rounds]) for side in range(3)]
        return Beside(*best, processed_slowly=processed(peer, seconds=SLOW_SECONDS))


def processed(peer: Site, *, seconds: float = 0) -> Measured:
    """How fast dj-stripe takes events about payments, which it looks up inside the request."""
    if seconds:
        peer.answers_take(seconds)
    return peer.rate(SLOW_EVENTS if seconds else EVENTS, intents=True)


@contextmanager
def site(env: Mapping[str, str]) -> Iterator[Site]:
    """dj-stripe's site with a database of its own, beside a simulated Stripe with some payments."""
    install()
    with (
        tempfile.TemporaryDirectory() as name,
        empty(env["DATABASE_URL"], "innkeep_bench_peer") as url,
        simulator_process.running(Path(name), api_key=KEY) as simulator,
    ):
        # gunicorn.conf.py is about our own log.
        (Path(name) / "gunicorn.conf.py").touch()
        options = {"GUNICORN_CMD_ARGS": f"--config {name}/gunicorn.conf.py"}
        own = {**env, **options, "DATABASE_URL": url, "STRIPE_API_BASE": simulator.url, "STRIPE_SECRET_KEY": KEY}
        intents = Path(name) / "intents.json"
        intents.write_text(json.dumps(paid(simulator)))
        client = stripe.StripeClient(KEY, base_addresses={"api": simulator.url})
        account = client.v1.accounts.retrieve_current().id
        prepare = [str(PYTHON), "-m", "tests.performance.peer_site", account, str(intents)]
        subprocess.run(prepare, env=own, check=True)
        application = "tests.performance.peer_site"
        with webhooks.server(application, Path(name), own, python=str(PYTHON)) as running:
            yield Site(running, simulator, intents, own)


def paid(simulator: StripeSimulator) -> list[dict[str, Any]]:
    """Payments that guests have made at the simulated Stripe."""
    client = stripe.StripeClient(KEY, base_addresses={"api": simulator.url})
    price = {"currency": "eur", "unit_amount": 34000, "product_data": {"name": "Stay"}}
    found = []
    for _ in range(INTENTS):
        request: Any = {
            "mode": "payment",
            "success_url": "https://hotel.example/",
            "line_items": [{"quantity": 1, "price_data": price}],
        }
        opened = client.v1.checkout.sessions.create(request)
        simulator.control(f"pay/{opened.id}", card="4242424242424242")
        done = client.v1.checkout.sessions.retrieve(opened.id)
        found.append(client.v1.payment_intents.retrieve(str(done.payment_intent)).to_dict())
    return found


def install() -> None:
    """Make the other environment, once for each state of its requirements."""
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()
    stamp = PLACE / "installed"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    print("Installing dj-stripe beside the product (once) …", flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", PLACE], check=True)
    quiet = ["--disable-pip-version-check", "--no-input", "-qq", "--require-hashes"]
    subprocess.run([PYTHON, "-m", "pip", "install", *quiet, "-r", REQUIREMENTS], check=True, env=dict(os.environ))
    stamp.write_text(wanted, encoding="utf-8")

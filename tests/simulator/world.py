"""What the simulator's tests drive: the simulator as a process of its own, and a small webhook receiver."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import stripe

from tests.simulator import openapi

KEY = "sk_test_simulator"
SECRETS = ("whsec_new", "whsec_old")
ROOT = Path(__file__).resolve().parents[2]


class Simulator:
    """A running simulator, its SDK client and its control API."""

    def __init__(self, state: Path, *, webhook: str | None = None) -> None:
        self._state = state
        self._webhook = webhook
        self.start()

    def start(self) -> None:
        """Start the process and wait for the line that tells its address."""
        command = [sys.executable, "-m", "payments.simulator", "--port", "0", "--state", str(self._state)]
        command += ["--api-key", KEY]
        if self._webhook:
            command += ["--webhook", self._webhook, "--webhook-secret", ",".join(SECRETS)]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        line = self._process.stdout.readline() if self._process.stdout else ""
        self.url = line.split()[-1]
        self.stripe = stripe.StripeClient(KEY, base_addresses={"api": self.url}).v1

    def client(self, key: str = KEY, retries: int = 0) -> stripe.V1Services:
        """An SDK client with another key or with the SDK's own retries."""
        options = {"base_addresses": {"api": self.url}, "max_network_retries": retries}
        return stripe.StripeClient(key, **options).v1

    def kill(self) -> None:
        """SIGKILL, by id."""
        os.kill(self._process.pid, signal.SIGKILL)
        self._wait()

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        if self._process.poll() is None:
            self._process.terminate()
        return self._wait()

    def _wait(self) -> int:
        code = self._process.wait(timeout=10)
        if self._process.stdout:
            self._process.stdout.close()
        return code

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Call the control API."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/_sim/{path}", data=data, headers=headers, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def refused(self, method: str, path: str, body: Any = None) -> int:
        """Call the control API and return the status of its refusal; AssertionError when it agrees."""
        try:
            self.control(method, path, {} if body is None else body)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code
        raise AssertionError(f"{path} was not refused")

    def fault(self, kind: str, **more: Any) -> None:
        """Plan a fault."""
        self.control("POST", "faults", {"kind": kind, **more})

    def advance(self, seconds: int) -> None:
        """Move the clock."""
        self.control("POST", "clock", {"advance": seconds})

    def checkout(self, **changes: Any) -> stripe.checkout.Session:
        """An open session of 100.00 EUR, held until captured."""
        return self.stripe.checkout.sessions.create(session_params(**changes))

    def pay(self, session: stripe.checkout.Session, card: str = "4242424242424242", **more: Any) -> Any:
        """Pay a session as a person would."""
        return self.control("POST", f"pay/{session.id}", {"card": card, **more})

    def held(self, **changes: Any) -> stripe.PaymentIntent:
        """A PaymentIntent whose money is authorized."""
        paid = self.pay(self.checkout(**changes))
        return self.stripe.payment_intents.retrieve(paid["payment_intent"])

    def captured(self, **changes: Any) -> stripe.PaymentIntent:
        """A PaymentIntent whose money is taken."""
        return self.stripe.payment_intents.capture(self.held(**changes).id)

    def event_types(self) -> list[str]:
        """All events so far, oldest first."""
        events = self.stripe.events.list({"limit": 100}).auto_paging_iter()
        return [event.type for event in events][::-1]

    def money(self) -> tuple[int, int, int]:
        """Authorized, captured and refunded of the newest payment."""
        row = self.control("GET", "summary")[0]
        return row["authorized"], row["captured"], row["refunded"]


def session_params(**changes: Any) -> Any:
    """Parameters of a valid session."""
    return {
        "mode": "payment",
        "line_items": [line_item()],
        "payment_intent_data": {
            "capture_method": "manual",
            "description": "Hotel booking 7 - The Crossing",
            "metadata": {"booking": "7"},
        },
        "metadata": {"booking": "7"},
        "success_url": "http://hotel.test/return?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://hotel.test/back",
        **changes,
    }


def line_item(unit_amount: int = 10000, currency: str = "eur", quantity: int = 1) -> Any:
    """A line with an inline price."""
    product = {"name": "Double room, 2 nights"}
    price = {"currency": currency, "unit_amount": unit_amount, "product_data": product}
    return {"price_data": price, "quantity": quantity}


class Receiver:
    """A webhook endpoint that keeps what it gets, and answers what it was told to."""

    def __init__(self) -> None:
        self.seen: list[stripe.Event] = []
        self.undocumented: list[str] = []
        self.answers: queue.Queue[int] = queue.Queue()
        self.delay = 0.0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/webhook"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def take(self, payload: str, header: str) -> int:
        """Verify with the SDK, for each secret, and keep."""
        time.sleep(self.delay)
        for secret in SECRETS:
            stripe.WebhookSignature.verify_header(payload, header, secret, tolerance=60)
        event = stripe.Webhook.construct_event(payload.encode(), header, SECRETS[0])
        self.undocumented += openapi.object_problems(json.loads(payload)) if openapi.location() else []
        self.seen.append(event)
        return 200 if self.answers.empty() else self.answers.get()

    @property
    def types(self) -> list[str]:
        """Event types in the order they came."""
        return [event.type for event in self.seen]

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            payload = self.rfile.read(int(self.headers["Content-Length"])).decode()
            try:
                status = receiver.take(payload, self.headers["Stripe-Signature"])
            except stripe.SignatureVerificationError:
                status = 400
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Quiet."""

    return Handler


def eventually(check: Callable[[], bool], seconds: float = 8.0) -> None:
    """Wait until `check` holds; AssertionError when it never does."""
    end = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)

"""Send prepared webhooks to a server as fast as it takes them, from a process of its own.

    python -m tests.performance.load PORT PATH COUNT CLIENTS [BATCH]

A batch that has been sent before is a redelivery. It prints the seconds that the answers took, and how many of them
were not 200.
"""

import hashlib
import hmac
import http.client
import json
import os
import sys
import threading
import time
from itertools import islice
from typing import Any

type Delivery = tuple[bytes, dict[str, str]]


def main(port: int, path: str, count: int, clients: int, batch: str = "") -> None:
    """Sign all first, so that only sending is measured."""
    secret, name = os.environ["STRIPE_WEBHOOK_SECRET"], batch or str(os.getpid())
    everything(port, path, [signed(number, name, secret) for number in range(count)], clients)


def everything(port: int, path: str, deliveries: list[Delivery], clients: int, *, method: str = "POST") -> None:
    """Send all, from so many clients at once, and print how long it took."""
    refused: list[int] = []
    threads = [
        threading.Thread(target=send, args=(port, path, islice(deliveries, first, None, clients), refused, method))
        for first in range(clients)
    ]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps({"seconds": time.perf_counter() - started, "refused": len(refused)}))


def signed(number: int, batch: str, secret: str) -> Delivery:
    """One event about a payment that nobody knows, as Stripe sends it."""
    intent = {"id": f"pi_{number:012}", "object": "payment_intent", "amount": 34000, "currency": "eur"}
    details = {"status": "succeeded", "metadata": {}, "description": "Hotel booking " + "x" * 900}
    return delivery(f"evt_{batch}_{number}", "payment_intent.succeeded", {**intent, **details}, secret)


def delivery(key: str, kind: str, about: dict[str, Any], secret: str) -> Delivery:
    """An event about an object, signed just now."""
    now = int(time.time())
    event = {
        "id": key,
        "object": "event",
        "api_version": "2026-10-28",
        "created": now,
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": kind,
        "data": {"object": about},
    }
    body = json.dumps(event).encode()
    digest = hmac.new(secret.encode(), f"{now}.".encode() + body, hashlib.sha256).hexdigest()
    return body, {"Content-Type": "application/json", "Stripe-Signature": f"t={now},v1={digest}"}


def send(port: int, path: str, deliveries, refused: list[int], method: str = "POST") -> None:
    """One client: a connection for each delivery, as the server closes them."""
    for body, headers in deliveries:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request(method, path, body or None, headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        if answer.status != 200:
            refused.append(answer.status)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), *sys.argv[5:])

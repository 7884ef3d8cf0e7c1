"""Send events to the site with dj-stripe: such that need no look-up, or about payments that Stripe knows.

python -m tests.performance.peer_load PORT PATH COUNT CLIENTS [INTENTS.json]
"""

import json
import os
import sys
from pathlib import Path

from tests.performance.load import Delivery, delivery, everything


def main(port: int, path: str, count: int, clients: int, intents: str = "") -> None:
    """Sign all first, so that only sending is measured."""
    known = json.loads(Path(intents).read_text()) if intents else []
    secret = os.environ["STRIPE_WEBHOOK_SECRET"]
    everything(port, path, [about(number, known, secret) for number in range(count)], clients)


def about(number: int, known: list[dict[str, object]], secret: str) -> Delivery:
    """One event: about the account's balance, or about one of the payments by turns."""
    key = f"evt_{os.getpid()}_{number}"
    if known:
        return delivery(key, "payment_intent.succeeded", known[number % len(known)], secret)
    balance = {"object": "balance", "livemode": False, "available": [], "note": "x" * 1000}
    return delivery(key, "balance.available", balance, secret)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), *sys.argv[5:])

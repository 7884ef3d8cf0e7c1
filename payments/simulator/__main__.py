"""Command line of the simulator; see the package's docstring."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import threading
from pathlib import Path

from payments.simulator.server import Simulator
from payments.simulator.store import Store


def main(arguments: list[str] | None = None) -> int:
    """Run until SIGINT or SIGTERM."""
    options = _options(arguments)
    refusal = _refusal(options.api_key)
    if refusal:
        sys.stderr.write(refusal + "\n")
        return 2
    logging.basicConfig(level=logging.WARNING, format="simulator: %(levelname)s %(name)s %(message)s")
    store = Store(Path(options.state))
    _configure_webhook(store, options.webhook, options.webhook_secret)
    try:
        simulator = Simulator(options.port, store, options.api_key)
    except OSError as error:
        sys.stderr.write(f"Cannot listen on 127.0.0.1:{options.port}: {error.strerror}\n")
        return 3
    simulator.start()
    _stop_on_signals(simulator)
    sys.stdout.write(f"Stripe simulator on {store.base_url}\n")
    sys.stdout.flush()
    simulator.serve_forever(poll_interval=0.1)
    simulator.stop()
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="payments.simulator", description="A strict local Stripe.")
    parser.add_argument("--port", type=int, default=8010, help="0 picks a free one")
    parser.add_argument("--state", default="stripe-simulator.sqlite3", help="SQLite file that holds everything")
    parser.add_argument("--api-key", default="sk_test_innkeep", help="the only key that is accepted")
    parser.add_argument("--webhook", help="URL that receives events; unset keeps the one in the state file")
    parser.add_argument("--webhook-secret", default="", help="whsec_...; several, separated by commas, all sign")
    return parser.parse_args(arguments)


def _refusal(api_key: str) -> str | None:
    """A live key has no business here: refuse to start rather than let one be typed into test settings."""
    if api_key.startswith(("sk_live", "rk_live", "pk_live")):
        return "Refusing to start: the simulator never takes a live key."
    if not api_key.startswith(("sk_test_", "rk_test_")):
        return "Refusing to start: --api-key must start with sk_test_ or rk_test_."
    return None


def _configure_webhook(store: Store, url: str | None, secrets: str) -> None:
    if url is None:
        return
    kept = [secret.strip() for secret in secrets.split(",") if secret.strip()]
    with store.transaction() as tx:
        tx.configure("webhook", {"url": url, "secrets": kept, "created": tx.now})


def _stop_on_signals(simulator: Simulator) -> None:
    def stop(number: int, frame: object) -> None:
        # shutdown() waits for the loop that this signal interrupted, so another thread must call it.
        threading.Thread(target=simulator.shutdown, daemon=True).start()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)


if __name__ == "__main__":
    sys.exit(main())

"""What happens because time passes: sessions and holds expire, pending refunds end, disputes arrive."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from payments.simulator import cardholders, checkout, disputes, intents, refunds
from payments.simulator.store import Object, Store, Tx

log = logging.getLogger(__name__)


def sweep(tx: Tx) -> int:
    """Do all that is due at the transaction's time, earliest first; how many things were done."""
    query = "SELECT kind, id FROM objects WHERE due <= ? ORDER BY due, seq"
    due = tx.sql(query, (tx.now,)).fetchall()
    for kind, identifier in due:
        item = tx.take(kind, identifier)
        # What was due before it may have ended this one.
        if item["_due"] is not None:
            _DUE[kind](tx, item)
    return len(due)


def _charge_due(tx: Tx, charge: Object) -> None:
    if not charge["captured"]:
        intents.expire_hold(tx, charge)
    else:
        cardholders.contest_as_the_card_has_it(tx, charge)


def _session_due(tx: Tx, session: Object) -> None:
    checkout.expire(tx, session)


_DUE: dict[str, Callable[[Tx, Object], None]] = {
    "charge": _charge_due,
    "checkout.session": _session_due,
    "dispute": disputes.settle_due,
    "refund": refunds.settle_due,
}


class Sweeper(threading.Thread):
    """Looks at the clock twice a second, so that things expire without a request."""

    def __init__(self, store: Store, every: float = 0.5) -> None:
        super().__init__(name="sweeper", daemon=True)
        self._store = store
        self._every = every
        self._stop_asked = threading.Event()

    def run(self) -> None:
        """Until `stop`."""
        while not self._stop_asked.wait(self._every):
            try:
                with self._store.transaction() as tx:
                    sweep(tx)
            except Exception:
                # One bad row must not stop the clock for the others; the traceback is the report.
                log.exception("sweep failed")

    def stop(self) -> None:
        """Ask the thread to end."""
        self._stop_asked.set()

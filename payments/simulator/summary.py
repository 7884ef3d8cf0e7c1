"""What happened to the money of each PaymentIntent, for invariant checks and the dashboard."""

from __future__ import annotations

from typing import Any

from payments.simulator.store import Object, Tx


def payments(tx: Tx) -> list[dict[str, Any]]:
    """One row per PaymentIntent, newest first; amounts in minor units."""
    return [payment(tx, intent) for intent in tx.find("payment_intent")]


def payment(tx: Tx, intent: Object) -> dict[str, Any]:
    """The row of one PaymentIntent."""
    charges = tx.find("charge", "payment_intent = ?", (intent["id"],))
    good = [charge for charge in charges if charge["status"] == "succeeded"]
    given_back = _refunds(tx, intent)
    counted = [row for row in given_back if row["status"] not in ("failed", "canceled")]
    return {
        "payment_intent": intent["id"],
        "session": intent["_session"],
        "status": intent["status"],
        "currency": intent["currency"],
        "description": intent["description"],
        "amount": intent["amount"],
        "authorized": sum(charge["amount"] for charge in good),
        "captured": sum(charge["amount_captured"] for charge in good),
        "refunded": sum(row["amount"] for row in counted),
        "refunded_settled": sum(row["amount"] for row in counted if row["status"] == "succeeded"),
        "captures": _count_events(tx, intent, "payment_intent.succeeded"),
        "voids": _count_events(tx, intent, "payment_intent.canceled") if good else 0,
        "cancellation_reason": intent["cancellation_reason"],
        "capture_before": _capture_before(good),
        "disputed": any(charge["disputed"] for charge in good),
        "refunds": given_back,
        "failed_attempts": len(charges) - len(good),
        "metadata": intent["metadata"],
    }


def _refunds(tx: Tx, intent: Object) -> list[dict[str, Any]]:
    """Real refunds only: what was released of a hold moved no money."""
    rows = tx.find("refund", "payment_intent = ?", (intent["id"],))
    names = ("id", "amount", "status", "reason", "metadata", "created")
    return [{name: row[name] for name in names} for row in rows if not row.get("_released")]


def _count_events(tx: Tx, intent: Object, kind: str) -> int:
    """Counted from the events, so that a transition made twice would show."""
    query = "SELECT COUNT(*) FROM objects WHERE kind = 'event' AND charge = ? AND status = ?"
    return int(tx.sql(query, (intent["id"], kind)).fetchone()[0])


def _capture_before(charges: list[Object]) -> int | None:
    for charge in charges:
        moment = charge["payment_method_details"]["card"].get("capture_before")
        if moment is not None:
            return int(moment)
    return None

"""What really moved on the account's balance (docs.stripe.com/api/balance_transactions)."""

from __future__ import annotations

from collections import defaultdict

from payments.simulator.store import Object, Tx, new_id

_CATEGORY = {
    "charge": "charge",
    "refund": "refund",
    "refund_failure": "refund_failure",
    "adjustment": "other_adjustment",
}
_SETTLES_AFTER = 2 * 24 * 3600


def post(tx: Tx, kind: str, source: Object, amount: int, *, category: str | None = None) -> str:
    """Book `amount` minor units (negative: out); the balance transaction's id. There is no fee."""
    entry = {
        "id": new_id("txn_3", 23),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": tx.now + _SETTLES_AFTER,
        "balance_type": "payments",
        "created": tx.now,
        "currency": source["currency"],
        "description": source.get("description"),
        "exchange_rate": None,
        "fee": 0,
        "fee_details": [],
        "net": amount,
        "reporting_category": category or _CATEGORY[kind],
        "source": source["id"],
        "status": "pending",
        "type": kind,
    }
    tx.save(entry)
    return str(entry["id"])


def balance(tx: Tx) -> Object:
    """GET /v1/balance: what is available, and what settles within two days."""
    available: defaultdict[str, int] = defaultdict(int)
    pending: defaultdict[str, int] = defaultdict(int)
    for entry in tx.find("balance_transaction"):
        side = available if entry["available_on"] <= tx.now else pending
        side[entry["currency"]] += entry["net"]
        available.setdefault(entry["currency"], 0)
    return {
        "object": "balance",
        "available": _amounts(available),
        "livemode": False,
        "pending": _amounts(pending),
    }


def _amounts(by_currency: dict[str, int]) -> list[Object]:
    pairs = sorted(by_currency.items()) or [("usd", 0)]
    return [{"amount": amount, "currency": code, "source_types": {"card": amount}} for code, amount in pairs]

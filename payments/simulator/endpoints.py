"""The API's routes: method, address, parameters, and what each one does."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from payments.simulator import checkout, disputes, hooks, intents, ledger, listing, refunds
from payments.simulator import parameters as accepts
from payments.simulator.errors import no_such, not_simulated
from payments.simulator.listing import Page
from payments.simulator.objects import ACCOUNT_ID, merged_metadata
from payments.simulator.schema import Fields
from payments.simulator.store import Object, Tx

NOUNS = {"checkout.session": "checkout.session", "balance_transaction": "balance transaction"}
Action = Callable[[Tx, Object, Object], Object]


@dataclass(frozen=True)
class Endpoint:
    """One method of one address. Exactly one of `run` (an object) and `listed` (a page) is set."""

    method: str
    pattern: re.Pattern[str]
    accepts: Fields
    kind: str
    run: Callable[[Tx, Object, str], Object] | None = None
    listed: Callable[[Tx, Object, str], Page] | None = None


def find(method: str, path: str) -> tuple[Endpoint, str] | None:
    """The endpoint and the id in its address."""
    for endpoint in ENDPOINTS:
        match = endpoint.pattern.fullmatch(path)
        if match and endpoint.method == method:
            return endpoint, (match.groups() or ("",))[0]
    return None


def _fetch(tx: Tx, kind: str, identifier: str) -> Object:
    found = tx.get(kind, identifier)
    if found is None:
        raise no_such(NOUNS.get(kind, kind), identifier, _path_param(kind))
    return found


def _path_param(kind: str) -> str:
    return {"payment_intent": "intent", "checkout.session": "session", "event": "id"}.get(kind, kind)


def _object(kind: str, action: Action) -> Callable[[Tx, Object, str], Object]:
    """`action` on the object named in the address, or Stripe's 404."""
    return lambda tx, params, identifier: action(tx, _fetch(tx, kind, identifier), params)


def _itself(tx: Tx, item: Object, params: Object) -> Object:
    return item


def _update(tx: Tx, item: Object, params: Object) -> Object:
    """Metadata is merged; an empty description unsets it."""
    if "metadata" in params:
        item["metadata"] = merged_metadata(item["metadata"], params["metadata"])
    if "description" in params:
        item["description"] = params["description"] or None
    return tx.save(item)


def _capture(tx: Tx, intent: Object, params: Object) -> Object:
    """`final_capture=false` needs multicapture, which the test cards don't have."""
    if not params.get("final_capture", True):
        raise not_simulated("multicapture", "final_capture")
    intents.capture(tx, intent, params.get("amount_to_capture"))
    if "metadata" in params:
        intent["metadata"] = merged_metadata(intent["metadata"], params["metadata"])
    return tx.save(intent)


def _cancel(tx: Tx, intent: Object, params: Object) -> Object:
    return intents.cancel(tx, intent, params.get("cancellation_reason"))


def _expire(tx: Tx, session: Object, params: Object) -> Object:
    return checkout.expire_by_api(tx, session)


def _cancel_refund(tx: Tx, refund: Object, params: Object) -> Object:
    return refunds.cancel(tx, refund)


def _accept_dispute(tx: Tx, dispute: Object, params: Object) -> Object:
    return disputes.accept(tx, dispute)


def _line_items(tx: Tx, params: Object, identifier: str) -> Page:
    items = _fetch(tx, "checkout.session", identifier)["_items"]
    limit = params.get("limit", listing.DEFAULT_LIMIT)
    return Page(items[:limit], has_more=len(items) > limit)


def _charge_refunds(tx: Tx, params: Object, identifier: str) -> Page:
    _fetch(tx, "charge", identifier)
    return listing.page(tx, "refund", {**params, "charge": identifier})


def _list(kind: str, *absent: str) -> Callable[[Tx, Object, str], Page]:
    return lambda tx, params, identifier: listing.page(tx, kind, params, listing.never(params, *absent))


def _sessions(tx: Tx, params: Object, identifier: str) -> Page:
    query = listing.never(params, "customer", "customer_account", "payment_link", "subscription")
    if "customer_details" in params:
        query.add("json_extract(body, '$.customer_details.email') = ?", params["customer_details"]["email"])
    return listing.page(tx, "checkout.session", params, query)


def _event(tx: Tx, event: Object, params: Object) -> Object:
    if event["created"] <= tx.now - listing.EVENTS_KEPT:
        raise no_such("event", event["id"], "id")
    return event


def _transactions(tx: Tx, params: Object, identifier: str) -> Page:
    query = listing.never(params, "payout")
    for name in ("source", "type", "currency"):
        if name in params:
            query.add(f"json_extract(body, '$.{name}') = ?", params[name])
    return listing.page(tx, "balance_transaction", params, query)


def _account(tx: Tx, params: Object, identifier: str) -> Object:
    return {
        "id": ACCOUNT_ID,
        "object": "account",
        "business_profile": {"name": "Innkeep (simulated)"},
        "charges_enabled": True,
        "country": "US",
        "default_currency": "usd",
        "details_submitted": True,
        "email": "desk@example.com",
        "metadata": {},
        "payouts_enabled": True,
        "type": "standard",
    }


def _balance(tx: Tx, params: Object, identifier: str) -> Object:
    return ledger.balance(tx)


def _get(path: str, schema: Fields, kind: str, run: Callable[[Tx, Object, str], Object]) -> Endpoint:
    return Endpoint("GET", _pattern(path), schema, kind, run=run)


def _post(path: str, schema: Fields, kind: str, run: Callable[[Tx, Object, str], Object]) -> Endpoint:
    return Endpoint("POST", _pattern(path), schema, kind, run=run)


def _all(path: str, schema: Fields, kind: str, listed: Callable[[Tx, Object, str], Page]) -> Endpoint:
    return Endpoint("GET", _pattern(path), schema, kind, listed=listed)


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile("/v1/" + path.replace("{id}", "([^/]+)"))


ENDPOINTS = (
    _post("checkout/sessions", accepts.SESSION_CREATE, "checkout.session", lambda t, p, i: checkout.create(t, p)),
    _all("checkout/sessions", accepts.SESSION_LIST, "checkout.session", _sessions),
    _get(
        "checkout/sessions/{id}",
        accepts.ONLY_EXPAND,
        "checkout.session",
        _object("checkout.session", _itself),
    ),
    _post(
        "checkout/sessions/{id}",
        accepts.SESSION_UPDATE,
        "checkout.session",
        _object("checkout.session", _update),
    ),
    _post(
        "checkout/sessions/{id}/expire",
        accepts.ONLY_EXPAND,
        "checkout.session",
        _object("checkout.session", _expire),
    ),
    _all("checkout/sessions/{id}/line_items", accepts.ONLY_PAGE, "item", _line_items),
    _all("payment_intents", accepts.INTENT_LIST, "payment_intent", _list("payment_intent", "customer")),
    _get("payment_intents/{id}", accepts.INTENT_RETRIEVE, "payment_intent", _object("payment_intent", _itself)),
    _post("payment_intents/{id}", accepts.INTENT_UPDATE, "payment_intent", _object("payment_intent", _update)),
    _post(
        "payment_intents/{id}/capture",
        accepts.INTENT_CAPTURE,
        "payment_intent",
        _object("payment_intent", _capture),
    ),
    _post(
        "payment_intents/{id}/cancel",
        accepts.INTENT_CANCEL,
        "payment_intent",
        _object("payment_intent", _cancel),
    ),
    _all("charges", accepts.CHARGE_LIST, "charge", _list("charge", "customer", "transfer_group")),
    _get("charges/{id}", accepts.ONLY_EXPAND, "charge", _object("charge", _itself)),
    _post("charges/{id}", accepts.CHARGE_UPDATE, "charge", _object("charge", _update)),
    _all("charges/{id}/refunds", accepts.ONLY_PAGE, "refund", _charge_refunds),
    _post("refunds", accepts.REFUND_CREATE, "refund", lambda t, p, i: refunds.create(t, p)),
    _all("refunds", accepts.REFUND_LIST, "refund", _list("refund")),
    _get("refunds/{id}", accepts.ONLY_EXPAND, "refund", _object("refund", _itself)),
    _post("refunds/{id}", accepts.REFUND_UPDATE, "refund", _object("refund", _update)),
    _post("refunds/{id}/cancel", accepts.ONLY_EXPAND, "refund", _object("refund", _cancel_refund)),
    _all("events", accepts.EVENT_LIST, "event", lambda t, p, i: listing.events(t, p)),
    _get("events/{id}", accepts.ONLY_EXPAND, "event", _object("event", _event)),
    _all("disputes", accepts.DISPUTE_LIST, "dispute", _list("dispute")),
    _get("disputes/{id}", accepts.ONLY_EXPAND, "dispute", _object("dispute", _itself)),
    _post("disputes/{id}", accepts.DISPUTE_UPDATE, "dispute", _object("dispute", disputes.update)),
    _post("disputes/{id}/close", accepts.ONLY_EXPAND, "dispute", _object("dispute", _accept_dispute)),
    _all("webhook_endpoints", accepts.ONLY_PAGE, "webhook_endpoint", hooks.listed),
    _get("account", accepts.ONLY_EXPAND, "account", _account),
    _get("balance", accepts.ONLY_EXPAND, "balance", _balance),
    _all("balance_transactions", accepts.TRANSACTION_LIST, "balance_transaction", _transactions),
    _get(
        "balance_transactions/{id}",
        accepts.ONLY_EXPAND,
        "balance_transaction",
        _object("balance_transaction", _itself),
    ),
)

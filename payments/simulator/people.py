"""Control commands that stand for people: customers, staff at Stripe's Dashboard, the banks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from payments.simulator import cardholders, checkout, delayed, disputes, intents, refunds
from payments.simulator.cards import card_numbered
from payments.simulator.store import Object, Tx
from payments.simulator.views import public

Given = dict[str, Any]
Command = Callable[[Tx, Given, str], Any]


def stored(tx: Tx, kind: str, identifier: str) -> Object:
    """The object, or LookupError."""
    found = tx.get(kind, identifier)
    if found is None:
        raise LookupError(f"no such {kind}: {identifier}")
    return found


def one_of(name: str, value: Any, known: Iterable[str]) -> Any:
    """The value, or ValueError with all that it may be."""
    if value not in known:
        raise ValueError(f"{name} must be one of: {', '.join(known)}")
    return value


def _refund_outcome(tx: Tx, given: Given, _: str) -> Any:
    one_of("mode", given["mode"], refunds.OUTCOMES)
    times = given.get("times", 1)
    plan = {"mode": given["mode"], "times": None if times is None else int(times)}
    for name, known in (("failure_reason", refunds.FAILURES), ("pending_reason", refunds.PENDING_REASONS)):
        if name in given:
            plan[name] = one_of(name, given[name], known)
    tx.configure("refund_outcome", plan)
    tx.configure("refund_delay", int(given.get("delay", tx.setting("refund_delay", 2))))
    return tx.setting("refund_outcome", None)


def _resolve_refund(tx: Tx, given: Given, identifier: str) -> Any:
    refund = stored(tx, "refund", identifier)
    one_of("status", given["status"], ("succeeded", "failed", "canceled", "pending"))
    if refund["status"] in ("failed", "canceled"):
        raise ValueError(f"the refund already ended: {refund['status']}")
    reason = given.get("failure_reason")
    if reason is not None:
        one_of("failure_reason", reason, refunds.FAILURES)
    return public(tx, refunds.resolve(tx, refund, given["status"], reason))


def _bring_reference(tx: Tx, given: Given, identifier: str) -> Any:
    return public(tx, refunds.bring_reference(tx, stored(tx, "refund", identifier)))


def _pay(tx: Tx, given: Given, identifier: str) -> Any:
    """Pay as at the hosted page; `authenticate` (complete or fail) answers 3D Secure too."""
    session = stored(tx, "checkout.session", identifier)
    card = card_numbered(str(given.get("card", "4242424242424242")))
    if card is None:
        raise ValueError("card must be one of the test cards")
    outcome = checkout.pay(tx, session, card)
    if outcome == "authenticate" and given.get("authenticate"):
        outcome = checkout.authenticate(tx, session, card, success=given["authenticate"] == "complete")
    session = stored(tx, "checkout.session", identifier)
    return {
        "outcome": outcome,
        "session": public(tx, session),
        "payment_intent": session["payment_intent"],
        "return_url": checkout.return_url(session) if session["status"] == "complete" else None,
    }


def _pay_delayed(tx: Tx, given: Given, identifier: str) -> Any:
    return public(tx, delayed.start(tx, stored(tx, "checkout.session", identifier)))


def _settle_delayed(tx: Tx, given: Given, identifier: str) -> Any:
    if given["status"] not in ("succeeded", "failed"):
        raise ValueError("status must be succeeded or failed")
    session = stored(tx, "checkout.session", identifier)
    return public(tx, delayed.settle(tx, session, success=given["status"] == "succeeded"))


def _person_captures(tx: Tx, given: Given, identifier: str) -> Any:
    return public(tx, intents.capture(tx, stored(tx, "payment_intent", identifier), given.get("amount")))


def _person_cancels(tx: Tx, given: Given, identifier: str) -> Any:
    reason = given.get("reason", "requested_by_customer")
    return public(tx, intents.cancel(tx, stored(tx, "payment_intent", identifier), reason))


def _person_refunds(tx: Tx, given: Given, identifier: str) -> Any:
    names = ("amount", "reason", "metadata")
    params = {name: given[name] for name in names if given.get(name) is not None}
    return public(tx, refunds.create(tx, {**params, "payment_intent": identifier}))


def _person_disputes(tx: Tx, given: Given, identifier: str) -> Any:
    intent = stored(tx, "payment_intent", identifier)
    charge = stored(tx, "charge", intent["latest_charge"] or "")
    is_inquiry = one_of("kind", given.get("kind", "chargeback"), ("chargeback", "inquiry")) == "inquiry"
    reason = str(given.get("reason", "fraudulent"))
    return public(tx, cardholders.contest(tx, charge, reason, is_inquiry=is_inquiry, amount=given.get("amount")))


def _review_dispute(tx: Tx, given: Given, identifier: str) -> Any:
    return public(tx, disputes.review(tx, stored(tx, "dispute", identifier)))


def _escalate_dispute(tx: Tx, given: Given, identifier: str) -> Any:
    return public(tx, disputes.escalate(tx, stored(tx, "dispute", identifier)))


def _close_dispute(tx: Tx, given: Given, identifier: str) -> Any:
    one_of("status", given["status"], ("won", "lost", "warning_closed"))
    return public(tx, disputes.close(tx, stored(tx, "dispute", identifier), given["status"]))


def _expire_session(tx: Tx, given: Given, identifier: str) -> Any:
    return public(tx, checkout.expire_by_api(tx, stored(tx, "checkout.session", identifier)))


COMMANDS: tuple[tuple[str, str, Command], ...] = (
    ("POST", "refund_outcome", _refund_outcome),
    ("POST", "refunds/([^/]+)/resolve", _resolve_refund),
    ("POST", "refunds/([^/]+)/reference", _bring_reference),
    ("POST", "pay/([^/]+)", _pay),
    ("POST", "pay/([^/]+)/delayed", _pay_delayed),
    ("POST", "pay/([^/]+)/settle", _settle_delayed),
    ("POST", "expire/([^/]+)", _expire_session),
    ("POST", "dashboard/payment_intents/([^/]+)/capture", _person_captures),
    ("POST", "dashboard/payment_intents/([^/]+)/cancel", _person_cancels),
    ("POST", "dashboard/payment_intents/([^/]+)/refund", _person_refunds),
    ("POST", "dashboard/payment_intents/([^/]+)/dispute", _person_disputes),
    ("POST", "dashboard/disputes/([^/]+)/review", _review_dispute),
    ("POST", "dashboard/disputes/([^/]+)/escalate", _escalate_dispute),
    ("POST", "dashboard/disputes/([^/]+)/close", _close_dispute),
)

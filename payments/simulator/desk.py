"""What a person does at the page of one payment, as in Stripe's Dashboard: no request causes its events."""

from __future__ import annotations

from collections.abc import Callable

from payments.simulator import cardholders, disputes, intents, payment_page, refunds
from payments.simulator.errors import StripeRefusal
from payments.simulator.pages import html, not_found
from payments.simulator.store import Object, Store, Tx
from payments.simulator.wire import Reply, Request, redirect

Act = Callable[[Tx, Object, Request], object]


def show(store: Store, request: Request, identifier: str) -> Reply:
    """The page of a payment."""
    with store.transaction() as tx:
        intent = tx.get("payment_intent", identifier)
        return html(payment_page.page(tx, intent)) if intent else html(not_found(), 404)


def act(kind: str, name: str) -> Callable[[Store, Request, str], Reply]:
    """One button: what it does to an object of `kind`."""

    def press(store: Store, request: Request, identifier: str) -> Reply:
        with store.transaction() as tx:
            item = tx.get(kind, identifier)
            if item is None:
                return html(not_found(), 404)
            intent = item["id"] if kind == "payment_intent" else item["payment_intent"]
            problem = _done(store, tx, item, request, _ACTS[kind][name])
            return _answer(tx, intent, problem)

    return press


def _done(store: Store, tx: Tx, item: Object, request: Request, doing: Act) -> str:
    """What Stripe says against it; nothing then happened."""
    try:
        with store.savepoint(tx):
            doing(tx, item, request)
    except StripeRefusal as refusal:
        return refusal.message
    except ValueError as error:
        return str(error)
    return ""


def _answer(tx: Tx, intent: str, problem: str) -> Reply:
    if not problem:
        return redirect(f"/payments/{intent}")
    return html(payment_page.page(tx, tx.take("payment_intent", intent), problem), 400)


def _capture(tx: Tx, intent: Object, request: Request) -> object:
    return intents.capture(tx, intent, _amount(intent, request))


def _release(tx: Tx, intent: Object, request: Request) -> object:
    return intents.cancel(tx, intent, "requested_by_customer")


def _refund(tx: Tx, intent: Object, request: Request) -> object:
    amount = _amount(intent, request)
    return refunds.create(tx, {"payment_intent": intent["id"], "amount": amount, "reason": "requested_by_customer"})


def _amount(intent: Object, request: Request) -> int:
    return payment_page.typed_amount(request.form().get("amount", ""), intent["currency"])


def _dispute(tx: Tx, intent: Object, request: Request) -> object:
    return cardholders.contest(tx, _charge(tx, intent), "fraudulent")


def _inquire(tx: Tx, intent: Object, request: Request) -> object:
    return cardholders.contest(tx, _charge(tx, intent), "fraudulent", is_inquiry=True)


def _charge(tx: Tx, intent: Object) -> Object:
    charge = tx.get("charge", intent["latest_charge"] or "")
    if charge is None:
        raise ValueError("Nothing was paid yet.")
    return charge


def _resolved(status: str) -> Act:
    def resolve(tx: Tx, refund: Object, request: Request) -> object:
        if refund["status"] in ("failed", "canceled"):
            raise ValueError(f"The refund has ended already: {refund['status']}.")
        return refunds.resolve(tx, refund, status)

    return resolve


def _closed(status: str) -> Act:
    return lambda tx, dispute, request: disputes.close(tx, dispute, status)


_ACTS: dict[str, dict[str, Act]] = {
    "payment_intent": {
        "capture": _capture,
        "cancel": _release,
        "refund": _refund,
        "dispute": _dispute,
        "inquiry": _inquire,
    },
    "refund": {
        "succeed": _resolved("succeeded"),
        "fail": _resolved("failed"),
        "cancel": _resolved("canceled"),
        "reference": lambda tx, refund, request: refunds.bring_reference(tx, refund),
    },
    "dispute": {
        "review": lambda tx, dispute, request: disputes.review(tx, dispute),
        "escalate": lambda tx, dispute, request: disputes.escalate(tx, dispute),
        "won": _closed("won"),
        "lost": _closed("lost"),
        "close": _closed("warning_closed"),
    },
}
_PLACES = {"payment_intent": "payments", "refund": "refunds", "dispute": "disputes"}
BUTTONS = tuple(
    ("POST", f"/{_PLACES[kind]}/([^/]+)/{name}", act(kind, name)) for kind, names in _ACTS.items() for name in names
)

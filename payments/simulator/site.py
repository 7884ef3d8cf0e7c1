"""What people see: the hosted payment page and the dashboard. Plain forms, no JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable

from payments.simulator import checkout, dashboard, desk, pages
from payments.simulator.cards import Card, card_numbered
from payments.simulator.pages import html
from payments.simulator.store import Object, Store, Tx
from payments.simulator.style import STYLE
from payments.simulator.sweep import sweep
from payments.simulator.wire import Reply, Request, redirect

Page = Callable[[Store, Request, str], Reply]


class Site:
    """Answers everything that is neither the API nor the control API."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def answer(self, request: Request) -> Reply:
        """A page, a redirect, or a friendly 404."""
        with self._store.transaction() as tx:
            sweep(tx)
        method = "GET" if request.method == "HEAD" else request.method
        for wanted, pattern, page in _PAGES:
            match = re.fullmatch(pattern, request.path)
            if match and wanted == method:
                return page(self._store, request, (match.groups() or ("",))[0])
        return html(pages.not_found(), 404)


def _session(tx: Tx, identifier: str) -> Object | None:
    return tx.get("checkout.session", identifier)


def _pay_page(store: Store, request: Request, identifier: str) -> Reply:
    with store.transaction() as tx:
        session = _session(tx, identifier)
        if session is None:
            return html(pages.not_found(), 404)
        return _page_of(tx, session, chosen=request.query_value("card", "4242424242424242"))


def _page_of(tx: Tx, session: Object, *, chosen: str, problem: str = "") -> Reply:
    if session["status"] == "complete":
        return html(pages.completed(session, checkout.return_url(session)))
    if session["status"] == "expired":
        return html(pages.expired(session), 410)
    return html(pages.payment(session, chosen, problem or _last_problem(tx, session)), 402 if problem else 200)


def _last_problem(tx: Tx, session: Object) -> str:
    """Why the previous attempt failed, so that coming back to the page still tells."""
    if not session["payment_intent"]:
        return ""
    error = tx.take("payment_intent", session["payment_intent"])["last_payment_error"]
    if error and error["code"] == "payment_intent_authentication_failure":
        return "Your bank couldn't confirm that it was you. Try again, or use another card."
    return str(error["message"]) if error else ""


def _pay(store: Store, request: Request, identifier: str) -> Reply:
    """Pressing Pay. A second press finds the session complete and only follows the first one's redirect."""
    typed = request.form().get("card", "")
    card = card_numbered(typed)
    with store.transaction() as tx:
        session = _session(tx, identifier)
        if session is None:
            return html(pages.not_found(), 404)
        if card is None:
            problem = "Your card number is not one of the test cards. No real card works here."
            return _page_of(tx, session, chosen=typed, problem=problem)
        return _after_pay(tx, session, card, checkout.pay(tx, session, card))


def _after_pay(tx: Tx, session: Object, card: Card, outcome: str) -> Reply:
    if outcome in ("paid", "complete"):
        return redirect(checkout.return_url(session))
    if outcome == "authenticate":
        return redirect(f"/pay/{session['id']}/authenticate")
    if outcome == "declined":
        return _page_of(tx, session, chosen=card.number, problem=card.message)
    return _page_of(tx, session, chosen=card.number)


def _challenge_page(store: Store, request: Request, identifier: str) -> Reply:
    with store.transaction() as tx:
        session = _session(tx, identifier)
        if session is None:
            return html(pages.not_found(), 404)
        if not _challenged(tx, session):
            return redirect(f"/pay/{identifier}")
        return html(pages.challenge(session))


def _challenged(tx: Tx, session: Object) -> bool:
    if session["status"] != "open" or not session["payment_intent"]:
        return False
    return bool(tx.take("payment_intent", session["payment_intent"])["status"] == "requires_action")


def _answer_challenge(store: Store, request: Request, identifier: str) -> Reply:
    success = request.form().get("outcome") == "complete"
    with store.transaction() as tx:
        session = _session(tx, identifier)
        if session is None:
            return html(pages.not_found(), 404)
        if not _challenged(tx, session):
            return redirect(f"/pay/{identifier}")
        card = card_numbered(tx.take("payment_intent", session["payment_intent"])["_card"])
        if card is None:
            raise LookupError("the challenged payment has no card")
        outcome = checkout.authenticate(tx, session, card, success=success)
    return redirect(checkout.return_url(session) if outcome == "paid" else f"/pay/{identifier}")


def _expire(store: Store, request: Request, identifier: str) -> Reply:
    with store.transaction() as tx:
        session = _session(tx, identifier)
        if session is None:
            return html(pages.not_found(), 404)
        if session["status"] == "open":
            checkout.expire(tx, session)
    return redirect(f"/pay/{identifier}")


def _receipt(store: Store, request: Request, identifier: str) -> Reply:
    with store.transaction() as tx:
        charge = tx.get("charge", identifier)
    return html(pages.receipt(charge) if charge else pages.not_found(), 200 if charge else 404)


def _style(store: Store, request: Request, identifier: str) -> Reply:
    headers = {"Content-Type": "text/css; charset=utf-8", "Cache-Control": "max-age=300"}
    return Reply(200, STYLE.encode(), headers)


def _dashboard(store: Store, request: Request, identifier: str) -> Reply:
    with store.transaction() as tx:
        return html(dashboard.page(tx))


def _move_clock(store: Store, request: Request, identifier: str) -> Reply:
    """The dashboard's buttons only move forward."""
    seconds = request.form().get("advance", "0")
    if seconds.isdigit():
        with store.transaction() as tx:
            tx.configure("clock_offset", tx.setting("clock_offset", 0) + int(seconds))
    return redirect("/")


_PAGES: tuple[tuple[str, str, Page], ...] = (
    ("GET", "/", _dashboard),
    ("POST", "/clock", _move_clock),
    ("GET", "/style.css", _style),
    ("GET", "/pay/([^/]+)", _pay_page),
    ("POST", "/pay/([^/]+)", _pay),
    ("POST", "/pay/([^/]+)/expire", _expire),
    ("GET", "/pay/([^/]+)/authenticate", _challenge_page),
    ("POST", "/pay/([^/]+)/authenticate", _answer_challenge),
    ("GET", "/receipts/([^/]+)", _receipt),
    ("GET", "/payments/([^/]+)", desk.show),
    *desk.BUTTONS,
)

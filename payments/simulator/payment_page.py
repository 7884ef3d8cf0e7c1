"""The page of one payment: what a person sees of it in Stripe's Dashboard, and may do."""

from __future__ import annotations

from html import escape
from typing import Any

from payments.simulator import disputes, summary
from payments.simulator.money import display, exponent
from payments.simulator.pages import document
from payments.simulator.store import Object, Tx

_REFUND_ACTIONS = {
    "pending": (("succeed", "Let it arrive"), ("fail", "Let it fail"), ("cancel", "Cancel it")),
    "requires_action": (("succeed", "Let it arrive"), ("fail", "Let it fail"), ("cancel", "Cancel it")),
    "succeeded": (("fail", "Let it fail"), ("reference", "Bring its reference")),
}
_ANSWER = (("review", "Answer it"),)
_INQUIRY_END = (("escalate", "Escalate it"), ("close", "Close it"))
_CASE_END = (("won", "Hotel wins"), ("lost", "Guest wins"))
_DISPUTE_ACTIONS = {
    "needs_response": (*_ANSWER, *_CASE_END),
    "under_review": _CASE_END,
    "warning_needs_response": (*_ANSWER, *_INQUIRY_END),
    "warning_under_review": _INQUIRY_END,
}


def page(tx: Tx, intent: Object, problem: str = "") -> str:
    """The whole page; `problem` is what Stripe said to the last action."""
    row = summary.payment(tx, intent)
    charge = tx.get("charge", intent["latest_charge"] or "")
    alert = f'<p class="problem" role="alert">{escape(problem)}</p>' if problem else ""
    body = (
        f"<p><a href='/'>All payments</a></p><h1>{escape(display(row['amount'], row['currency']))}</h1>"
        f"<p class='quiet'>{escape(row['description'] or 'No description')}<br><code>{intent['id']}</code></p>{alert}"
        f"{_facts(row)}{_actions(tx, intent, charge)}{_refunds(tx, intent)}{_disputes(tx, charge)}"
    )
    return document("Payment", body)


def _facts(row: dict[str, Any]) -> str:
    names = ("authorized", "captured", "refunded")
    sums = [(name.capitalize(), display(row[name], row["currency"])) for name in names]
    lines = (("Status", row["status"]), *sums)
    shown = "".join(f"<li><span>{name}</span><span>{escape(value)}</span></li>" for name, value in lines)
    return f'<section class="card"><ul class="lines">{shown}</ul></section>'


def _actions(tx: Tx, intent: Object, charge: Object | None) -> str:
    here = f"/payments/{intent['id']}"
    forms = []
    if intent["status"] == "requires_capture":
        forms = [_money_form(f"{here}/capture", "Capture", intent, intent["amount_capturable"])]
        forms.append(_buttons(f"{here}/", (("cancel", "Release the hold"),)))
    if charge and charge["captured"]:
        left = charge["amount"] - charge["amount_refunded"]
        forms = [_money_form(f"{here}/refund", "Refund", intent, left)] if left else []
        if left and not disputes.open_of(tx, charge):
            forms.append(
                _buttons(f"{here}/", (("dispute", "Dispute it as the guest"), ("inquiry", "Inquire as the bank")))
            )
    inside = "".join(forms)
    return f'<section class="card stack" aria-label="Actions">{inside}</section>' if inside else ""


def _money_form(action: str, verb: str, intent: Object, most: int) -> str:
    number = display(most, intent["currency"]).rsplit(" ", 1)[0].replace(",", "")
    name = verb.lower()
    return (
        f'<form method="post" action="{action}"><label for="{name}">Amount in {intent["currency"].upper()}</label>'
        f'<input id="{name}" name="amount" value="{number}" inputmode="decimal" required>'
        f'<p><button class="primary">{verb}</button></p></form>'
    )


def _buttons(prefix: str, actions: tuple[tuple[str, str], ...]) -> str:
    buttons = "".join(f'<button formaction="{prefix}{action}">{label}</button>' for action, label in actions)
    return f'<form method="post" class="out">{buttons}</form>'


def _refunds(tx: Tx, intent: Object) -> str:
    return "".join(_refund(row) for row in tx.find("refund", "payment_intent = ?", (intent["id"],)))


def _refund(row: Object) -> str:
    released = row.get("_released")
    name = "Released" if released else "Refund"
    reason = row.get("failure_reason") or row["reason"] or ""
    actions = () if released else _REFUND_ACTIONS.get(row["status"], ())
    return _case(
        name, row, f"{row['status']} {reason}", _buttons(f"/refunds/{row['id']}/", actions) if actions else ""
    )


def _disputes(tx: Tx, charge: Object | None) -> str:
    return "".join(_dispute(row) for row in disputes.of_charge(tx, charge)) if charge else ""


def _dispute(row: Object) -> str:
    actions = _DISPUTE_ACTIONS.get(row["status"], ())
    return _case(
        "Dispute",
        row,
        f"{row['status']} {row['reason']}",
        _buttons(f"/disputes/{row['id']}/", actions) if actions else "",
    )


def _case(name: str, row: Object, note: str, buttons: str) -> str:
    amount = escape(display(row["amount"], row["currency"]))
    return (
        f'<section class="card"><h2>{name} of {amount}</h2><p class="quiet">{escape(note.strip())}<br>'
        f"<code>{row['id']}</code></p>{buttons}</section>"
    )


def typed_amount(text: str, currency: str) -> int:
    """Minor units of what was typed; ValueError when it isn't an amount of this currency."""
    whole, point, rest = text.strip().replace(",", "").partition(".")
    places = exponent(currency)
    if not whole.isdecimal() or (point and not rest.isdecimal()) or len(rest) > places:
        raise ValueError(f"{text} is not an amount in {currency.upper()}.")
    return int(whole + rest.ljust(places, "0"))

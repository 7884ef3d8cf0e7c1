"""The hosted payment page and its companions, as HTML."""

from __future__ import annotations

from html import escape

from payments.simulator.cards import CARDS
from payments.simulator.money import display
from payments.simulator.store import Object
from payments.simulator.wire import Reply

_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


def html(text: str, status: int = 200) -> Reply:
    """An HTML answer."""
    return Reply(status, text.encode(), dict(_HEADERS))


def document(title: str, body: str, *, kind: str = "narrow") -> str:
    """A whole page."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f'<title>{escape(title)}</title><link rel="stylesheet" href="/style.css"></head><body>'
        '<header class="bar"><strong>Stripe simulator</strong> <span class="mode">test mode</span>'
        '<span class="hint">No real money moves here.</span></header>'
        f'<main class="{kind}">{body}</main></body></html>'
    )


def payment(session: Object, chosen: str, problem: str) -> str:
    """The form a customer pays with; `problem` is shown above it and announced."""
    amount = display(session["amount_total"], session["currency"])
    verb = {"book": "Book", "donate": "Donate"}.get(session["submit_type"] or "", "Pay")
    alert = f'<p class="problem" id="problem" role="alert">{escape(problem)}</p>' if problem else ""
    described = ' aria-describedby="problem" aria-invalid="true"' if problem else ""
    body = f"""
{_order(session, amount)}
<section class="card" aria-labelledby="pay-title">
  <h2 id="pay-title">Pay by card</h2>{alert}
  <form method="post" action="/pay/{escape(session["id"])}">
    <label for="number">Card number</label>
    <input id="number" name="card" value="{escape(_spaced(chosen))}" inputmode="numeric" autocomplete="off"
      required maxlength="30"{described}>
    <div class="pair"><span><span class="label">Expires</span><span class="fixed">12 / 40</span></span>
    <span><span class="label">CVC</span><span class="fixed">123</span></span></div>
    <button class="primary">{verb} {escape(amount)}</button>
  </form>
  <h3>Test cards</h3>
  <ul class="choices">{_choices(session, chosen, common=True)}</ul>
  <details><summary>More test cards</summary>
  <ul class="choices">{_choices(session, chosen, common=False)}</ul></details>
</section>
{_ways_out(session)}"""
    return document(f"Pay {amount}", body)


def _order(session: Object, amount: str) -> str:
    lines = "".join(
        f"<li><span>{escape(item['description'])}{_times(item['quantity'])}</span>"
        f"<span>{escape(display(item['amount_total'], item['currency']))}</span></li>"
        for item in session["_items"]
    )
    about = session["_intent"].get("description")
    heading = f"<p class='quiet'>{escape(about)}</p>" if about else ""
    email = f"<p class='quiet'>{escape(session['customer_email'])}</p>" if session["customer_email"] else ""
    held = session["_intent"].get("capture_method") == "manual"
    note = "<p class='quiet'>The amount is reserved now and taken when the hotel confirms.</p>" if held else ""
    return (
        f'<section aria-labelledby="total"><h1 id="total">{escape(amount)}</h1>'
        f'{heading}<ul class="lines">{lines}</ul>{email}{note}</section>'
    )


def _times(quantity: int) -> str:
    return f" × {quantity}" if quantity > 1 else ""


def _spaced(number: str) -> str:
    digits = "".join(number.split())
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))


def _choices(session: Object, chosen: str, *, common: bool) -> str:
    rows = []
    for card in (card for card in CARDS.values() if card.is_common is common):
        current = ' aria-current="true"' if card.number == "".join(chosen.split()) else ""
        rows.append(
            f'<li><a href="/pay/{escape(session["id"])}?card={card.number}"{current}>'
            f"<span>{escape(card.label)}</span><code>{_spaced(card.number)}</code></a></li>"
        )
    return "".join(rows)


def _ways_out(session: Object) -> str:
    back = ""
    if session["cancel_url"]:
        back = f'<a class="button" href="{escape(session["cancel_url"])}">Back to the hotel</a>'
    return (
        f'<nav class="out" aria-label="Other ways to end">{back}'
        f'<form method="post" action="/pay/{escape(session["id"])}/expire">'
        "<button>Let this session expire</button></form></nav>"
    )


def challenge(session: Object) -> str:
    """The bank's 3D Secure page."""
    amount = display(session["amount_total"], session["currency"])
    body = f"""<h1>Your bank asks: is this you?</h1>
<section class="card"><p>3D Secure test page for a payment of <strong>{escape(amount)}</strong>.</p>
<form method="post" class="stack">
  <button class="primary" name="outcome" value="complete">Complete authentication</button>
  <button name="outcome" value="fail">Fail authentication</button>
</form></section>
<nav class="out"><a class="button" href="/pay/{escape(session["id"])}">Use another card</a></nav>"""
    return document("3D Secure", body)


def completed(session: Object, target: str) -> str:
    """A session that was already paid."""
    amount = display(session["amount_total"], session["currency"])
    body = (
        f"<h1>You're all done here</h1><p>The payment of {escape(amount)} went through. There is nothing "
        f"more to pay.</p>"
        f'<p><a class="button primary" href="{escape(target)}">Continue to the hotel</a></p>'
    )
    return document("Already paid", body)


def expired(session: Object) -> str:
    """A session nobody can pay any more."""
    back = ""
    if session["cancel_url"]:
        back = f'<p><a class="button primary" href="{escape(session["cancel_url"])}">Back to the hotel</a></p>'
    told = "<p>Nothing was charged. The hotel can give you a new link.</p>"
    body = f"<h1>This payment link has expired</h1>{told}{back}"
    return document("Payment link expired", body)


def receipt(charge: Object) -> str:
    """What `receipt_url` of a charge shows."""
    currency = charge["currency"]
    rows = (
        ("Paid", display(charge["amount_captured"], currency)),
        ("Refunded", display(charge["amount_refunded"] if charge["captured"] else 0, currency)),
        ("Card", f"Visa ending in {charge['payment_method_details']['card']['last4']}"),
        ("Reference", charge["id"]),
    )
    lines = "".join(f"<li><span>{name}</span><span>{escape(value)}</span></li>" for name, value in rows)
    body = f'<h1>Receipt</h1><p>{escape(charge["description"] or "")}</p><ul class="lines">{lines}</ul>'
    return document("Receipt", body)


def not_found() -> str:
    """An address that leads nowhere."""
    return document(
        "Not found", '<h1>There is no such page</h1><p><a class="button" href="/">To the dashboard</a></p>'
    )

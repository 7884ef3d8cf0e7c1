"""The page at `/`: payments, latest events with their deliveries, and the clock."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from typing import Any

from payments.simulator import summary
from payments.simulator.money import display
from payments.simulator.pages import document
from payments.simulator.store import Tx

_JUMPS = ((3600, "1 hour"), (86400, "1 day"), (8 * 86400, "8 days"))
SHOWN = 40


def page(tx: Tx) -> str:
    """The whole dashboard."""
    body = (
        f"<h1>Payments</h1>{_clock(tx)}{_payments(tx)}<h3>Open payment pages</h3>{_open_sessions(tx)}"
        f"<h3>Latest events</h3>{_events(tx)}"
    )
    return document("Stripe simulator", body, kind="wide")


def _clock(tx: Tx) -> str:
    buttons = "".join(f'<button name="advance" value="{seconds}">Forward {name}</button>' for seconds, name in _JUMPS)
    shown = escape(_moment(tx.now))
    return (
        f'<section class="card" aria-labelledby="clock"><h2 id="clock">Clock: {shown}</h2>'
        '<p class="quiet">Sessions and authorizations expire when it passes their time.</p>'
        f'<form method="post" action="/clock" class="out">{buttons}</form></section>'
    )


def _moment(timestamp: int) -> str:
    return f"{datetime.fromtimestamp(timestamp, UTC):%Y-%m-%d %H:%M} UTC"


def _payments(tx: Tx) -> str:
    rows = [_payment(row) for row in summary.payments(tx)[:SHOWN]]
    head = ("Payment", "Status", "Authorized", "Captured", "Refunded")
    return _table("Payments", head, rows) if rows else "<p>No payments yet.</p>"


def _payment(row: dict[str, Any]) -> str:
    sums = "".join(
        f'<td class="sum">{escape(display(row[name], row["currency"]))}</td>'
        for name in ("authorized", "captured", "refunded")
    )
    note = " · disputed" if row["disputed"] else ""
    if row["status"] == "requires_capture" and row["capture_before"]:
        note += f"<br><span class='quiet'>capture before {_moment(row['capture_before'])}</span>"
    link = f'<a href="/payments/{row["payment_intent"]}">{escape(row["description"] or "No description")}</a>'
    name = f"{link}<br><code>{row['payment_intent']}</code>"
    return f"<tr><td>{name}</td><td>{row['status']}{note}</td>{sums}</tr>"


def _open_sessions(tx: Tx) -> str:
    rows = [
        f'<tr><td><a href="/pay/{item["id"]}">{escape(item["_items"][0]["description"])}</a></td>'
        f'<td class="sum">{escape(display(item["amount_total"], item["currency"]))}</td>'
        f"<td>until {_moment(item['expires_at'])}</td></tr>"
        for item in tx.find("checkout.session", "status = 'open'")[:SHOWN]
    ]
    return _table("Open payment pages", ("For", "Amount", "Open"), rows) if rows else "<p>None.</p>"


def _events(tx: Tx) -> str:
    query = (
        "SELECT o.id, o.status, o.created, d.state, d.attempts, d.answer, d.error FROM objects o "
        "LEFT JOIN deliveries d ON d.event = o.id WHERE o.kind = 'event' ORDER BY o.seq DESC, d.id LIMIT ?"
    )
    rows = [_event(*row) for row in tx.sql(query, (SHOWN,))]
    return _table("Events", ("Event", "When", "Delivery"), rows) if rows else "<p>Nothing has happened yet.</p>"


def _event(
    identifier: str,
    kind: str,
    created: int,
    state: str | None,
    attempts: int,
    answer: int | None,
    error: str | None,
) -> str:
    look = {"succeeded": "good", "failed": "bad", "dropped": "bad"}.get(state or "", "")
    told = f"{state}, {attempts} tried" if state else "no endpoint"
    detail = f" ({escape(error)})" if error else f" (HTTP {answer})" if answer else ""
    return (
        f"<tr><td>{kind}<br><code>{identifier}</code></td><td>{_moment(created)}</td>"
        f'<td class="{look}">{told}{detail}</td></tr>'
    )


def _table(name: str, head: tuple[str, ...], rows: list[str]) -> str:
    sums = ("Authorized", "Captured", "Refunded", "Amount")
    titles = "".join(f'<th scope="col"{" class=sum" if title in sums else ""}>{title}</th>' for title in head)
    return (
        f'<div class="scroll" role="region" aria-label="{name}" '
        f'tabindex="0"><table><thead><tr>{titles}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )

"""What Stripe says about one payment at one moment, as plain values. Pure: parsed JSON in, a snapshot out.

Everything that the booking desk learns from Stripe passes through here, whoever asked: the caller of an
operation, a webhook, the return page or the reconciliation.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

type Json = Mapping[str, Any]


@dataclass(frozen=True)
class RefundSnapshot:
    """One refund; amounts in minor units."""

    id: str
    amount: int
    currency: str
    status: str
    reason: str
    failure_reason: str
    reference: str
    operation: str
    created: datetime


@dataclass(frozen=True)
class Snapshot:
    """A Checkout Session with its PaymentIntent, charge and refunds. Empty strings mean "there is none"."""

    session_id: str = ""
    session_status: str = ""
    session_url: str = ""
    session_expires_at: datetime | None = None
    intent_id: str = ""
    intent_status: str = ""
    cancellation_reason: str = ""
    amount: int = 0
    currency: str = ""
    capturable: int = 0
    captured: int = 0
    refunded: int = 0
    failure_message: str = ""
    charge_id: str = ""
    capture_before: datetime | None = None
    card_brand: str = ""
    card_last4: str = ""
    is_disputed: bool = False
    refunds: tuple[RefundSnapshot, ...] = ()


def of_session(session: Json) -> Snapshot:
    """Parse a session whose `payment_intent.latest_charge.refunds` are expanded."""
    return _snapshot(session, _object(session.get("payment_intent")))


def of_intent(intent: Json) -> Snapshot:
    """Parse a PaymentIntent whose `latest_charge.refunds` are expanded."""
    return _snapshot({}, intent)


def of_refund(refund: Json) -> Snapshot:
    """Parse the PaymentIntent that comes expanded with a new refund."""
    return _snapshot({}, _object(refund.get("payment_intent")))


def _snapshot(session: Json, intent: Json) -> Snapshot:
    charge = _object(intent.get("latest_charge"))
    card = _object(_object(charge.get("payment_method_details")).get("card"))
    return Snapshot(
        session_id=session.get("id") or "",
        session_status=session.get("status") or "",
        session_url=session.get("url") or "",
        session_expires_at=moment(session.get("expires_at")),
        intent_id=intent.get("id") or "",
        intent_status=intent.get("status") or "",
        cancellation_reason=intent.get("cancellation_reason") or "",
        amount=intent.get("amount") or session.get("amount_total") or 0,
        currency=(intent.get("currency") or session.get("currency") or "").upper(),
        capturable=intent.get("amount_capturable") or 0,
        captured=intent.get("amount_received") or 0,
        # An uncaptured charge that was released counts as "refunded" at Stripe, although no money moved.
        refunded=charge.get("amount_refunded") or 0 if charge.get("captured") else 0,
        failure_message=_object(intent.get("last_payment_error")).get("message") or "",
        charge_id=charge.get("id") or "",
        capture_before=moment(card.get("capture_before")),
        card_brand=card.get("brand") or "",
        card_last4=card.get("last4") or "",
        is_disputed=bool(charge.get("disputed")),
        refunds=_refunds(charge),
    )


def _refunds(charge: Json) -> tuple[RefundSnapshot, ...]:
    if not charge.get("captured"):
        return ()
    return tuple(_refund(each) for each in _object(charge.get("refunds")).get("data") or ())


def _refund(refund: Json) -> RefundSnapshot:
    destination = _object(refund.get("destination_details"))
    details = _object(destination.get(destination.get("type") or ""))
    return RefundSnapshot(
        id=refund["id"],
        amount=refund["amount"],
        currency=refund["currency"].upper(),
        status=refund.get("status") or "pending",
        reason=refund.get("reason") or "",
        failure_reason=refund.get("failure_reason") or "",
        reference=details.get("reference") or "",
        operation=_object(refund.get("metadata")).get("operation") or "",
        created=moment(refund["created"]) or datetime.now(UTC),
    )


def _object(value: Any) -> Json:
    # Stripe answers an unexpanded reference as its id.
    return value if isinstance(value, Mapping) else {}


def moment(seconds: int | None) -> datetime | None:
    """Return Stripe's Unix seconds as an aware UTC time."""
    return datetime.fromtimestamp(seconds, tz=UTC) if seconds else None

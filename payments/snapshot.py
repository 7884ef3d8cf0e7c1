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
class DisputeSnapshot:
    """One dispute; the amount in minor units. `read_at` tells a newer look at it from an older one."""

    id: str
    status: str
    reason: str
    amount: int
    currency: str
    is_withdrawn: bool
    due_by: datetime | None
    created: datetime
    read_at: datetime


@dataclass(frozen=True)
class Snapshot:
    """A Checkout Session with its PaymentIntent, charge, refunds and disputes. Empty strings mean "there is none".

    Without disputes nothing is said about them: Stripe lists them apart, and not every answer carries them.
    """

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
    failure_message: str = ""
    charge_id: str = ""
    capture_before: datetime | None = None
    card_brand: str = ""
    card_last4: str = ""
    is_disputed: bool = False
    refunds: tuple[RefundSnapshot, ...] = ()
    disputes: tuple[DisputeSnapshot, ...] = ()


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
        return ()  # a hold that was released counts as refunded at Stripe, although no money moved
    listed = list(_object(charge.get("refunds")).get("data") or ())
    released = _released_rest(charge, listed)
    return tuple(_refund(each) for each in listed if each is not released)


def _released_rest(charge: Json, listed: list[Json]) -> Json | None:
    """Return what looks like a refund but is the part of a hold that a partial capture released; no money moved.

    It came to be with the capture, before any refund, and nobody has asked for it
    (docs.stripe.com/reports/reporting-categories, "partial-capture reversals").
    """
    rest = (charge.get("amount") or 0) - (charge.get("amount_captured") or 0)
    like = [each for each in listed if each["amount"] == rest and not _object(each.get("metadata")).get("operation")]
    # The newest comes first, also among those of one second.
    return min(reversed(like), key=lambda each: each["created"], default=None)


def _refund(refund: Json) -> RefundSnapshot:
    destination = _object(refund.get("destination_details"))
    details = _object(destination.get(destination.get("type") or ""))
    return RefundSnapshot(
        id=refund["id"],
        amount=refund["amount"],
        currency=refund["currency"].upper(),
        status=refund.get("status") or "pending",
        reason=refund.get("reason") or "",
        failure_reason=refund.get("failure_reason") or _hindrance(refund),
        reference=details.get("reference") or "",
        operation=_object(refund.get("metadata")).get("operation") or "",
        created=moment(refund["created"]) or datetime.now(UTC),
    )


def _hindrance(refund: Json) -> str:
    """Return why a pending refund does not move until somebody tops up the hotel's balance at Stripe, if so.

    docs.stripe.com/refunds#insufficient-balance: such a refund is not refused; it waits.
    """
    reason = refund.get("pending_reason") if refund.get("status") == "pending" else None
    return "insufficient_funds" if reason == "insufficient_funds" else ""


def of_dispute(dispute: Json, *, read_at: datetime) -> DisputeSnapshot:
    """Parse a dispute (docs.stripe.com/api/disputes/object) that Stripe was asked for at a moment (UTC)."""
    # Up to two entries: what the bank took, and what came back. Their currency is the account's, so only the sign
    # of their sum says something about the payment.
    moved = sum(_object(entry).get("amount") or 0 for entry in dispute.get("balance_transactions") or ())
    return DisputeSnapshot(
        id=dispute["id"],
        status=dispute["status"],
        reason=dispute.get("reason") or "general",
        amount=dispute["amount"],
        currency=dispute["currency"].upper(),
        is_withdrawn=moved < 0,
        due_by=moment(_object(dispute.get("evidence_details")).get("due_by")),
        created=moment(dispute["created"]) or read_at,
        read_at=read_at,
    )


def _object(value: Any) -> Json:
    # Stripe answers an unexpanded reference as its id.
    return value if isinstance(value, Mapping) else {}


def moment(seconds: int | None) -> datetime | None:
    """Return Stripe's Unix seconds as an aware UTC time."""
    return datetime.fromtimestamp(seconds, tz=UTC) if seconds else None

"""Where the guest is in each table: what is emptied, what is read over for the guest, what stays as it is.

A text of a model that is in none of the three is a mistake; a test finds it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import Model

from bookings.audit import ERASED
from bookings.known_guest import KnownGuest
from bookings.models import Booking, BulkRow, BulkRun, Message, RefusedAttempt
from cancellations.models import ManagementToken
from payments.models import (
    Dispute,
    Drift,
    Payment,
    PaymentOperation,
    Refund,
    RefundRequest,
    StripeWebhookEvent,
)
from payments.payloads import masked

ERASED_NAME: Final = "Erased guest"

type Rewrite = Callable[[Any, KnownGuest], Any]


def without_people(payload: Any, guest: KnownGuest) -> Any:
    """Return an event of Stripe's with ids and amounts only."""
    return guest.scrub_all(masked(payload))


def without_guest(details: Mapping[str, Any], guest: KnownGuest) -> dict[str, Any]:
    """Return what an operation decided without the guest; from where staff decided it stays."""
    said: dict[str, Any] = guest.scrub_all({name: value for name, value in details.items() if name != "actor"})
    if actor := details.get("actor"):
        said["actor"] = without_place(actor, guest)
    return said


def without_place(actor: Mapping[str, Any], guest: KnownGuest) -> dict[str, Any]:
    """Return who acted without the guest's address and browser; from where staff acted stays."""
    return dict(actor) if actor.get("user_id") else {**actor, "ip": "", "user_agent": ""}


@dataclass(frozen=True, kw_only=True)
class Holder:
    """A table with rows about a booking. `path` leads from a row to its booking, or to what names it: `key`.

    `kept` are texts that say nothing about a guest: codes, references, words of the product's own.
    """

    model: type[Model]
    path: str
    key: str = "pk"
    emptied: Mapping[str, Any] = field(default_factory=dict)
    read_over: Iterable[str] = ()
    rewritten: Mapping[str, Rewrite] = field(default_factory=dict)
    kept: Iterable[str] = ()

    def rows(self, booking: Booking) -> list[Any]:
        """Return the rows about a booking."""
        return list(self.model._default_manager.filter(**{self.path: getattr(booking, self.key)}))

    def erased(self, row: Any, guest: KnownGuest) -> dict[str, Any]:
        """Return what differs once the guest is gone, for a row or for a row of its history."""
        new = {name: value for name, value in self.emptied.items() if hasattr(row, name)}
        new |= {name: guest.scrub_all(getattr(row, name)) for name in self.read_over if hasattr(row, name)}
        new |= {name: do(getattr(row, name), guest) for name, do in self.rewritten.items() if hasattr(row, name)}
        return {name: value for name, value in new.items() if getattr(row, name) != value}


HOLDERS: Final = (
    Holder(
        model=Booking,
        path="pk",
        emptied={"guest_name": ERASED_NAME, "guest_email": "", "guest_phone": "", "notes": ""},
        read_over=("decision_reason", "cancellation_reason", "deletion_reason"),
        kept=(
            *("booking_id", "guest_language", "payment_method", "currency", "charged_currency", "terms"),
            *("status", "record_state", "payment_provider", "payment_reference", "refund_reference"),
            "former_reference",
        ),
    ),
    Holder(
        model=Payment,
        path="booking",
        emptied={"session_url": ""},
        read_over=("failure_message", "note"),
        kept=(
            *("provider", "purpose", "status", "currency", "rate_source", "card_brand", "card_last4"),
            *("stripe_checkout_session_id", "stripe_payment_intent_id", "stripe_charge_id"),
        ),
    ),
    Holder(
        model=PaymentOperation,
        path="booking",
        read_over=("error_message",),
        rewritten={"details": without_guest},
        kept=("kind", "status", "transition", "currency", "idempotency_key", "stripe_request_id", "error_code"),
    ),
    Holder(
        model=Refund,
        path="payment__booking",
        read_over=("note", "review"),
        kept=("provider", "stripe_refund_id", "currency", "status", "reason", "reference", "failure_reason"),
    ),
    Holder(
        model=RefundRequest,
        path="booking",
        read_over=("note", "decision_note"),
        kept=("kind", "status", "currency", "stripe_reason"),
    ),
    Holder(model=Dispute, path="payment__booking", kept=("stripe_dispute_id", "status", "reason", "currency")),
    Holder(
        model=Drift,
        path="booking",
        read_over=("resolution", "ours", "theirs"),
        kept=("stripe_id", "kind"),
    ),
    Holder(
        model=StripeWebhookEvent,
        path="booking",
        read_over=("error_message",),
        rewritten={"payload": without_people},
        kept=("event_id", "event_type", "payload_hash", "processing_result"),
    ),
    Holder(
        model=ManagementToken,
        path="booking",
        emptied={"ip": None, "user_agent": ""},
        kept=("token_hash", "last_action"),
    ),
    Holder(
        model=Message,
        path="booking",
        emptied={"to": "", "text": ERASED, "html": ERASED, "calendar": ""},
        read_over=("subject", "last_error"),
        kept=("kind", "status", "provider_id", "request_id"),
    ),
    Holder(
        model=BulkRun,
        path="rows__booking",
        read_over=("reason",),
        kept=("key", "action", "fee", "state", "actor", "request_id"),
    ),
    Holder(
        model=BulkRow,
        path="booking",
        read_over=("words",),
        kept=("reference", "state", "move", "currency"),
    ),
    Holder(
        model=RefusedAttempt,
        path="reference",
        key="booking_id",
        read_over=("words",),
        rewritten={"actor": without_place},
        kept=(
            *("key", "actor_kind", "request_id", "surface", "tried", "model", "asked", "reference"),
            *("currency", "code"),
        ),
    ),
)

"""What somebody may type into the explorer's one box: a reference, a request's id, an id of Stripe's."""

import re
from typing import Any, Final

from django.db.models import Q

from bookings.models.booking import REFERENCE_ALPHABET, REFERENCE_LENGTH
from payments.models import Dispute, Payment, Refund, StripeWebhookEvent

REFERENCE: Final = re.compile(rf"^[{REFERENCE_ALPHABET}]{{{REFERENCE_LENGTH}}}$")
# How an id of Stripe's begins, and where it stands: unique columns, so that the look-up is cheap.
AT_STRIPE: Final[dict[str, tuple[Any, str]]] = {
    "pi_": (Payment, "stripe_payment_intent_id"),
    "cs_": (Payment, "stripe_checkout_session_id"),
    "re_": (Refund, "stripe_refund_id"),
    "dp_": (Dispute, "stripe_dispute_id"),
    "du_": (Dispute, "stripe_dispute_id"),
    "evt": (StripeWebhookEvent, "event_id"),
}


def found_by(words: str) -> Q:
    """Return what finds the entries that a word names."""
    if REFERENCE.match(words.upper()):
        return Q(reference=words.upper())
    if place := AT_STRIPE.get(words[:3]):
        return of_row(*place, words)
    return Q(request_id=words)


def of_row(model: Any, column: str, words: str) -> Q:
    """Return what finds the history of the row with an id of Stripe's; of none, if there is no such row."""
    row = model._default_manager.filter(**{column: words}).values_list("pk", flat=True).first()
    return Q(model=model._meta.label_lower, object_id=row or 0)

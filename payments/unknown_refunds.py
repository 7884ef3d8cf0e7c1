"""Before money goes back: has Stripe sent back something of the payment that the decision did not know of?

Somebody refunded it in Stripe's Dashboard since, whether its webhook has come by now or not; or a backup was
restored, and its lost hours had a refund. Stripe forgets an idempotency key after a day, and staff and guests have
keys of their own, so that the key alone would not keep the same money from going back twice.
"""

from typing import Final

import structlog
from django.utils.translation import gettext_noop

from payments.gateway import Declined
from payments.mirror import is_made_by
from payments.models import COMMITTED_REFUNDS, PaymentOperation, Refund
from payments.money import spoken
from payments.snapshot import RefundSnapshot, Snapshot

logger = structlog.get_logger(__name__)

CODE: Final = "refunds_unknown"
ELSEWHERE: Final = gettext_noop(
    "%(amount)s of this payment was refunded at Stripe itself in the meantime. Nothing was sent. Look at what has "
    "gone back by now, and decide again."
)
LOST: Final = gettext_noop(
    "Stripe has sent back %(amount)s of this payment that our records do not have, as after restoring a backup. "
    "Nothing was sent. Look at what has gone back by now, and decide again."
)


def refusal(operation: PaymentOperation, seen: Snapshot) -> Declined | None:
    """Return why a refund must not be sent now: it was decided without knowing what has gone back. Else None."""
    unknown = unknown_of(operation, seen)
    if not unknown:
        return None
    is_lost = any(each.operation.startswith(f"{operation.booking.booking_id}:") for each in unknown)
    amount = sum(each.amount for each in unknown)
    said = {"operation": operation.idempotency_key, "refunds": len(unknown), "is_lost": is_lost}
    logger.warning("refund.unknown_at_stripe", **said)
    return Declined(CODE, (LOST if is_lost else ELSEWHERE) % {"amount": spoken(amount, operation.currency)})


def unknown_of(operation: PaymentOperation, seen: Snapshot) -> list[RefundSnapshot]:
    """Return the refunds at Stripe, done or on their way, that whoever decided the operation could not know of."""
    moved = [each for each in seen.refunds if each.status in COMMITTED_REFUNDS and not is_made_by(operation, each)]
    # What was heard of since the decision was not known to it either.
    known = Refund.objects.filter(
        stripe_refund_id__in=[each.id for each in moved], created_at__lte=operation.created_at
    )
    ids = set(known.values_list("stripe_refund_id", flat=True)) if moved else set()
    return [each for each in moved if each.id not in ids]


def is_made(operation: PaymentOperation, seen: Snapshot) -> bool:
    """Whether Stripe shows the operation's own refund already: somebody else has sent it."""
    return any(is_made_by(operation, each) for each in seen.refunds)

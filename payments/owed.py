"""What the hotel owes a guest and cannot send back through Stripe by itself: promised, not paid out yet.

An owed refund is a row of its own (`provider` manual, pending), so that it is on the worklist, counts as promised
wherever an amount is worked out, and keeps its history. The booking is locked by the caller of all of these.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from django.conf import settings
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from bookings import audit, emails, lifecycle
from bookings.models import Booking
from bookings.refusals import Refused
from payments import four_eyes, ledger
from payments.external import mark_reviewed, unreviewed_since
from payments.models import Payment, PaymentProvider, Refund, RefundStatus
from payments.money import spoken

R = RefundStatus
# In the details of a decision: the day by which the hotel sends the refund by hand. Nothing goes out by itself.
PROMISED_BY: Final = "promised_by"
CAME_BACK_WHY: Final = gettext_noop("Refund %(refund)s came back: %(why)s.")
SENT_THERE: Final = gettext_noop("Refunded at Stripe itself as %(reference)s.")
WAS_OWED: Final = gettext_noop("It is what was owed.")
UNDONE = (R.FAILED, R.CANCELED)
CAME_BACK: Final = Q(provider=PaymentProvider.STRIPE, status__in=UNDONE, replaced_by=None)
OWED: Final = Q(provider=PaymentProvider.MANUAL, status=R.PENDING)


def owe(
    payment: Payment,
    amount: int,
    *,
    reason: str,
    replaces: Refund | None = None,
    code: str = "requested_by_customer",
    promised_by: date | None = None,
) -> Refund:
    """Write down an amount, in minor units, that somebody at the hotel has to pay out, by a day if one was named."""
    with audit.change("owe", reason):
        return Refund.objects.create(
            payment=payment,
            provider=PaymentProvider.MANUAL,
            amount=amount,
            currency=payment.currency,
            reason=code,
            note=reason,
            replaces=replaces,
            promised_by=promised_by,
        )


def owe_decided(payment: Payment, amount: int, details: Mapping[str, Any]) -> Refund:
    """Owe an amount, in minor units, as it was decided: with the decision's reason and the day that was promised."""
    code, by = four_eyes.code_of(details), promised_day(details)
    return owe(payment, amount, reason=details["reason"], code=code, promised_by=by)


def promised_day(details: Mapping[str, Any]) -> date | None:
    """Return the day by which a guest was promised a refund by hand; None where it goes out by itself."""
    said = details.get(PROMISED_BY)
    return date.fromisoformat(said) if said else None


def mend(payment: Payment) -> None:
    """Bring what is owed of a payment to what Stripe shows: owe again what came back, and never more than is left."""
    if payment.refunds.filter(CAME_BACK | OWED).exists():
        reopen_undone(payment)
        take_for_paid(payment)
        shrink(payment)


@translation.override(settings.LANGUAGE_CODE)  # what is stored is English
def reopen_undone(payment: Payment) -> None:
    """Owe again what Stripe could not deliver, once for each refund, and tell the guest honestly."""
    for refund in payment.refunds.filter(CAME_BACK).order_by("pk"):
        why = refund.failure_reason.replace("_", " ") or refund.get_status_display().lower()
        amount = min(refund.amount, ledger.left_of(payment))
        if amount > 0:
            owe(payment, amount, reason=CAME_BACK_WHY % {"refund": refund, "why": why}, replaces=refund)
            emails.refund_failed(payment.booking, amount=amount, currency=payment.currency)


def take_for_paid(payment: Payment) -> None:
    """Close what was owed where somebody has sent exactly that amount back at Stripe itself, and tell the guest."""
    for refund in reversed(owed_of(payment)):
        made = unreviewed_since(refund).filter(amount=refund.amount).first()
        if made is None:
            continue
        reference = made.stripe_refund_id or ""
        with audit.acting_as(audit.ActorKind.STRIPE):
            close_owed(refund, note=SENT_THERE % {"reference": reference})
            mark_reviewed([made], WAS_OWED)
            lifecycle.record_refunded(payment.booking, reference=reference, reason=WAS_OWED)
            emails.refund_sent(payment.booking, amount=made.amount, currency=made.currency)


def shrink(payment: Payment) -> None:
    """Owe no more than is left: somebody has paid it out at Stripe itself."""
    for refund in owed_of(payment):
        too_much = -ledger.unpromised(payment)
        if too_much <= 0:
            return
        if too_much >= refund.amount:
            close_owed(refund, note=gettext_noop("Refunded at Stripe in the meantime."))
        else:
            refund.amount -= too_much
            with audit.change("owe", gettext_noop("A part was refunded at Stripe in the meantime.")):
                refund.save()


def owed_of(payment: Payment) -> list[Refund]:
    """Return what is still to be paid out for a payment, the newest first."""
    return list(payment.refunds.filter(OWED).order_by("-pk"))


def first_owed(booking: Booking) -> Refund | None:
    """Return the oldest refund of a booking that is still to be paid out."""
    refunds = ledger.refunds_of(ledger.payments_of(booking))
    return min((each for each in refunds if each.is_owed), key=lambda each: each.pk, default=None)


def refuse_owed(booking: Booking) -> None:
    """Refuse to return more by hand while something is owed: whoever pays that out would pay it twice."""
    refund = first_owed(booking)
    if refund is not None:
        words = _(
            "%(amount)s is owed already: open it and press “Paid out by hand”. After that, more can be refunded."
        )
        raise Refused(words % {"amount": spoken(refund.amount, refund.currency)})


def close_owed(refund: Refund, *, note: str) -> None:
    """Note that an owed refund needs no paying out any more: it went another way, or is not owed."""
    refund.status = R.CANCELED
    refund.note = f"{refund.note} {note}".strip()
    with audit.change("close_owed", note):
        refund.save()

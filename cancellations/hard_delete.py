"""Delete a booking for good: for what was never more than a typing error. What remains is its history."""

from django.db import transaction
from django.utils.translation import gettext as _

from bookings import audit, lifecycle
from bookings.lifecycle import Outcome
from bookings.models import Booking
from bookings.refusals import Refused
from cancellations import erasure


def hard_delete(booking: Booking, *, typed: str, reason: str) -> Outcome:
    """Remove a booking, its mails and links; its history stays, without the guest.

    The outcome's booking has no primary key any more. Refused where the hotel does not want it, before the booking
    was deleted, and where a payment was ever begun.
    """
    erasure.refuse_untyped(booking, typed)
    if not reason.strip():
        raise Refused(_("Please give a reason; it is kept in the history."), code="ERR_VALIDATION")
    reference = booking.booking_id
    try:
        with transaction.atomic():
            booking = lifecycle.lock(booking)
            if why := why_not(booking):
                raise Refused(why)
            remove(booking, reason=reason.strip())
    except Booking.DoesNotExist:
        booking.pk = None
        return Outcome(
            booking,
            Outcome.ALREADY,
            _("Booking %(reference)s is deleted for good already.") % {"reference": reference},
        )
    return Outcome(booking, Outcome.DONE, _("Booking %(reference)s is deleted for good.") % {"reference": reference})


def why_not(booking: Booking) -> str:
    """Return why a booking cannot be deleted for good; nothing when it can."""
    if not booking.hotel.allow_admin_deletion:
        return _("This hotel deletes nothing for good. Its settings say so, under “Data protection”.")
    if has_money(booking):
        return _("A payment was begun for this booking, so its records have to stay. Erase the guest's data instead.")
    if not booking.is_deleted:
        return _("Delete the booking first. After that it can be deleted for good.")
    return ""


def has_money(booking: Booking) -> bool:
    """Whether there is any record of money about a booking, moved or not."""
    records = (booking.payments, booking.operations, booking.refund_requests, booking.drifts, booking.webhook_events)
    return any(each.exists() for each in records)


def remove(booking: Booking, *, reason: str) -> None:
    """Delete the locked row and what hangs on it; the guest leaves the history first."""
    said = erasure.known_guest(booking).scrub(reason)
    if not booking.is_erased:
        erasure.forget(booking, reason=reason)
    with audit.change("hard_delete", said):
        remove_rows(booking)


def remove_rows(booking: Booking) -> None:
    """Delete a locked booking with what belongs to it alone: its mails and links."""
    booking.messages.all().delete()
    booking.management_tokens.all().delete()
    booking.delete()

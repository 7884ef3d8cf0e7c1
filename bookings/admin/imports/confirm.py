"""Importing: in one transaction, by the steps that every booking takes, so that states, history and reasons hold."""

from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from bookings import audit, availability, lifecycle, uploads
from bookings.admin.imports import files
from bookings.admin.imports.preview import look
from bookings.admin.imports.rows import Checked
from bookings.models import Booking, BookingImport, BookingStatus, Hotel, ImportAs, ImportStatus
from bookings.refusals import Refused

IMPORTED, KNOWN, LEFT_OUT = "imported", "known", "left_out"
GIVEN_UP: Final = gettext_noop("This file is not here any more. Upload it again.")


def confirm(upload: BookingImport, *, user: Any, leave_out: bool) -> BookingImport:
    """Import a file that waits; rows in error are left out if that was chosen, else nothing at all is imported.

    Pressed twice, the second press finds it done. Raises Refused where a row is in error and none may be left out.
    """
    with transaction.atomic():
        locked = BookingImport.objects.select_for_update(of=("self",)).get(pk=upload.pk)
        if locked.status == ImportStatus.DONE:
            return locked
        if locked.status == ImportStatus.GONE:
            raise Refused(_(GIVEN_UP))
        lock_hotels(user)
        # What is stored is English; who reads it later may read another language.
        with translation.override(settings.LANGUAGE_CODE):
            found = look(files.parsed(locked.content), user, creates=locked.creates)
            if not leave_out and any(row.problems and not row.known for row in found):
                raise Refused(_("Some rows have errors, so nothing was imported."))
            results = [result(row, locked, leave_out=leave_out) for row in found]
        uploads.close(locked, status=ImportStatus.DONE, results=results)
    return locked


def lock_hotels(user: Any) -> None:
    """Let imports into a hotel follow one after the other: none of them can miss what another has just imported."""
    # Not the whole row: bookings that others make meanwhile refer to it.
    list(
        Hotel.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=user.visible_hotels()).order_by("pk")
    )


def result(row: Checked, upload: BookingImport, *, leave_out: bool) -> dict[str, Any]:
    """Import one row, or say why not. Raises Refused where none may be left out."""
    said = {"row": row.number, "former": row.former}
    if row.known:
        return {**said, "outcome": KNOWN, "reference": row.known}
    if row.problems or row.booking is None:
        return {**said, "outcome": LEFT_OUT, "why": [f"{name}: {words}" for name, words in row.problems]}
    try:
        with transaction.atomic():
            create(row.booking, upload)
    except Refused as refused:
        if not leave_out:
            raise Refused(_("Row %(row)s: %(why)s") % {"row": row.number, "why": refused.message}) from None
        return {**said, "outcome": LEFT_OUT, "why": [refused.message]}
    return {**said, "outcome": IMPORTED, "reference": row.booking.booking_id, "booking": row.booking.pk}


def create(booking: Booking, upload: BookingImport) -> None:
    """Save the draft; confirm it, with its room claimed under the lock, unless drafts were asked for."""
    reason = f"Imported as {booking.former_reference} from the hotel's former system (import {upload.pk})."
    with audit.change("create", reason):
        booking.save()
    if upload.creates == ImportAs.CONFIRMED:
        take_over(booking, reason=reason)


def take_over(booking: Booking, *, reason: str) -> None:
    """Confirm a stay that was agreed elsewhere, inside the caller's transaction: a saved draft, paid on arrival.

    Nobody is mailed, since the guest has known it for long. Raises Refused where the room is not free.
    """
    lifecycle.require(booking, booking.submit)
    if why := lifecycle.why_no_room(booking):
        raise Refused(why)
    availability.claim(booking)
    booking.submit(terms=lifecycle.agreed_terms(booking), hold_expires_at=None)
    lifecycle.save(booking, "submit", reason)
    if booking.status == BookingStatus.PENDING_APPROVAL:
        booking.approve(at=timezone.now(), by_id=audit.current_user_id(), paid_at=None)
        lifecycle.save(booking, "approve", reason)

"""The dialogs of actions that move no money."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.admin.dialog import StaffDialog, note_field
from bookings.admin.facts import Facts
from bookings.admin.words import dates, moment, money, place
from bookings.models import Booking, BookingMode, PaymentMethod
from payments import ledger


class BookingDialog(StaffDialog):
    """A dialog about one booking."""

    facts: Facts


class SubmitDialog(BookingDialog):
    """Offer the room to the guest."""

    def lines(self) -> list[tuple[str, str]]:
        """Return what the guest will be offered."""
        booking = self.facts.booking
        return [
            (_("Guest"), f"{booking.guest_name}, {booking.guest_email}"),
            (_("Stay"), f"{dates(booking)}, {place(booking)}"),
            (_("Total"), self.facts.price),
            (_("What happens"), next_step(self.facts.booking)),
        ]

    def button_text(self) -> str:
        """Return what the button says."""
        online = self.facts.booking.payment_method == PaymentMethod.ONLINE
        return _("Submit and mail the pay link") if online else _("Submit")

    def said(self) -> dict[str, str]:
        """Return what comes next."""
        return {"next": next_step(self.facts.booking)}


def next_step(booking: Booking) -> str:
    """Return what submitting leads to."""
    hotel = booking.hotel
    if booking.payment_method == PaymentMethod.ONLINE:
        return _("The guest gets a mail with a link to pay. The room is held for %(hold_hours)s hours.") % {
            "hold_hours": hotel.hold_hours
        }
    if hotel.booking_mode == BookingMode.INSTANT:
        return _("The booking is confirmed at once; the guest pays on arrival and gets a confirmation.")
    return _("The booking waits for approval; the guest pays on arrival.")


class CompleteDialog(BookingDialog):
    """Close a stay."""

    intro = gettext_lazy("The guest has left. A completed booking can no longer be cancelled.")
    button = gettext_lazy("Complete the stay")


class PayLinkDialog(BookingDialog):
    """Mail another pay link."""

    button = gettext_lazy("Send the link")

    def lines(self) -> list[tuple[str, str]]:
        """Return where the mail goes."""
        booking, due = self.facts.booking, ledger.due(self.facts.booking)
        if due is None:
            return []
        return [
            (_("To"), booking.guest_email),
            (_("To pay"), money(due.price, booking.currency)),
            (_("Until"), moment(booking.hotel, due.until)),
        ]


class FreshLinkDialog(BookingDialog):
    """Mail a link to the booking, and revoke the others."""

    intro = gettext_lazy(
        "The guest gets a mail with a new link to the booking. Every link that was mailed before stops working."
    )
    button = gettext_lazy("Send the link and revoke the others")
    note = note_field(gettext_lazy("Reason for the history"), required=False)

    def lines(self) -> list[tuple[str, str]]:
        """Return where the mail goes, and how many links stop working."""
        booking = self.facts.booking
        working = booking.management_tokens.filter(revoked_at=None, expires_at__gt=self.facts.now)
        return [(_("To"), booking.guest_email), (_("Links that work now"), str(working.count()))]

    def decision(self) -> dict[str, Any]:
        """Return the reason."""
        return {"reason": self.cleaned_data["note"]}


class ReopenDialog(BookingDialog):
    """Ask the guest for the money once more."""

    intro = gettext_lazy(
        "The room is held again, the guest may try as often as at first, and gets a mail with a fresh pay link."
    )
    button = gettext_lazy("Reopen and mail a pay link")
    note = note_field(gettext_lazy("Reason for the history"), required=False)

    def lines(self) -> list[tuple[str, str]]:
        """Return what the guest will be asked for."""
        booking = self.facts.booking
        return [
            (_("Guest"), f"{booking.guest_name}, {booking.guest_email}"),
            (_("Stay"), f"{dates(booking)}, {place(booking)}"),
            (_("To pay"), self.facts.price),
            (
                _("Room held"),
                _("for %(hold_hours)s hours, if it is still free") % {"hold_hours": booking.hotel.hold_hours},
            ),
        ]

    def decision(self) -> dict[str, Any]:
        """Return the reason."""
        return {"reason": self.cleaned_data["note"]}


class ReconcileDialog(BookingDialog):
    """Ask Stripe about an open operation."""

    intro = gettext_lazy(
        "We look up at Stripe what happened. Only if nothing happened, the same request is sent again."
    )
    button = gettext_lazy("Ask Stripe now")


class DeleteDialog(BookingDialog):
    """Hide an ended booking."""

    intro = gettext_lazy("The booking disappears from all lists and from the guest. Managers can restore it.")
    button = gettext_lazy("Delete booking")
    note = note_field(gettext_lazy("Reason"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].required = self.facts.booking.hotel.require_deletion_reason

    def decision(self) -> dict[str, Any]:
        """Return the reason."""
        return {"reason": self.cleaned_data["note"]}


class RestoreDialog(BookingDialog):
    """Show a deleted booking again."""

    intro = gettext_lazy("The booking appears in the lists again, as it was.")
    button = gettext_lazy("Restore booking")
    note = note_field(gettext_lazy("Reason"), required=False)

    def lines(self) -> list[tuple[str, str]]:
        """Return how it was deleted."""
        booking = self.facts.booking
        return [
            (_("Deleted"), moment(booking.hotel, booking.deleted_at)),
            (_("Reason"), booking.deletion_reason or _("none given")),
        ]

    def decision(self) -> dict[str, Any]:
        """Return the reason."""
        return {"reason": self.cleaned_data["note"]}

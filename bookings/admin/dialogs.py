"""The dialogs of actions that move no money."""

from typing import Any

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
            ("Guest", f"{booking.guest_name}, {booking.guest_email}"),
            ("Stay", f"{dates(booking)}, {place(booking)}"),
            ("Total", self.facts.price),
            ("What happens", next_step(self.facts.booking)),
        ]

    def button_text(self) -> str:
        """Return what the button says."""
        online = self.facts.booking.payment_method == PaymentMethod.ONLINE
        return "Submit and mail the pay link" if online else "Submit"

    def said(self) -> dict[str, str]:
        """Return what comes next."""
        return {"next": next_step(self.facts.booking)}


def next_step(booking: Booking) -> str:
    """Return what submitting leads to."""
    hotel = booking.hotel
    if booking.payment_method == PaymentMethod.ONLINE:
        return f"The guest gets a mail with a link to pay. The room is held for {hotel.hold_hours} hours."
    if hotel.booking_mode == BookingMode.INSTANT:
        return "The booking is confirmed at once; the guest pays on arrival and gets a confirmation."
    return "The booking waits for approval; the guest pays on arrival."


class CompleteDialog(BookingDialog):
    """Close a stay."""

    intro = "The guest has left. A completed booking can no longer be cancelled."
    button = "Complete the stay"


class PayLinkDialog(BookingDialog):
    """Mail another pay link."""

    button = "Send the link"

    def lines(self) -> list[tuple[str, str]]:
        """Return where the mail goes."""
        booking, due = self.facts.booking, ledger.due(self.facts.booking)
        if due is None:
            return []
        return [
            ("To", booking.guest_email),
            ("To pay", money(due.price, booking.currency)),
            ("Until", moment(booking.hotel, due.until)),
        ]


class FreshLinkDialog(BookingDialog):
    """Mail a link to the booking, and revoke the others."""

    intro = "The guest gets a mail with a new link to the booking. Every link that was mailed before stops working."
    button = "Send the link and revoke the others"
    note = note_field("Reason for the history", required=False)

    def lines(self) -> list[tuple[str, str]]:
        """Return where the mail goes, and how many links stop working."""
        booking = self.facts.booking
        working = booking.management_tokens.filter(revoked_at=None, expires_at__gt=self.facts.now)
        return [("To", booking.guest_email), ("Links that work now", str(working.count()))]

    def decision(self) -> dict[str, Any]:
        """Return the reason."""
        return {"reason": self.cleaned_data["note"]}


class ReopenDialog(BookingDialog):
    """Ask the guest for the money once more."""

    intro = "The room is held again, the guest may try as often as at first, and gets a mail with a fresh pay link."
    button = "Reopen and mail a pay link"
    note = note_field("Reason for the history", required=False)

    def lines(self) -> list[tuple[str, str]]:
        """Return what the guest will be asked for."""
        booking = self.facts.booking
        return [
            ("Guest", f"{booking.guest_name}, {booking.guest_email}"),
            ("Stay", f"{dates(booking)}, {place(booking)}"),
            ("To pay", self.facts.price),
            ("Room held", f"for {booking.hotel.hold_hours} hours, if it is still free"),
        ]

    def decision(self) -> dict[str, Any]:
        """Return the reason."""
        return {"reason": self.cleaned_data["note"]}


class ReconcileDialog(BookingDialog):
    """Ask Stripe about an open operation."""

    intro = "We look up at Stripe what happened. Only if nothing happened, the same request is sent again."
    button = "Ask Stripe now"


class DeleteDialog(BookingDialog):
    """Hide an ended booking."""

    intro = "The booking disappears from all lists and from the guest. Managers can restore it."
    button = "Delete booking"
    note = note_field("Reason", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].required = self.facts.booking.hotel.require_deletion_reason

    def decision(self) -> dict[str, Any]:
        """Return the reason."""
        return {"reason": self.cleaned_data["note"]}


class RestoreDialog(BookingDialog):
    """Show a deleted booking again."""

    intro = "The booking appears in the lists again, as it was."
    button = "Restore booking"
    note = note_field("Reason", required=False)

    def lines(self) -> list[tuple[str, str]]:
        """Return how it was deleted."""
        booking = self.facts.booking
        return [
            ("Deleted", moment(booking.hotel, booking.deleted_at)),
            ("Reason", booking.deletion_reason or "none given"),
        ]

    def decision(self) -> dict[str, Any]:
        """Return the reason."""
        return {"reason": self.cleaned_data["note"]}

"""The dialogs of what cannot be undone: the booking's reference has to be typed."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.widgets import UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from bookings.admin.dialog import note_field
from bookings.admin.dialogs import BookingDialog
from bookings.admin.words import dates, place
from bookings.models import Booking
from cancellations import erasure

# A guest with more bookings than this is a company; the rest is erased from their own pages.
MOST = 50


class IrrevocableDialog(BookingDialog):
    """A dialog that asks for the reference and for a reason. The service checks what was typed."""

    typed = forms.CharField(
        label=gettext_lazy("Type the booking's reference to confirm"),
        max_length=40,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
    note = note_field(
        gettext_lazy("Reason, for the history"),
        help_text=gettext_lazy("Without the guest's name: the history is kept."),
    )

    def decision(self) -> dict[str, Any]:
        """Return what was typed, and why."""
        return {"typed": self.cleaned_data["typed"], "reason": self.cleaned_data["note"]}


class AnonymiseDialog(IrrevocableDialog):
    """Erase who the guest was."""

    intro = gettext_lazy(
        "Name, e-mail, phone, notes, addresses and browsers vanish from this booking, its mails, links, payments and "
        "history. Money, dates and references stay. This cannot be undone."
    )
    button = gettext_lazy("Erase the guest's data")
    field_order = ("others", "typed", "note")
    others = forms.BooleanField(required=False, widget=UnfoldBooleanWidget())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = list(erasure.others_of(self.facts.booking, self.user).order_by("pk")[:MOST])
        self.told = [(each, erasure.why_not(each)) for each in found]
        self.can_go = [each for each, why in self.told if not why]
        if self.can_go:
            self.fields["others"].label = ngettext(
                "Also for %(number)s other booking with the same e-mail",
                "Also for %(number)s other bookings with the same e-mail",
                len(self.can_go),
            ) % {"number": len(self.can_go)}
        else:
            del self.fields["others"]

    def lines(self) -> list[tuple[str, str]]:
        """Return who is erased, and which other bookings of theirs are or are not."""
        booking = self.facts.booking
        own = [(_("Guest"), f"{booking.guest_name}, {booking.guest_email}"), (_("Stay"), stay(booking))]
        return own + [
            (_("Also %(each)s") % {"each": each}, why or _("%(stay)s: can be erased, too") % {"stay": stay(each)})
            for each, why in self.told
        ]

    def decision(self) -> dict[str, Any]:
        """Return which others are meant, as well."""
        is_wanted = self.cleaned_data.get("others")
        return {**super().decision(), "others": tuple(each.pk for each in self.can_go) if is_wanted else ()}


class HardDeleteDialog(IrrevocableDialog):
    """Remove the booking itself."""

    intro = gettext_lazy(
        "The booking, its mails and its links are removed. What remains is its history without the guest: who "
        "deleted what, when and why. This cannot be undone."
    )
    button = gettext_lazy("Delete for good")

    def lines(self) -> list[tuple[str, str]]:
        """Return what is removed."""
        booking = self.facts.booking
        return [(_("Stay"), stay(booking)), (_("Total"), self.facts.price)]


def stay(booking: Booking) -> str:
    """Return "3 to 5 Mar 2026, Double · Hotel Liffey"."""
    return f"{dates(booking)}, {place(booking)} · {booking.hotel}"

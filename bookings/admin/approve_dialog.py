"""The dialog that agrees to a stay: what is captured, who else waits, and in which room the guest will be."""

from functools import partial
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from bookings.admin import reasons
from bookings.admin.dialog import SeenMixin
from bookings.admin.dialogs import BookingDialog
from bookings.admin.rivals import rival_lines
from bookings.admin.room_choice import RoomField, proposed, rooms_for
from bookings.admin.words import dates, place, until
from bookings.assignment import assign_room
from bookings.lifecycle import Outcome
from bookings.models import Booking, PaymentMethod, Room
from payments import decisions
from payments.gateway import Declined
from payments.operations import PARTLY


class ApproveDialog(SeenMixin, BookingDialog):
    """Agree to a stay and take the held money."""

    room = RoomField(required=False, empty_label=gettext_lazy("Decide later"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        booking = self.facts.booking
        if booking.room and booking.room.is_active:
            del self.fields["room"]
            return
        offer, field = rooms_for(booking), self.fields["room"]
        assert isinstance(field, RoomField)
        field.offer_rooms(offer.rooms)
        field.initial = proposed(offer, booking)
        if booking.room:
            field.help_text = _("Room %s is out of service. Choose another one for this guest.") % booking.room

    def as_seen(self) -> str:
        """Return what is captured."""
        return str(self.facts.captures)

    def why_not(self) -> str:
        """Return why there is nothing to agree to any more."""
        return reasons.why_not_approve(self.facts)

    def lines(self) -> list[tuple[str, str]]:
        """Return what is captured, by when, and who else wants the room."""
        booking, payment = self.facts.booking, self.facts.payment
        shown = [(_("Guest"), booking.guest_name), (_("Stay"), f"{dates(booking)}, {place(booking)}")]
        if self.facts.captures:
            shown.append((_("Captured now"), self.facts.shown(self.facts.captures)))
        elif booking.payment_method == PaymentMethod.ARRIVAL:
            shown.append((_("To pay on arrival"), self.facts.price))
        if rest := self.facts.held - self.facts.captures:
            shown.append((_("Released"), self.facts.shown(rest)))
        if payment and payment.capture_before:
            shown.append((_("Authorization ends"), until(payment.capture_before, self.facts.now)))
        return [*shown, *rival_lines(booking)]

    def button_text(self) -> str:
        """Return what the button takes."""
        captures = self.facts.captures
        return _("Capture %(amount)s") % {"amount": self.facts.shown(captures)} if captures else _("Approve")

    def decision(self) -> dict[str, Any]:
        """Return the room, where one was chosen, and what was shown to be captured."""
        return {"room": self.cleaned_data.get("room"), "promised": self.facts.captures}

    def said(self) -> dict[str, str]:
        """Return what was captured."""
        taken = self.facts.captures
        words = _("The booking is confirmed and %(amount)s is captured. The guest gets a mail.")
        confirmed = _("The booking is confirmed. The guest gets a mail.")
        return {"done": words % {"amount": self.facts.shown(taken)} if taken else confirmed}


def approve(booking: Booking, *, room: Room | None = None, reason: str = "", promised: int | None = None) -> Outcome:
    """Give the guest the chosen room, then agree to the stay: nobody is charged for a room that is taken.

    `promised` is what was shown to be captured, in minor units: another amount is refused.
    """
    agree = partial(decisions.approve, booking, reason=reason, promised=promised)
    if room is None or is_decided(booking):
        return agree()
    assign_room(booking, room=room, reason=gettext_noop("Chosen with the approval"))
    try:
        return agree()
    except Declined as declined:
        kept = _("Room %s is assigned; nothing else was changed.") % room
        raise Declined(PARTLY, f"{kept} {declined.message}") from declined


def is_decided(booking: Booking) -> bool:
    """Whether somebody has answered the request meanwhile, so that the second answer must not move the guest."""
    return Booking.objects.filter(pk=booking.pk, decision_made_at__isnull=False).exists()

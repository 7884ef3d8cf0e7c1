"""The dialog that gives a guest a room, or another one of the same type."""

from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from bookings.admin.dialog import OTHER, ReasonMixin, choice_of, note_field
from bookings.admin.dialogs import BookingDialog
from bookings.admin.room_choice import RoomField, proposed, rooms_for
from bookings.admin.words import dates, nights, place

REASONS: Final = (
    gettext_noop("Better fit"),
    gettext_noop("The guest asked for it"),
    gettext_noop("Room out of order"),
)


class AssignRoomDialog(ReasonMixin, BookingDialog):
    """Choose one of the rooms that are free for the nights; the one that leaves the fewest gaps is proposed."""

    room = RoomField(empty_label=gettext_lazy("Choose …"))
    reason = choice_of(REASONS)
    note = note_field(gettext_lazy("Note for the history"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer = rooms_for(self.facts.booking)
        field: Any = self.fields["room"]
        field.offer_rooms(self.offer.rooms, now=self.facts.booking.room_id)
        field.initial = proposed(self.offer, self.facts.booking)
        if self.facts.booking.room_id is None:
            del self.fields["reason"]  # the first room needs no explanation

    def lines(self) -> list[tuple[str, str]]:
        """Return the stay, and how many rooms there are to choose from."""
        booking = self.facts.booking
        free = [room for room in self.offer.free if room.pk != booking.room_id]
        return [
            (_("Guest"), booking.guest_name),
            (_("Stay"), f"{dates(booking)}, {nights(booking)}, {place(booking)}"),
            (_("Free for all nights"), ", ".join(str(room) for room in free) or _("no other room of this type")),
        ]

    def clean(self) -> dict[str, Any]:
        """Take a first room without a reason."""
        self.cleaned_data.setdefault("reason", OTHER if self.cleaned_data.get("note") else "")
        return super().clean()

    def button_text(self) -> str:
        """Return what the button does."""
        return _("Assign the room") if self.facts.booking.room_id is None else _("Move to this room")

    def decision(self) -> dict[str, Any]:
        """Return the room and why."""
        return {"room": self.cleaned_data["room"], "reason": self.reason_words()}

    def said(self) -> dict[str, str]:
        """Return which room it is."""
        return {"room": str(self.cleaned_data["room"])}

"""A room as a choice: the free ones can be chosen, the others say who has them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget

from bookings.admin import words
from bookings.models import Booking, Room
from bookings.offers import RoomOffer, Taken, TypeOffer, best_fit, for_nights


class RoomSelect(UnfoldAdminSelectWidget):
    """A list of rooms in which those that somebody has are shown and cannot be chosen."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.taken: Mapping[str, str] = {}

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Say who has a room that is not free."""
        option = super().create_option(name, value, *args, **kwargs)
        if who := self.taken.get(str(value)):
            option["attrs"]["disabled"] = True
            option["label"] = f"{option['label']}: {who}"
        return option


class RoomField(forms.ModelChoiceField):
    """A field for one of the rooms of a type; `offer_rooms` fills it in."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs = {"label": gettext_lazy("Room"), "widget": RoomSelect(), **kwargs}
        super().__init__(Room.objects.none(), **kwargs)

    def offer_rooms(self, offered: Sequence[RoomOffer], *, now: int | None = None) -> None:
        """Offer rooms; `now` is the guest's own. The others stay valid: the service says who has them."""
        widget: Any = self.widget
        taken = {str(each.room.pk): taken_words(each.taken) for each in offered if each.taken}
        widget.taken = {**taken, str(now): _("the guest has it now")}
        self.queryset = Room.objects.filter(pk__in=[each.room.pk for each in offered])


def taken_words(taken: Taken) -> str:
    """Return "ABCDEFGHJK, Ada Guest, 3 – 5 Mar 2026"."""
    booking = taken.booking
    return _("taken by %(reference)s, %(guest)s, %(dates)s") % {
        "reference": booking.booking_id,
        "guest": booking.guest_name,
        "dates": words.dates(Booking(check_in=taken.check_in, check_out=taken.check_out)),
    }


def rooms_for(booking: Booking) -> TypeOffer:
    """Return the rooms of the booking's type for its nights, without counting the booking itself."""
    offers = for_nights(booking.hotel, booking.check_in, booking.check_out, beside=booking.pk)
    return next(each for each in offers if each.room_type.pk == booking.room_type_id)


def proposed(offer: TypeOffer, booking: Booking) -> Room | None:
    """Return the room that fits a booking best: another one than it has."""
    free = [room for room in offer.free if room.pk != booking.room_id]
    return best_fit(free, booking.check_in, booking.check_out)

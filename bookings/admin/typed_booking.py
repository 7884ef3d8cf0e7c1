"""A new booking as far as it is typed. Whatever does not belong to the person's hotels counts as not typed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django import forms

from bookings import search
from bookings.admin.booking_form import DATE_FORMATS
from bookings.known_guest import KnownGuest
from bookings.models import Booking, Hotel, PaymentMethod, Room, RoomType

NIGHT: Final = timedelta(days=1)
# Fewer digits are not a number yet.
SHORTEST_PHONE: Final = 7
# So many bookings whose numbers end alike are looked through.
MOST_ALIKE: Final = 200


@dataclass(frozen=True)
class Typed:
    """What the fields of the form come to; None where nothing useful is typed yet."""

    hotel: Hotel | None
    room_type: RoomType | None
    room: Room | None
    check_in: date | None
    check_out: date | None
    payment_method: str = PaymentMethod.ONLINE
    total: str = ""
    # Whether somebody has chosen to assign the room later.
    leaves_room_open: bool = False

    @property
    def nights(self) -> tuple[date, date]:
        """The days of check-in and check-out, once both are typed."""
        assert self.check_in is not None
        assert self.check_out is not None
        return self.check_in, self.check_out


def read(data: Mapping[str, Any], user: Any) -> Typed:
    """Return what is typed into a form, or proposed by an address."""
    room = of_own(Room.objects.select_related("room_type", "hotel"), data.get("room"), user, is_active=True)
    kind = of_own(RoomType.objects.select_related("hotel"), data.get("room_type"), user)
    hotel = user.visible_hotels().filter(pk=number(data.get("hotel"))).first()
    hotel = hotel or (room.hotel if room else None)
    kind = kind or (room.room_type if room else None)
    return Typed(
        hotel=hotel,
        room_type=kind if kind and kind.hotel == hotel else None,
        room=room if room and room.hotel == hotel else None,
        check_in=(check_in := day(data.get("check_in"))),
        check_out=day(data.get("check_out")) or (check_in + NIGHT if check_in and "check_out" not in data else None),
        payment_method=method(data.get("payment_method")),
        total=str(data.get("total") or "").strip(),
        leaves_room_open=data.get("room") == "",
    )


def of_own(rows: Any, given: Any, user: Any, **more: Any) -> Any:
    """Return the row of one of the person's hotels that a field names, or nothing."""
    return rows.filter(pk=number(given), hotel__in=user.visible_hotels(), **more).first()


def number(given: Any) -> int | None:
    """Return a key, or None for anything else."""
    text = str(given or "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else None


def day(given: Any) -> date | None:
    """Return a typed day, or None for what is not one (yet)."""
    try:
        return forms.DateField(input_formats=DATE_FORMATS, required=False).clean(given)
    except forms.ValidationError:
        return None


def method(given: Any) -> str:
    """Return how the guest pays: online, unless something else is chosen."""
    return given if given in PaymentMethod.values else PaymentMethod.ONLINE


def known_guest(email: str, phone: str, user: Any) -> Booking | None:
    """Return the newest booking of the person's hotels whose guest has this e-mail or phone number."""
    rows = Booking.objects.active().visible_to(user).filter(guest_erased_at=None).order_by("-pk")
    if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email):
        alike = rows.filter(search.has_part(email))
        return alike.filter(guest_email__iexact=email).select_related("hotel").first()
    digits = re.sub(r"\D", "", phone)
    if len(digits) < SHORTEST_PHONE:
        return None
    ending = search.with_digits(rows, digits[-SHORTEST_PHONE:]).select_related("hotel")[:MOST_ALIKE]
    wanted = KnownGuest(phones=frozenset({phone}))
    return next((each for each in ending if wanted.is_contact(each.guest_phone)), None)

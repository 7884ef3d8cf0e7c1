"""One row as a booking, or what is wrong with it: each problem names its column and says what to write instead."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings.admin.imports.files import Raw
from bookings.models import Booking, Hotel, PaymentMethod, Room, RoomType
from payments.money import exponent, fraction_words, to_minor

LONGEST: Final = {"old_reference": 60, "guest_name": 120, "guest_email": 254, "guest_phone": 40, "notes": 2000}
# Never 3/12/2026, which is March to some and December to others.
DATES: Final = ("%Y-%m-%d", "%d.%m.%Y")
AMOUNT: Final = re.compile(r"\d{1,12}([.,]\d{1,3})?", re.ASCII)
MOST_NIGHTS: Final = 366
# With these it can be told whether a room is free, whatever else is wrong with a row.
OF_A_STAY: Final = {"hotel", "old_reference", "room_type", "room", "check_in", "check_out"}


class Problem(Exception):
    """What is wrong with a cell. What guests' cells say is never repeated: problems are kept, guests' data is not."""


class HotelUnknownError(Exception):
    """Without the hotel nothing can be said about this cell, and the hotel's own cell says why."""


@dataclass(frozen=True)
class House:
    """One of the person's hotels with its rooms: read once for a file."""

    hotel: Hotel
    types: dict[str, RoomType]
    rooms: dict[str, Room]


@dataclass
class Checked:
    """One row: its stay as a booking as far as can be told, what is wrong, or that it is here already (`known`)."""

    number: int
    former: str
    booking: Booking | None = None
    problems: list[tuple[str, str]] = field(default_factory=list)
    known: str = ""

    @property
    def is_good(self) -> bool:
        """Whether the row can be imported."""
        return self.booking is not None and not self.problems and not self.known


def houses(user: Any) -> dict[str, House]:
    """Return the person's hotels by their slugs: three queries, however many there are."""
    found = {hotel.pk: House(hotel, {}, {}) for hotel in user.visible_hotels()}
    for kind in RoomType.objects.filter(hotel__in=found):
        found[kind.hotel_id].types[kind.name.casefold()] = kind
    for room in Room.objects.filter(hotel__in=found):
        found[room.hotel_id].rooms[room.number.casefold()] = room
    return {house.hotel.slug: house for house in found.values()}


def checked(raw: Raw, own: dict[str, House]) -> Checked:
    """Return what one row comes to by itself, without looking at other bookings."""
    row = Checked(raw.number, raw.cells.get("old_reference", "")[: LONGEST["old_reference"]])
    values: dict[str, Any] = {}
    for name, read in READERS:
        try:
            values[name] = read(raw.cells.get(name, ""), values, own)
        except Problem as problem:
            row.problems.append((name, str(problem)))
        except HotelUnknownError:
            continue
    if values.keys() >= OF_A_STAY:
        row.booking = booking_of(values)
    return row


def booking_of(values: dict[str, Any]) -> Booking:
    """Return the draft that a row describes, without the cells that are wrong; not saved."""
    house = house_of(values)
    return Booking(
        hotel=house.hotel,
        room_type=values["room_type"],
        room=values["room"],
        check_in=values["check_in"],
        check_out=values["check_out"],
        guest_name=values.get("guest_name", ""),
        guest_email=values.get("guest_email", ""),
        guest_phone=values.get("guest_phone", ""),
        guest_language=values.get("guest_language", ""),
        notes=values.get("notes", ""),
        payment_method=PaymentMethod.ARRIVAL,
        total_amount=values.get("total", 0),
        currency=house.hotel.currency,
        former_reference=values["old_reference"],
    )


def house_of(values: dict[str, Any]) -> House:
    """Return the row's hotel. Raises HotelUnknownError where its cell is wrong."""
    if "hotel" not in values:
        raise HotelUnknownError
    house: House = values["hotel"]
    return house


def hotel(text: str, values: dict[str, Any], own: dict[str, House]) -> House:
    """Return one of the person's hotels."""
    if text not in own:
        names = ", ".join(sorted(own)) or _("none")
        raise Problem(_("“%(text)s” is none of your hotels: %(names)s.") % {"text": text[:40], "names": names})
    return own[text]


def room_type(text: str, values: dict[str, Any], own: dict[str, House]) -> RoomType:
    """Return a room type of the hotel, by its name in any case."""
    house = house_of(values)
    found = house.types.get(text.casefold())
    if found is None:
        names = ", ".join(sorted(str(each) for each in house.types.values())) or _("none")
        words = _("“%(text)s” is no room type of %(hotel)s, which has: %(names)s.")
        raise Problem(words % {"text": text[:40], "hotel": house.hotel, "names": names})
    found.hotel = house.hotel
    return found


def room(text: str, values: dict[str, Any], own: dict[str, House]) -> Room | None:
    """Return a room of that type; none where the cell is empty."""
    house = house_of(values)
    if not text:
        return None
    found = house.rooms.get(text.casefold())
    if found is None:
        raise Problem(_("%(hotel)s has no room “%(text)s”.") % {"hotel": house.hotel, "text": text[:40]})
    kind = values.get("room_type")
    if kind is not None and found.room_type_id != kind.pk:
        raise Problem(_("Room %(room)s is not of the type %(type)s.") % {"room": found, "type": kind})
    if not found.is_active:
        raise Problem(_("Room %(room)s is out of service.") % {"room": found})
    return found


def day(text: str, values: dict[str, Any], own: dict[str, House]) -> date:
    """Return a day, written in a way that cannot be misread."""
    for pattern in DATES:
        try:
            found = datetime.strptime(text, pattern).date()  # noqa: DTZ007  (a day has no zone)
        except ValueError:
            continue
        if 1990 <= found.year <= 2200:
            return found
    raise Problem(_("“%(text)s” is no date such as 2026-12-24 or 24.12.2026.") % {"text": text[:40]})


def check_out(text: str, values: dict[str, Any], own: dict[str, House]) -> date:
    """Return the day of departure: after check-in, and not in the past."""
    found = day(text, values, own)
    begin = values.get("check_in")
    if begin is not None and found <= begin:
        raise Problem(_("Check-out has to be after check-in."))
    if begin is not None and (found - begin).days > MOST_NIGHTS:
        raise Problem(_("A stay has at most %(most)s nights.") % {"most": MOST_NIGHTS})
    if found <= house_of(values).hotel.today(timezone.now()):
        raise Problem(_("This stay is over. Only stays that go on or are to come are imported."))
    return found


def words(name: str, *, needed: bool = False) -> Callable[..., str]:
    """Return a reader of a text that is no longer than its column."""

    def read(text: str, values: dict[str, Any], own: dict[str, House]) -> str:
        if needed and not text:
            raise Problem(_("This is empty."))
        if len(text) > LONGEST[name]:
            raise Problem(_("This has more than %(most)s characters.") % {"most": LONGEST[name]})
        if not all(letter.isprintable() or (letter in "\r\n\t" and name == "notes") for letter in text):
            raise Problem(_("There are characters in this that cannot be shown."))
        return text

    return read


def email(text: str, values: dict[str, Any], own: dict[str, House]) -> str:
    """Return an e-mail address."""
    try:
        validate_email(words("guest_email", needed=True)(text, values, own))
    except ValidationError:
        raise Problem(_("This is no e-mail address.")) from None
    return text


def language(text: str, values: dict[str, Any], own: dict[str, House]) -> str:
    """Return a language that guests can read; English where the cell is empty."""
    codes = [code for code, _name in settings.LANGUAGES]
    if text and text.lower() not in codes:
        raise Problem(_("Write one of: %(codes)s.") % {"codes": ", ".join(codes)})
    return text.lower() or codes[0]


def currency(text: str, values: dict[str, Any], own: dict[str, House]) -> str:
    """Return the hotel's own currency; prices in another cannot be taken over."""
    place = house_of(values).hotel
    if text.upper() != place.currency:
        raise Problem(_("%(hotel)s counts in %(own)s.") % {"hotel": place, "own": place.currency})
    return place.currency


def total(text: str, values: dict[str, Any], own: dict[str, House]) -> int:
    """Return a price in minor units."""
    if not AMOUNT.fullmatch(text):
        raise Problem(_("“%(text)s” is no amount such as 340.00.") % {"text": text[:40]})
    plain, code = text.replace(",", "."), house_of(values).hotel.currency
    try:
        # "1,230" may be meant as twelve hundred and thirty.
        if len(plain.partition(".")[2]) > exponent(code):
            raise ValueError(fraction_words(code))
        return to_minor(plain, code)
    except ValueError as error:
        raise Problem(str(error)) from None


# In the order in which they need each other.
READERS: Final[Sequence[tuple[str, Callable[..., Any]]]] = (
    ("hotel", hotel),
    ("old_reference", words("old_reference", needed=True)),
    ("room_type", room_type),
    ("room", room),
    ("check_in", day),
    ("check_out", check_out),
    ("guest_name", words("guest_name", needed=True)),
    ("guest_email", email),
    ("guest_phone", words("guest_phone")),
    ("guest_language", language),
    ("currency", currency),
    ("total", total),
    ("notes", words("notes")),
)

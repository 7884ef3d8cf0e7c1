"""What the page for a new booking shows while it is typed: what is free, what it costs, and what will be agreed.

Everything here only reads; nothing is kept for anybody until the booking is submitted.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings import lifecycle
from bookings.admin import words
from bookings.admin.amounts import minor_units
from bookings.admin.room_choice import taken_words
from bookings.admin.typed_booking import Typed
from bookings.models import Booking, BookingMode, PaymentMethod, Room, RoomType
from bookings.offers import TypeOffer, best_fit, for_nights
from bookings.pricing import stay_price
from bookings.refusals import Refused
from cancellations import calculator, wording
from payments.money import spoken

# Some time after check-in: the last tier holds for good.
LATER: Final = timedelta(days=7)


@dataclass(frozen=True)
class TypeLine:
    """A room type to choose: "3 free · €170.00 a night · €510.00 in all"."""

    pk: int
    name: str
    words: str
    is_free: bool
    is_chosen: bool


@dataclass(frozen=True)
class RoomLine:
    """A room to choose, or one that somebody has."""

    pk: int
    words: str
    is_free: bool
    is_chosen: bool


@dataclass(frozen=True)
class Offer:
    """What the page draws; `problem` says what is missing or wrong."""

    problem: str = ""
    types: Sequence[TypeLine] = ()
    rooms: Sequence[RoomLine] = ()
    lines: Sequence[tuple[str, str]] = ()
    terms: Sequence[tuple[str, str]] = ()
    notes: Sequence[str] = field(default=())
    pays_online: bool = True


def offer_of(typed: Typed, *, now: datetime, sets_prices: bool) -> Offer:
    """Return what can be offered for what is typed. `now` tells which deadlines are over."""
    pays_online = typed.payment_method == PaymentMethod.ONLINE
    if problem := missing(typed):
        return Offer(problem, pays_online=pays_online)
    assert typed.hotel is not None  # `missing` has looked
    offers = for_nights(typed.hotel, *typed.nights)
    chosen = next((each for each in offers if each.room_type == typed.room_type), None)
    types = [type_line(each, typed, is_chosen=each is chosen) for each in offers]
    if chosen is None:
        return Offer(types=types, pays_online=pays_online)
    room = chosen_room(typed, chosen)
    stay = stay_of(typed, chosen.room_type, room)
    lines, notes = summary(stay, typed if sets_prices else None)
    terms, why_not = terms_of(stay, now=now)
    return Offer(
        types=types,
        rooms=list(room_lines(chosen, room, typed)),
        lines=lines,
        terms=terms,
        notes=[each for each in (lifecycle.why_unfit(stay), notes, why_not) if each],
        pays_online=pays_online,
    )


def missing(typed: Typed) -> str:
    """Return what has to be typed before anything can be offered."""
    if typed.hotel is None:
        return _("Choose the hotel to see what is free.")
    if typed.check_in is None or typed.check_out is None:
        return _("Choose check-in and check-out to see what is free.")
    if typed.check_out <= typed.check_in:
        return _("Check-out must be after check-in.")
    return ""


def type_line(offer: TypeOffer, typed: Typed, *, is_chosen: bool) -> TypeLine:
    """Return a room type as it can be sold."""
    kind, currency = offer.room_type, offer.room_type.hotel.currency
    check_in, check_out = typed.nights
    total = stay_price(nightly_rate=kind.nightly_rate, check_in=check_in, check_out=check_out)
    free = ngettext("%d free", "%d free", offer.left) % offer.left if offer.left else _("none free")
    said = _("%(free)s · %(rate)s a night · %(total)s in all") % {
        "free": free,
        "rate": spoken(kind.nightly_rate, currency),
        "total": spoken(total, currency),
    }
    return TypeLine(kind.pk, str(kind), said, offer.left > 0, is_chosen)


def chosen_room(typed: Typed, offer: TypeOffer) -> Room | None:
    """Return the room that was chosen; before anybody chose, the one that leaves the fewest gaps."""
    if typed.room is not None and typed.room.room_type_id == offer.room_type.pk:
        return typed.room
    if typed.leaves_room_open:
        return None
    return best_fit(offer.free, *typed.nights)


def room_lines(offer: TypeOffer, chosen: Room | None, typed: Typed) -> Iterator[RoomLine]:
    """Yield the rooms of a type; taken ones say who has them."""
    best = best_fit(offer.free, *typed.nights)
    for each in offer.rooms:
        said = str(each.room)
        if each.taken:
            said = f"{said}: {taken_words(each.taken)}"
        elif each.room == best:
            said = _("%s, fits best between other stays") % said
        is_free = each.taken is None and offer.left > 0
        yield RoomLine(each.room.pk, said, is_free, each.room == chosen and is_free)


def stay_of(typed: Typed, kind: RoomType, room: Room | None) -> Booking:
    """Return the booking that is being typed; never stored."""
    check_in, check_out = typed.nights
    return Booking(
        hotel=typed.hotel,
        room_type=kind,
        room=room,
        check_in=check_in,
        check_out=check_out,
        payment_method=typed.payment_method,
        currency=kind.hotel.currency,
        total_amount=stay_price(nightly_rate=kind.nightly_rate, check_in=check_in, check_out=check_out),
    )


def summary(stay: Booking, typed: Typed | None) -> tuple[list[tuple[str, str]], str]:
    """Return the stay, its total and what comes next, and what is wrong with a price of one's own."""
    problem = ""
    if typed is not None and typed.total:
        try:
            stay.total_amount = minor_units(typed.total, stay.currency)
        except forms.ValidationError as error:
            problem = " ".join(error.messages)
    return [
        (_("Stay"), f"{words.dates(stay)}, {words.nights(stay)}, {words.place(stay)}"),
        (_("Total"), spoken(stay.total_amount, stay.currency)),
        (_("What happens"), next_step(stay)),
    ], problem


def next_step(stay: Booking) -> str:
    """Return what booking leads to, and until when the room is held."""
    if until := lifecycle.hold_end(stay):
        return _("The guest gets a mail with a link to pay. The room is held until %s.") % (
            wording.moment(until, stay.hotel)
        )
    if stay.hotel.booking_mode == BookingMode.INSTANT:
        return _("The booking is confirmed at once; the guest pays on arrival and gets a confirmation.")
    return _("The booking waits for approval; the guest pays on arrival.")


def terms_of(stay: Booking, *, now: datetime) -> tuple[list[tuple[str, str]], str]:
    """Return what cancelling costs from now on, as it will be agreed; or why nothing can be agreed."""
    try:
        agreed = lifecycle.agreed_terms(stay)
    except Refused as refused:
        return [], refused.message
    tiers = calculator.in_order(agreed, stay.check_in)
    last = tiers[-1]
    ahead = [each for each in tiers[:-1] if calculator.ends_at(each, agreed, stay.check_in) > now]
    later = _("Later, or not arriving") if ahead else _("From now on, or not arriving")
    lines = [(until_words(stay, agreed, each), kept_words(stay, agreed, each)) for each in ahead]
    return [*lines, (later, kept_words(stay, agreed, last, is_last=True))], ""


def until_words(stay: Booking, agreed: Mapping[str, Any], tier: Any) -> str:
    """Return "Cancelled until Tue 1 Dec 2026, 23:59 (Dublin)"."""
    end = calculator.ends_at(tier, agreed, stay.check_in)
    return _("Cancelled until %s") % wording.end_of_period(end, stay.hotel)


def kept_words(stay: Booking, agreed: Mapping[str, Any], tier: Any, *, is_last: bool = False) -> str:
    """Return what is kept in a tier's last moment; in that of the last one, after arrival: "€80.00 kept"."""
    end = calculator.ends_at(tier, agreed, stay.check_in) - datetime.resolution
    at = stay.check_in_moment + LATER if is_last else end
    result = calculator.calculate(agreed, check_in=stay.check_in, at=at, captured=stay.total_amount, refunded=0)
    return _("%s kept") % spoken(result.fee_amount, stay.currency)

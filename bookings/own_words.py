"""The words around a mail's facts: the hotel's own in the guest's language, or else the default ones."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from bookings import audit, placeholders, spoken
from bookings.mail_kinds import AMOUNTS, KINDS
from bookings.models import Hotel, Wording
from bookings.placeholders import Filled
from bookings.refusals import Refused
from cancellations import wording


def around(kind: str, context: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a guest's mail begins and ends with, for its templates; in the active language.

    `context` is what the templates are given. A kind that has no words of its own adds nothing.
    """
    if kind not in KINDS:
        return {}
    own = find(context["hotel"], kind, spoken.text_language())
    opening, closing = (own.opening, own.closing) if own else default(kind)
    return {**filled(kind, opening, closing, context), "has_own_words": own is not None}


def filled(kind: str, opening: str, closing: str, context: Mapping[str, Any]) -> dict[str, Filled]:
    """Return both texts with this mail's values in them."""
    values = values_for(kind, context)
    return {"opening": placeholders.fill(opening, values), "closing": placeholders.fill(closing, values)}


def find(hotel: Hotel, kind: str, language: str) -> Wording | None:
    """Return a hotel's own words; never those of another language, which the guest has not chosen."""
    return Wording.objects.filter(hotel=hotel, kind=kind, language=language).first()


def default(kind: str) -> tuple[str, str]:
    """Return the opening and the closing that the product brings along, in the active language."""
    return KINDS[kind].default_opening(), KINDS[kind].default_closing()


def values_for(kind: str, context: Mapping[str, Any]) -> dict[str, str]:
    """Return what stands for each placeholder that this kind may have, as the guest reads it."""
    booking, hotel = context["booking"], context["hotel"]
    refund = context.get(AMOUNTS.get(kind, "refund"))
    pay_by = context.get("due_at") or context.get("hold_expires_at")
    deadline = context.get("deadline")
    known = {
        "guest_name": booking.guest_name or _("valued guest"),
        "hotel": hotel.name,
        "booking_id": booking.booking_id,
        "check_in": wording.day(booking.check_in),
        "check_in_time": wording.clock(hotel.check_in_time),
        "check_out": wording.day(booking.check_out),
        "check_out_time": wording.clock(hotel.check_out_time),
        "nights": str(booking.nights),
        "room": str(booking.room_type),
        "total": context["total"],
        "city": hotel.city,
        "phone": hotel.contact_phone,
        "email": hotel.contact_email,
        "fee": context["fee"],
        "refund": refund or "",
        "difference": context.get("difference", ""),
        "pay_by": wording.moment(pay_by, hotel) if pay_by else "",
        "cancel_by": wording.moment(deadline, hotel) if deadline else "",
    }
    return {name: known[name] for name in KINDS[kind].placeholders}


def newest(hotel: Hotel, kind: str, language: str) -> int:
    """Return the number of the newest record about these words; 0 before the first."""
    return records(hotel, kind, language).values_list("history_id", flat=True).first() or 0


def records(hotel: Hotel, kind: str, language: str) -> Any:
    """Return the history of these words, newest first, across the times when there was the default."""
    found = Wording.history.filter(hotel_id=hotel.pk, kind=kind, language=language)
    return found.select_related("history_user").order_by("-history_date", "-history_id")


def save(hotel: Hotel, kind: str, language: str, *, opening: str, closing: str, seen: int) -> Wording:
    """Store a hotel's own words. `seen` is the newest record that the person knew; Refused if there is another."""
    with transaction.atomic():
        own = locked(hotel, kind, language, seen) or Wording(hotel=hotel, kind=kind, language=language)
        if own.pk and (own.opening, own.closing) == (opening, closing):
            return own
        own.opening, own.closing = opening, closing
        with audit.change("reword"):
            own.save()
    return own


def back_to_default(hotel: Hotel, kind: str, language: str, *, seen: int) -> None:
    """Remove a hotel's own words; the history keeps them. Refused if somebody changed them meanwhile."""
    with transaction.atomic():
        own = locked(hotel, kind, language, seen)
        if own is None:
            raise Refused(_("There are no own words here: guests read the default text."))
        with audit.change("back_to_default"):
            own.delete()


def locked(hotel: Hotel, kind: str, language: str, seen: int) -> Wording | None:
    """Return the stored words for changing. The hotel is locked, as there may be no row of the words yet."""
    Hotel.objects.select_for_update(of=("self",)).get(pk=hotel.pk)
    last = records(hotel, kind, language).first()
    if last is not None and last.history_id != seen:
        raise Refused(changed_by(last.history_user))
    return find(hotel, kind, language)


def changed_by(person: Any) -> str:
    """Return why a save was refused, with the colleague who was faster."""
    if person is None:
        return _("These words were changed meanwhile. Nothing was saved.")
    name = person.get_full_name() or person.get_username()
    return _("%(person)s changed these words meanwhile. Nothing was saved.") % {"person": name}

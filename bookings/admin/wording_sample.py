"""For previews: one mail of each kind about a stay that never was, with the hotel's own prices and nobody's data."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from bookings import own_words
from bookings.models import Booking, Hotel, PaymentMethod, RoomType
from cancellations import by_hand, wording
from payments.money import display, exponent

NOTICE: Final = timedelta(days=21)
NIGHTS: Final = 2
REFERENCE: Final = "EXAMPLE234"
GUEST: Final = "Kim Example"
# Where a preview's buttons lead: nowhere.
LINK: Final = "#"


@dataclass(frozen=True)
class Shown:
    """A mail as the guest would read it, and what its placeholders stand for."""

    text: str
    html: str
    values: dict[str, str]


def preview(
    hotel: Hotel, kind: str, language: str, *, now: datetime, typed: tuple[str, str] | None, link: str = LINK
) -> Shown:
    """Return a sample mail with the typed words (opening, closing), or with the default ones. Stores nothing.

    `link` is where its buttons lead.
    """
    with translation.override(language):
        context = sample(hotel, language, now) | {"link": link}
        opening, closing = typed or own_words.default(kind)
        context |= {**own_words.filled(kind, opening, closing, context), "has_own_words": typed is not None}
        return Shown(
            text=render_to_string(f"emails/{kind}.txt", context),
            html=render_to_string(f"emails/{kind}.html", context),
            values=own_words.values_for(kind, context),
        )


def sample(hotel: Hotel, language: str, now: datetime) -> dict[str, Any]:
    """Return what the templates are given: a stay that was paid, and half of it returned. In the active language."""
    booking = stay(hotel, language, now)
    half = booking.total_amount // 2

    def shown(amount: int) -> str:
        return display(amount, booking.currency, language)

    soon = hotel.local(now + timedelta(hours=hotel.hold_hours))
    check_in = hotel.check_in_moment(booking.check_in)
    return {
        "booking": booking,
        "hotel": hotel,
        "conversion": "",
        "has_refund": True,
        "paid_online": True,
        "was_charged": True,
        "was_held": False,
        "bank_decides": False,
        "send_by": send_by(hotel, now),
        "total": shown(booking.total_amount),
        "charged": shown(booking.total_amount),
        "before": shown(booking.total_amount - half),
        "fee": shown(booking.total_amount - half),
        "refund": shown(half),
        **dict.fromkeys(("moved", "difference", "refund_sent", "refund_failed", "refund_paid_out"), shown(half)),
        "reason": wording.reason(wording.CANCEL_REASONS[2]),
        "move": "difference",
        "undone": booking,
        "hold_expires_at": soon,
        "due_at": soon,
        "check_in_moment": check_in,
        "check_out_moment": hotel.check_out_moment(booking.check_out),
        "deadline": check_in - timedelta(hours=hotel.cancellation_deadline_hours),
    }


def send_by(hotel: Hotel, now: datetime) -> date | None:
    """Return until when a hotel that sends refunds by hand would have to; None where they go out by themselves."""
    days = by_hand.days_of(hotel)
    return hotel.today(now) + timedelta(days=days) if days else None


def stay(hotel: Hotel, language: str, now: datetime) -> Booking:
    """Return two nights in the hotel's cheapest room. Never stored."""
    room_type = hotel.room_types.filter(nightly_rate__gt=0).order_by("nightly_rate", "pk").first()
    room_type = room_type or RoomType(
        hotel=hotel, name=_("Double room"), nightly_rate=100 * 10 ** exponent(hotel.currency)
    )
    check_in = hotel.today(now) + NOTICE
    total = NIGHTS * room_type.nightly_rate
    return Booking(
        booking_id=REFERENCE,
        hotel=hotel,
        room_type=room_type,
        check_in=check_in,
        check_out=check_in + timedelta(days=NIGHTS),
        guest_name=GUEST,
        guest_language=language,
        payment_method=PaymentMethod.ONLINE,
        total_amount=total,
        currency=hotel.currency,
        cancellation_fee=total - total // 2,
        refund_amount=total // 2,
    )

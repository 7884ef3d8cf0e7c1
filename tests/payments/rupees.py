"""A hotel in Karachi, priced in rupees, that may charge US dollars where Stripe refuses rupees."""

from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from payments.models import ExchangeRate
from tests.factories import BookingFactory, HotelFactory, RoomFactory, RoomTypeFactory

SOURCE = "State Bank"


def draft(currency="PKR", price=1000000, **hotel):
    """A booking over Rs. 10,000 in a hotel that may charge US dollars instead."""
    fields = {"currency": currency, "fallback_currency": "USD", "time_zone": "Asia/Karachi", "name": "Indus House"}
    room = RoomFactory(room_type=RoomTypeFactory(hotel=HotelFactory(**{**fields, **hotel})))
    return BookingFactory(room=room, total_amount=price)


def quoted(value="0.003571", *, age=timedelta(hours=1), base="PKR", target="USD"):
    """A stored rate."""
    return ExchangeRate.objects.create(
        base=base, target=target, rate=Decimal(value), source=SOURCE, quoted_at=timezone.now() - age
    )

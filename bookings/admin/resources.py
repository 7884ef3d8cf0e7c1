"""What is exported of bookings, payments and refunds: columns with names that stay. Nothing that opens a page.

Dates are ISO; money is a decimal number with its currency beside it; each moment stands there twice, on the hotel's
clock and in UTC.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any

from django.db.models import QuerySet
from import_export.fields import Field
from import_export.resources import Resource
from import_export.widgets import Widget

from bookings.models import Hotel
from bookings.spreadsheets import Row
from payments.money import to_decimal

CHUNK = 2000


class AsIs(Widget):
    """Leaves a value as it is: the file's kind says how it is written."""

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        """Return the value; texts of choices as plain texts."""
        return str(value) if isinstance(value, str) else value


def column(title: str, attribute: str) -> Any:
    """Return a column of an attribute."""
    return Field(column_name=title, attribute=attribute, widget=AsIs())


def worked_out(title: str, work_out: Callable[[Any], Any]) -> Any:
    """Return a column that is worked out from its row."""
    return Field(column_name=title, dehydrate_method=work_out, widget=AsIs())


def amount(title: str, name: str, currency: str = "currency") -> Any:
    """Return a column of an amount that is stored in minor units."""
    return worked_out(title, lambda row: money(getattr(row, name), getattr(row, currency)))


def by_clock(title: str, name: str, hotel: Callable[[Any], Hotel]) -> Any:
    """Return a column of a moment on the hotel's clock."""
    return worked_out(title, lambda row: on_clock(hotel(row), getattr(row, name)))


def by_utc(title: str, name: str) -> Any:
    """Return a column of a moment in UTC."""
    return worked_out(title, lambda row: in_utc(getattr(row, name)))


def money(amount: int | None, currency: str) -> Decimal | None:
    """Return minor units as an exact number."""
    return None if amount is None else to_decimal(amount, currency)


def on_clock(hotel: Hotel, moment: datetime | None) -> datetime | None:
    """Return a moment on the hotel's clock, to the second."""
    return hotel.local(moment).replace(microsecond=0) if moment else None


def in_utc(moment: datetime | None) -> datetime | None:
    """Return a moment in UTC, to the second."""
    return moment.astimezone(UTC).replace(microsecond=0) if moment else None


class Sheetlike(Resource):
    """A resource whose rows are read in portions."""

    related: tuple[str, ...] = ()

    def head(self) -> list[str]:
        """Return the names of the columns."""
        return list(self.get_export_headers())

    def lines(self, found: QuerySet[Any]) -> Iterator[Row]:
        """Yield the rows of a list, in its order."""
        makers = [each.dehydrate_method or each.get_value for each in self.get_export_fields()]
        # What the list's own columns read beside each row is not needed here.
        for row in found.prefetch_related(None).select_related(*self.related).iterator(chunk_size=CHUNK):
            yield [make(row) for make in makers]


class BookingResource(Sheetlike):
    """The list of bookings."""

    related = ("hotel", "room_type", "room")

    reference = column("Reference", "booking_id")
    former = column("Former reference", "former_reference")
    hotel = column("Hotel", "hotel__slug")
    status = column("Status", "status")
    deleted = worked_out("Deleted", lambda row: "yes" if row.is_deleted else "no")
    room_type = column("Room type", "room_type__name")
    room = column("Room", "room__number")
    check_in = column("Check-in", "check_in")
    check_out = column("Check-out", "check_out")
    nights = column("Nights", "nights")
    guest_name = column("Guest name", "guest_name")
    guest_email = column("Guest e-mail", "guest_email")
    guest_phone = column("Guest phone", "guest_phone")
    guest_language = column("Guest language", "guest_language")
    payment_method = column("Payment method", "payment_method")
    total = amount("Total", "total_amount")
    currency = column("Currency", "currency")
    fee = amount("Cancellation fee", "cancellation_fee", "money_currency")
    refund = amount("Refund decided", "refund_amount", "money_currency")
    charged = column("Currency of fee and refund", "money_currency")
    reason = column("Cancellation reason", "cancellation_reason")
    created_local = by_clock("Made (hotel time)", "created_at", attrgetter("hotel"))
    created_utc = by_utc("Made (UTC)", "created_at")
    cancelled_local = by_clock("Cancelled (hotel time)", "cancelled_at", attrgetter("hotel"))
    cancelled_utc = by_utc("Cancelled (UTC)", "cancelled_at")
    zone = column("Time zone", "hotel__time_zone")


class PaymentResource(Sheetlike):
    """The ledger of payments."""

    related = ("booking__hotel",)

    reference = column("Reference", "booking__booking_id")
    hotel = column("Hotel", "booking__hotel__slug")
    attempt = column("Attempt", "attempt_number")
    provider = column("Provider", "provider")
    purpose = column("Purpose", "purpose")
    status = column("Status", "status")
    asked = amount("Asked for", "amount")
    authorized = amount("Authorized", "amount_authorized")
    captured = amount("Captured", "amount_captured")
    refunded = amount("Refunded", "amount_refunded")
    currency = column("Currency", "currency")
    intent = column("PaymentIntent", "stripe_payment_intent_id")
    card = column("Card", "card_brand")
    last4 = column("Last four digits", "card_last4")
    captured_local = by_clock("Captured (hotel time)", "captured_at", attrgetter("booking.hotel"))
    captured_utc = by_utc("Captured (UTC)", "captured_at")
    zone = column("Time zone", "booking__hotel__time_zone")


class RefundResource(Sheetlike):
    """The ledger of refunds."""

    related = ("payment__booking__hotel",)

    reference = column("Reference", "payment__booking__booking_id")
    hotel = column("Hotel", "payment__booking__hotel__slug")
    attempt = column("Attempt", "payment__attempt_number")
    provider = column("Provider", "provider")
    status = column("Status", "status")
    refunded = amount("Amount", "amount")
    currency = column("Currency", "currency")
    reason = column("Reason", "reason")
    note = column("Note", "note")
    refund = column("Refund at Stripe", "stripe_refund_id")
    by_hand = column("Reference by hand", "reference")
    promised = column("Promised by", "promised_by")
    made_local = by_clock("Made (hotel time)", "created_at", attrgetter("payment.booking.hotel"))
    made_utc = by_utc("Made (UTC)", "created_at")
    done_local = by_clock("Paid back (hotel time)", "succeeded_at", attrgetter("payment.booking.hotel"))
    done_utc = by_utc("Paid back (UTC)", "succeeded_at")
    zone = column("Time zone", "payment__booking__hotel__time_zone")

"""What is exported of bookings, payments and refunds: columns with names that stay. Nothing that opens a page.

Dates are ISO; money is a decimal number with its currency beside it; each moment stands there twice, on the hotel's
clock and in UTC.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from import_export.fields import Field
from import_export.resources import Resource
from import_export.widgets import Widget

from bookings.models import Booking, Hotel
from bookings.spreadsheets import Row
from payments.models import Payment, Refund
from payments.money import to_decimal

CHUNK = 2000


class AsIs(Widget):
    """Leaves a value as it is: the file's kind says how it is written."""

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        """Return the value; texts of choices as plain texts."""
        return str(value) if isinstance(value, str) else value


def column(title: str, attribute: str = "") -> Any:
    """Return a column; without an attribute, its `dehydrate_…` says what is in it."""
    return Field(column_name=title, attribute=attribute or None, widget=AsIs())


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
        columns = [(each, self.get_field_name(each)) for each in self.get_export_fields()]
        makers = [getattr(self, f"dehydrate_{name}", None) or each.get_value for each, name in columns]
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
    deleted = column("Deleted")
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
    total = column("Total")
    currency = column("Currency", "currency")
    fee = column("Cancellation fee")
    refund = column("Refund decided")
    charged = column("Currency of fee and refund", "money_currency")
    reason = column("Cancellation reason", "cancellation_reason")
    created_local = column("Made (hotel time)")
    created_utc = column("Made (UTC)")
    cancelled_local = column("Cancelled (hotel time)")
    cancelled_utc = column("Cancelled (UTC)")
    zone = column("Time zone", "hotel__time_zone")

    def dehydrate_deleted(self, row: Booking) -> str:
        """Say whether the booking was deleted."""
        return "yes" if row.is_deleted else "no"

    def dehydrate_total(self, row: Booking) -> Decimal | None:
        """Return the price."""
        return money(row.total_amount, row.currency)

    def dehydrate_fee(self, row: Booking) -> Decimal | None:
        """Return what was kept."""
        return money(row.cancellation_fee, row.money_currency)

    def dehydrate_refund(self, row: Booking) -> Decimal | None:
        """Return what was to go back."""
        return money(row.refund_amount, row.money_currency)

    def dehydrate_created_local(self, row: Booking) -> datetime | None:
        """Return when the booking was made."""
        return on_clock(row.hotel, row.created_at)

    def dehydrate_created_utc(self, row: Booking) -> datetime | None:
        """Return when the booking was made."""
        return in_utc(row.created_at)

    def dehydrate_cancelled_local(self, row: Booking) -> datetime | None:
        """Return when it was cancelled."""
        return on_clock(row.hotel, row.cancelled_at)

    def dehydrate_cancelled_utc(self, row: Booking) -> datetime | None:
        """Return when it was cancelled."""
        return in_utc(row.cancelled_at)


class PaymentResource(Sheetlike):
    """The ledger of payments."""

    related = ("booking__hotel",)

    reference = column("Reference", "booking__booking_id")
    hotel = column("Hotel", "booking__hotel__slug")
    attempt = column("Attempt", "attempt_number")
    provider = column("Provider", "provider")
    purpose = column("Purpose", "purpose")
    status = column("Status", "status")
    asked = column("Asked for")
    authorized = column("Authorized")
    captured = column("Captured")
    refunded = column("Refunded")
    currency = column("Currency", "currency")
    intent = column("PaymentIntent", "stripe_payment_intent_id")
    card = column("Card", "card_brand")
    last4 = column("Last four digits", "card_last4")
    captured_local = column("Captured (hotel time)")
    captured_utc = column("Captured (UTC)")
    zone = column("Time zone", "booking__hotel__time_zone")

    def dehydrate_asked(self, row: Payment) -> Decimal | None:
        """Return what was asked for."""
        return money(row.amount, row.currency)

    def dehydrate_authorized(self, row: Payment) -> Decimal | None:
        """Return what was held."""
        return money(row.amount_authorized, row.currency)

    def dehydrate_captured(self, row: Payment) -> Decimal | None:
        """Return what was taken."""
        return money(row.amount_captured, row.currency)

    def dehydrate_refunded(self, row: Payment) -> Decimal | None:
        """Return what went back."""
        return money(row.amount_refunded, row.currency)

    def dehydrate_captured_local(self, row: Payment) -> datetime | None:
        """Return when it was taken."""
        return on_clock(row.booking.hotel, row.captured_at)

    def dehydrate_captured_utc(self, row: Payment) -> datetime | None:
        """Return when it was taken."""
        return in_utc(row.captured_at)


class RefundResource(Sheetlike):
    """The ledger of refunds."""

    related = ("payment__booking__hotel",)

    reference = column("Reference", "payment__booking__booking_id")
    hotel = column("Hotel", "payment__booking__hotel__slug")
    attempt = column("Attempt", "payment__attempt_number")
    provider = column("Provider", "provider")
    status = column("Status", "status")
    amount = column("Amount")
    currency = column("Currency", "currency")
    reason = column("Reason", "reason")
    note = column("Note", "note")
    refund = column("Refund at Stripe", "stripe_refund_id")
    by_hand = column("Reference by hand", "reference")
    made_local = column("Made (hotel time)")
    made_utc = column("Made (UTC)")
    done_local = column("Paid back (hotel time)")
    done_utc = column("Paid back (UTC)")
    zone = column("Time zone", "payment__booking__hotel__time_zone")

    def dehydrate_amount(self, row: Refund) -> Decimal | None:
        """Return the amount."""
        return money(row.amount, row.currency)

    def dehydrate_made_local(self, row: Refund) -> datetime | None:
        """Return when it was made."""
        return on_clock(row.payment.booking.hotel, row.created_at)

    def dehydrate_made_utc(self, row: Refund) -> datetime | None:
        """Return when it was made."""
        return in_utc(row.created_at)

    def dehydrate_done_local(self, row: Refund) -> datetime | None:
        """Return when the guest had it."""
        return on_clock(row.payment.booking.hotel, row.succeeded_at)

    def dehydrate_done_utc(self, row: Refund) -> datetime | None:
        """Return when the guest had it."""
        return in_utc(row.succeeded_at)

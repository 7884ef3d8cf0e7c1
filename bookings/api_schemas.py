"""The shapes of the API's requests and answers for staff and for their programs.

Amounts are decimal strings beside their minor units and their currency; moments are on the hotel's clock.
"""

from datetime import date
from typing import Final, Literal

from ninja import Field, Schema

from bookings.api_types import Moment, Text
from bookings.models import BookingStatus, PaymentMethod

LONGEST_REASON: Final = 500
LONGEST_AMOUNT: Final = 20
MOST: Final = 100

type Deed = Literal["cancel", "approve", "reject", "soft_delete", "restore"]


class Filters(Schema):
    """Which bookings are asked for; all of it together."""

    status: Text = Field(default="", max_length=200, description="One or more, separated by commas, in any case.")
    include_deleted: bool = False
    check_in_from: date | None = None
    check_in_until: date | None = None
    check_out_from: date | None = None
    check_out_until: date | None = None
    search: Text = Field(
        default="", max_length=200, description="Reference, name, e-mail, phone, or an id of Stripe's such as `pi_…`."
    )


class Asked(Filters):
    """Filters, and which part of the list."""

    cursor: Text = Field(default="", max_length=16, description="`next_cursor` of the page before.")
    limit: int = Field(default=50, ge=1, le=MOST)


class Reasoned(Schema):
    """Why something is done; it is kept in the history."""

    reason: Text = Field(default="", max_length=LONGEST_REASON)


class CancelAsked(Reasoned):
    """A cancellation by the hotel."""

    fee: Text | None = Field(
        default=None,
        max_length=LONGEST_AMOUNT,
        description="What is kept instead of what the terms say; takes the right to override fees.",
    )


class RefundAsked(Reasoned):
    """A refund, apart from a cancellation."""

    amount: Text | None = Field(
        default=None, max_length=LONGEST_AMOUNT, description="In the payment's currency; left out: all that is left."
    )


class PaidAtDesk(Schema):
    """Money that the hotel took itself."""

    method: Literal["Cash", "Card terminal", "Bank transfer"]
    note: Text = Field(default="", max_length=LONGEST_REASON, description="Such as the receipt's number.")


class Managed(Reasoned):
    """What to do to a booking."""

    action: Deed


class Confirmed(Reasoned):
    """What cannot be undone has to be named."""

    confirm: Text = Field(max_length=16, description="The booking's reference.")


class NewBooking(Schema):
    """A booking as a hotel's website, or a program at the desk, takes it."""

    room_type: Text = Field(max_length=80, description="The name of a room type of the hotel.")
    room: Text = Field(default="", max_length=20, description="The number of a room; left out, it is assigned later.")
    check_in: date
    check_out: date
    guest_name: Text = Field(max_length=120)
    guest_email: Text = Field(max_length=254)
    guest_phone: Text = Field(default="", max_length=40)
    guest_language: Text = Field(default="en", max_length=10)
    notes: Text = Field(default="", max_length=2000, description="For the hotel; the guest does not see it.")
    payment_method: PaymentMethod = PaymentMethod.ONLINE
    total_amount: Text = Field(
        default="",
        max_length=LONGEST_AMOUNT,
        description="Left out: nights × rate. Another price takes the right to override fees.",
    )
    submit: bool = Field(
        default=True, description="Whether the room is held and the guest gets a mail; otherwise it stays a draft."
    )


class Guest(Schema):
    """Who stays, or stayed: erased guests have no contact any more."""

    name: str
    email: str
    phone: str
    language: str


class Money(Schema):
    """What was held, taken and returned, over all payments."""

    authorized: str
    authorized_minor: int
    captured: str
    captured_minor: int
    refunded: str
    refunded_minor: int
    currency: str
    status: str = Field(description="Of the payment that counts: its status, or PAY_ON_ARRIVAL.")


class StaffBooking(Schema):
    """A booking as the desk sees it."""

    booking_id: str
    status: BookingStatus
    is_deleted: bool
    hotel: str
    hotel_slug: str
    time_zone: str
    room_type: str
    room: str | None
    check_in: date
    check_out: date
    nights: int
    guest: Guest
    notes: str
    payment_method: PaymentMethod
    total_amount: str
    total_amount_minor: int
    currency: str
    money: Money
    hold_expires_at: Moment | None
    decision_made_at: Moment | None
    cancelled_at: Moment | None
    cancellation_reason: str | None
    cancellation_fee: str | None
    cancellation_fee_minor: int | None
    refund_amount: str | None
    refund_amount_minor: int | None
    is_test_data: bool
    created_at: Moment
    updated_at: Moment


class BookingList(Schema):
    """One part of a list, the newest first."""

    bookings: list[StaffBooking]
    total_count: int = Field(description="Of the whole list, whatever the part.")
    filters: Filters = Field(description="As they were understood.")
    next_cursor: str | None = Field(description="For the next part; null at the end.")


class StaffAnswer(Schema):
    """What came of an action, now or earlier."""

    success: Literal[True]
    message: str
    booking: StaffBooking


class RefundAnswer(Schema):
    """A refund that Stripe has taken."""

    success: Literal[True]
    refund_id: str | None = Field(description="Stripe's name for it; of several, the last one's.")
    status: str = Field(description="PENDING, REQUIRES_ACTION, SUCCEEDED, FAILED or CANCELED.")
    amount: str
    amount_minor: int
    currency: str


class Gone(Schema):
    """A booking that was deleted for good."""

    success: Literal[True]
    message: str


class Waiting(Schema):
    """Nothing is decided yet: Stripe has not answered, or a second person has to agree."""

    success: Literal[True]
    status: Literal["IN_PROGRESS", "NEEDS_SECOND_PERSON"]
    message: str

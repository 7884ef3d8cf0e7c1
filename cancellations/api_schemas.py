"""The shapes of the API's requests and answers about a booking and its cancellation.

Amounts are decimal strings beside their minor units and their currency; moments are on the hotel's clock.
"""

from datetime import date
from typing import Final, Literal

from ninja import Field, Schema

from bookings.api_errors import Problem
from bookings.api_types import Moment, Text
from bookings.models import BookingStatus, PaymentMethod

LONGEST_REASON: Final = 500
LONGEST_QUOTE: Final = 600


class CancelRequest(Schema):
    """What a guest may say when cancelling. Amounts are never among it."""

    token: str | None = Field(default=None, description="The key, where it is not sent as a Bearer token.")
    reason: Text = Field(default="", max_length=LONGEST_REASON, description="The hotel can read this.")
    quote: Text = Field(
        default="",
        max_length=LONGEST_QUOTE,
        description="The `quote.quote` that was shown to the guest. It is honoured for 15 minutes; when it is no "
        "longer right, nothing is cancelled and the answer is a 409 with a new one. Without it, what the policy says "
        "now counts, or what it said 15 minutes ago where that is better for the guest.",
    )


class MatchRequest(CancelRequest):
    """What proves who cancels, where the hotel takes that as proof."""

    client_email: Text = Field(default="", max_length=254)
    client_phone: Text = Field(default="", max_length=254)

    @property
    def contact(self) -> str:
        """The contact to compare."""
        return self.client_email or self.client_phone


class Contact(Schema):
    """How to reach the hotel."""

    hotel: str
    email: str
    phone: str


class PolicyTier(Schema):
    """One period of the agreed terms."""

    until: Moment | None = Field(description="Hotel-local; null for the last tier.")
    description: str
    fee: str
    fee_minor: int
    currency: str
    is_current: bool


class Policy(Schema):
    """The terms as agreed."""

    name: str
    description: str
    fee_text: str
    deadline: Moment = Field(description="Until when a guest may cancel a confirmed booking; hotel-local.")
    tiers: list[PolicyTier]


class Offer(Schema):
    """What cancelling now keeps and returns."""

    paid: str
    paid_minor: int
    held: str
    held_minor: int
    fee: str
    fee_minor: int
    refund: str
    refund_minor: int
    currency: str
    description: str
    applied_rule: str
    next_change_at: Moment | None
    quote: str | None = Field(description="Send it along when cancelling; null where nothing can be cancelled.")


class BookingFacts(Schema):
    """A booking, without its guest."""

    booking_id: str
    status: BookingStatus
    hotel: str
    hotel_slug: str
    time_zone: str
    room_type: str
    check_in: date
    check_out: date
    check_in_from: Moment
    check_out_until: Moment
    nights: int
    payment_method: PaymentMethod
    total_amount: str
    total_amount_minor: int
    currency: str
    hold_expires_at: Moment | None
    contact_info: Contact


class Cancellation(Schema):
    """The recorded result: what was decided, and by which rule."""

    cancelled_at: Moment
    cancellation_fee: str
    cancellation_fee_minor: int
    refund_amount: str
    refund_amount_minor: int
    currency: str
    description: str
    applied_rule: str
    refund_reference: str | None
    refund_status: str | None = Field(
        description="SENT, ON_THE_WAY, FAILED, OWED, BY_HAND, PAID_OUT, BANK_DECIDES, BANK_PAID, or null."
    )


class BookingAnswer(Schema):
    """A booking, its terms, and what cancelling would mean now."""

    success: Literal[True]
    booking: BookingFacts
    policy: Policy | None
    quote: Offer
    can_cancel: bool
    cannot_cancel_because: str | None
    cancellation: Cancellation | None


class CancelAnswer(Schema):
    """A cancellation that went through, now or earlier."""

    success: Literal[True]
    message: str
    cancellation: Cancellation


class MatchAnswer(Schema):
    """A cancellation by a match of reference and contact."""

    success: Literal[True]
    message: str
    booking_reference: str
    status: BookingStatus
    cancelled_at: Moment
    cancellation_reason: str
    cancellation: Cancellation


class MatchFacts(Schema):
    """What anybody may know who has the reference of a booking, where the hotel takes a match as proof."""

    success: Literal[True]
    booking_reference: str
    hotel: str
    check_in: date
    check_out: date
    policy: Policy | None
    contact_info: Contact


class InProgress(Schema):
    """Stripe has not answered yet. It settles by itself; the same request may be repeated at any time."""

    success: Literal[True]
    status: Literal["IN_PROGRESS"]
    message: str


class Accepted(Schema):
    """The same for everybody who is not recognised, whatever exists."""

    success: Literal[True]
    message: str


class CannotCancel(Problem):
    """Why the booking cannot be cancelled now. Nothing was changed."""

    policy: str | None = Field(default=None, description="ERR_DEADLINE: the terms in words.")
    session_time: Moment | None = Field(default=None, description="ERR_DEADLINE: check-in, hotel-local.")
    current_time: Moment | None = Field(default=None, description="ERR_DEADLINE: now, hotel-local.")
    contact_info: Contact | None = Field(default=None, description="Whom to ask instead.")
    quote: Offer | None = Field(default=None, description="The amounts have changed: show these and ask again.")

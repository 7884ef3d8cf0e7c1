"""The shapes of the API's answers about paying. Amounts are decimal strings beside minor units and currency."""

from typing import Literal

from ninja import Field, Schema

from bookings.api_types import Moment
from payments.models import PaymentProvider


class KeyInBody(Schema):
    """For programs that can send no header."""

    token: str | None = Field(default=None, description="The key, where it is not sent as a Bearer token.")


class PageAnswer(Schema):
    """A page at Stripe on which the guest can pay; the same one as long as it lives."""

    success: Literal[True]
    status: Literal["created"]
    session_id: str
    payment_url: str
    session_url: str = Field(description="The same as `payment_url`.")
    payment_id: int
    amount: str
    amount_minor: int
    currency: str = Field(description="What the card is charged in.")
    conversion: str | None = Field(
        description="How the price was turned into another currency: show it to the guest."
    )
    publishable_key: str
    attempt: int = Field(description="1 for the first attempt.")


class Attempt(Schema):
    """One attempt to pay."""

    attempt: int
    status: str
    provider: PaymentProvider
    amount: str
    amount_minor: int
    currency: str
    created_at: Moment


class RefundFacts(Schema):
    """Money on its way back, or returned."""

    status: str = Field(description="PENDING, REQUIRES_ACTION, SUCCEEDED, FAILED or CANCELED.")
    amount: str
    amount_minor: int
    currency: str
    reference: str | None = Field(description="What the guest can ask their bank about.")
    created_at: Moment
    succeeded_at: Moment | None


class StatusAnswer(Schema):
    """How far the payment of a booking is."""

    booking_id: str
    booking_status: str
    payment_status: str = Field(description="A payment's status, or PAY_ON_ARRIVAL.")
    payment_required: bool = Field(description="Whether the booking waits for its guest to pay online.")
    stripe_session_id: str | None
    amount: str
    amount_minor: int
    currency: str
    attempts: int = Field(description="How many attempts were begun since the booking was submitted or reopened.")
    attempts_left: int
    history: list[Attempt] = Field(description="The oldest first.")
    refunds: list[RefundFacts] = Field(description="The oldest first.")

"""Paying over HTTP, for the guest of a booking and for staff who help them."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router
from ninja.responses import Status

from bookings import audit
from bookings.api_errors import (
    NOT_ONLINE,
    PAID_ALREADY,
    STRIPE_ERROR,
    ApiError,
    Code,
    Problem,
    StripeProblem,
    WrongInput,
    forbidden,
    of_refusal,
)
from bookings.lifecycle import Outcome
from bookings.models import Booking
from bookings.refusals import Refused
from cancellations import guest_words, pages
from cancellations.api_access import Caller, PayingKey, StaffSession, as_caller, caller_of
from cancellations.api_schemas import InProgress
from cancellations.api_shapes import in_progress
from payments import api_shapes, checkout, ledger, operations
from payments.api_schemas import KeyInBody, PageAnswer, StatusAnswer
from payments.gateway import Declined, OutcomeUnknown
from payments.models import Payment

READING: Final[Mapping[int, Any]] = {
    400: WrongInput,
    401: Problem,
    403: Problem,
    404: Problem,
    429: Problem,
}
ACTING: Final[Mapping[int, Any]] = {
    **READING,
    202: InProgress,
    409: Problem,
    422: WrongInput,
    502: Problem | StripeProblem,
}
READS: Final = (PayingKey(), StaffSession("bookings.view_booking"))
# As for "Send pay link again" and "Ask Stripe now" in the admin.
ACTS: Final = (PayingKey(), StaffSession("bookings.change_booking"))

type OpenPage = Callable[[Booking], tuple[Outcome, Payment | None]]

router = Router(tags=["Payments"])
router.add_decorator(as_caller)

PATH: Final = "/{slug}/room-bookings/{booking_id}/payment/"


@router.post(f"{PATH}session/", auth=ACTS, response={200: PageAnswer, **ACTING})
def open_session(request: HttpRequest, slug: str, booking_id: str, said: KeyInBody | None = None) -> Any:
    """Return a page on which the guest can pay; the same one as long as it lives."""
    return open_page(caller_of(request), checkout.open_payment_page)


@router.post(f"{PATH}retry/", auth=ACTS, response={200: PageAnswer, **ACTING})
def retry(request: HttpRequest, slug: str, booking_id: str, said: KeyInBody | None = None) -> Any:
    """Begin another attempt after a refused card; the last page is closed first."""
    return open_page(caller_of(request), checkout.retry_payment)


@router.get(f"{PATH}status/", auth=READS, response={200: StatusAnswer, **READING})
def status(request: HttpRequest, slug: str, booking_id: str) -> StatusAnswer:
    """Tell how far the payment is, as far as we have heard."""
    return api_shapes.status(caller_of(request).booking)


@router.get(f"{PATH}verify/", auth=ACTS, response={200: StatusAnswer, **READING, 502: StripeProblem})
def verify(request: HttpRequest, slug: str, booking_id: str) -> StatusAnswer:
    """Ask Stripe, settle what it says, and tell how far the payment is. What the address claims is not believed."""
    booking = caller_of(request).booking
    payment = ledger.current_payment(booking)
    if payment is not None:
        ask_stripe(payment)
    return api_shapes.status(pages.fresh(booking))


def open_page(caller: Caller, opened: OpenPage) -> Any:
    """Answer with a payment page; raises ApiError, and then nothing was charged."""
    try:
        outcome, payment = opened(caller.booking)
    except Refused as refusal:
        raise refused(caller, refusal) from None
    except Declined:
        raise stripe_refused(Code.STRIPE) from None
    if outcome.state == Outcome.IN_PROGRESS or payment is None or not payment.session_url:
        return Status(202, in_progress())
    return api_shapes.page(payment)


def ask_stripe(payment: Payment) -> None:
    """Re-read the payment; raises ApiError when Stripe does not tell."""
    with audit.acting_as(audit.ActorKind.STRIPE):
        try:
            operations.refresh(payment)
        except Declined:
            raise stripe_refused(Code.STRIPE) from None
        except OutcomeUnknown:
            raise stripe_refused(Code.STRIPE_UNKNOWN) from None


def refused(caller: Caller, refusal: Refused) -> ApiError:
    """Return why there is no page: in the fixed words, or in those of whoever reads them."""
    problem = of_refusal(refusal)
    if caller.is_guest and refusal.message not in (NOT_ONLINE, PAID_ALREADY):
        booking = pages.fresh(caller.booking)
        if booking.is_deleted:
            return forbidden()
        problem.words = guest_words.why_not_pay(booking, refusal)
    return problem


def stripe_refused(code: Code) -> ApiError:
    """502. Why is the hotel's to know."""
    message = _("The payment service did not do what was asked, and nothing was charged. Please try again later.")
    return ApiError(code, STRIPE_ERROR, extra={"message": message})

"""The guest's bookings over HTTP: see one, and cancel it by the one service behind the guest's page as well."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Final

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router
from ninja.responses import Status

from bookings import audit
from bookings.api_errors import (
    STRIPE_ERROR,
    ApiError,
    Code,
    Problem,
    StripeProblem,
    WrongInput,
    forbidden,
    of_refusal,
)
from bookings.api_staff import flooded
from bookings.happenings import note_refusal
from bookings.lifecycle import Outcome
from bookings.models import Booking, BookingStatus
from bookings.refusals import Refused
from cancellations import api_shapes, cancel, guest_words, identity, pages, throttle
from cancellations.api_access import CancellingKey, GuestKey, as_caller, caller_of
from cancellations.api_schemas import (
    Accepted,
    BookingAnswer,
    CancelAnswer,
    CancelRequest,
    CannotCancel,
    InProgress,
    MatchAnswer,
    MatchFacts,
    MatchRequest,
)
from cancellations.models import CANCELLED
from payments.gateway import Declined

COMMON: Final[Mapping[int, Any]] = {400: WrongInput, 401: Problem, 403: Problem, 429: Problem}
ACTING: Final[Mapping[int, Any]] = {**COMMON, 202: InProgress, 409: CannotCancel, 422: WrongInput, 502: StripeProblem}

bookings = Router(tags=["Bookings"])
bookings.add_decorator(as_caller)
by_match = Router(tags=["Bookings by e-mail or phone"])

PATH: Final = "/{slug}/room-bookings/{booking_id}/"


@bookings.get(PATH, auth=[GuestKey()], response={200: BookingAnswer, **COMMON})
def booking(request: HttpRequest, slug: str, booking_id: str) -> BookingAnswer:
    """Show a booking, its terms, and what cancelling would keep and return now."""
    return api_shapes.booking_answer(caller_of(request).booking, now=timezone.now())


@bookings.post(PATH, auth=[CancellingKey()], response={200: CancelAnswer, **ACTING})
def cancel_booking(request: HttpRequest, slug: str, booking_id: str, said: CancelRequest | None = None) -> Any:
    """Cancel a booking. Repeating it answers with the recorded result."""
    return cancelled_by_key(request, said or CancelRequest())


@bookings.post(f"{PATH}cancel/", auth=[CancellingKey()], response={200: CancelAnswer, **ACTING}, deprecated=True)
def cancel_booking_at_old_address(
    request: HttpRequest, slug: str, booking_id: str, said: CancelRequest | None = None
) -> Any:
    """Cancel a booking, as a POST to the booking itself does."""
    return cancelled_by_key(request, said or CancelRequest())


def as_anybody(view: Callable[..., Any]) -> Callable[..., Any]:
    """Run a view in the name of a guest, whoever is signed in in the same browser: no cookie is read here."""

    @wraps(view)
    def within(request: HttpRequest, **arguments: Any) -> Any:
        with audit.acting_as(audit.ActorKind.GUEST):
            try:
                return view(request, **arguments)
            except throttle.TooManyRequests as refusal:
                raise flooded(refusal) from None

    return within


by_match.add_decorator(as_anybody)


@by_match.get("/{booking_id}/", response={200: MatchFacts, 202: Accepted, 400: WrongInput, 429: Problem})
def booking_by_reference(request: HttpRequest, booking_id: str) -> Any:
    """Show hotel, dates and terms where the hotel takes a match as proof; say the same to everybody else."""
    found = identity.by_match(booking_id)
    if found is None:
        throttle.count_guess(ip=audit.current_actor().ip)
        return Status(202, accepted())
    return api_shapes.match_facts(found, now=timezone.now())


@by_match.post(
    "/{booking_id}/cancel/",
    response={
        200: MatchAnswer,
        202: Accepted | InProgress,
        400: WrongInput,
        409: CannotCancel,
        422: WrongInput,
        429: Problem,
        502: StripeProblem,
    },
)
def cancel_by_match(request: HttpRequest, booking_id: str, said: MatchRequest) -> Any:
    """Cancel with reference and contact where the hotel takes them as proof; mail a link everywhere else.

    What is not recognised gets the same 202, whether the booking exists, and whatever its hotel has chosen.
    """
    if not said.contact:
        raise ApiError(Code.VALIDATION, _("Send client_email or client_phone."))
    found = identity.find_by_contact(booking_id, said.contact)
    if found is None:
        return Status(202, accepted())
    outcome = cancelled(found, said)
    if outcome.state == Outcome.IN_PROGRESS:
        return Status(202, api_shapes.in_progress())
    return api_shapes.match_answer(outcome.booking)


def accepted() -> Accepted:
    """Return the one answer to everybody who is not recognised."""
    words = _(
        "Bookings are managed by a link in every mail about them. If the details match a booking, its guest is sent "
        "a fresh one."
    )
    return Accepted(success=True, message=words)


def cancelled_by_key(request: HttpRequest, said: CancelRequest) -> Any:
    """Cancel for the holder of a link, and note on the link what it was used for."""
    caller = caller_of(request)
    outcome = cancelled(caller.booking, said)
    if outcome.state != Outcome.ALREADY and caller.token is not None:
        caller.token.record_action(CANCELLED, at=timezone.now())
    if outcome.state == Outcome.IN_PROGRESS:
        return Status(202, api_shapes.in_progress())
    return api_shapes.cancel_answer(outcome.booking)


def cancelled(booking: Booking, said: CancelRequest) -> Outcome:
    """Cancel in the guest's name; raises ApiError, and then nothing has changed."""
    try:
        return cancel.cancel_booking(booking, reason=said.reason, signed_quote=promise(booking, said.quote))
    except cancel.QuoteChanged as changed:
        raise asked_again(booking, said, changed) from None
    except Refused as refusal:
        raise refused(pages.fresh(booking), refusal) from None
    except Declined:
        message = _(
            "The payment service could not return your money just now, so nothing was cancelled: your booking is "
            "unchanged. Please try again later, or contact the hotel."
        )
        raise ApiError(Code.STRIPE, STRIPE_ERROR, extra={"message": message}) from None


def promise(booking: Booking, sent: str) -> str:
    """Return the quote that counts: the one that was sent, or ours of this moment for a program that sends none.

    A quote outlives the deadline, so ours is given only before it.
    """
    if sent or booking.status == BookingStatus.CANCELLED:
        return sent
    now = timezone.now()
    cancel.refuse_guest(booking, at=now)
    return cancel.recent_quote(booking, at=now).signed(booking)


def asked_again(booking: Booking, said: CancelRequest, changed: cancel.QuoteChanged) -> ApiError:
    """409 with the offer as it is now: nobody pays a fee, or waits for a refund, that they were not shown."""
    words = guest_words.quote_notice(cancel.read_quote(booking, said.quote), changed.quote)
    return ApiError(Code.STATE, words, extra=api_shapes.quote_changed(booking, changed.quote))


def refused(booking: Booking, refusal: Refused) -> ApiError:
    """409 in a guest's words. A booking that was deleted meanwhile is no longer there."""
    note_refusal(refusal.code, refusal.message, booking=booking)
    if booking.is_deleted:
        return forbidden()
    problem = of_refusal(refusal)
    problem.words = guest_words.why_not_cancel(booking, refusal)
    return problem

"""Every refused attempt leaves a record: here, where each request that wanted to change something ends.

Desk, guest's page and API all pass, so no view has to think of it. What a view has put into friendly words it has
noted on the way (`bookings.happenings.note_refusal`); a missing right, another hotel's row and the API's answers are
seen by their status. Runs over many bookings have no request: `bookings.bulk` records their refusals itself.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import Any, Final

from django.contrib import admin
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation

from bookings import audit, happenings
from bookings.admin.amounts import read
from bookings.api_body import read_json
from bookings.happenings import Attempt, Notes
from bookings.models import Booking, Surface, User
from cancellations.api_access import Caller
from cancellations.guest_access import token_of
from payments.money import to_minor
from site_config.desk_language import desk_language

SAFE: Final = ("GET", "HEAD", "OPTIONS")
# Answers that say no. What was merely not understood (400, 405, 422) was no attempt, and 401 is nobody yet.
CODES: Final[Mapping[int, str]] = {
    403: "ERR_FORBIDDEN",
    404: "ERR_NOT_FOUND",
    409: "ERR_STATE",
    429: "ERR_RATE_LIMITED",
    502: "ERR_STRIPE",
}
GUESTS: Final = ("guest:cancel", "guest:pay")
# Where a dialog or a program says how much; the first that is there counts.
AMOUNTS: Final = ("amount", "custom_fee")
# What is at stake where nobody types an amount.
WHOLE: Final = ("approve", "mark_paid")
LONGEST: Final = 64


class RefusedAttemptsMiddleware:
    """Record what was refused, once the answer is there and the refused transaction is rolled back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method in SAFE:
            return self.get_response(request)
        with happenings.noting() as notes:
            response = self.get_response(request)
        surface = surface_of(request)
        if surface and (notes.code or response.status_code in CODES):
            with audit.acting(request.META[audit.IN_REQUEST]), as_guest(surface, request):
                happenings.record_attempt(lambda: attempt_of(request, response, surface, notes))
        return response


def surface_of(request: HttpRequest) -> str:
    """Return where somebody tried to change something; nothing where no booking, money or right is at stake."""
    match, user = request.resolver_match, getattr(request, "user", None)
    if match is None:
        return ""
    if match.namespace == "admin" and user is not None and user.is_authenticated:
        return Surface.DESK if admin_of(request) else ""
    if match.namespace == "api":
        return Surface.API
    return Surface.GUEST if match.view_name in GUESTS else ""


def as_guest(surface: str, request: HttpRequest) -> Any:
    """Return a block in the guest's name, where one acts in a browser in which staff are signed in."""
    caller = request.__dict__.get("auth")
    is_guest = surface == Surface.GUEST or (isinstance(caller, Caller) and caller.is_guest)
    return audit.acting_as(audit.ActorKind.GUEST) if is_guest else nullcontext()


def attempt_of(request: HttpRequest, response: HttpResponseBase, surface: str, notes: Notes) -> Attempt:
    """Return what was tried, and of the row as much as the person may know."""
    match = request.resolver_match
    assert match is not None
    tried, row = tried_at_desk(request) if surface == Surface.DESK else (match.url_name or "", None)
    booking = notes.booking or (booking_of(row) if row else None) or booking_of_caller(request, surface)
    code, words = (notes.code, notes.words) if notes.code else said_by(response)
    return Attempt(
        surface=surface,
        tried=tried[:40],
        code=code,
        words=words,
        model=admin_of(request)._meta.label_lower if surface == Surface.DESK else "bookings.booking",
        asked=asked_id(match.kwargs)[:LONGEST],
        reference=booking.booking_id if booking else "",
        hotel_id=booking.hotel_id if booking else getattr(row, "hotel_id", None),
        **money_of(request, surface, tried, booking=booking, row=row),
    )


def admin_of(request: HttpRequest) -> Any:
    """Return the model whose admin an address belongs to; None for the desk's other pages."""
    name = getattr(request.resolver_match, "url_name", None) or ""
    models = [each for each in admin.site._registry if name.startswith(f"{prefix_of(each)}_")]
    return max(models, key=lambda each: len(prefix_of(each)), default=None)


def prefix_of(model: Any) -> str:
    """Return how the names of a model's addresses begin."""
    return f"{model._meta.app_label}_{model._meta.model_name}"


def tried_at_desk(request: HttpRequest) -> tuple[str, Any]:
    """Return which button was pressed, and the row if it is the person's to see."""
    model, match = admin_of(request), request.resolver_match
    assert match is not None
    tried = str(match.url_name).removeprefix(f"{prefix_of(model)}_")
    if tried == "changelist":
        tried = request.POST.get("action") or tried
    asked = asked_id(match.kwargs)
    if not (asked.isascii() and asked.isdecimal() and len(asked) < 18):
        return tried, None
    return tried, admin.site.get_model_admin(model).get_queryset(request).filter(pk=asked).first()


def asked_id(arguments: Mapping[str, Any]) -> str:
    """Return the id that an address names, or nothing."""
    return next((str(arguments[name]) for name in ("object_id", "booking_id", "pk", "id") if name in arguments), "")


def booking_of(row: Any) -> Booking | None:
    """Return the booking that a row is about."""
    if isinstance(row, Booking):
        return row
    found = getattr(row, "booking", None) or getattr(getattr(row, "payment", None), "booking", None)
    return found if isinstance(found, Booking) else None


def booking_of_caller(request: HttpRequest, surface: str) -> Booking | None:
    """Return the booking that a guest's link opens, or that the API has let somebody in for."""
    if surface == Surface.GUEST:
        token = token_of(request)
        return token.booking if token else None
    caller, match = request.__dict__.get("auth"), request.resolver_match
    if isinstance(caller, Caller):
        return caller.booking
    user_id = audit.current_user_id()
    person = User.objects.filter(pk=user_id).first() if user_id else None
    if person is None or match is None:
        return None
    return Booking.objects.visible_to(person).filter(booking_id=asked_id(match.kwargs)).first()


def said_by(response: HttpResponseBase) -> tuple[str, str]:
    """Return the code and the words of an answer: the API's own, or the code alone."""
    code = CODES.get(response.status_code, "")
    if not response.headers.get("Content-Type", "").startswith("application/json"):
        return code, ""
    said = json.loads(getattr(response, "content", b"{}"))
    return said.get("code") or code, said.get("error") or ""


def money_of(request: HttpRequest, surface: str, tried: str, *, booking: Booking | None, row: Any) -> dict[str, Any]:
    """Return the amount that was asked, in minor units, and its currency; none where that is not theirs to know."""
    if booking is None:
        return {}
    is_of_money = row is not None and not isinstance(row, Booking)
    currency = getattr(row, "currency", "") if is_of_money else booking.money_currency
    sent = request.POST if surface != Surface.API else read_json(request) or {}
    typed = next((str(sent[name]) for name in AMOUNTS if sent.get(name)), "")
    whole = booking.total_amount if tried in WHOLE and row == booking else getattr(row, "amount", None)
    amount = sum_of(request, surface, typed, currency) if typed else whole
    return {"amount": amount, "currency": currency if amount is not None else ""}


def sum_of(request: HttpRequest, surface: str, typed: str, currency: str) -> int | None:
    """Return minor units of what was typed: at the desk as the person's language writes it."""
    if surface != Surface.DESK:
        return as_minor(typed, currency, to_minor)
    with translation.override(desk_language(request)):
        return as_minor(typed, currency, read)


def as_minor(typed: str, currency: str, reads: Callable[[str, str], int]) -> int | None:
    """Return minor units; None for what is no amount."""
    try:
        amount = reads(typed, currency)
    except ValueError:
        return None
    return amount if 0 <= amount < 2**63 else None

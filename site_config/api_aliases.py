"""Addresses that older programs know. Nothing is decided here: each leads to the address that took its place."""

from collections.abc import Callable
from typing import Any, Final

from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, path, resolve
from django.views.decorators.csrf import csrf_exempt

from bookings.api_body import read_json
from bookings.api_errors import ApiError, answer
from bookings.models import Booking
from payments.views import stripe_webhook

type Find = Callable[..., tuple[str, str]]

PAYMENT: Final = "/api/public/hotel/{slug}/room-bookings/{booking_id}/payment/"
DESK: Final = "/api/staff/hotel/{slug}/room-bookings/{booking_id}/"
# What leads to no booking gets the answer that any other unknown booking gets.
NOWHERE: Final = ("-", "-")


def by_reference(request: HttpRequest, booking_id: str) -> tuple[str, str]:
    """Return hotel and reference where the address names the booking."""
    return known(booking_id=booking_id)


def by_body(request: HttpRequest) -> tuple[str, str]:
    """Return hotel and reference where the body names the booking."""
    named = (read_json(request) or {}).get("booking_id")
    return known(booking_id=named) if isinstance(named, str) else NOWHERE


def by_payment(request: HttpRequest, payment_id: int) -> tuple[str, str]:
    """Return hotel and reference where the address names a payment."""
    return known(payments=payment_id)


def known(**named: Any) -> tuple[str, str]:
    """Return hotel and reference of a booking."""
    return Booking.objects.filter(**named).values_list("hotel__slug", "booking_id").first() or NOWHERE


def alias(to: str, find: Find) -> Callable[..., HttpResponseBase]:
    """Return a view that hands the request to another address, as if it had been sent there."""

    @csrf_exempt
    def handed_on(request: HttpRequest, **arguments: Any) -> HttpResponseBase:
        try:
            slug, booking_id = find(request, **arguments)
        except ApiError as error:
            return answer(error)
        request.path_info = request.path = to.format(slug=slug, booking_id=booking_id)
        match = request.resolver_match = resolve(request.path_info)
        response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
        return response

    return handed_on


urlpatterns: list[URLPattern] = [
    path("api/payments/create-session/", alias(f"{PAYMENT}session/", by_body)),
    path("api/payments/booking/<str:booking_id>/status/", alias(f"{PAYMENT}status/", by_reference)),
    path("payments/checkout-session", alias(f"{PAYMENT}session/", by_body)),
    path("payments/<str:booking_id>/status", alias(f"{PAYMENT}status/", by_reference)),
    path("payments/<str:booking_id>/retry", alias(f"{PAYMENT}retry/", by_reference)),
    path("payments/<int:payment_id>/refund", alias(f"{DESK}refund/", by_payment)),
    path("api/payments/webhook/", stripe_webhook),
    path("webhooks/stripe", stripe_webhook),
]

"""A door of its own for Stripe's deliveries: many may come at once, and no session, person or page concerns them."""

from collections.abc import Mapping
from functools import cache
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.urls import ResolverMatch, resolve
from django.utils import translation

from site_config.middleware import GetResponse

ADDRESSES: Final = (
    "/api/public/hotel/room-bookings/stripe-webhook/",
    # Older clients' names of it.
    "/api/payments/webhook/",
    "/webhooks/stripe",
)


class WebhookDoorMiddleware:
    """Answer Stripe's deliveries; everything else goes on."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        delivery = deliveries().get(request.path_info) if request.method == "POST" else None
        if delivery is None:
            return self.get_response(request)
        request.resolver_match = delivery  # for the log
        # Whoever was served in this thread before may have read another language.
        translation.activate(settings.LANGUAGE_CODE)
        answer: HttpResponseBase = delivery.func(request)
        return answer


@cache
def deliveries() -> Mapping[str, ResolverMatch]:
    """Return the view behind each of the addresses."""
    return {address: resolve(address) for address in ADDRESSES}

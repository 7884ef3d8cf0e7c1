"""The addresses of the other reference, and its receiver: what people write who use dj-stripe."""

import importlib
from typing import Any

from django.urls import include, path

# Installed in the other environment only.
handlers: Any = importlib.import_module("djstripe.event_handlers")


@handlers.djstripe_receiver("balance.available")
def received(sender: Any, event: Any, **kwargs: Any) -> None:
    """Do nothing with an event that needs no look-up at Stripe."""


urlpatterns = [path("stripe/", include("djstripe.urls", namespace="djstripe"))]

"""The reference: a Django site that verifies Stripe's signature and makes one insert, and nothing more."""

import json
import os
from typing import Any

import stripe
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.urls import path

from site_config import env_urls
from tests.performance import bare_table


def webhook(request: HttpRequest) -> JsonResponse:
    """Verify, insert, answer."""
    body = request.body
    secret = os.environ["STRIPE_WEBHOOK_SECRET"]
    stripe.WebhookSignature.verify_header(body.decode(), request.headers["Stripe-Signature"], secret)
    event: dict[str, Any] = json.loads(body)
    with connection.cursor() as cursor:
        cursor.execute(bare_table.INSERT, [event["id"], body.decode()])
    return JsonResponse({"received": True})


urlpatterns = [path("webhook/", webhook)]

settings.configure(
    SECRET_KEY="bare",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    DATABASES={"default": env_urls.database(os.environ["DATABASE_URL"])},
)
application = get_wsgi_application()

"""Stripe's one address. One insert, no call to Stripe, no lock on a booking."""

import structlog
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, JsonResponse
from django.http.request import RawPostDataException
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from bookings.api_errors import BAD_SIGNATURE, ApiError, Code, answer
from payments import webhooks
from payments.gateway import BadSignature

logger = structlog.get_logger(__name__)

BODY_LIMIT = 256 * 1024


@csrf_exempt
@require_POST
def stripe_webhook(request: HttpRequest) -> JsonResponse:
    """Take one delivery. Bad input answers 400 and writes nothing; a failed insert is a 500, so Stripe retries."""
    try:
        body = read_body(request)
        webhooks.receive(body, request.headers.get("Stripe-Signature", ""))
    except BadSignature as problem:
        return refused(BAD_SIGNATURE, why=str(problem))
    except BodyTooLarge:
        return refused("The body is larger than 256 KiB.", why="too large")
    return JsonResponse({"received": True})


class BodyTooLarge(Exception):
    """More than Stripe ever sends."""


def read_body(request: HttpRequest) -> bytes:
    """Read at most the limit, whatever the Content-Length claims."""
    try:
        body = request.read(BODY_LIMIT + 1)
    except (OSError, RawPostDataException, RequestDataTooBig) as error:
        raise BadSignature("body") from error
    if len(body) > BODY_LIMIT:
        raise BodyTooLarge
    return body


def refused(words: str, *, why: str) -> JsonResponse:
    """Answer 400 in the API's shape; `why` is for the log, and in our words."""
    logger.warning("webhook.refused", why=why)
    return answer(ApiError(Code.WEBHOOK, words))

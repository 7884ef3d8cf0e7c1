"""The mail provider's one address: who calls is checked as django-anymail checks it for that provider."""

import re
from typing import Any, Final

import structlog
from anymail import urls as anymail_urls
from anymail.exceptions import AnymailConfigurationError, AnymailWebhookValidationFailure
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from bookings import tracking

logger = structlog.get_logger(__name__)

# Each provider's own way to sign and to write its news, by the name that EMAIL_URL has for the provider.
VIEWS: Final[dict[str, Any]] = {
    pattern.name.removesuffix("_tracking_webhook"): pattern.callback.view_class
    for pattern in anymail_urls.urlpatterns
    if pattern.name.endswith("_tracking_webhook")
}
BACKEND: Final = re.compile(r"anymail\.backends\.(\w+)\.EmailBackend")


@csrf_exempt
@require_http_methods(["HEAD", "POST"])
def mail_webhook(request: HttpRequest, provider: str) -> JsonResponse:
    """Take news of mails. 404 for any provider but the one that sends our mails, 403 unsigned, 400 unreadable.

    News of mails that are not ours are answered 200, too: the provider would only repeat them.
    """
    if provider != sending_provider():
        raise Http404
    if request.method == "HEAD":  # some providers look whether there is anybody
        return JsonResponse({})
    try:
        events = read(request, VIEWS[provider])
    except (AnymailWebhookValidationFailure, AnymailConfigurationError) as problem:
        return refused(403, why=type(problem).__name__)
    except Exception as problem:  # signed, and yet not what this provider sends; each library has its own errors
        return refused(413 if isinstance(problem, RequestDataTooBig) else 400, why=type(problem).__name__)
    return JsonResponse({"received": sum(tracking.record(event) for event in events)})


def sending_provider() -> str:
    """Return the provider that sends our mails, as `EMAIL_URL` names it; nothing for a mail server."""
    found = BACKEND.fullmatch(settings.MAILERS["default"]["BACKEND"])
    return found[1] if found and found[1] in VIEWS else ""


def read(request: HttpRequest, view: Any) -> list[Any]:
    """Return the events of a delivery whose sender was checked; raises what django-anymail raises otherwise."""
    if view.warn_if_no_basic_auth and not settings.ANYMAIL.get("WEBHOOK_SECRET"):
        # The library would take anybody's word, with a warning.
        raise AnymailConfigurationError("ANYMAIL_WEBHOOK_SECRET is not set")
    receiver = view()
    receiver.run_validators(request)
    return list(receiver.parse_events(request))


def refused(status: int, *, why: str) -> JsonResponse:
    """Refuse a delivery; nothing has changed. `why` is the kind of problem, never what was sent."""
    logger.warning("mail.webhook_refused", why=why)
    return JsonResponse({"received": 0}, status=status)

"""Do Stripe, its webhook, the mail server and the worker really answer? Each check is one sentence for a manager."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings.models import Message, MessageStatus
from bookings.views import sending_provider
from cancellations import throttle
from payments import gateway, heartbeat
from payments.gateway import Declined, OutcomeUnknown
from payments.models import ProcessingResult, StripeWebhookEvent
from payments.webhooks import HANDLED

logger = structlog.get_logger(__name__)

TESTS_PER_HOUR: Final = 5


@dataclass(frozen=True)
class Answer:
    """What a check came to."""

    is_good: bool
    words: str


def stripe_account() -> Answer:
    """Ask Stripe whose key it is."""
    began = time.monotonic()
    return asked(lambda: account_words(gateway.account(), time.monotonic() - began))


def account_words(account: Any, seconds: float) -> Answer:
    """Return whose account answered how fast, and whether guests can pay on it."""
    values = {"seconds": f"{seconds:.1f}", "account": account.id, "name": account.name or _("no name")}
    told = _("Stripe answered in %(seconds)s s: account %(account)s, %(name)s.") % values
    charges = _("Guests can pay.") if account.charges_enabled else _("Stripe does not take payments for it yet.")
    payouts = "" if account.payouts_enabled else _("Stripe does not pay out to it yet.")
    is_good = account.charges_enabled and account.payouts_enabled
    return Answer(is_good, " ".join(part for part in (told, charges, payouts) if part))


def stripe_webhook() -> Answer:
    """Ask Stripe whether it sends the events that are needed to our address."""
    return asked(lambda: webhook_words(gateway.webhook_endpoints()))


def webhook_words(endpoints: list[Any]) -> Answer:
    """Return whether one of Stripe's endpoints is ours, and what it lacks."""
    own = [each for each in endpoints if same_address(each.url, webhook_address())]
    if not own:
        values = {"address": webhook_address(), "count": len(endpoints)}
        words = _("Stripe does not know our address %(address)s; it knows %(count)s others.") % values
        return Answer(False, words)
    (first, *_others) = sorted(own, key=lambda each: (not each.is_enabled, len(each.missing(HANDLED))))
    if not first.is_enabled:
        return Answer(False, _("Our address is known to Stripe, but switched off there."))
    if lacking := first.missing(HANDLED):
        return Answer(False, _("Stripe sends us events, but not these: %s.") % ", ".join(lacking))
    return Answer(True, _("Stripe sends every event that is needed to our address."))


def asked(ask: Callable[[], Answer]) -> Answer:
    """Return an answer of Stripe's, or why there is none."""
    try:
        return ask()
    except Declined as declined:
        return Answer(False, declined.message)
    except OutcomeUnknown:
        return Answer(False, _("Stripe did not answer. Try again in a minute."))


def same_address(one: str, other: str) -> bool:
    """Whether two addresses are the same place, as a browser would see it."""
    ours, theirs = urlsplit(one), urlsplit(other)
    return (ours.netloc.lower(), ours.path.rstrip("/")) == (theirs.netloc.lower(), theirs.path.rstrip("/"))


def webhook_address() -> str:
    """Return where Stripe has to send its events."""
    return settings.SITE_URL + reverse("stripe-webhook")


def send_test_mail(*, to: str, person: Any) -> Answer:
    """Send a mail at once, past the queue, and say what the mail server answered; a few an hour for each person."""
    if too_many := too_many_tests(person):
        return Answer(False, too_many)
    began = time.monotonic()
    try:
        test_mail(to).send()
    except Exception as error:  # each mail service has its own errors, and the manager wants to read them
        logger.warning("mail.test_failed", error=type(error).__name__)
        values = {"error": f"{type(error).__name__}: {error}"[:300]}
        return Answer(False, _("The mail did not leave. The mail server said: %(error)s") % values)
    values = {"to": to, "seconds": f"{time.monotonic() - began:.1f}"}
    return Answer(True, _("The mail server took a mail to %(to)s in %(seconds)s s. See whether it arrives.") % values)


def too_many_tests(person: Any) -> str:
    """Count one test mail of a person's; return why there cannot be another now, or nothing."""
    try:
        throttle.count(kind="test_mail", value=str(person.pk), limit=TESTS_PER_HOUR)
    except throttle.TooManyRequests as refusal:
        return _("These were many test mails. Try again in %s minutes.") % -(-refusal.retry_after // 60)
    return ""


def test_mail(to: str) -> EmailMessage:
    """Return the mail."""
    body = _("If you can read this, mails from the booking desk leave and arrive.\n\n%s\n") % settings.SITE_URL
    return EmailMessage(subject=_("Test mail from the booking desk"), body=body, to=[to])


def facts(now: datetime) -> dict[str, Any]:
    """Return what can be seen without asking anybody outside."""
    waiting = StripeWebhookEvent.objects.filter(processing_result=ProcessingResult.RECEIVED)
    last_event = StripeWebhookEvent.objects.order_by("-received_at").values_list("received_at", flat=True).first()
    return {
        "stripe_key": key_words(),
        "is_live": "_live_" in settings.STRIPE_SECRET_KEY,
        "webhook_address": webhook_address(),
        "webhook_secrets": len(settings.STRIPE_WEBHOOK_SECRETS),
        "last_event": last_event,
        "events_waiting": waiting.count(),
        "events_failed": StripeWebhookEvent.objects.filter(processing_result=ProcessingResult.FAILED).count(),
        **mail_facts(),
        "worker_at": heartbeat.last(),
        "worker_alive": heartbeat.is_alive(now),
    }


def mail_facts() -> dict[str, Any]:
    """Return by what mails leave, and what waits."""
    provider = sending_provider()
    host = settings.MAILERS["default"].get("OPTIONS", {}).get("host", "")
    news = f"{settings.SITE_URL}{reverse('mail_webhook', args=[provider])}" if provider else ""
    return {
        "mailer": provider.replace("_", " ").title() or host or _("this machine only"),
        "mail_news": news,
        "mail_sender": settings.DEFAULT_FROM_EMAIL,
        "mails_waiting": Message.objects.filter(status=MessageStatus.QUEUED).count(),
        "mails_failed": Message.objects.filter(status=MessageStatus.FAILED, handled_at=None).exclude(to="").count(),
    }


def key_words() -> str:
    """Return which key is used, by its last four letters; never more of it."""
    key = settings.STRIPE_SECRET_KEY
    if not key:
        return _("none")
    mode = _("Live: real money moves") if "_live_" in key else _("Test: no money moves")
    return f"{mode} · … {key[-4:]}"


def ago(at: datetime | None) -> str:
    """Return how long ago something was: "12 s ago", "3 min ago"."""
    if at is None:
        return _("never")
    seconds = max(0, int((timezone.now() - at).total_seconds()))
    if seconds < 120:
        return _("%s s ago") % seconds
    minutes = seconds // 60
    return _("%s min ago") % minutes if minutes < 120 else _("%s h ago") % (minutes // 60)

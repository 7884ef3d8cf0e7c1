"""Mails to the owner of the installation about what nobody may be looking at; each cause once.

A few rules that everybody can follow, and no scores: a refund that came back, many refunds by one person, changes of
money or of the house's rules at night, and payments of which Stripe's webhook tells nothing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Count, F, Max, Q
from django.urls import reverse

from bookings.audit import ActorKind
from bookings.models import Hotel, User
from payments.models import (
    Alert,
    OperationKind,
    Payment,
    PaymentOperation,
    PaymentProvider,
    Refund,
    StripeWebhookEvent,
)

logger = structlog.get_logger(__name__)

DAY: Final = timedelta(days=1)
HOUR: Final = timedelta(hours=1)
# So many refunds within an hour are a busy colleague, or somebody with a colleague's password.
MANY_REFUNDS: Final = 10
# From midnight until before five, by the hotel's clock.
NIGHT_ENDS: Final = 5
# What Stripe tells by itself is here within seconds; what had to be fetched is older.
BY_ITSELF: Final = timedelta(minutes=2)
# The first payment after a quiet day has its event a moment later.
PATIENCE: Final = timedelta(minutes=15)


@dataclass(frozen=True)
class Finding:
    """A cause by its name, which stays the same however often it is found; what it says; and where to look."""

    cause: str
    says: str
    page: str


def tell(now: datetime, last: datetime | None = None) -> int:
    """Mail what is new, all of it in one mail; return how many causes. Without an address nothing is looked for."""
    if not settings.ALERTS_EMAIL:
        return 0
    known = set(Alert.objects.exclude(told_at=None).values_list("cause", flat=True))
    new = {finding.cause: finding for rule in RULES for finding in rule(now) if finding.cause not in known}
    for cause in new:
        Alert.objects.get_or_create(cause=cause, defaults={"found_at": now})
    if new:
        send(list(new.values()))
        # Only once the mail server has it: a second mail is better than none.
        Alert.objects.filter(cause__in=new).update(told_at=now)
        logger.warning("alert.sent", causes=len(new))
    return len(new)


def send(findings: list[Finding]) -> None:
    """Send one mail about all of them. Raises what the mail server's refusal raises."""
    first, more = findings[0].says.partition(".")[0], len(findings) - 1
    subject = f"Innkeep: {first}{f', and {more} more' if more else ''}"
    body = "\n\n".join(f"{finding.says}\n{settings.SITE_URL}{finding.page}" for finding in findings)
    closing = "Each cause is told once. What they mean: docs/operations.md, “Alerts by mail”."
    EmailMessage(subject=subject[:200], body=f"{body}\n\n{closing}\n", to=[settings.ALERTS_EMAIL]).send()


def failed_refunds(now: datetime) -> Iterator[Finding]:
    """Yield each refund that came back within a day."""
    rows = Refund.history.filter(transition="refund_failed", history_date__gt=now - DAY).values_list("id", flat=True)
    for refund in Refund.objects.filter(pk__in=set(rows)).select_related("payment__booking").order_by("pk"):
        yield Finding(
            f"refund_failed:{refund.pk}",
            f"A refund of {refund.payment.booking.booking_id} came back. The hotel owes it now.",
            reverse("admin:payments_refund_change", args=[refund.pk]),
        )


def many_refunds(now: datetime) -> Iterator[Finding]:
    """Yield whoever of the staff has begun many refunds within an hour; once for each day."""
    by_staff = begun(now - HOUR).values("history_user").annotate(number=Count("pk"))
    for row in by_staff.filter(number__gte=MANY_REFUNDS).order_by("history_user"):
        yield Finding(
            f"many_refunds:{row['history_user']}:{now:%Y-%m-%d}",
            f"{name_of(row['history_user'])} has begun {row['number']} refunds within an hour.",
            reverse("admin:payments_refund_changelist"),
        )


def at_night(now: datetime) -> Iterator[Finding]:
    """Yield whoever of the staff moved money, or changed a hotel's rules or a colleague's rights, at night."""
    hotels = Hotel.objects.in_bulk()
    # What belongs to no hotel is seen by the clock of the first house, which is mostly the only one.
    first = hotels[min(hotels)] if hotels else Hotel(time_zone="UTC")
    for user, hotel, at, what in night_rows(now):
        house = hotels.get(hotel or 0, first)
        local = house.local(at)
        if local.hour < NIGHT_ENDS:
            yield Finding(
                f"at_night:{user}:{what}:{local:%Y-%m-%d}",
                f"{name_of(user)} {what} at night, at {local:%H:%M} ({house.time_zone}).",
                reverse("admin:trail_entry_changelist"),
            )


def night_rows(now: datetime) -> Iterator[tuple[int, int | None, datetime, str]]:
    """Yield what people did within a day that is not done at night: who, in which hotel, when (UTC), what."""
    for user, hotel, at in begun(now - DAY).values_list("history_user", "booking__hotel", "history_date"):
        yield user, hotel, at, "began a refund"
    changed: Any = Hotel.history.filter(STAFF, history_type="~", history_date__gt=now - DAY)
    for user, hotel, at in changed.values_list("history_user", "id", "history_date"):
        yield user, hotel, at, "changed a hotel's settings"
    rights: Any = User.history.filter(STAFF, history_date__gt=now - DAY).exclude(history_user=F("id"))
    for user, at in rights.values_list("history_user", "history_date"):
        yield user, None, at, "changed a colleague's account"


STAFF: Final = Q(actor_kind=ActorKind.STAFF, history_user__isnull=False)


def begun(since: datetime) -> Any:
    """Return the history rows in which staff began a refund since a moment (UTC)."""
    rows = PaymentOperation.history.filter(STAFF, history_type="+", kind=OperationKind.REFUND)
    return rows.filter(history_date__gt=since)


def silent_webhook(now: datetime) -> Iterator[Finding]:
    """Yield that payments moved for hours and Stripe told nothing of it by itself; once for each silence."""
    prompt = StripeWebhookEvent.objects.filter(received_at__lte=F("created") + BY_ITSELF)
    heard = prompt.aggregate(last=Max("received_at"))["last"]
    silence = timedelta(hours=settings.ALERTS_WEBHOOK_HOURS)
    if heard is not None and heard > now - silence:
        return
    since = max(heard or now - silence, now - silence)
    moved = Payment.objects.filter(provider=PaymentProvider.STRIPE).filter(
        Q(authorized_at__range=(since, now - PATIENCE)) | Q(captured_at__range=(since, now - PATIENCE))
    )
    if moved.exists():
        yield Finding(
            f"webhook_silent:{heard.isoformat() if heard else 'never'}",
            f"Stripe's webhook is silent. Payments moved in the last {settings.ALERTS_WEBHOOK_HOURS} hours, and none "
            "of its events came by itself. They are fetched every quarter of an hour meanwhile.",
            reverse("admin:bookings_hotel_connections"),
        )


def name_of(key: int) -> str:
    """Return what a colleague is called."""
    user = User.objects.filter(pk=key).first()
    return str(user) if user else f"Person {key}"


RULES: Final[tuple[Callable[[datetime], Iterator[Finding]], ...]] = (
    failed_refunds,
    many_refunds,
    at_night,
    silent_webhook,
)

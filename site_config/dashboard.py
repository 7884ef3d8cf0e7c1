"""What staff see when they come to work: what needs a decision, who arrives, who leaves."""

from typing import Any

from django.conf import settings
from django.db.models import Count, F, Min, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from bookings.admin import booking_filters as stay
from bookings.admin import words
from bookings.models import Booking, BookingStatus
from payments.models import (
    OperationStatus,
    PaymentOperation,
    PaymentStatus,
    ProcessingResult,
    Refund,
    RefundStatus,
    StripeWebhookEvent,
)

SHOWN = 8
S = BookingStatus


def today(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Fill the start page; every number leads to the list behind it."""
    user: Any = request.user
    if not user.has_perm("bookings.view_booking"):
        return {**context, "title": "Today"}
    return {
        **context,
        "title": "Today",
        "approvals": approvals(user),
        "approvals_link": list_of("bookings_booking", "status__exact=PENDING_APPROVAL"),
        "numbers": [*stays_today(user), *money_worries(user)],
    }


def approvals(user: Any) -> list[dict[str, Any]]:
    """Return the requests that wait, those whose held money is lost first on top."""
    now = timezone.now()
    held = Q(payments__status=PaymentStatus.AUTHORIZED)
    waiting = (
        Booking.objects.active()
        .visible_to(user)
        .filter(status=S.PENDING_APPROVAL)
        .select_related("hotel", "room", "room_type")
        .annotate(ends=Min("payments__capture_before", filter=held))
    )
    return [
        {
            "booking": booking,
            "link": reverse("admin:bookings_booking_change", args=[booking.pk]),
            "stay": f"{words.dates(booking)}, {words.nights(booking)} · {words.place(booking)}",
            "total": words.money(booking.total_amount, booking.currency),
            "left": words.until(booking.ends, now) if booking.ends else "no hold, pays on arrival",
        }
        for booking in waiting.order_by(F("ends").asc(nulls_last=True), "id")[:SHOWN]
    ]


def stays_today(user: Any) -> list[dict[str, Any]]:
    """Return how many guests arrive, stay and leave today, by each hotel's own date."""
    zones = stay.zones_of(user)
    own = Booking.objects.active().visible_to(user)
    shown = (
        (stay.ARRIVING_TODAY, "Arriving today"),
        (stay.IN_HOUSE, "In house"),
        (stay.LEAVING_TODAY, "Leaving today"),
    )
    return [
        {
            "name": name,
            "count": stay.stays(own, moment, zones).count(),
            "link": list_of("bookings_booking", f"stay={moment}"),
            "urgent": False,
        }
        for moment, name in shown
    ]


def money_worries(user: Any) -> list[dict[str, Any]]:
    """Return what waits for Stripe or went wrong there, among what the person may see."""
    own = {} if user.is_superuser else {"booking__hotel__in": user.hotels.values("pk")}
    refunds = {} if user.is_superuser else {"payment__booking__hotel__in": user.hotels.values("pk")}
    found = [
        worry(
            "Waiting for Stripe",
            PaymentOperation.objects.filter(status=OperationStatus.PENDING, **own).count(),
            list_of("payments_paymentoperation", "status__exact=pending"),
        ),
        worry(
            "Failed refunds",
            Refund.objects.filter(status=RefundStatus.FAILED, **refunds).count(),
            list_of("payments_refund", "status__exact=failed"),
        ),
    ]
    if user.has_perm("payments.view_stripewebhookevent"):
        failed = StripeWebhookEvent.objects.filter(processing_result=ProcessingResult.FAILED, **own)
        link = list_of("payments_stripewebhookevent", "processing_result__exact=failed")
        found.append(worry("Failed webhooks", failed.count(), link))
    return found


def worry(name: str, count: int, link: str) -> dict[str, Any]:
    """Return one number that should be zero."""
    return {"name": name, "count": count, "link": link, "urgent": count > 0}


def list_of(model: str, query: str) -> str:
    """Return the address of a filtered list."""
    return f"{reverse(f'admin:{model}_changelist')}?{query}"


def approvals_badge(request: HttpRequest) -> str:
    """Return how many requests wait, for the sidebar; nothing for none."""
    waiting = Booking.objects.active().visible_to(request.user).filter(status=S.PENDING_APPROVAL)
    return str(waiting.aggregate(count=Count("pk"))["count"] or "")


def environment(request: HttpRequest) -> tuple[str, str] | None:
    """Return the label that says that no real money moves here."""
    return None if "_live_" in settings.STRIPE_SECRET_KEY else ("TEST MODE", "warning")

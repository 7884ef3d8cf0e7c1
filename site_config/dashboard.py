"""What staff see when they come to work: what needs a decision, who arrives, who leaves."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Min, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings.admin import booking_filters as stay
from bookings.admin import words
from bookings.admin.message_filters import WAITING
from bookings.models import Booking, BookingStatus, Message, PaymentMethod
from payments import refund_requests
from payments.admin import refund_filters
from payments.admin.late_money import LATE
from payments.admin.refund_request_filters import FOR_ME
from payments.ending_authorizations import NOTICE
from payments.models import (
    CLOSED_DISPUTES,
    UNANSWERED,
    Dispute,
    Drift,
    OperationStatus,
    Payment,
    PaymentOperation,
    PaymentStatus,
    ProcessingResult,
    Refund,
    StripeWebhookEvent,
)

SHOWN = 8
MONEY_NAMES = (
    (stay.ENDING, "Authorizations ending within a day"),
    (stay.GONE, "Holds gone at Stripe"),
    (stay.STUCK, "Guests who cannot pay: no exchange rate"),
)
S = BookingStatus


def today(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Fill the start page; every number leads to the list behind it."""
    user: Any = request.user
    if not user.has_perm("bookings.view_booking"):
        return {**context, "title": "Today"}
    stays, worries = stays_today(user), money_worries(user)
    return {
        **context,
        "title": "Today",
        "approvals": approvals(user),
        "approvals_link": list_of("bookings_booking", "status__exact=PENDING_APPROVAL"),
        "numbers": [*stays, *worries],
        # A worry that is none only hides the others.
        "shown": [*stays, *(worry for worry in worries if worry["urgent"])],
        "is_calm": not any(worry["urgent"] for worry in worries),
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
            "left": left(booking, now),
            "is_urgent": is_urgent(booking, now),
        }
        for booking in waiting.order_by(F("ends").asc(nulls_last=True), "id")[:SHOWN]
    ]


def left(booking: Any, now: datetime) -> str:
    """Return how long the guest's money is still held, or why none is."""
    if booking.ends is None:
        on_arrival = booking.payment_method == PaymentMethod.ARRIVAL
        return "no hold, pays on arrival" if on_arrival else "Hold gone at Stripe"
    until = words.until(booking.ends, now)
    return f"Ends {until}" if booking.ends > now and is_urgent(booking, now) else until


def is_urgent(booking: Any, now: datetime) -> bool:
    """Whether a request's held money is lost within a day, or is gone."""
    if booking.ends is None:
        return bool(booking.payment_method == PaymentMethod.ONLINE)
    return bool(booking.ends <= now + NOTICE)


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
            "Refunds to pay out by hand",
            Refund.objects.filter(refund_filters.OWED, **refunds).count(),
            list_of("payments_refund", "waiting=owed"),
        ),
        worry(
            "Refunds made at Stripe",
            Refund.objects.filter(refund_filters.UNANSWERED, **refunds).count(),
            list_of("payments_refund", "waiting=external"),
        ),
        worry(
            "Refunds waiting for your balance at Stripe",
            Refund.objects.filter(refund_filters.STUCK, **refunds).count(),
            list_of("payments_refund", "waiting=stuck"),
        ),
    ]
    waiting = Booking.objects.active().visible_to(user)
    for moment, name in MONEY_NAMES:
        link = list_of("bookings_booking", f"money={moment}")
        found.append(worry(name, stay.MONEY[moment](waiting).count(), link))
    drifts = Drift.objects.filter(resolved_at=None, **own)
    found.append(worry("Differs from Stripe", drifts.count(), list_of("payments_drift", "state=open")))
    found.append(open_disputes(Dispute.objects.filter(**refunds)))
    late = Payment.objects.filter(LATE, **own).count()
    found.append(worry("Money that nobody waited for", late, list_of("payments_payment", "waiting=late")))
    if user.has_perm("payments.refund_payment"):
        link = list_of("payments_refundrequest", f"state={FOR_ME}")
        found.append(worry("Refunds to approve", refund_requests.waiting_for(user).count(), link))
    found += mail_worries(user)
    if user.has_perm("payments.view_stripewebhookevent"):
        failed = StripeWebhookEvent.objects.filter(processing_result=ProcessingResult.FAILED, **own)
        link = list_of("payments_stripewebhookevent", "processing_result__exact=failed")
        found.append(worry("Failed webhooks", failed.count(), link))
    return found


def mail_worries(user: Any) -> list[dict[str, Any]]:
    """Return the mails that nobody has read, and those that had to do without their template."""
    names = {"unread": _("Mails that did not arrive"), "plain": _("Mails with a broken template")}
    counted = own_mails(user).aggregate(**{name: Count("pk", filter=WAITING[name]) for name in names})
    return [worry(name, counted[key], list_of("bookings_message", f"waiting={key}")) for key, name in names.items()]


def own_mails(user: Any) -> QuerySet[Message]:
    """Return the mails of the person's hotels that nobody has dealt with."""
    rows = Message.objects.filter(handled_at=None)
    return rows if user.is_superuser else rows.filter(booking__hotel__in=user.hotels.values("pk"))


def mails_badge(request: HttpRequest) -> str:
    """Return how many mails did not arrive, for the sidebar; nothing for none."""
    return str(own_mails(request.user).filter(WAITING["unread"]).count() or "")


def open_disputes(own: QuerySet[Dispute]) -> dict[str, Any]:
    """Return how many disputes wait, and until when the next one has to be answered."""
    waiting = own.exclude(status__in=CLOSED_DISPUTES)
    told = waiting.filter(status__in=UNANSWERED).aggregate(count=Count("pk"), due=Min("evidence_due_by"))
    due = f", evidence due {words.until(told['due'], timezone.now())}" if told["due"] else ""
    return worry(f"Open disputes{due}", waiting.count(), list_of("payments_dispute", "state=open"))


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

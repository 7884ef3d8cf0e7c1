"""Everything that the desk counts, in one table; and all of it counted in one query, whatever there is to count."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import F, IntegerField, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bookings.admin import booking_filters as stay
from bookings.admin import words
from bookings.admin.message_filters import WAITING
from bookings.models import Booking, BookingStatus, Message, User
from payments import external, refund_requests
from payments.admin import refund_filters
from payments.admin.late_money import LATE
from payments.admin.refund_request_filters import FOR_ME
from payments.models import (
    CLOSED_DISPUTES,
    UNANSWERED,
    Dispute,
    Drift,
    OperationStatus,
    Payment,
    PaymentOperation,
    ProcessingResult,
    Refund,
    StripeWebhookEvent,
)
from site_config.today.scope import Scope

type Counts = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Number:
    """One number: what it counts, and the list behind it. Only people with the `right` learn it."""

    key: str
    name: Any
    rows: Callable[[Scope], QuerySet[Any]]
    model: str
    query: str
    right: str = "bookings.view_booking"


def bookings(scope: Scope) -> QuerySet[Booking]:
    """Return the bookings that are not deleted."""
    return scope.own(Booking.objects.active())


def refunds(scope: Scope, waiting: Any) -> QuerySet[Refund]:
    """Return the refunds of one worklist."""
    return scope.own(Refund.objects.filter(waiting), "payment__booking__hotel")


def disputes(scope: Scope) -> QuerySet[Dispute]:
    """Return the disputes that no bank has decided."""
    return scope.own(Dispute.objects.exclude(status__in=CLOSED_DISPUTES), "payment__booking__hotel")


def of_stay(key: str, name: Any) -> Number:
    """Return the number of stays at a moment, by each hotel's own date."""
    return Number(
        key=key,
        name=name,
        rows=lambda scope: stay.stays(bookings(scope), key, scope.todays()),
        model="bookings_booking",
        query=f"stay={key}",
    )


def of_money(key: str, name: Any) -> Number:
    """Return the number of bookings whose money needs somebody."""
    return Number(
        key=key,
        name=name,
        rows=lambda scope: stay.MONEY[key](bookings(scope)),
        model="bookings_booking",
        query=f"money={key}",
    )


def of_refunds(listed: str, name: Any, waiting: Any) -> Number:
    """Return the number of refunds on one worklist, which the list of refunds calls `listed`."""
    return Number(
        key=f"refunds_{listed}",
        name=name,
        rows=lambda scope: refunds(scope, waiting),
        model="payments_refund",
        query=f"waiting={listed}",
    )


def of_mails(listed: str, name: Any) -> Number:
    """Return the number of mails that need somebody, which the mail log calls `listed`."""
    return Number(
        key=f"mails_{listed}",
        name=name,
        rows=lambda scope: scope.own(Message.objects.filter(WAITING[listed]), "booking__hotel"),
        model="bookings_message",
        query=f"waiting={listed}",
    )


APPROVALS: Final = Number(
    key="approvals",
    name=_("Needs approval"),
    rows=lambda scope: bookings(scope).filter(status=BookingStatus.PENDING_APPROVAL),
    model="bookings_booking",
    query="status__exact=PENDING_APPROVAL",
)
STAYS: Final = (
    of_stay(stay.ARRIVING_TODAY, _("Arriving today")),
    of_stay(stay.IN_HOUSE, _("In house")),
    of_stay(stay.LEAVING_TODAY, _("Leaving today")),
)
DISPUTES: Final = Number(
    key="disputes",
    name=_("Open disputes"),
    rows=disputes,
    model="payments_dispute",
    query="state=open",
)
# What should be none, the most pressing first.
WORRIES: Final = (
    of_money(stay.ENDING, _("Authorizations ending within a day")),
    of_money(stay.GONE, _("Holds gone at Stripe")),
    of_money(stay.STUCK, _("Guests who cannot pay: no exchange rate")),
    of_refunds("owed", _("Refunds to pay out by hand"), refund_filters.OWED),
    Number(
        key="requests",
        name=_("Refunds to approve"),
        rows=lambda scope: scope.own(refund_requests.waiting_for(scope.person), "booking__hotel"),
        model="payments_refundrequest",
        query=f"state={FOR_ME}",
        right="payments.refund_payment",
    ),
    of_refunds("external", _("Refunds made at Stripe"), external.UNREVIEWED),
    of_refunds("stuck", _("Refunds waiting for your balance at Stripe"), refund_filters.STUCK),
    DISPUTES,
    Number(
        key="drift",
        name=_("Differs from Stripe"),
        rows=lambda scope: scope.own(Drift.objects.filter(resolved_at=None), "booking__hotel"),
        model="payments_drift",
        query="state=open",
    ),
    Number(
        key="late",
        name=_("Money that nobody waited for"),
        rows=lambda scope: scope.own(Payment.objects.filter(LATE), "booking__hotel"),
        model="payments_payment",
        query="waiting=late",
    ),
    of_mails("unread", _("Mails that did not arrive")),
    of_mails("plain", _("Mails with a broken template")),
    Number(
        key="webhooks",
        name=_("Failed webhooks"),
        rows=lambda scope: scope.own(
            StripeWebhookEvent.objects.filter(processing_result=ProcessingResult.FAILED), "booking__hotel"
        ),
        model="payments_stripewebhookevent",
        query="processing_result__exact=failed",
        right="payments.view_stripewebhookevent",
    ),
    Number(
        key="waiting",
        name=_("Waiting for Stripe"),
        rows=lambda scope: scope.own(
            PaymentOperation.objects.filter(status=OperationStatus.PENDING), "booking__hotel"
        ),
        model="payments_paymentoperation",
        query="status__exact=pending",
    ),
)
EVERY: Final = (APPROVALS, *STAYS, *WORRIES)
# What stands beside the entries of the sidebar; the refunds' badge counts two worklists.
BESIDE: Final = (
    *("approvals", "refunds_owed", "refunds_external", "requests", "disputes"),
    *("drift", "late", "webhooks", "mails_unread"),
)
BADGES: Final = tuple(each for each in EVERY if each.key in BESIDE)
DISPUTE_DUE: Final = "dispute_due"
ANSWERS: Final = "dispute_answers"


class CountOf(Subquery):
    """How many rows a query has, as a column of another one."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()
    # Django leaves out a query that cannot have rows.
    empty_result_set_value = 0


def counted(scope: Scope, numbers: tuple[Number, ...]) -> Counts:
    """Return the numbers that a person may learn, by their keys, in one query; and what waits of the disputes."""
    columns = columns_of(scope, numbers)
    if DISPUTES.key in columns:
        soonest = unanswered(scope).order_by(F("evidence_due_by").asc(nulls_last=True))
        columns[DISPUTE_DUE] = Subquery(soonest.values("evidence_due_by")[:1])
    return in_one_row(scope, columns).get() if columns else {}


def columns_of(scope: Scope, numbers: tuple[Number, ...]) -> dict[str, Any]:
    """Return what counts each number that a person may learn, and the disputes that have to be answered."""
    allowed = [number for number in numbers if scope.person.has_perm(number.right)]
    columns: dict[str, Any] = {each.key: CountOf(each.rows(scope).order_by().values("pk")) for each in allowed}
    if DISPUTES in allowed:
        columns[ANSWERS] = CountOf(unanswered(scope).order_by().values("pk"))
    return columns


def unanswered(scope: Scope) -> QuerySet[Dispute]:
    """Return the disputes that the hotel has to answer."""
    return disputes(scope).filter(status__in=UNANSWERED)


def in_one_row(scope: Scope, columns: Mapping[str, Any]) -> QuerySet[Any, Any]:
    """Return one row, whose columns are the numbers."""
    return User.objects.filter(pk=scope.person.pk).values(**columns)


def worry_lines(scope: Scope, counts: Counts) -> list[dict[str, Any]]:
    """Return the worries as the page shows them, those that are none included."""
    return [line(scope, each, counts) for each in WORRIES if each.key in counts]


def line(scope: Scope, number: Number, counts: Counts) -> dict[str, Any]:
    """Return one number with its name and the list behind it."""
    count = counts[number.key]
    return {
        "key": number.key,
        "name": name_of(number, counts),
        "count": count,
        "link": scope.list_of(number.model, number.query),
        "urgent": number in WORRIES and count > 0,
    }


def name_of(number: Number, counts: Counts) -> str:
    """Return a number's name; for disputes with the time until which the next one has to be answered."""
    due = counts.get(DISPUTE_DUE) if number is DISPUTES else None
    if due is None:
        return str(number.name)
    return f"{number.name}, {_('evidence due')} {words.until(due, timezone.now())}"

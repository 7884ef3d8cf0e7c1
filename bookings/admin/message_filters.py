"""Which mails a list shows: those that need somebody, and those of a kind."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.forms import DateField
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter

from bookings.admin.filters import DropdownFilter
from bookings.models import UNREAD, Message

WAITING = {
    "unread": Q(status__in=UNREAD, handled_at=None) & ~Q(to=""),
    "plain": Q(is_fallback=True, handled_at=None),
}
KINDS = {
    "pay_link": _("Pay link"),
    "payment_failed": _("Payment failed"),
    "difference_due": _("Difference to pay"),
    "difference_paid": _("Difference paid"),
    "authorized": _("Money is held"),
    "approved": _("Confirmation"),
    "declined": _("Declined"),
    "rescheduled": _("Stay changed"),
    "move_undone": _("Change undone"),
    "cancelled_by_guest": _("Cancelled by the guest"),
    "cancelled_by_hotel": _("Cancelled by the hotel"),
    "no_show": _("No-show"),
    "expired": _("Expired"),
    "refund_sent": _("Refund sent"),
    "refund_failed": _("Refund failed"),
    "refund_paid_out": _("Refund paid out"),
    "management_link": _("Link, asked for"),
    "fresh_link": _("Fresh link"),
    "authorization_ends": _("To the hotel: held money ends"),
    "dispute_opened": _("To the hotel: dispute"),
    "hotel_dispute_closed": _("To the hotel: dispute decided"),
    "hotel_guest_cancelled": _("To the hotel: guest cancelled"),
    "hotel_needs_approval": _("To the hotel: needs approval"),
    "hotel_refund_request": _("To staff: refund to approve"),
}


class WaitingFilter(DropdownFilter):
    """What somebody should look at."""

    title = _("needs somebody")
    parameter_name = "waiting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return both reasons."""
        return [("unread", _("Did not arrive")), ("plain", _("Broken template"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        """Keep the mails of one reason."""
        chosen = WAITING.get(str(self.value()))
        return queryset if chosen is None else queryset.filter(chosen)


class KindFilter(DropdownFilter):
    """What a mail is about."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return every kind."""
        return list(KINDS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        """Keep the mails of one kind."""
        return queryset.filter(kind=self.value()) if self.value() in KINDS else queryset


class WrittenFilter(RangeDateFilter):
    """From which day to which a mail was written, both included (UTC: the list may be of hotels in many zones)."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        """Keep the mails of those days; what is no day is passed over."""
        first, last = (day_of(self.used_parameters.get(f"{self.parameter_name}_{end}")) for end in ("from", "to"))
        if first:
            queryset = queryset.filter(created_at__gte=begin_of(first))
        return queryset.filter(created_at__lt=begin_of(last) + timedelta(days=1)) if last else queryset


def day_of(text: Any) -> date | None:
    """Return the day that a text names, or None."""
    try:
        found = DateField().to_python(text)
    except ValidationError:
        return None
    return found if found and found.year < date.max.year else None


def begin_of(day: date) -> datetime:
    """Return when a day begins (UTC)."""
    return datetime.combine(day, time(), tzinfo=UTC)

"""The bookings list's own filters."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.admin.filters import DropdownFilter
from bookings.models import BookingStatus, Hotel, PaymentMethod, RecordState
from payments.ending_authorizations import ending
from payments.fallback import cannot_pay
from payments.models import Payment, PaymentStatus

ARRIVING, ARRIVING_TODAY, IN_HOUSE, LEAVING_TODAY = "arriving", "arriving_today", "in_house", "leaving_today"
ENDING, GONE, STUCK = "ending", "gone", "stuck"
SOON = timedelta(days=7)


class DeletedFilter(DropdownFilter):
    """Deleted bookings are left out unless somebody asks for them."""

    title = gettext_lazy("deleted bookings")
    parameter_name = "deleted"
    all_option = ["", gettext_lazy("Not included")]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the two ways to see them."""
        return [("include", _("Included")), ("only", _("Only deleted"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Leave deleted bookings out, or show them."""
        if self.value() == "include":
            return queryset
        state = RecordState.DELETED if self.value() == "only" else RecordState.ACTIVE
        return queryset.filter(record_state=state)


class StayFilter(DropdownFilter):
    """Where a stay stands today, by each hotel's own date."""

    title = gettext_lazy("stay")
    parameter_name = "stay"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the moments of a stay that matter at the desk."""
        return [
            (ARRIVING_TODAY, _("Arriving today")),
            (ARRIVING, _("Arriving within 7 days")),
            (IN_HOUSE, _("In house")),
            (LEAVING_TODAY, _("Leaving today")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep confirmed stays at that moment."""
        if self.value() not in STAYS:
            return queryset
        return stays(queryset, str(self.value()), zones_of(request.user))


class MoneyFilter(DropdownFilter):
    """Requests that wait for an answer, by how safe their held money is, and guests who cannot pay."""

    title = gettext_lazy("money")
    parameter_name = "money"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return what needs an answer soon, and what can no longer be captured."""
        return [
            (ENDING, _("Authorization ends within a day")),
            (GONE, _("Hold gone at Stripe")),
            (STUCK, _("Guest cannot pay in this currency")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the requests of one kind."""
        return MONEY[str(self.value())](queryset) if self.value() in MONEY else queryset


def money_ending(queryset: QuerySet[Any]) -> QuerySet[Any]:
    """Keep the requests whose held money is lost within a day."""
    return queryset.filter(pk__in=ending(timezone.now()).values("booking"))


def money_gone(queryset: QuerySet[Any]) -> QuerySet[Any]:
    """Keep the requests that were to be paid online and for which no money is held any more."""
    held = Payment.objects.filter(status=PaymentStatus.AUTHORIZED, unwanted_since=None)
    waiting = queryset.filter(status=BookingStatus.PENDING_APPROVAL, payment_method=PaymentMethod.ONLINE)
    return waiting.exclude(pk__in=held.values("booking"))


MONEY: dict[str, Callable[[QuerySet[Any]], QuerySet[Any]]] = {
    ENDING: money_ending,
    GONE: money_gone,
    STUCK: cannot_pay,
}

STAYS: dict[str, Callable[[date], Q]] = {
    ARRIVING_TODAY: lambda today: Q(check_in=today),
    ARRIVING: lambda today: Q(check_in__gte=today, check_in__lte=today + SOON),
    IN_HOUSE: lambda today: Q(check_in__lte=today, check_out__gt=today),
    LEAVING_TODAY: lambda today: Q(check_out=today),
}


def stays(queryset: QuerySet[Any], moment: str, zones: dict[str, date]) -> QuerySet[Any]:
    """Keep confirmed stays at a moment; `zones` holds today's date for each time zone."""
    wanted = Q(pk__in=[])
    for zone, today in zones.items():
        wanted |= Q(hotel__time_zone=zone) & STAYS[moment](today)
    return queryset.filter(wanted, status=BookingStatus.CONFIRMED)


def zones_of(user: Any) -> dict[str, date]:
    """Return today's date in each time zone of the person's hotels."""
    now = timezone.now()
    zones = user.visible_hotels().order_by().values_list("time_zone", flat=True).distinct()
    return {zone: Hotel(time_zone=zone).today(now) for zone in zones}

"""Money that arrived when no booking waited for it: shown until somebody has seen that it went back."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.admin.dialog import StaffDialog
from bookings.admin.filters import DropdownFilter
from bookings.admin.staff_actions import StaffAction
from bookings.admin.words import money
from payments import decisions
from payments.models import Payment

LATE = Q(unwanted_since__isnull=False, unwanted_seen_at=None)


class LateFilter(DropdownFilter):
    """The payments that somebody has to look at."""

    title = gettext_lazy("what waits")
    parameter_name = "waiting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the one worklist."""
        return [("late", _("Nobody waited for it"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Payment]) -> QuerySet[Payment]:
        """Keep the worklist."""
        return queryset.filter(LATE) if self.value() == "late" else queryset


class SeenDialog(StaffDialog):
    """Take returned money off the worklist."""

    intro = gettext_lazy(
        "This money came when the booking did not wait for it, or was not what was asked for. It has gone back by "
        "itself; look whether the guest needs a word from you."
    )
    button = gettext_lazy("I have seen it")
    facts: Payment

    def lines(self) -> list[tuple[str, str]]:
        """Return whose money it was and what became of it."""
        payment, booking = self.facts, self.facts.booking
        amount = payment.amount_captured or payment.amount_authorized
        return [
            (_("Guest"), f"{booking.guest_name}, {booking.guest_email}"),
            (_("Amount"), money(amount, payment.currency)),
            (_("Now"), str(payment.get_status_display())),
        ]


def why_not_seen(payment: Payment) -> str:
    """Only money that nobody waited for, once it has gone back or is owed."""
    if payment.unwanted_since is None:
        return _("The booking waited for this money.")
    if payment.unwanted_seen_at is not None:
        return _("Somebody has looked at this already.")
    return decisions.why_not_gone_back(payment)


SEEN = StaffAction(
    name="seen",
    label=gettext_lazy("I have seen it"),
    icon="visibility",
    permission="bookings.change_booking",
    form=SeenDialog,
    why_not=why_not_seen,
    run=decisions.note_seen,
    done=gettext_lazy("The payment is off the list."),
)

"""What waits for somebody among the refunds."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.admin.filters import DropdownFilter
from payments.external import UNREVIEWED
from payments.models import PaymentProvider, Refund, RefundStatus

OWED = Q(provider=PaymentProvider.MANUAL, status=RefundStatus.PENDING)
STUCK = Q(provider=PaymentProvider.STRIPE, status=RefundStatus.PENDING, failure_reason="insufficient_funds")
LISTS = {"owed": OWED, "external": UNREVIEWED, "stuck": STUCK}


class WorklistFilter(DropdownFilter):
    """Owed by hand, made at Stripe and not answered yet, or waiting for the hotel's balance at Stripe."""

    title = gettext_lazy("what waits")
    parameter_name = "waiting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the worklists."""
        return [
            ("owed", _("To pay out by hand")),
            ("external", _("Made at Stripe: answer needed")),
            ("stuck", _("Waiting for the balance at Stripe")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Refund]) -> QuerySet[Refund]:
        """Keep one worklist."""
        chosen = LISTS.get(self.value() or "")
        return queryset if chosen is None else queryset.filter(chosen)

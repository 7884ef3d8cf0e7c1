"""Which disputes still wait for somebody."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.admin.filters import DropdownFilter
from payments.models import CLOSED_DISPUTES, Dispute


class OpenFilter(DropdownFilter):
    """Open or closed."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the two halves."""
        return [("open", _("Open")), ("closed", _("Closed"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Dispute]) -> QuerySet[Dispute]:
        """Keep one half."""
        if self.value() == "open":
            return queryset.exclude(status__in=CLOSED_DISPUTES)
        return queryset.filter(status__in=CLOSED_DISPUTES) if self.value() == "closed" else queryset

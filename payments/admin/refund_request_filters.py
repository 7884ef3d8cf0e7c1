"""Which refund requests still wait, and for whom."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.admin.filters import DropdownFilter
from payments import refund_requests
from payments.models import RefundRequest, RequestStatus

FOR_ME, EVERY = "for_me", "all"


class StateFilter(DropdownFilter):
    """What waits for a second person, unless somebody asks for what was decided."""

    title = gettext_lazy("state")
    parameter_name = "state"
    all_option = ["", RequestStatus.PENDING.label]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the other views of the list."""
        decided: list[Any] = [choice for choice in RequestStatus.choices if choice[0] != RequestStatus.PENDING]
        return [(FOR_ME, _("Waiting for you")), *decided, (EVERY, _("All"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[RefundRequest]) -> QuerySet[RefundRequest]:
        """Keep one state."""
        chosen = self.value()
        if chosen == EVERY:
            return queryset
        if chosen == FOR_ME:
            return queryset.filter(pk__in=refund_requests.waiting_for(request.user).values("pk"))
        return queryset.filter(status=chosen if chosen in RequestStatus.values else RequestStatus.PENDING)

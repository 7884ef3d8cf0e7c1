"""What the lists of refused attempts and of sign-ins have in common: who, from where, how often, and whose to see."""

from datetime import timedelta
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import display

from bookings.admin.filters import DropdownFilter
from bookings.admin.message_filters import begin_of, day_of
from bookings.admin.read_only import ReadOnlyAdmin
from bookings.admin.words import EMPTY, moment, name_of
from bookings.audit import ActorKind
from bookings.models import Repeat, User
from bookings.models.attempt import Happening


class HappeningAdmin(ReadOnlyAdmin):
    """Records of the person's hotels and of the people who work there; what belongs to nobody is for owners."""

    list_select_related: tuple[str, ...] = ("user",)
    list_filter_submit = True
    # What belongs to a hotel, beside the people who work there.
    of_hotel = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return what the person may see, with how often it happened again."""
        again = Repeat.objects.filter(key=OuterRef("key"))
        rows = ModelAdmin.get_queryset(self, request).annotate(
            again=Subquery(again.values("times")[:1]), last_at=Subquery(again.values("last_at")[:1])
        )
        user: Any = request.user
        if user.is_superuser:
            return rows
        hotels = user.visible_hotels()
        seen = Q(user__in=User.objects.filter(hotels__in=hotels))
        if self.of_hotel:
            seen = Q(hotel__in=hotels) | (Q(hotel=None) & seen)
        return rows.filter(seen)

    @display(description=gettext_lazy("When (UTC)"), ordering="id")
    def when(self, row: Happening) -> str:
        """Show the moment; the list may be of several hotels, so it is UTC."""
        return moment(None, row.at, seconds=True)

    @display(description=gettext_lazy("Who"))
    def who(self, row: Happening) -> str:
        """Show the person, or what kind of actor it was."""
        if row.user is not None:
            return name_of(row.user)
        return str(ActorKind(row.actor_kind).label)

    @display(description=gettext_lazy("Times"))
    def times(self, row: Any) -> str:
        """Show how often it happened within the minute, and when last."""
        if not row.again:
            return "1"
        last = moment(None, row.last_at, seconds=True)
        return _("%(times)d, last %(last)s") % {"times": row.again + 1, "last": last}

    @display(description=gettext_lazy("Address"))
    def address(self, row: Happening) -> str:
        """Show from which address, where nobody has erased it."""
        return row.actor.get("ip") or EMPTY

    @display(description=gettext_lazy("Browser"))
    def browser(self, row: Happening) -> str:
        """Show with which browser."""
        return row.actor.get("user_agent") or EMPTY


class PersonFilter(DropdownFilter):
    """Filter by person; the choices are those who work at the person's own hotels."""

    title = gettext_lazy("person")
    parameter_name = "person"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the people, and everybody who is none of them."""
        user: Any = request.user
        people = User.objects.order_by("username")
        if not user.is_superuser:
            people = people.filter(pk__in=User.objects.filter(hotels__in=user.visible_hotels()))
        self.own = {str(each.pk): name_of(each) for each in people}
        return [("none", _("Nobody of the staff")), *self.own.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep what one person did; nothing for a person who is not among the choices."""
        chosen = self.value()
        if not chosen:
            return queryset
        if chosen == "none":
            return queryset.filter(user=None)
        return queryset.filter(user=chosen) if chosen in self.own else queryset.none()


class DayFilter(RangeDateFilter):
    """From which day to which, both included (UTC)."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep those days; what is no day is passed over."""
        first, last = (day_of(self.used_parameters.get(f"{self.parameter_name}_{end}")) for end in ("from", "to"))
        if first:
            queryset = queryset.filter(at__gte=begin_of(first))
        return queryset.filter(at__lt=begin_of(last) + timedelta(days=1)) if last else queryset

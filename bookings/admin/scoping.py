"""Staff see the data of their own hotels only, and never learn that anything else exists."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from django.contrib import admin
from django.contrib.admin.exceptions import NotRegistered
from django.contrib.admin.views.main import SEARCH_VAR
from django.db.models import Field, ForeignKey, ManyToManyField, Model, QuerySet, TextField
from django.forms import Field as FormField
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextareaWidget

from bookings.admin.filters import DropdownFilter
from bookings.admin.paging import DeskPaginator, FoundPaginator
from bookings.admin.rows import DeskList
from bookings.list_names import list_name

# What a list filter on a field may add to the address; every other look-up is refused.
SUFFIXES = ("", "__exact", "__in", "__isnull", "__gte", "__lt", "__lte", "_from", "_to")


class HotelScopedAdmin(ModelAdmin):
    """An admin whose rows belong to hotels. Rows of other hotels are 404 everywhere."""

    # The look-up from the model to its hotel, such as "booking__hotel"; "pk" for the hotel itself.
    hotel_path = "hotel"
    # What the list is called where that is not what is in it, such as "Mail log".
    list_name: Any = ""
    show_facets = admin.ShowFacets.NEVER
    # How many rows there would be without filters takes a second of a large table's, and nobody asks.
    show_full_result_count = False
    paginator: Any = DeskPaginator
    formfield_overrides: Mapping[type[Field], Mapping[str, Any]] = {
        TextField: {"widget": UnfoldAdminTextareaWidget(attrs={"rows": 3})}
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows of the person's hotels; of all hotels for an owner."""
        rows = super().get_queryset(request)
        user: Any = request.user
        if user.is_superuser:
            return rows
        return rows.filter(**{f"{self.hotel_path}__in": user.hotels.values("pk")})

    def get_paginator(self, request: HttpRequest, *args: Any, **kwargs: Any) -> DeskPaginator:
        """Return the pages of a list; a search counts fewer rows."""
        kind = FoundPaginator if request.GET.get(SEARCH_VAR) else self.paginator
        return kind(*args, **kwargs)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[DeskList]:
        """Return the list that draws its rows by itself."""
        return DeskList

    def for_rows(self, rows: list[Any]) -> None:
        """Read what the columns need and only few rows of a page have."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Name the list after what is in it; the stock title says "Select … to change"."""
        title = list_name(self)
        media = partial(getattr, self, "list_media")
        return super().changelist_view(request, {"title": title, "media": media, **(extra_context or {})})

    @cached_property
    def list_media(self) -> dict[str, str]:
        """The list's styles and scripts: the same on each of its pages, and slow to bring in order."""
        media: Any = self.media
        return {kind: media[kind].render() for kind in ("css", "js")}

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Return a row, or answer 404; the stock admin redirects and says which kind of row is missing."""
        found = super().get_object(request, object_id, from_field)
        if found is None:
            raise Http404
        return found

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Offer the history of what has one; the stock page of the others says that there is none."""
        context["show_history"] = context.get("show_history") and isinstance(self, SimpleHistoryAdmin)
        return super().render_change_form(request, context, *args, **kwargs)

    def get_visible(self, request: HttpRequest, object_id: str) -> Any:
        """Return a row for a page beside the change page, or answer 404."""
        return HotelScopedAdmin.get_object(self, request, object_id)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing here can be deleted for good."""
        return False

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Allow only what the list's filters offer: `?token__startswith=` would tell secrets by its count."""
        return lookup in set(allowed_lookups(self.get_list_filter(request)))

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> FormField | None:
        """Leave out the small "add another" buttons beside related fields."""
        formfield = super().formfield_for_dbfield(db_field, request, **kwargs)
        for right in ("can_add_related", "can_change_related", "can_delete_related", "can_view_related"):
            if formfield is not None and hasattr(formfield.widget, right):
                setattr(formfield.widget, right, False)
        return formfield

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer and accept only rows of the person's hotels."""
        kwargs.setdefault("queryset", self.choices_of(db_field.remote_field.model, request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: ManyToManyField, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer and accept only rows of the person's hotels."""
        kwargs.setdefault("queryset", self.choices_of(db_field.remote_field.model, request))
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def choices_of(self, model: type[Model], request: HttpRequest) -> QuerySet[Any]:
        """Return the rows that a form may refer to."""
        try:
            return self.admin_site.get_model_admin(model).get_queryset(request)
        except NotRegistered:
            rows = model._default_manager.all()
            return rows if getattr(request.user, "is_superuser", False) else rows.none()


def allowed_lookups(filters: Iterable[Any]) -> Iterable[str]:
    """Return every parameter that the list's filters put into an address."""
    for each in filters:
        if isinstance(each, type) and issubclass(each, admin.SimpleListFilter):
            yield str(each.parameter_name)
            continue
        path = each if isinstance(each, str) else each[0]
        yield from (f"{path}{suffix}" for suffix in SUFFIXES)


class HotelFilter(DropdownFilter):
    """Filter a list by hotel; the choices are the person's own."""

    title = gettext_lazy("hotel")
    parameter_name = "hotel"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the person's hotels, or nothing to choose when there is only one."""
        self.path = model_admin.hotel_path
        user: Any = request.user
        self.own = {str(pk): name for pk, name in user.visible_hotels().values_list("pk", "name")}
        return list(self.own.items()) if len(self.own) > 1 else []

    def has_output(self) -> bool:
        """Count a hotel that is asked for even where there is none to choose; Django would leave it out."""
        return super().has_output() or bool(self.value())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the rows of the chosen hotel; none for a hotel that is not the person's."""
        if not self.value():
            return queryset
        if self.value() not in self.own:
            return queryset.none()
        return queryset.filter(**{self.path: self.value()})


def not_found(request: HttpRequest, **_: Any) -> HttpResponse:
    """Answer 404, for addresses of the stock admin that would tell which rows exist."""
    raise Http404

"""The admin of staff: owners add people, give them a role and their hotels."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as StockUserAdmin
from django.contrib.auth.models import Group
from django.db.models import ManyToManyField, QuerySet
from django.http import HttpRequest
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from bookings.admin.history import ReadableHistoryAdmin
from bookings.models import User

admin.site.unregister(Group)  # roles come from a migration


@admin.register(User)
class UserAdmin(ReadableHistoryAdmin, StockUserAdmin):
    """Staff. Only owners change anything; auditors see who works for their hotels."""

    hotel_path = "hotels"
    form, add_form, change_password_form = UserChangeForm, UserCreationForm, AdminPasswordChangeForm
    actions = None
    list_display = ("username", "person", "role", "is_active")
    list_filter = ("is_active", "groups")
    filter_horizontal = ()
    fieldsets = (
        ("Person", {"fields": ("username", "password", "first_name", "last_name", "email")}),
        ("Rights", {"fields": ("is_active", "is_staff", "is_superuser", "groups", "hotels")}),
    )
    add_fieldsets = (
        ("Person", {"fields": ("username", "first_name", "last_name", "email", "password1", "password2")}),
        ("Rights", {"fields": ("is_staff", "is_superuser", "groups", "hotels")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return each person once, however many hotels they share."""
        rows = User.objects.filter(pk__in=super().get_queryset(request).order_by().values("pk"))
        return rows.prefetch_related("groups").order_by("username")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave the password out for whoever may only look."""
        if obj is None or self.has_change_permission(request, obj):
            return super().get_fieldsets(request, obj)
        return (("Person", {"fields": ("username", "first_name", "last_name", "email")}), self.fieldsets[1])

    def formfield_for_manytomany(self, db_field: ManyToManyField, request: HttpRequest, **kwargs: Any) -> Any:
        """Show all roles and hotels at once."""
        kwargs["widget"] = UnfoldAdminCheckboxSelectMultipleWidget()
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Only owners add people."""
        return bool(getattr(request.user, "is_superuser", False))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only owners change people."""
        return bool(getattr(request.user, "is_superuser", False))

    @display(description="Name")
    def person(self, user: User) -> str:
        """Show the full name."""
        return user.get_full_name()

    @display(description="Role")
    def role(self, user: User) -> str:
        """Show the roles, or that the person owns everything."""
        return "Owner" if user.is_superuser else ", ".join(group.name for group in user.groups.all())

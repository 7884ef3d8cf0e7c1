"""The admin of staff: owners add people, give them a role and their hotels."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as StockUserAdmin
from django.contrib.auth.models import Group
from django.db.models import Field, ManyToManyField, QuerySet
from django.forms import Field as FormField
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from bookings.admin.history import ReadableHistoryAdmin
from bookings.admin.reset_code import RESET_CODE
from bookings.admin.staff_actions import StaffActionsAdmin
from bookings.admin.words import moment
from bookings.models import User

RIGHTS: dict[str, Any] = {
    "is_active": (
        gettext_lazy("Works here"),
        gettext_lazy("Take this away when somebody leaves. Their name stays in the history."),
    ),
    "is_staff": (gettext_lazy("May sign in"), ""),
    "is_superuser": (
        gettext_lazy("Owner"),
        gettext_lazy("May do everything in every hotel, whatever is chosen below."),
    ),
    "groups": (gettext_lazy("Roles"), ""),
    "hotels": (gettext_lazy("Hotels"), gettext_lazy("The only ones whose bookings this person sees.")),
}

admin.site.unregister(Group)  # roles come from a migration


class NewUserForm(UserCreationForm):
    """A new colleague may sign in, unless the owner takes that away."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["is_staff"].initial = True


@admin.register(User)
class UserAdmin(StaffActionsAdmin, ReadableHistoryAdmin, StockUserAdmin):
    """Staff. Only owners change anything; auditors see who works for their hotels."""

    hotel_path = "hotels"
    # Django's own page for a new person promises more options later; here all of them are on it.
    add_form_template = None
    form, add_form, change_password_form = UserChangeForm, NewUserForm, AdminPasswordChangeForm
    actions = None
    staff_actions = (RESET_CODE,)
    readonly_fields = ("signs_in",)
    list_display = ("username", "person", "role", "is_active")
    list_filter = ("is_active", "groups")
    filter_horizontal = ()
    fieldsets = (
        (gettext_lazy("Person"), {"fields": ("username", "password", "first_name", "last_name", "email")}),
        (
            gettext_lazy("Rights"),
            {"fields": ("is_active", "is_staff", "is_superuser", "groups", "hotels", "signs_in")},
        ),
    )
    add_fieldsets = (
        (
            gettext_lazy("Person"),
            {"fields": ("username", "first_name", "last_name", "email", "password1", "password2")},
        ),
        (gettext_lazy("Rights"), {"fields": ("is_staff", "is_superuser", "groups", "hotels")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return each person once, however many hotels they share."""
        rows = User.objects.filter(pk__in=super().get_queryset(request).order_by().values("pk"))
        return rows.prefetch_related("groups").order_by("username")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave the password out for whoever may only look."""
        if obj is None or self.has_change_permission(request, obj):
            return super().get_fieldsets(request, obj)
        return ((_("Person"), {"fields": ("username", "first_name", "last_name", "email")}), self.fieldsets[1])

    def formfield_for_manytomany(self, db_field: ManyToManyField, request: HttpRequest, **kwargs: Any) -> Any:
        """Show all roles and hotels at once."""
        kwargs["widget"] = UnfoldAdminCheckboxSelectMultipleWidget()
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> FormField | None:
        """Ask in the words of a hotel."""
        formfield = super().formfield_for_dbfield(db_field, request, **kwargs)
        if formfield is not None and db_field.name in RIGHTS:
            formfield.label, formfield.help_text = RIGHTS[db_field.name]
        return formfield

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Only owners add people."""
        return bool(getattr(request.user, "is_superuser", False))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only owners change people."""
        return bool(getattr(request.user, "is_superuser", False))

    @display(description=gettext_lazy("Name"))
    def person(self, user: User) -> str:
        """Show the full name."""
        return user.get_full_name()

    @display(description=gettext_lazy("Signs in with"))
    def signs_in(self, user: User) -> str:
        """Show whether a code is asked for after the password."""
        if user.totp_since is None:
            return _("Password only")
        return _("Password and code, since %(since)s") % {"since": moment(None, user.totp_since)}

    @display(description=gettext_lazy("Role"))
    def role(self, user: User) -> str:
        """Show the roles, or that the person owns everything."""
        return _("Owner") if user.is_superuser else ", ".join(group.name for group in user.groups.all())

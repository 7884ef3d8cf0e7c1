"""The admin of access tokens: people make and revoke their own, owners see everybody's."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.enums import ActionVariant

from bookings import access_tokens
from bookings.admin.access_token_form import AccessTokenForm
from bookings.admin.dialog import StaffDialog
from bookings.admin.history import ReadableHistoryAdmin
from bookings.admin.staff_actions import StaffAction, StaffActionsAdmin
from bookings.admin.words import BAD, EMPTY, GOOD, QUIET, moment, name_of, pill
from bookings.lifecycle import Outcome
from bookings.models import AccessToken
from bookings.outcome import RowOutcome

MAKE = "bookings.add_accesstoken"


class RevokeDialog(StaffDialog):
    """End a token."""

    intro = gettext_lazy("Whatever uses this token is refused from now on. This cannot be undone.")
    button = gettext_lazy("Revoke the token")


def why_not_revoke(token: AccessToken) -> str:
    """A token is revoked once."""
    return _("This token is revoked already.") if token.revoked_at else ""


def revoke(token: AccessToken) -> RowOutcome:
    """End a token now."""
    done = access_tokens.revoke(token, at=timezone.now())
    return RowOutcome() if done else RowOutcome(Outcome.ALREADY, why_not_revoke(token))


REVOKE = StaffAction(
    name="revoke",
    label=gettext_lazy("Revoke"),
    icon="key_off",
    variant=ActionVariant.DANGER,
    permission=MAKE,
    form=RevokeDialog,
    why_not=why_not_revoke,
    run=revoke,
    done=gettext_lazy("The token is revoked."),
)


@admin.register(AccessToken)
class AccessTokenAdmin(StaffActionsAdmin, ReadableHistoryAdmin):
    """Keys for programs. A key is shown once, when it is made; nothing about a token can be changed later."""

    form = AccessTokenForm
    empty_words = gettext_lazy("A program, such as the hotel’s website, reads and makes bookings with a token.")
    staff_actions = (REVOKE,)
    actions = None
    list_display = ("name", "key", "holder", "hotel", "state", "used")
    list_select_related = ("user", "hotel", "use")
    fields = ("name", "hotel", "expires_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the person's own tokens; for auditors those of their hotels' staff, for owners all."""
        rows, user = ModelAdmin.get_queryset(self, request), request.user
        if getattr(user, "is_superuser", False):
            return rows
        seen = Q(user=user)
        if user.has_perm("bookings.view_user"):
            seen |= Q(user__hotels__in=user.visible_hotels())  # type: ignore[union-attr]
        return rows.filter(pk__in=rows.filter(seen).order_by().values("pk"))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show what became of a token once it is made."""
        return (*self.fields, "key", "holder", "state", "used") if obj else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keep a token as it was made."""
        return self.get_fields(request, obj) if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is changed by hand."""
        return False

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Offer one way to save: what follows is the page that shows the key, once."""
        context |= {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Make the token, and keep its key for the answer only."""
        token, key = access_tokens.create(request.user, **form.decision())  # type: ignore[arg-type]
        obj.pk, obj.prefix = token.pk, token.prefix
        request.__dict__["new_key"] = key

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Leave it to the history, which says who and from where."""

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        """Show the key, this once. It goes neither through the session nor through an address."""
        key = request.__dict__["new_key"]
        context = {**self.admin_site.each_context(request), "opts": self.opts, "token": obj, "key": key}
        context["title"] = _("Your new access token")
        headers = {"Cache-Control": "no-store"}
        return TemplateResponse(request, "admin/bookings/accesstoken/made.html", context, headers=headers)

    @display(description=gettext_lazy("Begins with"))
    def key(self, token: AccessToken) -> str:
        """Show how people recognise it."""
        return f"{token.prefix}…"

    @display(description=gettext_lazy("Acts for"))
    def holder(self, token: AccessToken) -> str:
        """Show in whose name it acts."""
        return name_of(token.user)

    @display(description=gettext_lazy("State"))
    def state(self, token: AccessToken) -> SafeString:
        """Show whether it works."""
        if token.revoked_at:
            return pill(_("Revoked %(at)s") % {"at": moment(None, token.revoked_at)}, BAD)
        if not token.is_live(timezone.now()):
            return pill(_("Expired"), QUIET)
        return pill(_("Works"), GOOD)

    @display(description=gettext_lazy("Last used"))
    def used(self, token: AccessToken) -> str:
        """Show when it was last used, to the minute."""
        return moment(None, token.use.last_used_at) if hasattr(token, "use") else EMPTY

"""Who is locked out. Owners read it, and release a lock; every try has its record (`bookings/admin/sign_in.py`)."""

from typing import Any

import structlog
from axes.models import AccessAttempt
from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet, Sum
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from unfold.admin import ModelAdmin
from unfold.decorators import display

from bookings import audit
from bookings.admin.dialog import StaffDialog, note_field
from bookings.admin.read_only import ReadOnlyAdmin
from bookings.admin.staff_actions import StaffAction, StaffActionsAdmin
from bookings.admin.words import moment, name_of
from bookings.models import SignInRelease, names
from bookings.outcome import RowOutcome
from site_config import lockout

logger = structlog.get_logger(__name__)

# What the axes package calls them means nothing at a desk.
names.translate("axes")
# Their pages would show the keys of everybody's app, and let one person set up another's.
admin.site.unregister((TOTPDevice, StaticDevice))


class OwnersAdmin(ReadOnlyAdmin):
    """Rows that belong to no hotel: for everybody but owners there are none."""

    search_fields = ("username", "ip_address")
    search_help_text = gettext_lazy("Name or address")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return all rows to an owner."""
        rows = ModelAdmin.get_queryset(self, request)
        return rows if getattr(request.user, "is_superuser", False) else rows.none()

    @display(description=gettext_lazy("When"), ordering="attempt_time")
    def at(self, row: Any) -> str:
        """Show the moment; this belongs to no hotel, so it is UTC."""
        return moment(None, row.attempt_time, seconds=True)


class ReleaseDialog(StaffDialog):
    """Let a name try again."""

    intro: Any = gettext_lazy("The wrong tries are forgotten: this name may try again at once from this address.")
    button = gettext_lazy("Release the lock")
    reason = note_field(gettext_lazy("Reason, such as: asked at the desk in person"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if lockout.is_flooding(self.facts.ip_address):
            self.intro = _("Many names were tried from this address. All its wrong tries are forgotten.")

    def decision(self) -> dict[str, Any]:
        """Return why."""
        return {"reason": self.cleaned_data["reason"].strip()}


def release(attempt: AccessAttempt, *, reason: str) -> RowOutcome:
    """Forget the wrong tries of a name at an address, or all of a locked address; keep who did it and why."""
    is_whole = lockout.is_flooding(attempt.ip_address)
    forgotten = {"ip_address": attempt.ip_address} | ({} if is_whole else {"username": attempt.username})
    actor = audit.current_actor()
    assert actor.user_id is not None  # the desk knows who is signed in
    with transaction.atomic(), audit.change("release", reason):
        rows = AccessAttempt.objects.filter(**forgotten)
        SignInRelease.objects.create(
            **forgotten,
            failures=rows.aggregate(all=Sum("failures_since_start"))["all"] or 0,
            released_by_id=actor.user_id,
            reason=reason,
            request_id=actor.request_id,
        )
        rows.delete()
        audit.once_committed(logger.info, "sign_in.released")
    return RowOutcome(is_gone=True)


RELEASE = StaffAction(
    name="release",
    label=gettext_lazy("Release the lock"),
    icon="lock_open",
    permission="axes.delete_accessattempt",
    form=ReleaseDialog,
    why_not=lambda _attempt: "",
    run=release,
    done=gettext_lazy("The lock is released."),
)


@admin.register(AccessAttempt)
class LockAdmin(OwnersAdmin, StaffActionsAdmin):
    """Names with wrong passwords since the last right one. As many as the limit lock the name out, from there."""

    staff_actions = (RELEASE,)
    list_display = ("username", "ip_address", "failures_since_start", "at")
    fields = readonly_fields = ("username", "ip_address", "user_agent", "failures_since_start", "at")

    def name_of(self, row: AccessAttempt) -> str:
        """Return who is locked out, and where; its own name is a moment to the microsecond."""
        return " · ".join(filter(None, (row.username, row.ip_address)))


@admin.register(SignInRelease)
class ReleaseAdmin(OwnersAdmin):
    """Each lock that was released: whose, by whom and why."""

    list_display = ("at", "whose", "ip_address", "failures", "by", "reason")
    list_select_related = ("released_by",)
    fields = readonly_fields = list_display

    @display(description=gettext_lazy("When"), ordering="released_at")
    def at(self, row: SignInRelease) -> str:
        """Show the moment; this belongs to no hotel, so it is UTC."""
        return moment(None, row.released_at, seconds=True)

    @display(description=gettext_lazy("Name"), ordering="username")
    def whose(self, row: SignInRelease) -> str:
        """Show the name, or that the whole address was let in."""
        return row.username or _("every name")

    @display(description=gettext_lazy("Released by"))
    def by(self, row: SignInRelease) -> str:
        """Show who did it."""
        return name_of(row.released_by)

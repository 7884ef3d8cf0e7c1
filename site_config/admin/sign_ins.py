"""Who signed in, who failed to, and who is locked out. Owners read it, and release a lock."""

from typing import Any

import structlog
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from axes.utils import reset
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from unfold.admin import ModelAdmin
from unfold.decorators import display

from bookings.admin.dialog import StaffDialog
from bookings.admin.read_only import ReadOnlyAdmin
from bookings.admin.staff_actions import StaffAction, StaffActionsAdmin
from bookings.admin.words import EMPTY, moment
from bookings.lifecycle import Outcome

logger = structlog.get_logger(__name__)

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


@admin.register(AccessLog)
class SignInAdmin(OwnersAdmin):
    """Each right password, and when that person signed out."""

    list_display = ("at", "username", "ip_address", "left")
    fields = readonly_fields = ("at", "username", "ip_address", "user_agent", "left")

    @display(description=gettext_lazy("Signed out"))
    def left(self, row: AccessLog) -> str:
        """Show when; a session that ran out has no such moment."""
        return moment(None, row.logout_time, seconds=True) if row.logout_time else EMPTY


@admin.register(AccessFailureLog)
class FailedSignInAdmin(OwnersAdmin):
    """Each wrong password, also for names that do not exist."""

    list_display = ("at", "username", "ip_address", "locked_out")
    fields = readonly_fields = ("at", "username", "ip_address", "user_agent", "locked_out")


class ReleaseDialog(StaffDialog):
    """Let a name try again."""

    intro = gettext_lazy("The wrong tries are forgotten: this name may try again at once from this address.")
    button = gettext_lazy("Release the lock")


def release(attempt: AccessAttempt) -> Outcome:
    """Forget the wrong tries. The log knows who did it."""
    reset(ip=attempt.ip_address, username=attempt.username)
    logger.info("sign_in.released")
    return Outcome(GONE)


class Gone:
    """What stands for a row that is no more, so that the page that follows is the list."""

    pk = None


GONE: Any = Gone()

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

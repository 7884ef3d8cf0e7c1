"""What an owner does for a colleague whose phone is gone."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.enums import ActionVariant

from bookings import second_step
from bookings.admin.dialog import StaffDialog, note_field
from bookings.admin.staff_actions import StaffAction
from bookings.lifecycle import Outcome
from bookings.models import User
from bookings.outcome import RowOutcome


class ResetCodeDialog(StaffDialog):
    """Forget a colleague's authenticator app."""

    intro = gettext_lazy(
        "Make sure that it is really this person who asks. They then sign in with the password alone."
    )
    button = gettext_lazy("Reset the sign-in code")
    reason = note_field(gettext_lazy("Reason for the history"))

    def decision(self) -> dict[str, Any]:
        """Return why."""
        return {"reason": self.cleaned_data["reason"].strip()}


def why_not_reset(user: User) -> str:
    """There has to be an app."""
    return _("This person signs in with the password alone.") if user.totp_since is None else ""


def reset(user: User, *, reason: str) -> RowOutcome:
    """Forget the app and the backup codes, in the history of the person."""
    if why_not := why_not_reset(user):
        return RowOutcome(Outcome.ALREADY, why_not)
    second_step.remove(user, transition="reset_code", reason=reason)
    return RowOutcome()


RESET_CODE = StaffAction(
    name="reset_code",
    label=gettext_lazy("Reset sign-in code"),
    icon="phonelink_erase",
    variant=ActionVariant.DANGER,
    permission="bookings.change_user",
    form=ResetCodeDialog,
    why_not=why_not_reset,
    run=reset,
    done=gettext_lazy("The sign-in code is reset."),
)

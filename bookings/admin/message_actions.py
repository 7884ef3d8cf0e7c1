"""What staff can do about a mail: send it again, try once more, or say that it is dealt with."""

from typing import Any

from django.utils.translation import gettext_lazy
from unfold.enums import ActionVariant

from bookings import resend
from bookings.admin.dialog import StaffDialog, note_field, radios
from bookings.admin.staff_actions import StaffAction
from bookings.models import Message

# Lazy, since the table is made before anybody's language is known.
_: Any = gettext_lazy


class ResendDialog(StaffDialog):
    """Say why, and to which address."""

    facts: Message
    intro = _("The mail goes out once more, word for word. A personal link in it is a new one.")
    button = _("Send it again")
    note = note_field(_("Reason for the history"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = resend.addresses(self.facts)
        if len(found) > 1:
            choices = [(found[0], _("%s, as it is now") % found[0]), (found[1], _("%s, as it was then") % found[1])]
            self.fields["to"] = radios(_("To"), choices, initial=found[0])
            self.order_fields(["to", "note"])

    def lines(self) -> list[tuple[str, str]]:
        """Return what goes where, and that a link was withdrawn."""
        found = resend.addresses(self.facts)
        told = [(_("Mail"), self.facts.subject)]
        if len(found) == 1:
            told.append((_("To"), found[0]))
        if resend.is_withdrawn(self.facts):
            told.append((_("Link"), _("It was withdrawn, so the mail goes to the booking’s address of today only.")))
        return told

    def decision(self) -> dict[str, Any]:
        """Return reason and address."""
        found = resend.addresses(self.facts)
        return {"reason": self.cleaned_data["note"], "to": self.cleaned_data.get("to") or (found or [""])[0]}


class RetryDialog(StaffDialog):
    """Do not wait for the next try."""

    facts: Message
    intro = _("The mail server is tried again within seconds, and up to eight times from now on.")
    button = _("Try again now")


class HandleDialog(StaffDialog):
    """Take the mail off the worklist."""

    facts: Message
    intro = _("The mail leaves the worklist. Nothing is sent.")
    button = _("It is dealt with")
    note = note_field(_("What was done, such as: told the guest by phone"))

    def decision(self) -> dict[str, Any]:
        """Return what was done."""
        return {"reason": self.cleaned_data["note"]}


MESSAGE_ACTIONS = (
    StaffAction(
        name="resend",
        label=_("Send again"),
        icon="forward_to_inbox",
        variant=ActionVariant.PRIMARY,
        permission="bookings.resend_mail",
        form=ResendDialog,
        why_not=resend.why_not_resend,
        run=resend.resend,
        done=_("The mail is on its way once more."),
    ),
    StaffAction(
        name="retry",
        label=_("Try again now"),
        icon="refresh",
        permission="bookings.resend_mail",
        form=RetryDialog,
        why_not=resend.why_not_retry,
        run=resend.retry,
        done=_("The mail server is tried again within seconds."),
    ),
    StaffAction(
        name="handle",
        label=_("It is dealt with"),
        icon="done",
        permission="bookings.resend_mail",
        form=HandleDialog,
        why_not=resend.why_not_handle,
        run=resend.mark_handled,
        done=_("The mail is off the worklist."),
    ),
)

"""What is asked before a run: the same reasons as for a single booking, and what the button says."""

from collections.abc import Sequence
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from bookings.admin import bulk_plan
from bookings.admin.bulk_plan import Line, amounts, totals
from bookings.admin.dialog import OTHER, ReasonMixin, StaffDialog, choice_of, note_field
from bookings.admin.money_dialogs import DECLINE_REASONS
from bookings.admin.staff_actions import InBulk
from bookings.models import MoneyMove
from bookings.spoken import number
from cancellations.wording import CANCEL_REASONS


class NoteDialog(StaffDialog):
    """A few words for the history; `facts` are the lines of the plan."""

    note = note_field(gettext_lazy("Note for the history"), required=False)

    def decision(self) -> dict[str, Any]:
        """Return the reason."""
        return {"reason": self.cleaned_data["note"].strip()}


class DeleteDialog(NoteDialog):
    """A hotel may want a reason."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lines: Sequence[Line] = self.facts
        self.fields["note"].required = any(line.booking.hotel.require_deletion_reason for line in lines)


class DeclineDialog(ReasonMixin):
    """Why the hotel does not want these guests."""

    reason = choice_of(DECLINE_REASONS)
    note = note_field(gettext_lazy("Note for the history"), required=False)

    def decision(self) -> dict[str, Any]:
        """Return the reason."""
        return {"reason": self.reason_words()}


class CancelDialog(DeclineDialog):
    """Why the hotel cancels."""

    reason = choice_of(CANCEL_REASONS)


APPROVE: Final = InBulk(
    button=ngettext_lazy("Approve {number} booking", "Approve {number} bookings", "number"),
    form=NoteDialog,
    move=bulk_plan.captured,
    decision=bulk_plan.approval,
    mails=True,
)
DECLINE: Final = InBulk(
    button=ngettext_lazy("Decline {number} booking", "Decline {number} bookings", "number"),
    form=DeclineDialog,
    move=bulk_plan.released,
    decision=bulk_plan.reason_of,
    mails=True,
)
CANCEL: Final = InBulk(
    button=ngettext_lazy("Cancel {number} booking", "Cancel {number} bookings", "number"),
    form=CancelDialog,
    move=bulk_plan.returned,
    decision=bulk_plan.cancellation,
    mails=True,
    is_danger=True,
)
DELETE: Final = InBulk(
    button=ngettext_lazy("Delete {number} booking", "Delete {number} bookings", "number"),
    form=DeleteDialog,
    move=bulk_plan.nothing,
    decision=bulk_plan.reason_of,
)
RESTORE: Final = InBulk(
    button=ngettext_lazy("Restore {number} booking", "Restore {number} bookings", "number"),
    form=NoteDialog,
    move=bulk_plan.nothing,
    decision=bulk_plan.reason_of,
    of_deleted=True,
)
SAID: Final = {
    MoneyMove.CAPTURE: gettext_lazy("capture {amounts}"),
    MoneyMove.REFUND: gettext_lazy("refund {amounts}"),
    MoneyMove.RELEASE: gettext_lazy("release {amounts}"),
}
SUMMED: Final = (
    (MoneyMove.CAPTURE, gettext_lazy("Captured")),
    (MoneyMove.REFUND, gettext_lazy("Refunded")),
    (MoneyMove.RELEASE, gettext_lazy("Holds released")),
    ("fee", gettext_lazy("Fees kept")),
)


def as_typed(form: StaffDialog, reason: str) -> dict[str, str]:
    """Return an earlier run's reason as it is typed into a form: ready-made with its note, or the note alone."""
    if not reason or "reason" not in form.fields:
        return {"note": reason}
    ready, _separator, note = reason.partition(": ")
    known: Any = form.fields["reason"]
    is_known = ready in [value for value, _words in known.choices]
    return {"reason": ready, "note": note} if is_known else {"reason": OTHER, "note": reason}


def button_text(offer: InBulk, lines: Sequence[Line]) -> str:
    """Return "Cancel 37 bookings, refund €12,345.00 and £210.00": what exactly the button does."""
    sums = totals(line for line in lines if not line.asks)
    does = str(offer.button.format(number=len(lines)))
    money = [str(words).format(amounts=amounts(sums[move])) for move, words in SAID.items() if sums.get(move)]
    return ", ".join([does, *money])


def sum_lines(lines: Sequence[Line]) -> list[tuple[str, str]]:
    """Return the sums of a plan as names and values; never added across currencies."""
    sums = totals(lines)
    return [(str(name), amounts(sums[kind])) for kind, name in SUMMED if sums.get(kind)]


def missing_words(number: int) -> str:
    """Return that some of what was chosen is not there, without telling why."""
    said = ngettext("{number} booking was not found.", "{number} bookings were not found.", number)
    return said.format(number=number) if number else ""


def too_many_words(most: int) -> str:
    """Return that more was chosen than fits into one run."""
    said = _("Choose at most {most} bookings at once. Nothing was changed.")
    return said.format(most=number(most))

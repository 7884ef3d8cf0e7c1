"""What every dialog of a staff action has: facts on top, a few fields, one button that says what it does."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from unfold.widgets import (
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

OTHER = gettext_noop("Other")
REASON = gettext_lazy("Reason")


class StaffDialog(forms.Form):
    """A dialog about one row. `facts` is what the row's admin reads about it."""

    intro: Any = ""
    button: Any = gettext_lazy("Do it")
    # The dialog stays open to show what would happen; nothing is wrong.
    is_preview = False
    # The name of a component in desk.js that keeps the button's text up to date, and what it needs to know.
    component = ""

    def __init__(self, data: Any = None, *, facts: Any, user: Any) -> None:
        self.facts, self.user = facts, user
        super().__init__(data)

    def lines(self) -> list[tuple[str, str]]:
        """Return what staff should know before they decide: names and values."""
        return []

    def button_text(self) -> str:
        """Return what the button says."""
        return str(self.button)

    def live(self) -> dict[str, Any]:
        """Return what the component needs to know."""
        return {}

    def decision(self) -> dict[str, Any]:
        """Return the service's arguments; called on valid input."""
        return {}

    def said(self) -> dict[str, str]:
        """Return what the success words mention."""
        return {}


def choice_of(options: Iterable[str], *, label: Any = REASON) -> forms.ChoiceField:
    """Return a field with ready-made reasons; "Other" asks for a note."""
    choices = [("", gettext_lazy("Choose …")), *((each, gettext_lazy(each)) for each in (*options, OTHER))]
    return forms.ChoiceField(label=label, choices=choices, widget=UnfoldAdminSelectWidget())


def radios(label: Any, choices: list[Any], **kwargs: Any) -> forms.ChoiceField:
    """Return a field whose choices are all in view."""
    widget = UnfoldAdminRadioSelectWidget()
    return forms.ChoiceField(label=label, choices=choices, widget=widget, **kwargs)


def note_field(label: Any, **kwargs: Any) -> forms.CharField:
    """Return a field for a few words."""
    widget = UnfoldAdminTextareaWidget(attrs={"rows": 2})
    return forms.CharField(label=label, max_length=500, widget=widget, **kwargs)


class SeenMixin(StaffDialog):
    """A dialog whose button names amounts: it carries them, and other ones by now are shown before anything moves."""

    # The amounts that the person decides on, and why the action is not possible any more: then the service says who
    # got there first.
    as_seen: Callable[[], str]
    why_not: Callable[[], str]
    seen = forms.CharField(widget=forms.HiddenInput(), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen"].initial = self.as_seen  # called late: a dialog may read its amounts after this

    def clean(self) -> dict[str, Any]:
        """Refuse amounts that have changed since they were shown."""
        cleaned = super().clean() or self.cleaned_data
        if not self.why_not() and cleaned.get("seen") != self.as_seen():
            self.data = {**dict(self.data.items()), "seen": self.as_seen()}  # what the form shows next
            self.add_error(None, _("The amounts have changed since you opened this. Please check them again."))
        return cleaned


class ReasonMixin(StaffDialog):
    """A dialog with a ready-made reason and a note."""

    def clean(self) -> dict[str, Any]:
        """Ask for a note when no ready-made reason fits."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("reason") == OTHER and not cleaned.get("note"):
            self.add_error("note", _("Please say in a few words what the reason is."))
        return cleaned

    def reason_words(self) -> str:
        """Return the reason as the history keeps it."""
        reason, note = self.cleaned_data["reason"], self.cleaned_data["note"].strip()
        if not note:
            return str(reason)
        return note if reason == OTHER else f"{reason}: {note}"

"""The form of a mail's words."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from bookings import placeholders
from bookings.mail_kinds import KINDS
from bookings.models.wording import LONGEST_CLOSING, LONGEST_OPENING


class TextField(forms.CharField):
    """A text with placeholders, in plain paragraphs."""

    def __init__(self, *, rows: int, **kwargs: Any) -> None:
        self.known: tuple[str, ...] = ()
        super().__init__(widget=UnfoldAdminTextareaWidget(attrs={"rows": rows}), **kwargs)

    def to_python(self, value: Any) -> str:
        """Return the text as it is stored."""
        return placeholders.tidy(super().to_python(value) or "")

    def validate(self, value: str) -> None:
        """Refuse what a mail could not say, in words."""
        super().validate(value)
        if found := placeholders.problems(value, self.known):
            raise ValidationError(found)


class WordingForm(forms.Form):
    """What a mail begins and ends with. `seen` is the newest change that the person has on the screen."""

    opening = TextField(
        label=_("Beginning"),
        rows=9,
        max_length=LONGEST_OPENING,
        help_text=_("The greeting and what follows it. An empty line begins a new paragraph."),
    )
    closing = TextField(
        label=_("End"),
        rows=4,
        required=False,
        max_length=LONGEST_CLOSING,
        help_text=_("What follows the facts. It may stay empty."),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, data: Any = None, *, kind: str, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        for each in self.fields.values():
            if isinstance(each, TextField):
                each.known = KINDS[kind].placeholders

    def words(self) -> tuple[str, str]:
        """Return what was typed, for showing it even where it is refused: opening and closing."""
        opening, closing = (placeholders.tidy(str(self[name].value() or "")) for name in ("opening", "closing"))
        return opening[:LONGEST_OPENING], closing[:LONGEST_CLOSING]

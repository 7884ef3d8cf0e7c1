"""The lists' own dropdowns. Unfold 0.110 makes a form with one field for each, and draws it from eight templates."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from unfold.contrib.filters import admin as unfold
from unfold.contrib.filters.forms import DropdownForm

from bookings.drawn_once import drawn_once

TEMPLATE = "admin/desk/filter.html"


class Dropdown:
    """Stands where Unfold's filters make their form; what was drawn once is shown again."""

    Media = DropdownForm.Media

    def __init__(
        self, *, label: Any, name: str, choices: Iterable[Any], data: Mapping[str, Any], multiple: bool
    ) -> None:
        self.label, self.name, self.choices, self.data = label, name, choices, data

    def drawn(self) -> SafeString:
        """Return label and field."""
        choices = tuple((value, str(words)) for value, words in self.choices)
        return drawn(str(self.label), self.name, choices, self.data[self.name])


@drawn_once(512)
def drawn(label: str, name: str, choices: tuple[tuple[Any, str], ...], value: Any) -> SafeString:
    """Draw a dropdown as Unfold does."""
    form = DropdownForm(label=label, name=name, choices=choices, data={name: value})
    return render_to_string("unfold/filters/filters_field.html", {"choices": [{"form": form}]})


class DropdownFilter(unfold.DropdownFilter):
    """A filter of our own, as a dropdown."""

    template = TEMPLATE
    form_class = Dropdown


class ChoicesDropdownFilter(unfold.ChoicesDropdownFilter):
    """A filter by the values that a field may have, as a dropdown."""

    template = TEMPLATE
    form_class = Dropdown

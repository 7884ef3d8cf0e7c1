"""The rows of every list of the desk, each drawn in one go.

Unfold 0.110 looks every column up again for every row, builds its classes again and finds each row's address
again: two fifths of a page. What is the same for all rows is worked out here once; the HTML is Unfold's own.
"""

from collections.abc import Callable
from typing import Any

from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.utils import quote
from django.core.exceptions import FieldDoesNotExist
from django.db.models import DateField, Field, ForeignKey, Model, TimeField
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from unfold.templatetags.unfold_list import (
    LINK_CLASSES,
    TABLE_ACTION_CELL_CLASSES,
    TABLE_CELL_CLASSES,
    result_headers,
)
from unfold.utils import display_for_field, display_for_value
from unfold.views import ChangeList

type Draw = Callable[[Any], str]

ROW = '<tbody class="relative {}"><tr class="data-row relative">{}</tr></tbody>'
STRIPES = ("", "bg-base-50 dark:bg-white/[.02]")


class DeskList(ChangeList):
    """A page of rows, and how it is drawn. No list of the desk can be edited in place or sorted by hand."""

    def get_results(self, request: HttpRequest) -> None:
        """Read the page; what can be done with rows is offered where there are any."""
        super().get_results(request)
        self.show_admin_actions = bool(self.result_count)
        self.full_result_count = self.result_count

    @cached_property
    def headers(self) -> list[dict[str, Any]]:
        """The heads of the columns."""
        return list(result_headers(self))

    @property
    def sorted_columns(self) -> int:
        """By how many columns the list is sorted."""
        return sum(bool(head["sortable"] and head["sorted"]) for head in self.headers)

    def drawn(self) -> SafeString:
        """Return the HTML of all rows."""
        found = list(self.result_list)
        self.model_admin.for_rows(found)
        draws = [cell(self, name) for name in self.list_display]
        rows = ("".join([draw(row) for draw in draws]) for row in found)
        # Every cell has escaped what it shows.
        return mark_safe("".join(ROW.format(STRIPES[number % 2], row) for number, row in enumerate(rows)))  # noqa: S308


def cell(found: DeskList, shown: Any) -> Draw:
    """Return what draws one column's cell of a row."""
    name = getattr(shown, "__name__", shown)
    value, attr, is_narrow = column(found, shown)
    classes = TABLE_ACTION_CELL_CLASSES if name == "action_checkbox" else [f"field-{name}", *TABLE_CELL_CLASSES]
    if getattr(attr, "formatting", None) == "price":
        classes = [*classes, "!text-end"]
    if is_narrow:
        classes = [*classes, "nowrap"]
    tag = "td"
    links = [each for each in found.list_display if each in (found.list_display_links or ())]
    if shown in links:
        tag, value = "th" if shown == links[0] else "td", linked(found, value)
    opening, closing = f'<{tag} class="{" ".join(classes)}">', f"</{tag}>"
    return lambda row: f"{opening}{value(row)}{closing}"


def column(found: DeskList, shown: Any) -> tuple[Draw, Any, bool]:
    """Return what shows a column's value, escaped, the function behind it, and whether it stays on one line."""
    nothing = found.model_admin.get_empty_value_display()
    if callable(shown):
        return of_function(shown, nothing), shown, False
    try:
        field: Any = found.lookup_opts.get_field(shown)
    except FieldDoesNotExist:
        attr = getattr(found.model_admin, shown)
        return of_function(attr, nothing), attr, False
    return of_field(field, nothing), None, isinstance(field, DateField | TimeField | ForeignKey)


def of_function(attr: Any, nothing: str) -> Draw:
    """Return what shows the answer of an admin's own function."""
    nothing = getattr(attr, "empty_value_display", nothing)
    boolean = getattr(attr, "boolean", False)

    def draw(row: Model) -> str:
        value = attr(row)
        # Nearly all of them return HTML.
        return value if type(value) is SafeString else conditional_escape(display_for_value(value, nothing, boolean))

    return draw


def of_field(field: Field, nothing: str) -> Draw:
    """Return what shows a field of the row; of a relation, the row at its other end."""

    def draw(row: Model) -> str:
        value = getattr(row, field.name)
        if isinstance(field, ForeignKey):
            return conditional_escape(nothing if value is None else value)
        return conditional_escape(display_for_field(value, field, nothing))

    return draw


def linked(found: DeskList, value: Draw) -> Draw:
    """Return a column's value inside a link to its row. The rows' addresses differ in their key only."""
    stand_in = type("Row", (), {found.pk_attname: "0"})()
    kept = {"preserved_filters": found.preserved_filters, "opts": found.opts}
    address = conditional_escape(add_preserved_filters(kept, found.url_for_result(stand_in)))
    before, _zero, after = address.partition("/0/")
    classes = " ".join(LINK_CLASSES)

    def draw(row: Model) -> str:
        key = quote(getattr(row, found.pk_attname))
        opener = format_html(' data-popup-opener="{}"', key) if found.is_popup else ""
        return f'<a href="{before}/{key}/{after}" class="{classes}" {opener}>{value(row)}</a>'

    return draw

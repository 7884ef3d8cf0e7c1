"""Pages of the desk's lists. A full count and a deep page read a whole table: counting and skipping have an end."""

from typing import Any, Final

from django.core.paginator import Page, Paginator
from django.utils.functional import cached_property

# Nobody turns two hundred pages: whoever looks for something older searches, filters or exports.
MOST_COUNTED: Final = 10_000


class DeskPaginator(Paginator):
    """Counts up to a limit and says so beyond it; what is skipped is skipped by key alone."""

    object_list: Any
    template_name = "admin/desk/pages.html"

    @cached_property
    def found(self) -> int:
        """How many rows there are, at most one more than are counted."""
        # values(): without it, whatever the columns need would be worked out for each row that is counted.
        return int(self.object_list.order_by().values("pk")[: MOST_COUNTED + 1].count())

    @property
    def has_more(self) -> bool:
        """Whether there are more rows than were counted."""
        return self.found > MOST_COUNTED

    @cached_property
    def count(self) -> int:
        """How many rows can be turned to, page by page."""
        return min(self.found, MOST_COUNTED)

    def page(self, number: Any) -> Page:
        """Return a page; on a later one, the rows before it are not read, only their keys."""
        found, rows = super().page(number), self.object_list
        if found.number > 1:
            skipped = self.per_page * (found.number - 1)
            keys = rows.values_list("pk", flat=True)[skipped : skipped + self.per_page]
            found.object_list = rows.filter(pk__in=list(keys))
        return found

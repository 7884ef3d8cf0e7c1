"""Pages of the desk's lists. A full count and a deep page read a whole table: counting and skipping have an end."""

from typing import Any, Final

from django.core.paginator import Page, Paginator
from django.utils.functional import cached_property

# Nobody turns two hundred pages: whoever looks for something older searches, filters or exports.
MOST_COUNTED: Final = 10_000
# Each row that a search finds is compared with what was asked, so that counting costs more; twenty pages are enough.
MOST_FOUND: Final = 1_000


class DeskPaginator(Paginator):
    """Counts up to a limit and says so beyond it; what is skipped or sorted is so by key alone."""

    object_list: Any
    template_name = "admin/desk/pages.html"

    @cached_property
    def found(self) -> int:
        """How many rows there are, at most one more than are counted."""
        # values(): without it, whatever the columns need would be worked out for each row that is counted.
        return int(self.object_list.order_by().values("pk")[: self.most + 1].count())

    @property
    def most(self) -> int:
        """Up to how many rows are counted."""
        return MOST_COUNTED

    @property
    def has_more(self) -> bool:
        """Whether there are more rows than were counted."""
        return self.found > self.most

    @cached_property
    def count(self) -> int:
        """How many rows can be turned to, page by page."""
        return min(self.found, self.most)

    def page(self, number: Any) -> Page:
        """Return a page: its keys first, as what the columns need would be worked out for each row that is sorted."""
        found, rows = super().page(number), self.object_list
        skipped = self.per_page * (found.number - 1)
        found.object_list = rows.filter(pk__in=rows.values("pk")[skipped : skipped + self.per_page])
        return found


class FoundPaginator(DeskPaginator):
    """The pages of what a search has found."""

    @property
    def most(self) -> int:
        """Up to how many rows are counted."""
        return MOST_FOUND

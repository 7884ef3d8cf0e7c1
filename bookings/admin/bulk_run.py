"""The runs over many bookings: how far each is, what became of every booking, and the button that stops it."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe
from unfold.decorators import display

from bookings import bulk
from bookings.admin import bulk_page as pages
from bookings.admin.bulk_actions import may, plan_page, planned_again, started
from bookings.admin.bulk_page import rows_seen
from bookings.admin.history import READING, ReadableHistoryAdmin
from bookings.admin.read_only import ReadOnlyAdmin
from bookings.admin.words import moment, name_of, pill
from bookings.models import OPEN_ROWS, RETRYABLE, BulkRun, FeeChoice, RunState


class RunListAdmin(ReadOnlyAdmin):
    """The list of runs: each person sees those with bookings of their hotels, and of each only those bookings."""

    empty_words = gettext_lazy(
        "Choose bookings in their list and approve, decline, cancel, delete or restore them together."
    )
    list_display = ("name", "what", "numbers", "by", "state_pill")
    list_display_links = ("name",)
    list_select_related = ("started_by",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the runs in which there is a booking of the person's hotels, and how many of those are through."""
        own = rows_seen(request)
        rows = BulkRun.objects.select_related("started_by").filter(pk__in=own.values("run")).order_by("-pk")
        seen = Q(rows__in=own)
        through = seen & ~Q(rows__state__in=OPEN_ROWS)
        return rows.annotate(seen=Count("rows", filter=seen), through=Count("rows", filter=through))

    @display(description=gettext_lazy("Started"), ordering="id")
    def name(self, run: BulkRun) -> str:
        """Show when it was started."""
        return moment(None, run.created_at)

    @display(description=gettext_lazy("What"))
    def what(self, run: Any) -> str:
        """Show what was done, and to how many bookings of the person's hotels."""
        return pages.name_of_run(run, run.seen)

    @display(description=gettext_lazy("Through"))
    def numbers(self, run: Any) -> str:
        """Show how many are through."""
        return f"{run.through} / {run.seen}"

    @display(description=gettext_lazy("By"))
    def by(self, run: BulkRun) -> str:
        """Show who started it."""
        return name_of(run.started_by)

    @display(description=gettext_lazy("State"), ordering="state")
    def state_pill(self, run: BulkRun) -> SafeString:
        """Show how far it is."""
        return pill(run.get_state_display(), pages.RUN_KINDS[RunState(run.state)])


@admin.register(BulkRun)
class BulkRunAdmin(RunListAdmin, ReadableHistoryAdmin):
    """The page of a run, and the addresses of what begins, stops and repeats one."""

    def hotel_of(self, row: BulkRun) -> None:
        """A run may be about several hotels, so that its moments are told in UTC."""
        return

    def get_urls(self) -> list[Any]:
        """Add the addresses of the plan, of the button, and of a run's own."""
        wrap = self.admin_site.admin_view
        info = "bookings_bulkrun"
        return [
            path("plan/", wrap(require_POST(planned_again)), name=f"{info}_plan"),
            path("start/", wrap(require_POST(started)), name=f"{info}_start"),
            path("<int:pk>/progress/", wrap(require_safe(self.progress_view)), name=f"{info}_progress"),
            path("<int:pk>/stop/", wrap(require_POST(self.stop_view)), name=f"{info}_stop"),
            path("<int:pk>/retry/", wrap(require_POST(self.retry_view)), name=f"{info}_retry"),
            *super().get_urls(),
        ]

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show a run. Nothing on it is changed here."""
        if request.method not in READING:
            return HttpResponseNotAllowed(READING)
        run = self.seen(request, object_id)
        context = pages.context(run, rows_seen(request).filter(run=run), may_act=may(request, run.action))
        shown = {**self.admin_site.each_context(request), **context, "opts": self.opts, "original": run}
        return TemplateResponse(request, "admin/bookings/bulkrun/run.html", shown)

    def progress_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return how far a run is, and the rows that have come to something since the last look."""
        run = self.seen(request, str(pk))
        return JsonResponse(pages.progress(run, rows_seen(request).filter(run=run), request.GET.get("after", "")))

    def stop_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Stop a run, for whoever may do what it does to all of its bookings."""
        run = self.seen(request, str(pk))
        if not may(request, run.action) or rows_seen(request).filter(run=run).count() < run.total:
            raise PermissionDenied
        if bulk.stop(run):
            messages.success(request, _("Nothing more is begun. What is under way ends."))
        return HttpResponseRedirect(reverse("admin:bookings_bulkrun_change", args=[pk]))

    def retry_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Plan another run of what did not work."""
        run = self.seen(request, str(pk))
        if not may(request, run.action):
            raise PermissionDenied
        failed = rows_seen(request).filter(run=run, state__in=RETRYABLE)
        ids = [row.booking_id for row in failed if row.booking_id]
        fee = run.fee if may(request, run.action, run.fee) else FeeChoice.POLICY
        return plan_page(request, ids, action=run.action, fee=fee, retry_of=run.pk, reason=run.reason)

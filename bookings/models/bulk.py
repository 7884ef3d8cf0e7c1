"""One action for many bookings: the run that somebody started, and a row for each booking in it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext, gettext_lazy

from bookings import audit
from bookings.models.booking import Booking
from bookings.models.hotel import Hotel


class RunState(models.TextChoices):
    """How far a run is."""

    WAITING = "waiting", gettext_lazy("Waiting")
    RUNNING = "running", gettext_lazy("Running")
    STOPPING = "stopping", gettext_lazy("Stopping")
    STOPPED = "stopped", gettext_lazy("Stopped")
    DONE = "done", gettext_lazy("Finished")


class RowState(models.TextChoices):
    """What became of one booking in a run."""

    WAITING = "waiting", gettext_lazy("Waiting")
    RUNNING = "running", gettext_lazy("In progress")
    UNKNOWN = "unknown", gettext_lazy("Waiting for Stripe")
    DONE = "done", gettext_lazy("Done")
    ASKED = "asked", gettext_lazy("Waits for a second person")
    ALREADY = "already", gettext_lazy("Done before")
    REFUSED = "refused", gettext_lazy("Not possible")
    FAILED = "failed", gettext_lazy("Failed")
    STOPPED = "stopped", gettext_lazy("Not begun")


class FeeChoice(models.TextChoices):
    """What a cancellation of many keeps."""

    POLICY = "policy", gettext_lazy("By policy")
    WAIVE = "waive", gettext_lazy("Waive the fee")


class MoneyMove(models.TextChoices):
    """What happens to a booking's money."""

    NOTHING = "", gettext_lazy("Nothing")
    REFUND = "refund", gettext_lazy("Refund")
    RELEASE = "release", gettext_lazy("Release hold")
    CAPTURE = "capture", gettext_lazy("Capture")


UNFINISHED_RUNS = (RunState.WAITING, RunState.RUNNING, RunState.STOPPING)
OPEN_ROWS = (RowState.WAITING, RowState.RUNNING, RowState.UNKNOWN)
# What another run may try again.
RETRYABLE = (RowState.REFUSED, RowState.FAILED, RowState.STOPPED)


class BulkRun(audit.Kept):
    """Who decided what for how many bookings, and when; each row acts in the name of that person.

    `key` comes from the page with the button, so that pressing it twice makes one run. `actor` is the person as
    history rows name them; its request id is on every history row that the run has written.
    """

    key = models.CharField(max_length=40, unique=True)
    action = models.CharField(max_length=20)
    reason = models.TextField(blank=True)
    fee = models.CharField(max_length=10, choices=FeeChoice.choices, default=FeeChoice.POLICY)
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.WAITING)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="bulk_runs")
    actor = models.JSONField()
    request_id = models.CharField(max_length=64, db_index=True)
    total = models.PositiveIntegerField()
    retry_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="retries")
    created_at = models.DateTimeField(auto_now_add=True)
    begun_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    history = audit.history()

    class Meta:
        ordering = ("-id",)
        verbose_name = gettext_lazy("bulk run")
        indexes = (
            models.Index(fields=("state",), condition=Q(state__in=UNFINISHED_RUNS), name="bulk_run_unfinished"),
        )

    def __str__(self) -> str:
        return gettext("Run %(number)s") % {"number": self.pk}

    @property
    def is_unfinished(self) -> bool:
        """Whether anything is still to be done or to be learned."""
        return self.state in UNFINISHED_RUNS


class BulkRow(audit.Kept):
    """One booking of a run: what was promised on the page with the button, and what became of it.

    `fee` and `amount` are that promise in minor units of `currency`, `move` says which way the amount goes, `moved`
    is what really went. An open row is taken by a counted update that moves `due_at` (UTC) ahead: when a worker dies
    it becomes due again. The reference outlives a booking that is deleted for good.
    """

    run = models.ForeignKey(BulkRun, models.PROTECT, related_name="rows")
    booking = models.ForeignKey(Booking, models.SET_NULL, null=True, related_name="bulk_rows")
    reference = models.CharField(max_length=16)
    hotel = models.ForeignKey(Hotel, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=RowState.choices, default=RowState.WAITING)
    words = models.TextField(blank=True)
    move = models.CharField(max_length=10, choices=MoneyMove.choices, blank=True)
    fee = models.PositiveBigIntegerField(default=0)
    amount = models.PositiveBigIntegerField(default=0)
    moved = models.PositiveBigIntegerField(null=True)
    currency = models.CharField(max_length=3)
    due_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("id",)
        verbose_name = gettext_lazy("booking of a bulk run")
        verbose_name_plural = gettext_lazy("bookings of bulk runs")
        constraints = (models.UniqueConstraint(fields=("run", "reference"), name="booking_once_in_a_bulk_run"),)
        indexes = (models.Index(fields=("due_at",), condition=Q(state__in=OPEN_ROWS), name="bulk_row_due"),)

    def __str__(self) -> str:
        return self.reference

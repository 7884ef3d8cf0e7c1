"""What the page of a run shows, and what it asks for each second while the run goes on."""

from datetime import datetime
from typing import Any, Final

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from bookings import bulk
from bookings.admin.actions import OFFERS
from bookings.admin.bulk_dialogs import SUMMED
from bookings.admin.bulk_plan import amounts, totals
from bookings.admin.words import BAD, GOOD, INFO, QUIET, WAIT, moment, name_of
from bookings.models import OPEN_ROWS, RETRYABLE, BulkRow, BulkRun, RowState, RunState
from bookings.retold import retold
from payments.money import spoken

R, S = RunState, RowState
RUN_KINDS: Final = {R.WAITING: WAIT, R.RUNNING: INFO, R.STOPPING: WAIT, R.STOPPED: QUIET, R.DONE: GOOD}
ROW_KINDS: Final = {
    S.WAITING: QUIET,
    S.RUNNING: INFO,
    S.UNKNOWN: WAIT,
    S.DONE: GOOD,
    S.ASKED: WAIT,
    S.ALREADY: QUIET,
    S.REFUSED: BAD,
    S.FAILED: BAD,
    S.STOPPED: QUIET,
}
# What somebody has to look at stands on top.
FIRST: Final = (S.FAILED, S.REFUSED, S.UNKNOWN, S.ASKED, S.STOPPED, S.RUNNING, S.WAITING, S.ALREADY, S.DONE)


def rows_seen(request: HttpRequest) -> QuerySet[BulkRow]:
    """Return the rows about bookings of the person's hotels; of all hotels for an owner."""
    user: Any = request.user
    return BulkRow.objects.all() if user.is_superuser else BulkRow.objects.filter(hotel__in=user.hotels.values("pk"))


def name_of_run(run: BulkRun, number: int) -> str:
    """Return "Cancel 37 bookings"."""
    return str(OFFERS[run.action].button.format(number=number))


def context(run: BulkRun, rows: QuerySet[BulkRow], *, may_act: bool) -> dict[str, Any]:
    """Return everything that the page's template draws."""
    order = Case(*(When(state=s, then=Value(n)) for n, s in enumerate(FIRST)), output_field=IntegerField())
    listed = list(rows.select_related("booking", "hotel").order_by(order, "pk"))
    numbers = bulk.counts(rows)
    return {
        **progress(run, rows),
        "run": run,
        "title": name_of_run(run, len(listed)),
        "name": name_of_run(run, len(listed)),
        "pill": RUN_KINDS[RunState(run.state)],
        "who": name_of(run.started_by),
        "started": moment(None, run.created_at),
        "ended": moment(None, run.ended_at) if run.ended_at else "",
        "fee": run.get_fee_display() if run.action == "cancel" else "",
        "sums": moved_lines(listed),
        "rows": [shown(row) for row in listed],
        "states": [{"name": state.value, "label": str(state.label), "number": numbers.get(state, 0)} for state in S],
        "may_stop": may_act and run.state in (R.WAITING, R.RUNNING) and len(listed) == run.total,
        "may_retry": may_act and not run.is_unfinished and any(row.state in RETRYABLE for row in listed),
        "progress_url": reverse("admin:bookings_bulkrun_progress", args=[run.pk]),
        "history_page": reverse("admin:bookings_bulkrun_history", args=[run.pk]),
    }


def moved_lines(rows: list[BulkRow]) -> list[tuple[str, str, str]]:
    """Return what was promised and what has moved, for each way and each currency by itself."""
    promised, moved = totals(rows), totals(as_moved(row) for row in rows)
    return [
        (str(name), amounts(moved.get(move, {})) or "–", amounts(promised[move]))
        for move, name in SUMMED
        if move in promised and move != "fee"
    ]


def as_moved(row: BulkRow) -> BulkRow:
    """Return a row with what moved in the place of what was promised; not for saving."""
    return BulkRow(move=row.move, amount=row.moved or 0, currency=row.currency)


def shown(row: BulkRow) -> dict[str, Any]:
    """Return a row as the page shows it."""
    page = reverse("admin:bookings_booking_change", args=[row.booking_id]) if row.booking_id else ""
    return {
        "pk": row.pk,
        "reference": row.reference,
        "guest": row.booking.guest_name if row.booking else "",
        "page": page,
        "hotel": str(row.hotel),
        "money": f"{row.get_move_display()}: {spoken(row.amount, row.currency)}" if row.amount else "",
        "fee": spoken(row.fee, row.currency) if row.fee else "",
        **settled(row),
    }


def settled(row: BulkRow) -> dict[str, Any]:
    """Return what became of a row: its state in words, its colour, and what there is to say."""
    return {
        "pk": row.pk,
        "state": str(row.get_state_display()),
        "kind": ROW_KINDS[RowState(row.state)],
        "words": retold(row.words),
    }


def progress(run: BulkRun, rows: QuerySet[BulkRow], after: str = "") -> dict[str, Any]:
    """Return how far a run is, and the rows that have changed since a moment that an earlier answer named."""
    now = timezone.now()
    since = moment_of(after)
    numbers = bulk.counts(rows)
    total = sum(numbers.values())
    through = total - sum(numbers.get(state, 0) for state in OPEN_ROWS)
    changed = rows.filter(Q(settled_at__gte=since) | Q(state__in=(S.RUNNING, S.UNKNOWN))) if since else rows.none()
    return {
        "at": now.isoformat(),
        "state": run.state,
        "state_label": str(run.get_state_display()),
        "over": not run.is_unfinished,
        "total": total,
        "through": through,
        "percent": 100 * through // total if total else 100,
        "said": _("{through} of {total} through").format(through=through, total=total),
        "numbers": numbers,
        "changed": [settled(row) for row in changed],
    }


def moment_of(text: str) -> datetime | None:
    """Return a moment from an address; None for anything else."""
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found and timezone.is_aware(found) else None

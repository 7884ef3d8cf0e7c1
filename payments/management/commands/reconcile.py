"""`manage.py reconcile`: finish open operations now; with `--full`, compare all payments with Stripe."""

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from bookings import audit
from bookings.admin import sides
from payments.full_reconcile import DAYS, Report, full_reconcile
from payments.gateway import Declined, OutcomeUnknown
from payments.models import Drift
from payments.reconcile import GRACE, reconcile


class Command(BaseCommand):
    """Look up every open operation at Stripe and settle it."""

    help = (
        "Finish open operations now. With --full, compare every payment of the last days with Stripe, heal what is "
        "safe and list the rest; ends with 1 while anything differs or could not be compared."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """`--full` compares everything of the last `--days`."""
        parser.add_argument("--full", action="store_true", help="compare every payment with Stripe")
        parser.add_argument("--days", type=int, default=DAYS, help=f"how far back --full looks ({DAYS})")

    def handle(self, *args: Any, **options: Any) -> None:
        """Resolve the operations of every age: whoever calls this by hand knows that nobody is at work."""
        now = timezone.now()
        if options["days"] < 1:
            raise CommandError("Compare at least one day.")
        with audit.acting(audit.Actor(kind=audit.ActorKind.COMMAND, request_id=audit.new_request_id())):
            done = reconcile(now + GRACE, whole=True)
            self.stdout.write(f"{done} settled")
            if options["full"]:
                self.compare(now, days=options["days"])

    def compare(self, now: datetime, *, days: int) -> None:
        """Compare, say what came of it, and end with 1 unless both books are known to be equal."""
        try:
            report = full_reconcile(now, days=days)
        except (Declined, OutcomeUnknown) as error:
            raise CommandError(f"Stripe could not be asked: {error}") from error
        for line in lines(report, days):
            self.stdout.write(line)
        if report.failed or report.drifts.exists():
            raise SystemExit(1)


def lines(report: Report, days: int) -> list[str]:
    """Return what a full comparison came to, in lines for whoever runs it."""
    drifts = [told(drift) for drift in report.drifts]
    end = "Nothing that was compared differs" if report.failed else "Both books are equal"
    return [
        f"{report.compared} payments of the last {days} days compared with Stripe",
        *(f"Healed: {name}" for name in report.healed),
        *(f"Not compared: {name}: {why}" for name, why in report.failed.items()),
        *drifts,
        f"Left to people: {len(drifts)}" if drifts else end,
    ]


def told(drift: Drift) -> str:
    """Return one difference in a line."""
    where = f" ({drift.booking})" if drift.booking else ""
    return f"Differs: {drift}{where}. {sides.summary(drift)}".strip()

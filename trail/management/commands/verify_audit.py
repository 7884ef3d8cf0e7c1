"""`manage.py verify_audit`: prove that nobody rewrote the history, or name the first place where somebody did."""

import json
from dataclasses import asdict
from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from trail.verifying import Report, verify


class Command(BaseCommand):
    """Verify the chains of the audit trail."""

    help = (
        "Verify every row of history against its chain. Names the first bad entry of each chain and rows without "
        "an entry; ends with 1 if there is any."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """One hotel's chain only, heads that were written down elsewhere, or an answer for programs."""
        parser.add_argument(
            "--hotel", type=int, help="only the chain of the hotel with this key (0: the installation)"
        )
        parser.add_argument("--json", action="store_true", help="answer in JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Verify, say what came of it, and end with 1 unless all is as it was written."""
        begun = perf_counter()
        hotel = options["hotel"]
        report = verify(chains=None if hotel is None else [hotel])
        seconds = perf_counter() - begun
        self.stdout.write(in_json(report, seconds) if options["json"] else in_words(report, seconds))
        if report.findings:
            raise SystemExit(1)


def in_words(report: Report, seconds: float) -> str:
    """Return the result for people."""
    speed = f"{report.entries} entries verified in {seconds:.1f} s ({report.entries / seconds:.0f} a second)"
    return "\n".join([*map(str, report.findings), speed, *([] if report.findings else ["Nothing was changed."])])


def in_json(report: Report, seconds: float) -> str:
    """Return the result for programs."""
    return json.dumps(
        {
            "entries": report.entries,
            "seconds": round(seconds, 3),
            "findings": [asdict(finding) for finding in report.findings],
        }
    )

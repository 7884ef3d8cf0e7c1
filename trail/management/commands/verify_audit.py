"""`manage.py verify_audit`: prove that nobody rewrote the history, or name the first place where somebody did."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from trail import heads
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
        parser.add_argument("--since-head", type=Path, metavar="FILE", help="signed heads that were kept elsewhere")
        parser.add_argument("--key", help="the public key they are signed with (default: this installation's)")
        parser.add_argument("--json", action="store_true", help="answer in JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Verify, say what came of it, and end with 1 unless all is as it was written."""
        begun = perf_counter()
        hotel = options["hotel"]
        report = verify(chains=None if hotel is None else [hotel], heads=kept_heads(options))
        seconds = perf_counter() - begun
        self.stdout.write(in_json(report, seconds) if options["json"] else in_words(report, seconds))
        if report.findings:
            raise SystemExit(1)


def kept_heads(options: Mapping[str, Any]) -> heads.Heads:
    """Return what the given file says of the chains. CommandError where it cannot be trusted."""
    path = options["since_head"]
    if path is None:
        return {}
    try:
        return heads.read(path.read_text(encoding="utf-8").splitlines(), key=options["key"])
    except (OSError, ValueError, heads.Forged) as error:
        raise CommandError(f"{path}: {error}") from error


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

"""`manage.py import_rates FILE`: load exchange rates from a CSV or JSON file, all of them or none."""

import sys
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError
from django.utils import timezone

from bookings import audit
from payments import rate_files
from payments.money import Rate
from payments.rate_files import BadFile, Loaded

# Some hundred pairs exist; whatever is larger is the wrong file.
MOST_BYTES: Final = 1_000_000
WORDS: Final = {
    "stored": "new",
    "updated": "updated",
    "unchanged": "unchanged",
    "skipped": "skipped: the stored rate is newer",
}


class Command(BaseCommand):
    """Read `base,target,rate,source,quoted_at`; a rate that is older than the stored one is left out."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """The file's path, or `-` for what is piped in."""
        parser.add_argument("file", help="a CSV or JSON file; - reads what is piped in")

    def handle(self, *args: Any, **options: Any) -> None:
        """Say what became of each rate; a file with a mistake changes nothing."""
        name = options["file"]
        with audit.acting(audit.Actor(kind=audit.ActorKind.COMMAND, request_id=audit.new_request_id())):
            try:
                rates = rate_files.read(text_of(name), now=timezone.now())
            except BadFile as bad:
                listed = "\n".join(bad.problems)
                raise CommandError(f"Nothing was loaded.\n{listed}") from bad
            for each in stored(rates, name="standard input" if name == "-" else Path(name).name):
                self.stdout.write(line_of(each))


def stored(rates: list[Rate], *, name: str) -> list[Loaded]:
    """Store the rates; CommandError when somebody has entered one of them at the same moment."""
    try:
        return rate_files.store(rates, name=name)
    except IntegrityError as error:
        raise CommandError("Nothing was loaded: somebody entered such a rate just now. Try again.") from error


def text_of(name: str) -> str:
    """Return the file's text; CommandError when it cannot be read."""
    try:
        content = sys.stdin.buffer.read(MOST_BYTES + 1) if name == "-" else Path(name).read_bytes()
        if len(content) > MOST_BYTES:
            raise CommandError(f"Nothing was loaded. A file of rates has {MOST_BYTES:,} bytes at most.")
        return content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"Nothing was loaded. {name} cannot be read: {error}") from error


def line_of(loaded: Loaded) -> str:
    """Return "1 PKR = 0.003571 USD, State Bank, 2026-11-20 09:00 UTC: new"."""
    rate = loaded.rate
    return f"{rate.words()}, {rate.source}, {rate.at:%Y-%m-%d %H:%M} UTC: {WORDS[loaded.result]}"

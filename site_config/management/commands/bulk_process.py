"""`manage.py bulk_process`: one of several processes that carry out bulk runs; a worker starts and ends it."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from bookings import bulk, side_by_side
from payments.pace import SharedPacer


class Command(BaseCommand):
    """Carry out a share of the rows that are due, until none is left or the worker has ended. Not for people."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """Which share it is, and where the worker's processes keep their common pace."""
        parser.add_argument("place", type=int)
        parser.add_argument("of", type=int)
        parser.add_argument("step", type=float)
        parser.add_argument("file", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it. Asked to end, finish the rows in hand."""
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        side_by_side.until_parent_ends(stopping)
        share = bulk.Share(options["place"], options["of"])
        rows = side_by_side.Rows(share.due_keys, stopping=stopping)
        bulk.carry_out(rows, SharedPacer(options["file"], options["step"]))

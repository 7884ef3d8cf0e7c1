"""Whether whoever started a run over many bookings still may do what it does."""

import math
import time
from typing import Final

from bookings.admin.actions import BY_NAME
from bookings.models import BulkRun, FeeChoice, User

# A right that is taken away counts within this time.
STANDING_SECONDS: Final = 2.0
OVERRIDE: Final = "cancellations.override_fee"


def may(person: User, action: str, fee: str) -> bool:
    """Whether a person has the rights for a run, the one to choose another fee included."""
    return person.has_perm(BY_NAME[action].permission) and (fee != FeeChoice.WAIVE or person.has_perm(OVERRIDE))


class Standing:
    """What the people who started runs may do, as one thread knows it.

    It is read again after two seconds, so a right or an account that is taken away counts within that time. Which
    hotels a person works at is asked for each booking.
    """

    def __init__(self) -> None:
        self.known: dict[int, tuple[float, User | None]] = {}
        self.runs: dict[int, BulkRun] = {}

    def run(self, key: int) -> BulkRun:
        """Return a run as it was started: who decided what, and why, never changes; its state may be an old one."""
        if key not in self.runs:
            self.runs[key] = BulkRun.objects.select_related("started_by").get(pk=key)
        return self.runs[key]

    def of(self, run: BulkRun) -> User | None:
        """Return the person who started a run, if they may still do what it does."""
        read_at, person = self.known.get(run.pk, (-math.inf, None))
        if time.monotonic() - read_at > STANDING_SECONDS:
            person = entitled(run)
            self.known[run.pk] = (time.monotonic(), person)
        return person


def entitled(run: BulkRun) -> User | None:
    """Return the person who started a run, unless their account or a right was taken away since."""
    person = User.objects.filter(pk=run.started_by_id, is_active=True, is_staff=True).first()
    return person if person is not None and may(person, run.action, run.fee) else None

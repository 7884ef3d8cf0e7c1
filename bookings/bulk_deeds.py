"""What a run over many bookings can do to each of them, and whether whoever started it still may."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from bookings import lifecycle
from bookings.lifecycle import Outcome
from bookings.models import BulkRow, BulkRun, FeeChoice, MoneyMove, User
from cancellations import cancel
from payments import decisions

# A right that is taken away counts within this time.
STANDING_SECONDS: Final = 2.0

type Decision = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Deed:
    """What a run can do to each of its bookings: which right it takes, by which service, with which arguments."""

    permission: str
    run: Callable[..., Outcome]
    decision: Callable[[BulkRow], Decision]


def reason_of(row: BulkRow) -> Decision:
    """Return the reason alone."""
    return {"reason": row.run.reason}


def approval(row: BulkRow) -> Decision:
    """Return the reason, and how much was shown to be captured."""
    return {"reason": row.run.reason, "promised": row.amount}


def cancellation(row: BulkRow) -> Decision:
    """Return the reason, the fee where it is waived, and the amounts that were shown."""
    fee = 0 if row.run.fee == FeeChoice.WAIVE else None
    refund = row.amount if row.move == MoneyMove.REFUND else 0
    return {"reason": row.run.reason, "fee": fee, "promised": (row.fee, refund)}


DEEDS: Final[Mapping[str, Deed]] = {
    "approve": Deed(permission="bookings.approve_booking", run=decisions.approve, decision=approval),
    "decline": Deed(permission="bookings.approve_booking", run=decisions.decline, decision=reason_of),
    "cancel": Deed(permission="bookings.cancel_booking", run=cancel.cancel_booking, decision=cancellation),
    "soft_delete": Deed(permission="bookings.soft_delete_booking", run=decisions.soft_delete, decision=reason_of),
    "restore": Deed(permission="bookings.soft_delete_booking", run=lifecycle.restore, decision=reason_of),
}
OVERRIDE: Final = "cancellations.override_fee"


def may(person: User, action: str, fee: str) -> bool:
    """Whether a person has the rights for a run, the one to choose another fee included."""
    return person.has_perm(DEEDS[action].permission) and (fee != FeeChoice.WAIVE or person.has_perm(OVERRIDE))


class Standing:
    """What the people who started runs may do, as one thread knows it.

    It is read again after two seconds, so a right or an account that is taken away counts within that time. Which
    hotels a person works at is asked for each booking.
    """

    def __init__(self) -> None:
        self.known: dict[int, tuple[float, User | None]] = {}

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

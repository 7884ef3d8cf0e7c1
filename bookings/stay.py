"""A stay as a plain value: which nights, where, at what price and on what terms. Pure but for `on`."""

from collections.abc import Mapping
from copy import copy
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from bookings.models import Booking, KeptStay


class Move(StrEnum):
    """What becomes of the money when a booking is moved to another stay."""

    NOTHING = "nothing"
    ASK = "ask"  # the guest is asked for another price than before
    AGAIN = "again"  # what is held is too little: it is released, and the guest pays again
    LESS = "less"  # more is held than the approval will capture
    REFUND = "refund"  # a part goes back through Stripe
    OWE = "owe"  # a part goes back, by hand or once a bank has decided
    DIFFERENCE = "difference"  # the guest has paid less than the new price


@dataclass(frozen=True)
class Stay:
    """Where and when a guest stays, and what was agreed about it; `total` in the booking's minor units."""

    room_type: int
    room: int | None
    check_in: date
    check_out: date
    total: int
    terms: dict[str, Any] | None

    @classmethod
    def of(cls, row: Booking | KeptStay) -> "Stay":
        """Return a booking's own stay, or the other one that it keeps."""
        return cls(row.room_type_id, row.room_id, row.check_in, row.check_out, row.total_amount, row.terms)

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> "Stay":
        """Return what `as_json` has written."""
        days = {name: date.fromisoformat(said[name]) for name in ("check_in", "check_out")}
        return cls(**{**said, **days})

    def as_json(self) -> dict[str, Any]:
        """Return the stay for an operation's details."""
        return {**asdict(self), "check_in": self.check_in.isoformat(), "check_out": self.check_out.isoformat()}

    def kept_by(self, booking: Booking, *, due_at: datetime | None = None) -> KeptStay:
        """Return the stay as the one that a booking keeps beside its own; not saved yet."""
        return KeptStay(
            booking=booking,
            room_type_id=self.room_type,
            room_id=self.room,
            check_in=self.check_in,
            check_out=self.check_out,
            total_amount=self.total,
            terms=self.terms,
            due_at=due_at,
        )

    def on(self, booking: Booking) -> Booking:
        """Return the booking as it would be with this stay; a copy that is not for saving."""
        moved = copy(booking)
        moved._state = copy(booking._state)
        moved._state.fields_cache = dict(booking._state.fields_cache)
        moved.room_type_id, moved.room_id = self.room_type, self.room
        moved.check_in, moved.check_out = self.check_in, self.check_out
        moved.total_amount, moved.terms = self.total, self.terms
        return moved


@dataclass(frozen=True)
class Moved:
    """What a booking's guest is told about a move: the price before, what becomes of the money, and how much of it.

    `before` is in minor units of the booking's currency, `amount` of `currency`.
    """

    before: int
    move: str
    amount: int
    currency: str

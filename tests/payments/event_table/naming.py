"""Situations by the names that the tables call them."""

from collections.abc import Callable

from bookings.models import Booking
from tests.payments.event_table.stage import Stage

type Situation = Callable[[Stage, str], Booking]


class Situations(dict[str, Situation]):
    """What makes a situation, by its name. It takes the stage, and the state in which the booking has to be."""

    def named(self, name: str) -> Callable[[Situation], Situation]:
        """Name a function as the tables do."""

        def add(function: Situation) -> Situation:
            assert name not in self, name
            self[name] = function
            return function

        return add

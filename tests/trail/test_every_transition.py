"""Every transition, by every role, over every surface: one history row that says who, why, from where.

`pytest tests/trail/test_every_transition.py -s` prints the table.
"""

from collections.abc import Iterator
from typing import Any, Final

import pytest

from bookings.models import Booking
from payments.models import Payment
from tests.admin.conftest import House
from tests.simulator_process import StripeSimulator
from tests.trail import programs
from tests.trail.surfaces import ADDRESS, ALL, REQUEST, Path, Stage, paths

PATHS: Final = [*paths(), *programs.paths()]
HEAD: Final = ("transition", "surface", "role", "rows", "actor", "reason", "address", "request id")
TABLE: Final[list[tuple[str, ...]]] = []
# Which of them a person or guest brings about by a request of their own; a run's worker acts in their name later.
DIRECT: Final = ("desk", "guest's page", "API", "API, manage")


@pytest.fixture(scope="module", autouse=True)
def table() -> Iterator[None]:
    """Print what was found."""
    yield
    widths = [max(len(row[place]) for row in (HEAD, *TABLE)) for place in range(len(HEAD))]
    for row in (HEAD, *sorted(TABLE)):
        print("  ".join(value.ljust(width) for value, width in zip(row, widths, strict=True)).rstrip())  # noqa: T201


def declared(model: Any, *fields: str) -> set[str]:
    """The transitions that a model's state machines know."""
    return {each.name for name in fields for each in model._meta.get_field(name).get_all_transitions(model)}


@pytest.mark.parametrize(
    ("name", "model", "fields"), [("booking", Booking, ("status", "record_state")), ("payment", Payment, ("status",))]
)
def test_no_transition_is_left_out(name: str, model: Any, fields: tuple[str, ...]) -> None:
    assert declared(model, *fields) - {path.transition for path in PATHS if path.model == name} == set()


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_one_row_tells_all(path: Path, own: House, stripe_simulator: StripeSimulator) -> None:
    stage = Stage(own, stripe_simulator)
    booking = path.ready(stage)
    stage.enter(path.role)
    history: Any = Booking.history if path.model == "booking" else Payment.history
    mine = {"booking_id": booking.booking_id} if path.model == "booking" else {"booking_id": booking.pk}
    before = set(history.filter(**mine).values_list("history_id", flat=True))
    path.act(stage, booking)
    rows = [
        row
        for row in history.filter(**mine).exclude(history_id__in=before).order_by("history_id")
        if row.transition == path.transition
    ]
    TABLE.append(line(path, rows))
    (row,) = rows
    assert row.actor_kind == path.kind
    assert row.history_user == (stage.person if path.role in ALL else None)
    assert path.reason in (row.history_change_reason or "")
    if path.surface in DIRECT and path.transition != "anonymise":
        assert (row.ip, row.user_agent) == (ADDRESS, "Table/1")
        assert row.request_id == REQUEST
    assert row.request_id or path.kind == "command"


def line(path: Path, rows: list[Any]) -> tuple[str, ...]:
    """One line of the table."""
    row = rows[0] if rows else None
    who = f"{row.actor_kind} {row.history_user or ''}".strip() if row else ""
    return (
        *(f"{path.model}.{path.transition}", path.surface, path.role, str(len(rows)), who),
        *((row.history_change_reason or "–", row.ip or "–", row.request_id[:16] or "–") if row else ("", "", "")),
    )

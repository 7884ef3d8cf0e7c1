"""Every event of Stripe's in every state of a booking, delivered once, twice and three days late."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import pytest
import stripe
from django.db import transaction

from bookings.models import ENDED, BookingStatus
from payments import webhooks
from tests.payments.event_table import (
    captures,
    charges,
    disputes,
    grammar,
    intents,
    refunds,
    returns,
    sessions,
    situations,
    verdicts,
)
from tests.payments.event_table.grammar import Cell
from tests.payments.event_table.scene import Scene, named
from tests.payments.event_table.stage import Stage

pytestmark = pytest.mark.django_db

DAYS_LATE: Final = 3
PARTS: Final = (sessions, intents, captures, charges, refunds, disputes, verdicts)
TABLES: Final[Mapping[str, str]] = {event: text for part in PARTS for event, text in part.TABLE.items()}
CELLS: Final = [cell for event, text in TABLES.items() for cell in grammar.cells(event, text)]
SITUATIONS: Final = situations.SITUATIONS | returns.SITUATIONS
STATES: Final = (*BookingStatus.values, "DRAFT/deleted", *(f"{status}/deleted" for status in ENDED))
# The events that the specification of webhooks names.
SPECIFIED: Final = (
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    "payment_intent.succeeded",
    "payment_intent.amount_capturable_updated",
    "payment_intent.payment_failed",
    "payment_intent.canceled",
    "charge.refunded",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.refund.updated",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.captured",
    "charge.expired",
)


def groups() -> dict[tuple[str, str], list[Cell]]:
    """Return the cells of each situation: it is made once for all of them, if they leave Stripe alone."""
    found: dict[tuple[str, str], list[Cell]] = {}
    for cell in CELLS:
        found.setdefault((cell.state, cell.situation), []).append(cell)
    return found


GROUPS: Final = groups()


def test_every_event_is_in_the_table():
    assert set(TABLES) == {*SPECIFIED, *webhooks.HANDLED}


@pytest.mark.parametrize("event", TABLES)
def test_every_state_is_in_the_table(event):
    assert {cell.state for cell in CELLS if cell.event == event} == set(STATES)


def test_every_situation_is_used_and_told_once():
    assert {cell.situation for cell in CELLS} == set(SITUATIONS)
    told = [(cell.event, cell.state, cell.situation) for cell in CELLS]
    assert len(told) == len(set(told))


# A thousand cells take minutes, and what an event comes to is no matter of the database: SQLite leaves them out.
@pytest.mark.postgres
@pytest.mark.parametrize(("state", "situation"), GROUPS, ids=lambda word: word)
def test_event_comes_to_what_the_table_says(stripe_simulator, monkeypatch, state, situation):
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0.001)
    stage = Stage(stripe_simulator)
    with stage.clock():
        problems = list(problems_of(stage, state, situation))
    assert not problems, "\n".join(problems)


def problems_of(stage: Stage, state: str, situation: str) -> Iterator[str]:
    """Say where a situation's cells come to something else than the table says."""
    scene = None
    for modes, days_late in ((("first", "twice"), 0), (("late",), DAYS_LATE)):
        if scene:
            stage.days_pass(days_late)
        for cell in GROUPS[state, situation]:
            scene = scene or made(stage, state, situation, days_late)
            asked = stage.wishes()
            with undone():
                yield from scene.deliver(cell, modes)
            if stage.wishes() > asked:  # our rows are as they were before, Stripe's are not
                scene = None


def made(stage: Stage, state: str, situation: str, days_late: int) -> Scene:
    """Make a situation, and let the days pass that the event is late."""
    stage.begin()
    booking = SITUATIONS[situation](stage, state)
    assert named(booking) == state
    stage.days_pass(days_late)
    return Scene(stage, booking)


@contextmanager
def undone() -> Iterator[None]:
    """Undo in the database what is done inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)

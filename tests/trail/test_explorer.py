"""The explorer says who, when, what, old → new, why and from where; its filters narrow, its pages lead on."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from bookings import audit
from bookings.audit import Actor, ActorKind
from bookings.models import Booking, User
from payments import decisions
from tests import stays
from tests.admin.conftest import House
from tests.admin.pages import page, text
from tests.factories import UserFactory
from tests.simulator_process import StripeSimulator
from tests.trail.recorded import recorded
from trail.admin import steps
from trail.admin.told import Told

EXPLORER = "/admin/trail/entry/"


@pytest.fixture
def auditor(staff: Callable[[str], Client]) -> Client:
    """An auditor of the own hotel."""
    return staff("Auditor")


def lines(client: Client, **query: Any) -> list[Told]:
    """What the explorer lists under an address."""
    answer = client.get(EXPLORER, query)
    assert answer.status_code == 200
    found: list[Told] = answer.context["lines"]
    return found


def declined(house: House, person: User | None = None, number: int = 0) -> Booking:
    """A booking that somebody has declined."""
    booking = stays.submitted(house.booking(number, payment_method="ARRIVAL"))
    with stays.by_staff(person):
        decisions.decline(booking, reason="No room available")
    recorded()
    return booking


def test_a_line_says_who_when_what_why_and_from_where(own: House, auditor: Client) -> None:
    person = UserFactory.create(first_name="Ada", last_name="Desk", hotels=[own.hotel])
    booking = declined(own, person)
    (line,) = lines(auditor, step="decline")
    assert (line.step, line.model, line.subject) == ("Declined", "Booking", booking.booking_id)
    assert (line.who, line.kind, line.icon) == ("Ada Desk", "Staff", "person")
    assert (line.reason, line.ip, line.browser) == ("No room available", "192.0.2.1", "Desk")
    assert ("Status", "Needs approval", "Declined") in [(each.label, each.old, each.new) for each in line.changes]
    assert (line.at[-7:], line.in_utc[-4:]) == (" Dublin", " UTC")
    assert line.at.count(":") == 2
    assert line.link == page(booking)


def test_money_and_names_are_in_words(own: House, auditor: Client, stripe_simulator: StripeSimulator) -> None:
    booking = stays.confirmed(stripe_simulator, own.booking())
    with stays.by_staff():
        decisions.refund(booking, amount=27200, note="Broken shower", seen_left=34000)
    recorded()
    told = [
        (each.label, each.old, each.new) for line in lines(auditor, model="payments.payment") for each in line.changes
    ]
    assert ("Amount refunded", "€0.00", "€272.00") in told
    assert ("Booking", "–", booking.booking_id) in told
    created = lines(auditor, model="bookings.booking")[-1]
    assert ("Room", "–", own.rooms[0].number) in [(each.label, each.old, each.new) for each in created.changes]


@pytest.mark.parametrize("kind", [ActorKind.GUEST, ActorKind.STRIPE, ActorKind.WORKER, ActorKind.COMMAND])
def test_machines_and_guests_are_told_from_people(own: House, auditor: Client, kind: ActorKind) -> None:
    booking = own.booking()
    with audit.acting(Actor(kind, None, "192.0.2.7", "x", "request-12345")):
        booking.notes = "x"
        booking.save()
    recorded()
    (line,) = lines(auditor, request="request-12345")
    assert line.who == ("Command line" if kind == ActorKind.COMMAND else kind.label)
    assert line.icon != "person"
    assert line in lines(auditor, by=kind.value)


def test_filters_narrow_together(own: House, auditor: Client) -> None:
    ada, bob = (UserFactory.create(first_name=name, hotels=[own.hotel]) for name in ("Ada", "Bob"))
    first, second = declined(own, ada), declined(own, bob, 1)
    assert {line.subject for line in lines(auditor, step="decline")} == {first.booking_id, second.booking_id}
    assert [line.subject for line in lines(auditor, step="decline", by=ada.pk)] == [first.booking_id]
    assert lines(auditor, step="decline", by=ada.pk, reference=second.booking_id) == []
    assert {line.model for line in lines(auditor, model="bookings.booking")} == {"Booking"}
    assert [line.step for line in lines(auditor, model="bookings.booking", field="decision_reason", by=ada.pk)] == [
        "Declined"
    ]
    assert lines(auditor, model="bookings.booking", field="notes", by=ada.pk) == []
    assert [line.subject for line in lines(auditor, q=first.booking_id.lower(), step="decline")] == [first.booking_id]
    chains = [lines(auditor, hotel=chain) for chain in (own.hotel.pk, 0)]
    assert sum(map(len, chains)) == len(lines(auditor)) < 50


@pytest.mark.parametrize(
    "query",
    [
        {"by": "999999"}, {"by": "nobody"}, {"hotel": "999999"}, {"model": "auth.group"}, {"step": "fly"},
        {"since": "yesterday"}, {"object": "x"}, {"model": "bookings.booking", "field": "password"},
        {"until": "0001-01-01"}, {"since": "9999-12-31", "until": "9999-12-31"},
    ],
)  # fmt: skip
def test_what_no_filter_knows_shows_nothing(own: House, auditor: Client, query: dict[str, str]) -> None:
    declined(own)
    assert lines(auditor, **query) == []


def test_days_are_those_of_the_hotel(own: House, auditor: Client) -> None:
    with stays.clock_at(datetime(2026, 6, 30, 23, 30, tzinfo=UTC)):  # half past midnight in Dublin
        booking = own.booking()
    recorded()
    assert lines(auditor, reference=booking.booking_id, since="2026-07-01", until="2026-07-01") != []
    assert lines(auditor, reference=booking.booking_id, until="2026-06-30") == []
    assert "Days are those of Dublin time." in text(auditor.get(EXPLORER))


def test_ids_of_stripe_find_their_rows(own: House, auditor: Client, stripe_simulator: StripeSimulator) -> None:
    booking = stays.confirmed(stripe_simulator, own.booking())
    recorded()
    intent = booking.payments.get().stripe_payment_intent_id
    assert {line.model for line in lines(auditor, q=intent)} == {"Payment"}
    assert lines(auditor, q="pi_nothing") == []
    assert {line.entry.request_id for line in lines(auditor, q="request-of-staff")} == {"request-of-staff"}


def test_filters_can_be_removed_one_by_one(own: House, auditor: Client) -> None:
    declined(own)
    query = {"model": "bookings.booking", "field": "status", "step": "decline"}
    chips = {chip.label: chip for chip in auditor.get(EXPLORER, query).context["chips"]}
    assert {label: chip.words for label, chip in chips.items()} == {
        "What": "Booking",
        "Changed": "Status",
        "Transition": "Declined",
    }
    assert chips["What"].link == "?step=decline"
    assert chips["Transition"].link == "?model=bookings.booking&field=status"
    assert "Nothing in the history fits" in text(auditor.get(EXPLORER, {"step": "hard_delete"}))


def test_pages_lead_through_every_entry_once(own: House, auditor: Client) -> None:
    with stays.clock_at(timezone.now()):  # all at once: the order must hold all the same
        booking = own.booking()
        for number in range(120):
            booking.notes = str(number)
            booking.save()
    recorded()
    address, seen, sizes, back = f"?reference={booking.booking_id}", [], [], ""
    while address:
        answer = auditor.get(f"{EXPLORER}{address}")
        seen += [line.entry.pk for line in answer.context["lines"]]
        sizes.append(len(answer.context["lines"]))
        address, back = answer.context["older"], answer.context["newer"]
    assert (sizes, seen) == ([50, 50, 21], sorted(set(seen), reverse=True))
    newer = [line.entry.pk for line in auditor.get(f"{EXPLORER}{back}").context["lines"]]
    assert newer == seen[50:100]


def test_nothing_is_counted_or_skipped(own: House, auditor: Client) -> None:
    declined(own)
    with CaptureQueriesContext(connection) as queries:
        lines(auditor)
    asked = [each["sql"] for each in queries if "trail_entry" in each["sql"]]
    assert [sql for sql in asked if "COUNT(" in sql or "OFFSET" in sql] == []


def test_queries_are_as_many_at_one_entry_as_at_a_thousand(own: House, auditor: Client) -> None:
    booking = own.booking()
    counts = []
    for more in (0, 999):
        for number in range(more):
            booking.notes = str(number)
            booking.save()
        recorded()
        lines(auditor)
        with CaptureQueriesContext(connection) as queries:
            shown = lines(auditor, model="bookings.booking")
        counts.append((len(shown), len(queries)))
    assert [shown for shown, _ in counts] == [1, 50]
    assert counts[0][1] == counts[1][1] <= 15


@pytest.mark.parametrize("language", ["en", "de"])
def test_transitions_that_are_called_the_same_stand_in_the_filter_once(language: str) -> None:
    with translation.override(language):
        said = [words for _, words in steps.choices()]
        assert len(said) == len(set(said))
        assert {steps.named(name) for name in steps.STEPS} == set(said)


def test_filter_of_a_transition_finds_all_that_are_called_so(
    own: House, auditor: Client, stripe_simulator: StripeSimulator
) -> None:
    booking = stays.confirmed(stripe_simulator, own.booking())
    with stays.by_staff():
        decisions.refund(booking, amount=5000, note="Noise")
    recorded()
    chosen = steps.alike("follow_refunds")
    assert sorted(chosen) == ["follow_refunds", "refund_succeeded"]
    assert [name for name, _ in steps.choices() if name in chosen] == chosen[:1]
    for name in chosen:
        found = auditor.get(EXPLORER, {"step": name}).context
        assert {line.entry.transition for line in found["lines"]} == set(chosen)
        assert [chip.words for chip in found["chips"]] == ["Refund arrived"]

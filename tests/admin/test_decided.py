"""What an operation was decided with, as its history says it: in words, never as what is stored."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bookings.admin.words import EMPTY, chosen_words
from bookings.audit import Actor, ActorKind, acting
from bookings.models import ExportRecord
from payments import checkout
from payments.models import Payment, PaymentOperation
from payments.opening import open_next
from tests import stays
from tests.admin.conftest import House, signed_in
from tests.admin.pages import page
from tests.factories import UserFactory
from tests.trail.recorded import recorded

EXPLORER = "/admin/trail/entry/?model=payments.paymentoperation"
NIGHTS = "1 – 3 Dec 2027"


def opened(house: House, kind: str = "refund", **details: object) -> PaymentOperation:
    """An operation that a guest has decided, from a telephone."""
    booking = house.booking(guest_email="guest@canary.example")
    payment = Payment.objects.create(booking=booking, price=34000, amount=34000, currency="EUR")
    with acting(Actor(ActorKind.GUEST, None, "192.0.2.77", "Canary phone", "request-77777")):
        return open_next(payment, kind, amount=17000, transition="cancel", details=details)


def shown(client: Client, operation: PaymentOperation) -> list[str]:
    """What the history says under "Details", line by line; both of its pages say the same."""
    (row,) = client.get(page(operation, "history")).context["rows"]
    (change,) = [each for each in row.changes if each.label in ("Details", "Einzelheiten")]
    version = client.get(page(operation, "simple_history", row.record.pk))
    assert dict(version.context["values"])[change.label] == change.new
    return str(change.new).split("\n")


def test_a_cancellation_says_who_why_and_the_amounts_with_their_currency(own: House, manager: Client) -> None:
    said = {"reason": "Change of plans", "fee": 17000, "refund": 17000, "parts": [[9, 5000], [8, 250]], "done": 100}
    assert shown(manager, opened(own, **said)) == [
        "Decided by: Guest",
        "Reason: Change of plans",
        "Fee: €170.00",
        "Refund: €170.00",
        "Gone back before: €1.00",
        "Afterwards from other payments: €52.50",
    ]


def test_a_fee_of_nothing_was_decided_too(own: House, manager: Client) -> None:
    assert shown(manager, opened(own, reason="", fee=0, beyond_policy=False)) == ["Decided by: Guest", "Fee: €0.00"]


def test_a_payment_page_says_what_it_asks_for_and_until_when_in_the_hotels_zone(own: House, manager: Client) -> None:
    booking = stays.submitted(own.booking())
    payment = Payment.objects.create(booking=booking, price=34000, amount=34000, currency="EUR")
    until = datetime(2027, 7, 1, 12, 30, tzinfo=UTC)
    request = {**checkout.session_request(booking, payment), "expires_at": int(until.timestamp())}
    assert shown(manager, opened(own, "create_session", request=request)) == [
        "Decided by: Guest",
        "Payment page for €340.00, open until 1 Jul 2027, 13:30 Dublin",
        "Held until the hotel approves",
    ]


def test_a_move_says_stay_room_and_prices(own: House, manager: Client) -> None:
    room = own.rooms[0]
    stay = {"room_type": room.room_type_id, "room": room.pk, "total": 51000, "terms": None}
    days = {"check_in": "2027-12-01", "check_out": "2027-12-03"}
    moved = {"before": 34000, "move": "difference", "amount": 17000, "currency": "EUR"}
    assert shown(manager, opened(own, stay={**stay, **days}, moved=moved)) == [
        "Decided by: Guest",
        f"New stay: {NIGHTS}, {room.room_type}, {room}",
        "New price: €510.00",
        "Price before: €340.00",
        "The guest is asked for €170.00 more",
    ]


def test_a_colleague_is_named_and_an_earlier_versions_word_is_kept(own: House, manager: Client) -> None:
    person = UserFactory.create(first_name="Aoife", last_name="Walsh")
    actor = Actor(ActorKind.STAFF, person.pk, "192.0.2.7", "x", "request-12345").as_json()
    said = {"stripe_reason": "duplicate", "note": "Paid twice", "reason": "Paid twice", "owed": 7, "request": 5}
    assert shown(manager, opened(own, actor=actor, **said, of_old="a word")) == [
        "Decided by: Aoife Walsh",
        "Reason: Paid twice",
        "Refund request no. 5",
        "Stripe was told: Paid twice",
        "Sends what was owed by hand, refund no. 7",
        "Of old: a word",
    ]


def test_german_reads_german(own: House) -> None:
    german = signed_in(UserFactory(role="Manager", hotels=[own.hotel], language="de"))
    said = shown(german, opened(own, reason="Guest cancellation via management link", fee=17000))
    assert said[2:] == ["Gebühr: 170,00\N{NO-BREAK SPACE}€"]


@pytest.mark.parametrize("role", ["Front desk", "Auditor", "Manager"])
def test_nothing_of_the_guests_device_or_address_is_in_the_details(
    own: House, staff: Callable[[str], Client], role: str
) -> None:
    booking = stays.submitted(own.booking(1, guest_email="guest@canary.example"))
    payment = Payment.objects.create(booking=booking, price=34000, amount=34000, currency="EUR")
    operation = opened(own, "create_session", request=checkout.session_request(booking, payment))
    details = "\n".join(shown(staff(role), operation))
    assert [each for each in ("canary", "Canary", "192.0.2.77", "{", "request-77777") if each in details] == []


def test_the_explorer_says_the_same_with_as_many_queries_for_one_as_for_many(own: House, manager: Client) -> None:
    counts = []
    for number in range(3):
        person = UserFactory.create(first_name=f"Person {number}", last_name="Walsh")
        opened(House(own.hotel, own.rooms[number:]), actor=Actor(ActorKind.STAFF, person.pk).as_json(), fee=17000)
        recorded()
        manager.get(EXPLORER)
        with CaptureQueriesContext(connection) as queries:
            lines = manager.get(EXPLORER).context["lines"]
        counts.append(len(queries))
        said = {change.label: change.new for change in lines[0].changes}["Details"]
        assert (len(lines), said) == (number + 1, f"Decided by: Person {number} Walsh\nFee: €170.00")
    assert counts[0] == counts[1] == counts[2]


def test_an_empty_value_looks_the_same_everywhere() -> None:
    assert admin.site.empty_value_display == EMPTY


def test_the_filters_of_an_export_are_said_in_words(own: House, manager: Client) -> None:
    chosen = {"status__exact": "CANCELLED", "q": "Byrne", "own_word": "x"}
    assert chosen_words(chosen) == "Own word: x, Search: Byrne, Status: Cancelled"
    record = ExportRecord.objects.create(what="bookings", format="csv", filters=chosen, made_by=UserFactory())
    record.hotels.set([own.hotel])
    (row, *_) = manager.get(page(record, "history")).context["rows"]
    assert {change.label: change.new for change in row.changes}["Filters"] == chosen_words(chosen)

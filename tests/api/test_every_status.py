"""Each status that an address can answer is in one table, in the document, and really answered: no more, no less."""

import pytest
from django.test import Client

from bookings import access_tokens
from bookings.models import Booking
from cancellations import throttle
from tests.api.calls import Program, key_of
from tests.api.document import document
from tests.api.status_table import CLIENT, DESK, HOTEL, MANAGE, TABLE, Row, waiting
from tests.factories import HotelFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]

NAMES = [f"{row.method} {row.path}" for row in TABLE]
OWN = [(row, status) for row in TABLE for status in row.scenes]


def test_the_table_has_what_the_document_has():
    documented = {
        (method.upper(), path): {int(status) for status in each["responses"]}
        for path, item in document()["paths"].items()
        for method, each in item.items()
    }
    assert {(row.method, row.path): row.statuses() for row in TABLE} == documented


def is_desk(row: Row) -> bool:
    """Whether it is for staff."""
    return row.path.startswith((DESK, MANAGE))


def key_for(row: Row, booking: Booking) -> str:
    """A key of somebody who may call an address."""
    if row.path.startswith(CLIENT):
        return ""
    return token_of(UserFactory(role="owner")) if is_desk(row) else key_of(booking)


def token_of(person) -> str:
    """A program's token."""
    return access_tokens.create(person, name="Website", hotel=None, expires_at=None)[1]


def asked(row: Row, booking: Booking, *, key: str, body=None, query: str = "", **headers: str) -> int:
    """Call an address and return the status; the answer is compared with the document."""
    path = row.path.format(slug=booking.hotel.slug, booking_id=booking.booking_id) + query
    caller = Program(key, **headers)
    answer = caller.get(path) if row.method == "GET" else caller.send(row.method, path, {} if body is None else body)
    return int(answer.status_code)


@pytest.mark.parametrize(("row", "status"), OWN, ids=lambda each: each if isinstance(each, int) else each.path)
def test_own_status_is_answered(stripe_simulator, row: Row, status: int):
    booking = row.scenes[status](stripe_simulator)
    said, key = row.sent(status, booking), key_for(row, booking)
    headers = {"Idempotency-Key": "order-1"} if (row.method, row.path, status) == ("POST", DESK, 200) else {}
    if headers:
        assert asked(row, booking, key=key, body=said, **headers) == 201
    assert asked(row, booking, key=key, body=said, **headers) == status


@pytest.mark.parametrize("row", TABLE, ids=NAMES)
def test_common_statuses_are_answered(stripe_simulator, monkeypatch: pytest.MonkeyPatch, row: Row):
    booking = waiting(stripe_simulator)
    key, wrong = key_for(row, booking), "iks_wrong" if is_desk(row) else "ikg_wrong"
    said = row.sent(200, booking)
    found = {asked(row, booking, key=key, body=said, query="?x=%00")}
    if 401 in row.common:
        found |= {asked(row, booking, key="", body=said), asked(row, booking, key=wrong, body=said)}
    if 404 in row.common:
        stranger = token_of(UserFactory(role="Manager", hotels=[HotelFactory()]))
        found.add(asked(row, booking, key=stranger, body=said))
    if 422 in row.common:
        found.add(asked(row, booking, key=key, body=[], query="?limit=0"))
    monkeypatch.setattr(throttle, "GUESSES_PER_ADDRESS", 0)
    monkeypatch.setattr(throttle, "TRIES_PER_ADDRESS", 0)
    unknown = booking if 401 in row.common else Booking(hotel=booking.hotel, booking_id="ABCDEFGH23")
    found.add(asked(row, unknown, key=wrong, body=said))
    assert found == set(row.common)


def test_a_method_that_an_address_does_not_take_is_405():
    for path in {row.path for row in TABLE}:
        assert Client().put(path.format(slug="x", booking_id="ABCDEFGH23")).status_code == 405


def test_the_guest_s_part_has_no_404():
    # Whether a booking exists is nobody's business: a wrong key and a wrong booking are one answer.
    assert [row.path for row in TABLE if row.path in (HOTEL, f"{HOTEL}cancel/") and 404 in row.statuses()] == []

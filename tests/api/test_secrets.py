"""A key is in no log, in no table and in no answer, however it was sent and whatever became of it."""

import pytest

from cancellations import api_shapes
from tests.api.calls import Program, address, key_of
from tests.factories import BookingFactory
from tests.guest.browser import rows
from tests.logged import logged
from tests.stays import confirmed, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]

MARKS = ("Ada Guest", "ada@guest", "555 0123", "canary@", "Canaryreason", "cs_test_")


def say_everything(booking, key):
    """Send a key in each way to each address, right and wrong."""
    for end in ("", "payment/status/", "payment/verify/"):
        yield Program(key).get(address(booking, end))
        yield Program().get(address(booking, end), query_params={"token": key})
        yield Program(f"{key}x").get(address(booking, end))
    for end in ("payment/session/", "payment/retry/", "", "cancel/"):
        yield Program(key).post(address(booking, end))
        yield Program().post(address(booking, end), {"token": key, "reason": "Canaryreason"})
        yield Program().post(address(booking, end), {"token": f"{key}x", "reason": ["Canaryreason"]})
        yield Program().post(f"{address(booking, end)}?token={key}", {"reason": ["Canaryreason"]})
    yield Program().client.post(address(booking), "{" + key, "application/json")
    yield Program().client.get(f"/api/nowhere/{key}/?token={key}")
    yield Program().client.put(f"{address(booking)}?token={key}")
    said = {"client_email": "canary@guest.example", "reason": "Canaryreason", "token": key}
    yield Program().post(f"/api/booking/client/{booking.booking_id}/cancel/", said)


def test_no_key_and_no_guest_is_in_the_log(stripe_simulator):
    booking = confirmed(stripe_simulator, BookingFactory())
    unpaid = submitted()
    keys = [key_of(booking), key_of(unpaid)]
    with logged() as log, logged("console") as shown:
        answers = [*say_everything(booking, keys[0]), *say_everything(unpaid, keys[1])]
    assert {answer.status_code for answer in answers} == {200, 202, 400, 403, 404, 405, 409, 422}
    assert len(log.of("http.request")) == len(answers)
    assert {line["route"] for line in log.of("http.request")} >= {
        "/api/public/hotel/<slug>/room-bookings/<booking_id>/",
        "/api/booking/client/<booking_id>/cancel/",
    }
    stored = str(rows())
    for key in keys:
        for place in (log.text, shown.text, stored, *(answer.content.decode() for answer in answers)):
            assert key.removeprefix("ikg_") not in place
    assert [mark for mark in MARKS if mark in log.text + shown.text] == []


def test_not_even_when_the_page_breaks(monkeypatch):
    def breaks(booking, **_):
        raise RuntimeError(f"{booking.guest_name} {booking.guest_email}")

    monkeypatch.setattr(api_shapes, "booking_answer", breaks)
    booking = submitted()
    key = key_of(booking)
    with logged() as log:
        answer = Program().client.get(address(booking), query_params={"token": key})
    assert answer.status_code == 500
    assert key.removeprefix("ikg_") not in log.text + answer.content.decode()
    assert [mark for mark in MARKS if mark in log.text] == []

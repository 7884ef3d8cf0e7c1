"""The desk over HTTP: the same services, rights and refusals as the admin, for programs."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookings import access_tokens
from bookings.models import Booking, BookingStatus, PaymentMethod
from tests.api.calls import FORBIDDEN, NOT_FOUND, Program, program
from tests.factories import BookingFactory, HotelFactory, RoomFactory, UserFactory, days_ahead
from tests.guest.browser import rows
from tests.stays import by_staff, confirmed, fresh, paid, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]


def desk(booking: Booking, end: str = "") -> str:
    """The address of a booking at the desk."""
    return f"/api/staff/hotel/{booking.hotel.slug}/room-bookings/{booking.booking_id}/{end}"


def on_arrival(**fields: Any) -> Booking:
    """A booking that waits for the hotel's answer and needs no payment."""
    with by_staff():
        return submitted(payment_method=PaymentMethod.ARRIVAL, **fields)


def test_a_booking_is_shown_with_its_guest_and_its_money(stripe_simulator):
    booking = confirmed(stripe_simulator, BookingFactory(notes="Late arrival"))
    said = program(booking.hotel).get(desk(booking)).json()
    assert said["success"] is True
    shown = said["booking"]
    assert {name: shown[name] for name in ("booking_id", "status", "nights", "room", "notes", "is_deleted")} == {
        "booking_id": booking.booking_id,
        "status": "CONFIRMED",
        "nights": 2,
        "room": booking.room.number,
        "notes": "Late arrival",
        "is_deleted": False,
    }
    assert shown["guest"] == {
        "name": "Ada Guest",
        "email": "ada@guest.example",
        "phone": "+353 86 555 0123",
        "language": "en",
    }
    assert shown["money"] == {
        "authorized": "0.00",
        "authorized_minor": 0,
        "captured": "340.00",
        "captured_minor": 34000,
        "refunded": "0.00",
        "refunded_minor": 0,
        "currency": "EUR",
        "status": "SUCCEEDED",
    }


def test_the_list_is_filtered_and_comes_in_parts():
    first, second, third = (on_arrival(room=RoomFactory()) for _ in range(3))
    hotel = first.hotel
    Booking.objects.filter(pk__in=(second.pk, third.pk)).update(hotel=hotel)
    draft = BookingFactory(room=RoomFactory(room_type__hotel=hotel, hotel=hotel))
    caller, address = program(hotel), f"/api/staff/hotel/{hotel.slug}/room-bookings/"
    said = caller.get(address, query_params={"status": "pending_approval", "limit": "2"}).json()
    assert [each["booking_id"] for each in said["bookings"]] == [third.booking_id, second.booking_id]
    assert (said["total_count"], said["next_cursor"]) == (3, second.booking_id)
    assert (said["filters"]["status"], said["filters"]["include_deleted"]) == ("PENDING_APPROVAL", False)
    more = {"status": "PENDING_APPROVAL", "limit": "2", "cursor": said["next_cursor"]}
    rest = caller.get(address, query_params=more).json()
    assert ([each["booking_id"] for each in rest["bookings"]], rest["next_cursor"]) == ([first.booking_id], None)
    assert listed(caller, address, status="draft,confirmed") == [draft.booking_id]
    assert listed(caller, address, search=first.booking_id) == [first.booking_id]
    later = (first.check_in + timedelta(days=1)).isoformat()
    assert listed(caller, address, check_in_from=later) == []
    assert len(listed(caller, address, check_in_until=later)) == 4


def listed(caller: Program, address: str, **asked: str) -> list[str]:
    """The references of a list."""
    return [each["booking_id"] for each in caller.get(address, query_params=asked).json()["bookings"]]


def test_deleted_bookings_are_listed_where_they_are_asked_for():
    booking = BookingFactory()
    caller, address = program(booking.hotel), f"/api/staff/hotel/{booking.hotel.slug}/room-bookings/"
    answer = caller.post(desk(booking, "soft-delete/"), {"reason": "Typed twice"})
    assert (answer.status_code, answer.json()["booking"]["is_deleted"]) == (200, True)
    assert listed(caller, address) == []
    assert listed(caller, address, include_deleted="true") == [booking.booking_id]
    answer = caller.post(desk(booking, "restore/"))
    assert (answer.status_code, fresh(booking).is_deleted) == (200, False)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"status": "SLEEPING"}, "status"),
        ({"cursor": "NOWHERE"}, "cursor"),
        ({"limit": "0"}, "limit"),
        ({"limit": "101"}, "limit"),
        ({"check_in_from": "3/12/2026"}, "check_in_from"),
    ],
)
def test_what_is_no_filter_is_named(asked, field):
    hotel = HotelFactory()
    answer = program(hotel).get(f"/api/staff/hotel/{hotel.slug}/room-bookings/", query_params=asked)
    assert (answer.status_code, list(answer.json()["fields"])) == (422, [field])


def test_a_list_asks_the_database_as_often_for_one_booking_as_for_many(stripe_simulator):
    booking = confirmed(stripe_simulator)
    caller, address = program(booking.hotel), f"/api/staff/hotel/{booking.hotel.slug}/room-bookings/"

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert caller.get(address).status_code == 200
        return len(found)

    queries()
    one = queries()
    for _ in range(5):
        other = confirmed(stripe_simulator)
        Booking.objects.filter(pk=other.pk).update(hotel=booking.hotel)
    assert (queries(), len(listed(caller, address))) == (one, 6)


def test_a_decision_is_taken_as_in_the_admin_and_once(stripe_simulator):
    booking = paid(stripe_simulator)
    caller = program(booking.hotel, "Front desk")
    answer = caller.post(desk(booking, "approve/"))
    assert (answer.status_code, answer.json()["booking"]["status"]) == (200, "CONFIRMED")
    before, asked = rows(), len(stripe_simulator.look("requests"))
    again = caller.post(desk(booking, "approve/"))
    assert (again.status_code, again.json()["message"][:13]) == (200, "Already done:")
    assert (rows(), len(stripe_simulator.look("requests"))) == (before, asked)
    row = booking.history.filter(transition="approve").get()
    assert (row.actor_kind, row.history_user.get_full_name()[:5]) == ("staff", "Nora ")


def test_declining_needs_a_reason_and_says_it_in_the_history():
    booking = on_arrival()
    caller = program(booking.hotel)
    assert caller.post(desk(booking, "decline/")).status_code == 422
    assert fresh(booking).status == BookingStatus.PENDING_APPROVAL
    assert caller.post(desk(booking, "decline/"), {"reason": "Full"}).status_code == 200
    assert booking.history.get(transition="decline").history_change_reason == "Full"


def test_cancelling_keeps_the_terms_fee_or_another_by_right(stripe_simulator):
    booking, other = (confirmed(stripe_simulator, BookingFactory(check_in=days_ahead(10))) for _ in range(2))
    answer = program(booking.hotel, "Front desk").post(desk(booking, "cancel/"), {"reason": "Asked by phone"})
    shown = answer.json()["booking"]
    assert (shown["status"], shown["cancellation_fee"], shown["refund_amount_minor"]) == (
        "CANCELLED",
        "170.00",
        17000,
    )
    refused = program(other.hotel, "Front desk").post(desk(other, "cancel/"), {"reason": "Kind", "fee": "0"})
    assert (refused.json(), fresh(other).status) == (FORBIDDEN, BookingStatus.CONFIRMED)
    waived = program(other.hotel).post(desk(other, "cancel/"), {"reason": "Kind", "fee": "0"})
    assert waived.json()["booking"]["refund_amount"] == "340.00"


def test_a_refund_says_what_went_back(stripe_simulator):
    booking = confirmed(stripe_simulator)
    caller = program(booking.hotel)
    answer = caller.post(desk(booking, "refund/"), {"amount": "100.00", "reason": "Broken shower"})
    said = answer.json()
    assert said.pop("refund_id").startswith("re_")
    assert said == {
        "success": True,
        "status": "SUCCEEDED",
        "amount": "100.00",
        "amount_minor": 10000,
        "currency": "EUR",
    }
    rest = caller.post(desk(booking, "refund/"), {"reason": "Moved out"}).json()
    assert rest["amount_minor"] == 24000
    before = rows()
    none = caller.post(desk(booking, "refund/"), {"reason": "Once more"})
    assert (none.status_code, none.json()["code"], rows()) == (409, "ERR_STATE", before)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"amount": "1.00"}, "reason"),
        ({"amount": "1.001", "reason": "x"}, "amount"),
        ({"amount": "x", "reason": "x"}, "amount"),
        ({"amount": "-1", "reason": "x"}, "amount"),
    ],
)
def test_an_odd_refund_is_refused_by_field_and_nothing_moves(stripe_simulator, body, field):
    booking = confirmed(stripe_simulator)
    caller = program(booking.hotel)
    before, asked = booking.history.count(), len(stripe_simulator.look("requests"))
    answer = caller.post(desk(booking, "refund/"), body)
    assert (answer.status_code, list(answer.json()["fields"])) == (422, [field])
    assert (booking.history.count(), len(stripe_simulator.look("requests"))) == (before, asked)


def test_stripe_s_words_stay_here(stripe_simulator):
    booking = confirmed(stripe_simulator)
    stripe_simulator.control("faults", kind="refused", match={"path_regex": "/v1/refunds"}, times=2)
    answer = program(booking.hotel).post(desk(booking, "refund/"), {"reason": "Broken shower"})
    assert (answer.status_code, answer.json()["code"], answer.json()["error"]) == (
        502,
        "ERR_STRIPE",
        "Stripe API error",
    )


def test_money_taken_at_the_desk_is_recorded():
    booking = on_arrival()
    caller = program(booking.hotel)
    caller.post(desk(booking, "approve/"))
    answer = caller.post(desk(booking, "mark-paid/"), {"method": "Cash", "note": "Receipt 12"})
    assert (answer.status_code, answer.json()["booking"]["money"]["captured"]) == (200, "340.00")
    assert caller.post(desk(booking, "mark-paid/"), {"method": "Shells"}).status_code == 422


ENDS = ("approve/", "decline/", "cancel/", "refund/", "mark-paid/", "soft-delete/", "restore/")


@pytest.mark.parametrize("end", ENDS)
def test_others_bookings_are_not_found_and_rights_are_asked(end):
    booking = on_arrival()
    before = (booking.history.count(), booking.payments.count())
    body = {"method": "Cash", "reason": "x"}
    stranger = program(HotelFactory()).post(desk(booking, end), body)
    assert (stranger.status_code, stranger.json()) == (404, NOT_FOUND)
    auditor = program(booking.hotel, "Auditor").post(desk(booking, end), body)
    assert (auditor.status_code, auditor.json()) == (403, FORBIDDEN)
    nobody = Program().post(desk(booking, end), body)
    assert nobody.status_code == 401
    assert fresh(booking).status == BookingStatus.PENDING_APPROVAL
    assert (booking.history.count(), booking.payments.count()) == before


def test_a_token_for_one_hotel_lists_and_takes_nothing_elsewhere():
    here, there = RoomFactory(), RoomFactory()
    person = UserFactory(role="owner")
    _token, key = access_tokens.create(person, name="Website", hotel=here.hotel, expires_at=None)
    caller = Program(key)
    elsewhere = f"/api/staff/hotel/{there.hotel.slug}/room-bookings/"
    for answer in (caller.get(elsewhere), caller.post(elsewhere, {})):
        assert (answer.status_code, answer.json()["error"]) == (404, "Hotel not found")
    BookingFactory(room=there)
    own = BookingFactory(room=here)
    assert listed(caller, "/api/booking/manage/") == [own.booking_id]


def test_a_browser_needs_the_csrf_token():
    booking = on_arrival()
    browser = Program(user=UserFactory(role="Manager", hotels=[booking.hotel]), strict=True)
    assert browser.get(desk(booking)).status_code == 200
    answer = browser.post(desk(booking, "approve/"))
    assert (answer.status_code, "X-CSRFToken" in answer.json()["error"]) == (403, True)


@pytest.mark.parametrize(
    ("action", "status"), [("approve", "CONFIRMED"), ("reject", "DECLINED"), ("cancel", "CANCELLED")]
)
def test_managing_is_the_same_again(action, status):
    booking = on_arrival()
    caller = program(booking.hotel)
    path = f"/api/booking/manage/{booking.booking_id}/"
    answer = caller.send("PATCH", path, {"action": action, "reason": "Agreed"})
    assert (answer.status_code, answer.json()["booking"]["status"]) == (200, status)
    assert caller.get(path).json()["booking"]["status"] == status
    assert caller.send("PATCH", path, {"action": "burn"}).status_code == 422


def test_deleting_for_good_takes_the_reference_the_right_and_the_hotel_s_leave():
    booking = BookingFactory()
    path, body = (
        f"/api/booking/manage/{booking.booking_id}/",
        {"confirm": booking.booking_id, "reason": "Typed twice"},
    )
    assert program(booking.hotel).send("DELETE", path, body).json() == FORBIDDEN
    _token, key = access_tokens.create(UserFactory(role="owner"), name="Owner", hotel=None, expires_at=None)
    owner = Program(key)
    assert owner.send("DELETE", path, body).json()["code"] == "ERR_STATE"
    assert owner.send("DELETE", path, body | {"confirm": "OTHER"}).status_code == 422
    booking.hotel.allow_admin_deletion = True
    booking.hotel.save()
    owner.post(desk(booking, "soft-delete/"), {"reason": "Typed twice"})
    answer = owner.send("DELETE", path, body)
    assert (answer.status_code, Booking.objects.count()) == (200, 0)
    assert owner.send("DELETE", path, body).json() == NOT_FOUND

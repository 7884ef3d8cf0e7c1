"""Looking at a booking over HTTP: exact values, and nothing changes by it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bookings.models import Booking
from tests.api.calls import FORBIDDEN, Program, address, guest, key_of
from tests.factories import BookingFactory, HotelFactory, RoomFactory, RoomTypeFactory, UserFactory, days_ahead
from tests.guest.browser import rows
from tests.stays import clock_at, confirmed, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]


def midnight(booking, days):
    """The hotel's midnight so many days before check-in."""
    moment = booking.check_in_moment.replace(hour=0) - timedelta(days=days)
    return moment.replace(fold=0).isoformat()


def test_a_booking_is_shown_with_its_terms_and_what_cancelling_returns(stripe_simulator):
    booking = confirmed(stripe_simulator, BookingFactory(check_in=days_ahead(10)))
    hotel = booking.hotel
    program = guest(booking)
    before, asked = rows(), len(stripe_simulator.look("requests"))
    answer = program.get(address(booking))
    assert answer.status_code == 200
    said = answer.json()
    quote = said["quote"].pop("quote")
    tier = {"currency": "EUR", "is_current": False}
    assert said == {
        "success": True,
        "booking": {
            "booking_id": booking.booking_id,
            "status": "CONFIRMED",
            "hotel": hotel.name,
            "hotel_slug": hotel.slug,
            "time_zone": "Europe/Dublin",
            "room_type": booking.room_type.name,
            "check_in": booking.check_in.isoformat(),
            "check_out": booking.check_out.isoformat(),
            "check_in_from": booking.check_in_moment.isoformat(),
            "check_out_until": hotel.check_out_moment(booking.check_out).isoformat(),
            "nights": 2,
            "payment_method": "ONLINE",
            "total_amount": "340.00",
            "total_amount_minor": 34000,
            "currency": "EUR",
            "hold_expires_at": None,
            "contact_info": {"hotel": hotel.name, "email": "desk@hotel.example", "phone": "+353 1 555 0100"},
        },
        "policy": {
            "name": "14/7",
            "description": "Full refund until 14 days before check-in, half until 7 days, none after.",
            "fee_text": "",
            "deadline": (booking.check_in_moment - timedelta(days=1)).isoformat(),
            "tiers": [
                {
                    **tier,
                    "until": midnight(booking, 13),
                    "description": "Free cancellation: everything you paid is returned.",
                    "fee": "0.00",
                    "fee_minor": 0,
                },
                {
                    "currency": "EUR",
                    "is_current": True,
                    "until": midnight(booking, 6),
                    "description": "50 % of the price is kept.",
                    "fee": "170.00",
                    "fee_minor": 17000,
                },
                {
                    **tier,
                    "until": None,
                    "description": "The full price is kept.",
                    "fee": "340.00",
                    "fee_minor": 34000,
                },
            ],
        },
        "quote": {
            "paid": "340.00",
            "paid_minor": 34000,
            "held": "0.00",
            "held_minor": 0,
            "fee": "170.00",
            "fee_minor": 17000,
            "refund": "170.00",
            "refund_minor": 17000,
            "currency": "EUR",
            "description": "50 % of the price is kept.",
            "applied_rule": "from 7 days: 50 percent",
            "next_change_at": midnight(booking, 6),
        },
        "can_cancel": True,
        "cannot_cancel_because": None,
        "cancellation": None,
    }
    assert len(quote) > 50
    assert (rows(), len(stripe_simulator.look("requests"))) == (before, asked)


def test_yen_have_no_decimals_and_a_waiting_booking_costs_nothing():
    hotel = HotelFactory(currency="JPY", time_zone="Asia/Tokyo")
    room = RoomFactory(room_type=RoomTypeFactory(hotel=hotel))
    booking = submitted(BookingFactory(room=room, total_amount=36000))
    said = guest(booking).get(address(booking)).json()
    assert (said["booking"]["total_amount"], said["booking"]["total_amount_minor"]) == ("36000", 36000)
    assert (said["quote"]["fee"], said["quote"]["applied_rule"]) == ("0", "not confirmed")
    assert said["booking"]["check_in_from"].endswith("T15:00:00+09:00")
    until = hotel.local(booking.hold_expires_at).isoformat(timespec="seconds")
    assert said["booking"]["hold_expires_at"] == until


def test_no_guest_s_name_or_contact_is_in_any_answer(stripe_simulator):
    booking = confirmed(stripe_simulator)
    program = Program(key_of(booking, only_cancels=True))
    for answer in (program.get(address(booking)), program.post(address(booking)), program.get(address(booking))):
        assert answer.status_code == 200
        for mark in ("Ada", "ada@", "555 0123"):
            assert mark not in answer.content.decode()


@pytest.mark.parametrize("way", ["header", "header in lower case", "address"])
def test_a_key_may_come_in_each_way(way):
    booking = submitted()
    key = key_of(booking)
    how = {
        "header": {"headers": {"Authorization": f"Bearer {key}"}},
        "header in lower case": {"headers": {"Authorization": f"bearer {key}"}},
        "address": {"query_params": {"token": key}},
    }[way]
    assert Program().get(address(booking), **how).status_code == 200


def test_a_key_may_come_in_the_body():
    booking = submitted()
    answer = Program().post(address(booking), {"token": key_of(booking), "reason": "Ill"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer "}, {"Authorization": "Bearer"}, {"Authorization": "Basic eDp5"}]
)
@pytest.mark.parametrize("end", ["", "payment/status/", "payment/verify/"])
def test_without_a_key_it_is_401(headers, end):
    answer = Program().get(address(submitted(), end), headers=headers)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="booking"')
    assert answer.json() == {
        "success": False,
        "code": "ERR_FORBIDDEN",
        "error": "Send the key of the booking's management link, or sign in.",
    }


def test_staff_do_not_act_as_the_guest():
    booking = submitted()
    program = Program(user=UserFactory(role="owner"))
    before = rows()
    for answer in (
        program.get(address(booking)),
        program.post(address(booking)),
        program.post(address(booking, "cancel/")),
    ):
        assert answer.status_code == 401
    assert rows() == before


@pytest.mark.parametrize(
    ("method", "end"),
    [
        ("get", ""),
        ("post", ""),
        ("post", "cancel/"),
        ("post", "payment/session/"),
        ("post", "payment/retry/"),
        ("get", "payment/status/"),
        ("get", "payment/verify/"),
    ],
)
def test_whatever_is_wrong_with_a_key_is_one_and_the_same_403(
    stripe_simulator, django_assert_num_queries, method, end
):
    mine, other = confirmed(stripe_simulator), submitted()
    revoked = key_of(mine)
    mine.management_tokens.update(revoked_at=timezone.now())
    right = key_of(mine)
    cases = [
        (address(mine, end), "ikg_unknown"),
        (address(mine, end), "é\N{LOCK}"),
        (address(mine, end), "x" * 5000),
        (address(mine, end), key_of(mine, hours=-1)),
        (address(mine, end), revoked),
        (address(mine, end), key_of(other)),
        (address(other, end), right),
        (address(mine, end).replace(mine.booking_id, "ABCDEFGH23"), right),
        (address(mine, end).replace(mine.booking_id, mine.booking_id.lower()), right),
        (address(mine, end).replace(mine.hotel.slug, other.hotel.slug), right),
        (address(mine, end).replace(mine.hotel.slug, "nowhere"), right),
    ]
    queries = 1
    if method == "post":  # a refused attempt is counted, which takes as long whatever was wrong
        queries += counted(address(mine, end))
    before, asked = rows(), len(stripe_simulator.look("requests"))
    for path, key in cases:
        program = Program()
        with django_assert_num_queries(queries):
            answer = getattr(program, method)(path, query_params={"token": key})
        assert (answer.status_code, answer.json()) == (403, FORBIDDEN)
        assert answer.content == b'{"success": false, "code": "ERR_FORBIDDEN", "error": "User not authorized"}'
    assert (rows(), len(stripe_simulator.look("requests"))) == (before, asked)


def counted(path):
    """Be refused twice, so that every later refusal of this minute is only counted; how many queries that takes."""
    for _ in range(2):
        Program().post(path, query_params={"token": "ikg_unknown"})
    return len(("savepoint", "look for the record", "count", "release"))


def test_a_deleted_booking_is_no_longer_there(stripe_simulator):
    booking = submitted()
    program = guest(booking)
    assert program.post(address(booking)).status_code == 200
    Booking.objects.filter(pk=booking.pk).update(record_state="DELETED")
    assert program.get(address(booking)).json() == FORBIDDEN
    assert program.post(address(booking)).json() == FORBIDDEN


def test_too_many_wrong_keys_are_429_and_the_right_one_still_works():
    booking = submitted()
    program = guest(booking)
    codes = [Program("ikg_wrong").get(address(booking)).status_code for _ in range(62)]
    assert codes == [403] * 60 + [429] * 2
    answer = Program("ikg_wrong").get(address(booking))
    assert 3500 < int(answer["Retry-After"]) <= 3601
    assert answer.json() == {
        "success": False,
        "code": "ERR_RATE_LIMITED",
        "error": "Too many tries. Please try again later.",
    }
    assert program.get(address(booking)).status_code == 200


def test_a_key_ends_with_its_link():
    booking = submitted()
    program = guest(booking, hours=1)
    with clock_at(timezone.now() + timedelta(minutes=59)):
        assert program.get(address(booking)).status_code == 200
    with clock_at(timezone.now() + timedelta(minutes=61)):
        assert program.get(address(booking)).json() == FORBIDDEN


@pytest.mark.parametrize(
    ("booked", "asked", "words"),
    [
        ("en", "de", "Ihre Buchung ist storniert."),
        ("de", "", "Ihre Buchung ist storniert."),
        ("de", "en-GB", "Your booking is cancelled."),
        ("de", "tlh", "Your booking is cancelled."),
    ],
)
def test_a_guest_is_answered_in_the_language_asked_for_or_else_the_booking_s(booked, asked, words):
    booking = submitted(BookingFactory(guest_language=booked))
    headers = {"Accept-Language": asked} if asked else {}
    answer = guest(booking).post(address(booking, "cancel/"), headers=headers)
    assert (answer.status_code, answer.json()["message"]) == (200, words)

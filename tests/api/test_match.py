"""Cancelling with a reference and a contact: by a match where the hotel takes one, by a mailed link elsewhere."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bookings.models import Booking
from cancellations import links
from cancellations.models import LinkRequest
from payments.models import Refund
from tests.api.calls import Program
from tests.factories import BookingFactory, HotelFactory, RoomFactory, RoomTypeFactory, UserFactory, days_ahead
from tests.guest.browser import rows
from tests.stays import AtStripe, at_stripe, clock_at, confirmed, fresh, guest_cancels, mails, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]

ACCEPTED = {
    "success": True,
    "message": "Bookings are managed by a link in every mail about them. If the details match a booking, its guest "
    "is sent a fresh one.",
}
MAIL = {"client_email": "ada@guest.example"}
# Two counts that are begun or begun anew, two that are raised, one look, one request for the worker.
QUERIES = 7


def address(booking, end=""):
    """The address of a booking for anybody."""
    return f"/api/booking/client/{booking.booking_id}/{end}"


def draft(verification="match", days=10):
    """A draft in a hotel that takes a match as proof."""
    hotel = HotelFactory(guest_verification=verification)
    return BookingFactory(room=RoomFactory(room_type=RoomTypeFactory(hotel=hotel)), check_in=days_ahead(days))


@pytest.mark.parametrize(
    "contact",
    [
        {"client_email": "ada@guest.example"},
        {"client_email": " ADA@Guest.example "},
        {"client_phone": "+353 86 555 0123"},
        {"client_phone": "086 5550123", "client_email": ""},
    ],
)
def test_a_match_alone_cancels(stripe_simulator, contact):
    booking = confirmed(stripe_simulator, draft())
    answer = Program().post(address(booking, "cancel/"), {**contact, "reason": "Ill"})
    booking, refund = fresh(booking), Refund.objects.get()
    cancelled_at = booking.hotel.local(booking.cancelled_at).isoformat(timespec="seconds")
    assert answer.status_code == 200
    assert answer.json() == {
        "success": True,
        "message": "Your booking is cancelled.",
        "booking_reference": booking.booking_id,
        "status": "CANCELLED",
        "cancelled_at": cancelled_at,
        "cancellation_reason": "Ill",
        "cancellation": {
            "cancelled_at": cancelled_at,
            "cancellation_fee": "170.00",
            "cancellation_fee_minor": 17000,
            "refund_amount": "170.00",
            "refund_amount_minor": 17000,
            "currency": "EUR",
            "description": "50 % of the price is kept.",
            "applied_rule": "from 7 days: 50 percent",
            "refund_reference": refund.reference or refund.stripe_refund_id,
            "refund_status": "SENT",
        },
    }
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, refunded=17000, captures=1, refunds=1)
    assert mails(booking)[-1] == "cancelled_by_guest"


def test_a_match_acts_as_the_guest_whoever_is_signed_in(stripe_simulator):
    booking = submitted(draft())
    program = Program(user=UserFactory(role="owner"), strict=True)
    assert program.post(address(booking, "cancel/"), MAIL).status_code == 200
    row = booking.history.first()
    assert (row.actor_kind, row.history_user, row.cancelled_by_client) == ("guest", None, True)


def test_repeating_a_match_answers_the_same_bytes(stripe_simulator):
    booking = confirmed(stripe_simulator, draft())
    answers = [Program().post(address(booking, "cancel/"), MAIL) for _ in range(3)]
    assert {(each.status_code, each.content) for each in answers} == {(200, answers[0].content)}
    assert at_stripe(stripe_simulator, booking).refunds == 1


def test_a_match_too_late_is_409_with_all_its_times(stripe_simulator):
    booking = confirmed(stripe_simulator, draft())
    late = booking.check_in_moment - timedelta(hours=2)
    before, asked = rows(), len(stripe_simulator.look("requests"))
    with clock_at(late):
        answer = Program().post(address(booking, "cancel/"), MAIL)
    assert answer.status_code == 409
    assert answer.json() == {
        "success": False,
        "code": "ERR_DEADLINE",
        "error": "Cancellation deadline has passed",
        "policy": "Full refund until 14 days before check-in, half until 7 days, none after.",
        "session_time": booking.check_in_moment.isoformat(),
        "current_time": late.isoformat(timespec="seconds"),
        "contact_info": {
            "hotel": booking.hotel.name,
            "email": "desk@hotel.example",
            "phone": "+353 1 555 0100",
        },
    }
    assert len(stripe_simulator.look("requests")) == asked
    assert {**rows(), "cancellations.TryCount": []} == {**before, "cancellations.TryCount": []}


def people():
    """Everybody who is not recognised, as pairs of a reference and what they say."""
    link, match, deleted = submitted(draft("link")), submitted(draft()), submitted(draft())
    gone = guest_cancels(deleted).booking
    Booking.objects.filter(pk=gone.pk).update(record_state="DELETED")
    wrong = {"client_email": "eve@guest.example", "reason": "x"}
    return [
        (link.booking_id, MAIL),
        (link.booking_id, wrong),
        (match.booking_id, wrong),
        (match.booking_id, {"client_phone": "555 9999999"}),
        (gone.booking_id, MAIL),
        (draft().booking_id, MAIL),
        ("ABCDEFGH23", MAIL),
        ("x" * 300, MAIL),
    ]


def test_whoever_is_not_recognised_gets_one_and_the_same_202(stripe_simulator, django_assert_num_queries):
    strangers = people()
    bookings, asked = list(Booking.objects.values()), len(stripe_simulator.look("requests"))
    seen = set()
    for reference, said in strangers:
        path = f"/api/booking/client/{reference}/cancel/"
        with django_assert_num_queries(QUERIES):
            answer = Program().post(path, said)
        seen.add((answer.status_code, answer.content, answer["Content-Length"]))
    assert len(seen) == 1
    assert (answer.status_code, answer.json()) == (202, ACCEPTED)
    assert (list(Booking.objects.values()), len(stripe_simulator.look("requests"))) == (bookings, asked)


def test_the_worker_mails_a_link_to_the_guest_of_a_hotel_that_wants_one(stripe_simulator):
    booking = submitted(draft("link"))
    assert Program().post(address(booking, "cancel/"), MAIL).status_code == 202
    assert fresh(booking).status == "PENDING_PAYMENT"
    links.answer_requests(timezone.now())
    assert mails(booking)[-1] == "management_link"
    assert LinkRequest.objects.get().handled_at


def test_looking_shows_hotel_dates_and_terms_of_a_hotel_that_takes_a_match(stripe_simulator):
    booking = confirmed(stripe_simulator, draft())
    before = rows()
    answer = Program().get(address(booking))
    assert answer.status_code == 200
    said = answer.json()
    tiers = said["policy"].pop("tiers")
    assert said == {
        "success": True,
        "booking_reference": booking.booking_id,
        "hotel": booking.hotel.name,
        "check_in": booking.check_in.isoformat(),
        "check_out": booking.check_out.isoformat(),
        "policy": {
            "name": "14/7",
            "description": "Full refund until 14 days before check-in, half until 7 days, none after.",
            "fee_text": "",
            "deadline": (booking.check_in_moment - timedelta(days=1)).isoformat(),
        },
        "contact_info": {"hotel": booking.hotel.name, "email": "desk@hotel.example", "phone": "+353 1 555 0100"},
    }
    assert [(tier["fee"], tier["is_current"]) for tier in tiers] == [
        ("0.00", False),
        ("170.00", False),
        ("340.00", False),
    ]
    assert rows() == before


def test_looking_without_a_match_is_one_and_the_same_202(stripe_simulator, django_assert_num_queries):
    references = [reference for reference, _ in people()]
    before = rows()
    hidden = [reference for index, reference in enumerate(references) if index not in (2, 3)]
    for reference in hidden:
        with django_assert_num_queries(1):
            answer = Program().get(f"/api/booking/client/{reference}/")
        assert (answer.status_code, answer.json()) == (202, ACCEPTED)
    assert rows() == before


def test_without_a_contact_it_is_422_for_every_reference():
    match = submitted(draft())
    bodies = [{}, {"reason": "x"}, {"client_email": " "}, {"client_email": "", "client_phone": ""}]
    for reference in (match.booking_id, "ABCDEFGH23"):
        for body in bodies:
            answer = Program().post(f"/api/booking/client/{reference}/cancel/", body)
            assert answer.status_code == 422
            assert answer.json() == {
                "success": False,
                "code": "ERR_VALIDATION",
                "error": "Send client_email or client_phone.",
            }
    assert (fresh(match).status, LinkRequest.objects.count()) == ("PENDING_PAYMENT", 0)


@pytest.mark.parametrize("exists", [True, False])
def test_too_many_tries_for_one_reference_are_429_whether_it_exists_or_not(exists):
    reference = submitted(draft()).booking_id if exists else "ABCDEFGH23"
    path, wrong = f"/api/booking/client/{reference}/cancel/", {"client_email": "eve@guest.example"}
    answers = [Program().post(path, wrong, REMOTE_ADDR=f"198.51.100.{n}") for n in range(12)]
    assert [answer.status_code for answer in answers] == [202] * 10 + [429] * 2
    assert 3500 < int(answers[-1]["Retry-After"]) <= 3601
    assert answers[-1].json() == {
        "success": False,
        "code": "ERR_RATE_LIMITED",
        "error": "Too many tries. Please try again later.",
    }


def test_too_many_looks_and_tries_from_one_address_are_429():
    looks = [Program().get(f"/api/booking/client/ABCDEFGH{n}/").status_code for n in range(10, 72)]
    assert looks == [202] * 60 + [429] * 2
    tries = [Program().post(f"/api/booking/client/ABCDEFGH{n}/cancel/", MAIL).status_code for n in range(10, 42)]
    assert tries == [202] * 30 + [429] * 2

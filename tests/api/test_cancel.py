"""Cancelling over HTTP: each case answers as promised, and a refusal moves nothing."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bookings import lifecycle
from bookings.models import Hotel
from cancellations import cancel
from cancellations.models import ManagementToken
from payments import decisions, operations
from payments.models import Refund
from tests.api.calls import Program, address, guest, key_of
from tests.factories import BookingFactory, RoomFactory, UserFactory, days_ahead
from tests.guest.browser import rows
from tests.stays import (
    AtStripe,
    at_stripe,
    by_staff,
    clock_at,
    confirmed,
    fresh,
    guest_cancels,
    paid,
    submitted,
    transitions,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]

CONTACT = {"email": "desk@hotel.example", "phone": "+353 1 555 0100"}


def in_ten_days(simulator, **fields):
    """A confirmed booking in the tier that keeps half."""
    return confirmed(simulator, BookingFactory(check_in=days_ahead(10), **fields))


@pytest.mark.parametrize("end", ["", "cancel/"])
def test_a_cancellation_answers_what_was_decided(stripe_simulator, end):
    booking = in_ten_days(stripe_simulator)
    answer = guest(booking).post(address(booking, end), {"reason": "Ill"})
    refund = Refund.objects.get()
    booking = fresh(booking)
    assert answer.status_code == 200
    assert answer.json() == {
        "success": True,
        "message": "Your booking is cancelled.",
        "cancellation": {
            "cancelled_at": booking.hotel.local(booking.cancelled_at).isoformat(timespec="seconds"),
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
    assert (booking.status, booking.cancellation_reason, booking.cancelled_by_client) == ("CANCELLED", "Ill", True)
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, refunded=17000, captures=1, refunds=1)


def test_history_and_link_say_that_it_was_the_guest_even_beside_a_signed_in_colleague(stripe_simulator):
    booking = submitted()
    program = Program(key_of(booking), user=UserFactory(role="owner"), user_agent="App/1")
    program.post(address(booking))
    row = booking.history.first()
    token = ManagementToken.objects.get(last_action="CANCEL")
    assert (row.transition, row.actor_kind, row.history_user, row.user_agent) == ("cancel", "guest", None, "App/1")
    assert (token.booking, bool(token.used_at), token.user_agent) == (booking, True, "App/1")
    assert fresh(booking).cancellation_reason == "Guest cancellation via management link"


def test_repeating_answers_the_same_bytes_and_moves_nothing(stripe_simulator):
    booking = in_ten_days(stripe_simulator)
    program = guest(booking)
    first = program.post(address(booking))
    before, asked = rows(), len(stripe_simulator.look("requests"))
    again = [program.post(address(booking, end), {"reason": "again"}) for end in ("", "cancel/", "")]
    assert {(each.status_code, each.content) for each in again} == {(200, first.content)}
    assert (rows(), len(stripe_simulator.look("requests"))) == (before, asked)


@pytest.mark.parametrize("change", [{"revoked_at": timezone.now()}, {"expires_at": timezone.now()}])
def test_the_key_that_cancelled_is_told_the_result_for_ever(stripe_simulator, change):
    booking = in_ten_days(stripe_simulator)
    program, other = guest(booking), guest(booking)
    first = program.post(address(booking))
    ManagementToken.objects.update(**change)
    again = program.post(address(booking))
    assert (again.status_code, again.content) == (200, first.content)
    assert other.post(address(booking)).status_code == 403
    assert program.get(address(booking)).status_code == 403
    assert program.get(address(booking, "payment/status/")).status_code == 403


def test_fields_that_are_null_count_as_left_empty(stripe_simulator):
    booking = in_ten_days(stripe_simulator)
    body = {"token": None, "reason": None, "quote": None}
    assert guest(booking).post(address(booking), body).status_code == 200
    assert fresh(booking).cancellation_reason == "Guest cancellation via management link"


def test_a_held_amount_is_released(stripe_simulator):
    booking = paid(stripe_simulator, BookingFactory(check_in=days_ahead(3)))
    said = guest(booking).post(address(booking)).json()["cancellation"]
    assert (said["cancellation_fee"], said["refund_amount"], said["applied_rule"]) == (
        "0.00",
        "0.00",
        "not confirmed",
    )
    assert (said["refund_reference"], said["refund_status"]) == (None, None)
    assert at_stripe(stripe_simulator, booking) == AtStripe(voids=1)


def test_amounts_that_a_program_sends_are_never_read(stripe_simulator):
    booking = in_ten_days(stripe_simulator)
    body = {"fee": 0, "cancellation_fee": "0.00", "refund_amount": 34000, "amount": "340.00"}
    answer = guest(booking).post(address(booking), body)
    assert answer.json()["cancellation"]["refund_amount_minor"] == 17000


def test_the_quote_that_was_shown_is_honoured_across_a_tier(stripe_simulator):
    booking = in_ten_days(stripe_simulator)
    edge = booking.check_in_moment - timedelta(hours=6 * 24 + 15)
    program = guest(booking, hours=300)
    with clock_at(edge - timedelta(minutes=5)):
        shown = program.get(address(booking)).json()["quote"]
    with clock_at(edge + timedelta(minutes=5)):
        answer = program.post(address(booking), {"quote": shown["quote"]})
    said = answer.json()["cancellation"]
    assert (shown["fee"], said["cancellation_fee"], said["refund_amount"]) == ("170.00", "170.00", "170.00")
    assert said["applied_rule"] == "from 7 days: 50 percent"


@pytest.mark.parametrize(("minutes", "fee"), [(-1, "170.00"), (14, "170.00"), (16, "340.00")])
def test_without_a_quote_the_tier_of_15_minutes_ago_counts_where_it_is_better(stripe_simulator, minutes, fee):
    booking = in_ten_days(stripe_simulator)
    edge = booking.check_in_moment - timedelta(hours=6 * 24 + 15)
    program = guest(booking, hours=300)
    with clock_at(edge + timedelta(minutes=minutes)):
        said = program.post(address(booking)).json()["cancellation"]
        again = program.post(address(booking)).json()["cancellation"]
    assert said["cancellation_fee"] == fee
    assert again == said


@pytest.mark.parametrize("quote", ["forged", "x" * 600])
def test_a_quote_that_is_none_of_ours_asks_again_with_the_right_one(stripe_simulator, quote):
    booking = in_ten_days(stripe_simulator)
    program = guest(booking)
    before, asked = rows(), len(stripe_simulator.look("requests"))
    answer = program.post(address(booking), {"quote": quote})
    assert (answer.status_code, answer.json()["code"]) == (409, "ERR_STATE")
    assert "Nothing has been cancelled yet." in answer.json()["error"]
    assert (rows(), len(stripe_simulator.look("requests"))) == (before, asked)
    new = answer.json()["quote"]
    assert (new["paid"], new["fee"], new["refund"], new["currency"]) == ("340.00", "170.00", "170.00", "EUR")
    assert program.post(address(booking), {"quote": new["quote"]}).status_code == 200


def test_money_returned_meanwhile_asks_again(stripe_simulator):
    booking = in_ten_days(stripe_simulator)
    program = guest(booking)
    shown = program.get(address(booking)).json()["quote"]["quote"]
    with by_staff(UserFactory(role="owner")):
        decisions.refund(booking, amount=10000, note="Noise")
    answer = program.post(address(booking), {"quote": shown})
    assert answer.status_code == 409
    assert answer.json()["quote"]["refund"] == "70.00"
    assert fresh(booking).status == "CONFIRMED"


def test_after_the_deadline_the_answer_says_all_its_times_and_moves_nothing(stripe_simulator):
    booking = confirmed(stripe_simulator)
    program = guest(booking, hours=40 * 24)
    late = booking.check_in_moment - timedelta(hours=24) + timedelta(seconds=1)
    before, asked = rows(), len(stripe_simulator.look("requests"))
    with clock_at(late):
        answer = program.post(address(booking))
        seen = program.get(address(booking)).json()
    assert answer.status_code == 409
    assert answer.json() == {
        "success": False,
        "code": "ERR_DEADLINE",
        "error": "Cancellation deadline has passed",
        "policy": "Full refund until 14 days before check-in, half until 7 days, none after.",
        "session_time": booking.check_in_moment.isoformat(),
        "current_time": late.isoformat(timespec="seconds"),
        "contact_info": {"hotel": booking.hotel.name, **CONTACT},
    }
    assert (seen["can_cancel"], seen["cannot_cancel_because"]) == (False, "Cancellation deadline has passed")
    assert seen["quote"]["quote"] is None
    assert (rows(), len(stripe_simulator.look("requests"))) == (before, asked)


def test_a_quote_outlives_the_deadline(stripe_simulator):
    room = RoomFactory(room_type__hotel__cancellation_deadline_hours=192)
    booking = in_ten_days(stripe_simulator, room=room)
    program, edge = guest(booking, hours=300), booking.check_in_moment - timedelta(hours=192)
    with clock_at(edge - timedelta(minutes=5)):
        shown = program.get(address(booking)).json()["quote"]["quote"]
    with clock_at(edge + timedelta(minutes=5)):
        assert program.post(address(booking)).json()["code"] == "ERR_DEADLINE"
        assert program.post(address(booking), {"quote": shown}).status_code == 200


def test_a_hotel_that_takes_no_cancellations_online_says_so(stripe_simulator):
    booking = confirmed(stripe_simulator)
    program = guest(booking)
    quote = program.get(address(booking)).json()["quote"]["quote"]
    Hotel.objects.update(allow_client_cancellation=False)
    before, asked = rows(), len(stripe_simulator.look("requests"))
    answers = [program.post(address(booking), {"quote": each}) for each in ("", quote)]
    for answer in answers:
        assert answer.status_code == 409
        assert answer.json() == {
            "success": False,
            "code": "ERR_STATE",
            "error": "This hotel does not take cancellations online. Please contact the hotel.",
            "contact_info": {"hotel": booking.hotel.name, **CONTACT},
        }
    assert (rows(), len(stripe_simulator.look("requests"))) == (before, asked)


def declined(simulator):
    booking = paid(simulator)
    with by_staff(UserFactory(first_name="Nightly", last_name="Manager")):
        return decisions.decline(booking, reason="Overbooked by mistake").booking


def completed(simulator):
    booking = confirmed(simulator)
    with clock_at(timezone.now() + timedelta(days=40)):
        return lifecycle.complete(booking).booking


def expired(simulator):
    booking = submitted()
    with clock_at(timezone.now() + timedelta(days=2)):
        decisions.expire(booking)
    return booking


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (declined, "The hotel declined this booking, so there is nothing left to cancel."),
        (completed, "This stay is over, so it can no longer be cancelled."),
        (expired, "This booking has expired, so there is nothing left to cancel."),
    ],
)
def test_what_has_ended_is_refused_with_its_reason_and_without_names(stripe_simulator, end, words):
    booking = fresh(end(stripe_simulator))
    program = guest(booking)
    before, asked = rows(), len(stripe_simulator.look("requests"))
    answer = program.post(address(booking))
    assert (answer.status_code, answer.json()) == (409, {"success": False, "code": "ERR_STATE", "error": words})
    assert program.get(address(booking)).json()["cannot_cancel_because"] == words
    assert (rows(), len(stripe_simulator.look("requests"))) == (before, asked)


def test_when_stripe_refuses_nothing_changes_and_no_word_of_stripe_leaks(stripe_simulator):
    booking = confirmed(stripe_simulator)
    program = guest(booking)
    stripe_simulator.reset()  # Stripe knows no such payment any more
    answer = program.post(address(booking))
    assert answer.status_code == 502
    assert answer.json() == {
        "success": False,
        "code": "ERR_STRIPE",
        "error": "Stripe API error",
        "message": "The payment service could not return your money just now, so nothing was cancelled: your booking "
        "is unchanged. Please try again later, or contact the hotel.",
    }
    assert (fresh(booking).status, transitions(booking)[-1]) == ("CONFIRMED", "approve")


def test_when_stripe_s_answer_is_lost_it_is_in_progress_and_settles_by_itself(stripe_simulator):
    booking = confirmed(stripe_simulator)
    program = guest(booking)
    stripe_simulator.control("faults", kind="drop_after", match={"path_regex": "/v1/refunds"}, times=3)
    answer = program.post(address(booking))
    assert answer.status_code == 202
    assert answer.json() == {
        "success": True,
        "status": "IN_PROGRESS",
        "message": "Your request is in progress. There is nothing more for you to do; it settles by itself.",
    }
    seen = program.get(address(booking)).json()
    assert (seen["can_cancel"], seen["quote"]["quote"]) == (False, None)
    operations.resolve(booking.operations.get(status="pending"))
    assert program.post(address(booking)).json()["cancellation"]["refund_amount"] == "340.00"
    assert at_stripe(stripe_simulator, booking).refunds == 1


def test_what_the_hotel_cancelled_is_told_by_whose_decision(stripe_simulator):
    booking = in_ten_days(stripe_simulator)
    with by_staff(UserFactory(role="owner", last_name="Manager")):
        cancel.cancel_booking(booking, reason="Water damage", fee=0)
    said = guest(booking).get(address(booking)).json()["cancellation"]
    assert (said["cancellation_fee"], said["refund_amount"]) == ("0.00", "340.00")
    assert (said["applied_rule"], said["description"]) == ("by agreement", "The hotel decided on the fee.")


def test_the_page_and_the_api_record_the_same(stripe_simulator):
    one, other = in_ten_days(stripe_simulator), in_ten_days(stripe_simulator)
    guest_cancels(one)
    guest(other).post(address(other))
    assert [
        (each.status, each.cancellation_fee, each.refund_amount, each.cancelled_by_client, transitions(each))
        for each in (fresh(one), fresh(other))
    ] == [("CANCELLED", 17000, 17000, True, ["submit", "authorize", "approve", "cancel"])] * 2

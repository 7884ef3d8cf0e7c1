"""Paying over HTTP: for the guest of a booking, and for staff within their hotels and rights."""

from datetime import timedelta

import pytest
from django.conf import settings

from bookings.models import Booking
from payments import decisions
from payments.models import Payment
from tests.api.calls import FORBIDDEN, NOT_FOUND, Program, address, guest, key_of
from tests.factories import BookingFactory, UserFactory
from tests.guest.browser import rows
from tests.payments import rupees
from tests.payments.moving import move
from tests.stays import (
    REFUSED_CARD,
    by_staff,
    clock_at,
    confirmed,
    fresh,
    in_instant_hotel,
    paid,
    pay,
    submitted,
    transitions,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]

SESSION, RETRY, STATUS, VERIFY = (f"payment/{name}/" for name in ("session", "retry", "status", "verify"))
EVERY = (("post", SESSION), ("post", RETRY), ("get", STATUS), ("get", VERIFY))


def test_a_session_answers_where_to_pay_and_is_the_same_while_it_lives(stripe_simulator):
    booking = submitted()
    program = guest(booking)
    answers = [program.post(address(booking, SESSION)) for _ in range(3)]
    payment = Payment.objects.get()
    assert {answer.status_code for answer in answers} == {200}
    assert [answer.json() for answer in answers] == [
        {
            "success": True,
            "status": "created",
            "session_id": payment.stripe_checkout_session_id,
            "payment_url": payment.session_url,
            "session_url": payment.session_url,
            "payment_id": payment.pk,
            "amount": "340.00",
            "amount_minor": 34000,
            "currency": "EUR",
            "conversion": None,
            "publishable_key": settings.STRIPE_PUBLISHABLE_KEY,
            "attempt": 1,
        }
    ] * 3
    assert payment.operations.get().details["actor"]["kind"] == "guest"


def test_status_is_read_from_our_records_and_asks_stripe_nothing(stripe_simulator):
    booking = submitted()
    program = guest(booking)
    before = rows()
    assert program.get(address(booking, STATUS)).json() == {
        "booking_id": booking.booking_id,
        "booking_status": "PENDING_PAYMENT",
        "payment_status": "NOT_INITIATED",
        "payment_required": True,
        "stripe_session_id": None,
        "amount": "340.00",
        "amount_minor": 34000,
        "currency": "EUR",
        "attempts": 0,
        "attempts_left": 3,
        "history": [],
        "refunds": [],
    }
    assert (rows(), stripe_simulator.look("requests")) == (before, [])


def test_verify_asks_stripe_and_settles(stripe_simulator):
    booking = submitted()
    program = guest(booking)
    program.post(address(booking, SESSION))
    pay(stripe_simulator, Payment.objects.get())
    assert program.get(address(booking, STATUS)).json()["payment_status"] == "PROCESSING"
    answer = program.get(address(booking, VERIFY), query_params={"session_id": "cs_of_somebody_else"})
    payment = Payment.objects.get()
    assert answer.json() == {
        "booking_id": booking.booking_id,
        "booking_status": "PENDING_APPROVAL",
        "payment_status": "AUTHORIZED",
        "payment_required": False,
        "stripe_session_id": payment.stripe_checkout_session_id,
        "amount": "340.00",
        "amount_minor": 34000,
        "currency": "EUR",
        "attempts": 1,
        "attempts_left": 0,
        "history": [
            {
                "attempt": 1,
                "status": "AUTHORIZED",
                "provider": "stripe",
                "amount": "340.00",
                "amount_minor": 34000,
                "currency": "EUR",
                "created_at": booking.hotel.local(payment.created_at).isoformat(timespec="seconds"),
            }
        ],
        "refunds": [],
    }
    assert [row.actor_kind for row in booking.history.filter(transition="authorize")] == ["stripe"]
    before = rows()
    assert program.get(address(booking, VERIFY)).content == answer.content
    assert rows() == before


def test_verify_confirms_in_an_instant_hotel_and_has_nothing_to_ask_without_a_payment(stripe_simulator):
    booking = submitted(in_instant_hotel())
    program = guest(booking)
    assert program.get(address(booking, VERIFY)).json()["payment_status"] == "NOT_INITIATED"
    program.post(address(booking, SESSION))
    pay(stripe_simulator, Payment.objects.get())
    said = program.get(address(booking, VERIFY)).json()
    assert (said["booking_status"], said["payment_status"]) == ("CONFIRMED", "SUCCEEDED")
    assert (said["amount"], said["currency"]) == ("36000", "JPY")


def test_refunds_are_listed_with_their_references(stripe_simulator):
    booking = confirmed(stripe_simulator)
    with by_staff(UserFactory(role="owner")):
        decisions.refund(booking, amount=10000, note="Noise in the night")
    answer = guest(booking).get(address(booking, STATUS))
    (row,) = answer.json()["refunds"]
    refund = Payment.objects.get().refunds.get()
    assert answer.json()["payment_status"] == "PARTIALLY_REFUNDED"
    assert "Noise" not in answer.content.decode()
    assert row == {
        "status": "SUCCEEDED",
        "amount": "100.00",
        "amount_minor": 10000,
        "currency": "EUR",
        "reference": refund.reference or refund.stripe_refund_id,
        "created_at": booking.hotel.local(refund.created_at).isoformat(timespec="seconds"),
        "succeeded_at": booking.hotel.local(refund.succeeded_at).isoformat(timespec="seconds"),
    }


def test_status_tells_what_was_taken_once_a_stay_has_become_cheaper(stripe_simulator):
    booking = paid(stripe_simulator)
    move(booking, nights=1)
    assert guest(booking).get(address(booking, STATUS)).json()["amount"] == "340.00"
    with by_staff(UserFactory()):
        decisions.approve(fresh(booking))
    said = guest(booking).get(address(booking, STATUS)).json()
    assert (said["payment_status"], said["amount"], said["amount_minor"]) == ("SUCCEEDED", "170.00", 17000)
    assert [(each["amount"], each["amount_minor"]) for each in said["history"]] == [("170.00", 17000)]


def test_a_retry_after_a_refused_card_is_another_attempt_up_to_the_limit(stripe_simulator):
    booking = submitted()
    program = guest(booking)
    seen = []
    for end in (SESSION, RETRY, RETRY):
        seen.append(program.post(address(booking, end)).json())
        pay(stripe_simulator, Payment.objects.first(), REFUSED_CARD)
        program.get(address(booking, VERIFY))
    assert [each["attempt"] for each in seen] == [1, 2, 3]
    assert len({each["session_id"] for each in seen}) == 3
    before = rows()
    answer = program.post(address(booking, RETRY))
    assert answer.status_code == 409
    assert answer.json() == {
        "success": False,
        "code": "ERR_STATE",
        "error": "All attempts to pay are used up. Please contact the hotel.",
    }
    assert rows() == before
    said = program.get(address(booking, STATUS)).json()
    assert (said["attempts"], said["attempts_left"], len(said["history"])) == (3, 0, 3)


@pytest.mark.parametrize("end", [SESSION, RETRY])
@pytest.mark.parametrize(
    ("make", "words"),
    [
        (paid, "Payment already processed"),
        (confirmed, "Payment already processed"),
        (lambda _: submitted(payment_method="ARRIVAL"), "Payment method must be ONLINE"),
    ],
)
def test_what_needs_no_payment_is_409_in_the_fixed_words(stripe_simulator, make, words, end):
    booking = make(stripe_simulator)
    program = guest(booking)
    before, asked = rows(), len(stripe_simulator.look("requests"))
    answer = program.post(address(booking, end))
    assert (answer.status_code, answer.json()) == (409, {"success": False, "code": "ERR_STATE", "error": words})
    assert (rows(), len(stripe_simulator.look("requests"))) == (before, asked)


def test_payment_on_arrival_is_told():
    booking = submitted(payment_method="ARRIVAL")
    said = guest(booking).get(address(booking, STATUS)).json()
    assert (said["payment_status"], said["payment_required"], said["attempts_left"]) == ("PAY_ON_ARRIVAL", False, 0)


def test_a_declined_booking_names_nobody(stripe_simulator):
    booking = paid(stripe_simulator)
    with by_staff(UserFactory(last_name="Manager")):
        decisions.decline(booking, reason="Overbooked by mistake")
    answer = guest(booking).post(address(booking, SESSION))
    assert answer.status_code == 409
    assert answer.json()["error"] == "The hotel declined this booking, so there is nothing to pay."


def test_a_hold_that_is_nearly_over_gets_no_page(stripe_simulator):
    booking = submitted()
    program = guest(booking, hours=48)
    before = rows()
    with clock_at(booking.hold_expires_at - timedelta(minutes=30)):
        answer = program.post(address(booking, SESSION))
    assert answer.status_code == 409
    assert "The room is held for too short a time" in answer.json()["error"]
    assert (rows(), stripe_simulator.look("requests")) == (before, [])


def test_when_stripe_refuses_nothing_is_charged_and_nothing_leaks(stripe_simulator):
    booking = submitted()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "STRIPE_SECRET_KEY", "sk_test_other")
        answer = guest(booking).post(address(booking, SESSION))
    assert answer.status_code == 502
    assert answer.json() == {
        "success": False,
        "code": "ERR_STRIPE",
        "error": "Stripe API error",
        "message": "The payment service did not do what was asked, and nothing was charged. Please try again later.",
    }
    assert (fresh(booking).status, transitions(booking)) == ("PENDING_PAYMENT", ["submit"])


def test_a_currency_that_nobody_can_charge_is_told_without_the_hotel_s_trouble(stripe_simulator):
    stripe_simulator.control("currencies", unsupported=["pkr"])
    booking = submitted(rupees.draft(fallback_currency=""))
    answer = guest(booking).post(address(booking, SESSION))
    assert (answer.status_code, answer.json()["code"]) == (502, "ERR_CURRENCY")
    assert "cannot take online payments just now" in answer.json()["error"]
    assert "fallback" not in answer.content.decode()


def test_when_stripe_is_silent_the_request_is_in_progress(stripe_simulator):
    booking = submitted()
    program = guest(booking)
    stripe_simulator.control("faults", kind="drop_before", match={"path_regex": "/v1/checkout"}, times=3)
    answer = program.post(address(booking, SESSION))
    assert (answer.status_code, answer.json()["status"]) == (202, "IN_PROGRESS")
    assert program.post(address(booking, SESSION)).status_code == 200
    stripe_simulator.control("faults", kind="error_500", match={"path_regex": "/v1/checkout"}, times=9)
    before = rows()
    answer = program.get(address(booking, VERIFY))
    assert (answer.status_code, answer.json()["code"]) == (502, "ERR_STRIPE_UNKNOWN")
    assert rows() == before


def test_a_key_of_a_mere_match_is_not_enough_to_pay(stripe_simulator):
    booking = submitted()
    program = Program(key_of(booking, only_cancels=True))
    for method, end in EVERY:
        assert getattr(program, method)(address(booking, end)).json() == FORBIDDEN
    assert not Payment.objects.exists()


def test_staff_of_the_hotel_may_do_the_same_in_their_own_name(stripe_simulator):
    booking = submitted()
    person = UserFactory(hotels=[booking.hotel])
    program = Program(user=person)
    assert program.post(address(booking, SESSION)).json()["attempt"] == 1
    payment = Payment.objects.get()
    actor = payment.operations.get().details["actor"]
    assert (actor["kind"], actor["user_id"]) == ("staff", person.pk)
    pay(stripe_simulator, payment)
    assert program.get(address(booking, VERIFY)).json()["payment_status"] == "AUTHORIZED"
    answer = program.post(address(booking, SESSION))
    assert (answer.status_code, answer.json()["error"]) == (409, "Payment already processed")


def test_staff_of_another_hotel_and_unknown_bookings_are_the_same_404(stripe_simulator):
    booking, other = submitted(), submitted()
    deleted = BookingFactory(room=other.room)
    Booking.objects.filter(pk=deleted.pk).update(record_state="DELETED")
    program = Program(user=UserFactory(hotels=[other.hotel], role="Manager"))
    before = rows()
    for method, end in EVERY:
        unknown = address(other, end).replace(other.booking_id, "ABCDEFGH23")
        mixed = address(booking, end).replace(booking.hotel.slug, other.hotel.slug)
        for path in (address(booking, end), unknown, mixed, address(deleted, end)):
            answer = getattr(program, method)(path)
            assert (answer.status_code, answer.json()) == (404, NOT_FOUND)
    assert (rows(), stripe_simulator.look("requests")) == (before, [])


def test_an_auditor_may_look_and_do_nothing(stripe_simulator):
    booking = submitted()
    program = Program(user=UserFactory(hotels=[booking.hotel], role="Auditor"))
    codes = [getattr(program, method)(address(booking, end)).status_code for method, end in EVERY]
    assert codes == [403, 403, 200, 403]
    assert (Payment.objects.count(), stripe_simulator.look("requests")) == (0, [])


@pytest.mark.parametrize("fields", [{"is_active": False}, {"is_staff": False}])
def test_whoever_is_no_member_of_staff_any_more_is_401(fields):
    booking = submitted()
    person = UserFactory(role="owner")
    program = Program(user=person)
    for name, value in fields.items():
        setattr(person, name, value)
    person.save()
    assert program.get(address(booking, STATUS)).status_code == 401


def test_staff_need_the_csrf_token_and_guests_do_not(stripe_simulator):
    booking = submitted()
    program = Program(user=UserFactory(role="owner"), strict=True)
    before = rows()
    answer = program.post(address(booking, SESSION))
    assert (answer.status_code, answer.json()["code"]) == (403, "ERR_FORBIDDEN")
    assert "X-CSRFToken" in answer.json()["error"]
    assert (rows(), stripe_simulator.look("requests")) == (before, [])
    program.client.get("/admin/")
    token = program.client.cookies["innkeep_csrf"].value
    assert program.post(address(booking, SESSION), headers={"X-CSRFToken": token}).status_code == 200
    assert Program(key_of(booking), strict=True).post(address(booking, RETRY)).status_code == 200


def test_what_a_guest_pays_in_another_currency_is_told_before(stripe_simulator):
    stripe_simulator.control("currencies", unsupported=["pkr"])
    rupees.quoted()
    booking = submitted(rupees.draft())
    said = guest(booking).post(address(booking, SESSION)).json()
    assert (said["amount"], said["amount_minor"], said["currency"]) == ("35.71", 3571, "USD")
    assert said["conversion"].startswith("Rs. 10,000 will be charged as $35.71, at 1 PKR = 0.003571 USD")

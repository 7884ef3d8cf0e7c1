"""The payment page: one at a time, within the hold."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bookings.refusals import Refused
from payments import checkout, gateway, operations
from payments.models import PaymentOperation
from tests.factories import BookingFactory, HotelFactory, RoomFactory, RoomTypeFactory
from tests.stays import REFUSED_CARD, at_stripe, by_guest, clock_at, fresh, pay, submitted, with_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]


def test_page_is_made_for_the_exact_amount(stripe_simulator):
    payment = with_page()
    request = next(row for row in stripe_simulator.look("requests") if row["path"] == "/v1/checkout/sessions")
    booking = payment.booking
    operation = PaymentOperation.objects.get()
    assert (payment.status, payment.amount, payment.currency, payment.attempt_number) == (
        "PROCESSING",
        34000,
        "EUR",
        1,
    )
    assert payment.session_url.endswith(payment.stripe_checkout_session_id)
    assert request["idempotency_key"] == f"create_session:{booking.booking_id}:1" == operation.idempotency_key
    assert operation.details["request"]["payment_intent_data"] == {
        "capture_method": "manual",
        "description": f"Hotel booking {booking.booking_id} - {booking.hotel.name}",
    }
    assert operation.status == "succeeded"


@pytest.mark.parametrize(("chosen", "shown"), [("de", "de"), ("en", "en"), ("nb", "en")])
def test_page_speaks_the_guest_s_language(chosen, shown):
    """Whatever the browser asks for; a language that no mail is written in either is English here, too."""
    _, payment = checkout.open_payment_page(submitted(guest_language=chosen))
    session = gateway.client().v1.checkout.sessions.retrieve(payment.stripe_checkout_session_id)
    assert session.locale == shown


def test_the_same_page_is_returned_while_it_lives():
    payment = with_page()
    outcome, again = checkout.open_payment_page(payment.booking)
    assert (outcome.state, again.pk, again.session_url) == ("already", payment.pk, payment.session_url)
    assert PaymentOperation.objects.count() == 1


def test_a_refused_card_leaves_the_page_open(stripe_simulator):
    payment = pay(stripe_simulator, with_page(), REFUSED_CARD)
    operations.refresh(payment)
    payment.refresh_from_db()
    assert (payment.status, fresh(payment.booking).status) == ("FAILED", "PENDING_PAYMENT")
    assert payment.failure_message
    _, again = checkout.open_payment_page(payment.booking)
    assert again.session_url == payment.session_url
    pay(stripe_simulator, payment)
    operations.refresh(payment)
    assert fresh(payment.booking).status == "PENDING_APPROVAL"


def test_an_expired_page_is_followed_by_a_new_attempt_up_to_the_limit(stripe_simulator):
    booking = submitted()
    for number in (1, 2, 3):
        _, payment = checkout.open_payment_page(booking)
        assert payment.attempt_number == number
        stripe_simulator.control(f"expire/{payment.stripe_checkout_session_id}")
        operations.refresh(payment)
    with pytest.raises(Refused, match="attempts to pay are used up"):
        checkout.open_payment_page(booking)
    assert fresh(booking).payments.count() == 3


def test_no_page_when_the_hold_ends_within_half_an_hour():
    booking = submitted()
    with clock_at(booking.hold_expires_at - timedelta(minutes=30)), pytest.raises(Refused, match="too short"):
        checkout.open_payment_page(booking)
    assert not booking.payments.exists()


def test_page_never_outlives_the_hold():
    hotel = HotelFactory(hold_hours=2)
    payment = with_page(room=RoomFactory(room_type=RoomTypeFactory(hotel=hotel)))
    assert payment.session_expires_at == payment.booking.hold_expires_at.replace(microsecond=0)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"payment_method": "ARRIVAL"}, "Payment method must be ONLINE"),
        ({}, "This booking is still a draft."),
    ],
)
def test_unpayable_bookings_are_refused(fields, words):
    booking = BookingFactory(**fields)
    with pytest.raises(Refused) as refusal:
        checkout.open_payment_page(booking)
    assert refusal.value.message == words
    assert not PaymentOperation.objects.exists()


def test_paid_booking_is_not_paid_again(stripe_simulator):
    payment = pay(stripe_simulator, with_page())
    operations.refresh(payment)
    with by_guest(), pytest.raises(Refused, match="Payment already processed"):
        checkout.open_payment_page(payment.booking)


def test_currency_that_stripe_refuses_changes_nothing(stripe_simulator):
    stripe_simulator.control("currencies", unsupported=["eur"])
    booking = submitted()
    with pytest.raises(Exception, match="Stripe refused"):
        checkout.open_payment_page(booking)
    payment = booking.payments.get()
    assert (payment.status, payment.stripe_checkout_session_id) == ("NOT_INITIATED", None)
    assert at_stripe(stripe_simulator, booking).captures == 0
    stripe_simulator.control("currencies", unsupported=[])
    _, again = checkout.open_payment_page(booking)
    assert (again.pk, again.status) == (payment.pk, "PROCESSING")
    assert timezone.now() < again.session_expires_at


@pytest.mark.parametrize(
    ("page", "sent"),
    [
        ("", "http://localhost/booking/pay/return/?session_id={CHECKOUT_SESSION_ID}"),
        ("https://www.example.com/paid", "https://www.example.com/paid?session_id={CHECKOUT_SESSION_ID}"),
        ("https://www.example.com/?s={CHECKOUT_SESSION_ID}", "https://www.example.com/?s={CHECKOUT_SESSION_ID}"),
        (
            "https://www.example.com/?p=paid#stay",
            "https://www.example.com/?p=paid&session_id={CHECKOUT_SESSION_ID}#stay",
        ),
    ],
)
def test_the_page_to_return_to_learns_the_session(settings, page: str, sent: str):
    settings.FRONTEND_PAYMENT_SUCCESS_URL = page
    assert checkout.return_page() == sent

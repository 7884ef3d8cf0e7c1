"""What hotels and their staff are told: once for each cause, with it, and never with a guest's link."""

from datetime import timedelta

import pytest
from django.db import transaction

from bookings import lifecycle, outbox
from bookings.models import Message
from payments import checkout, decisions, operations, refund_requests
from payments.models import Dispute, RefundRequest
from tests.factories import BookingFactory, HotelFactory, UserFactory
from tests.stays import (
    REFUSED_CARD,
    by_guest,
    by_staff,
    clock_at,
    confirmed,
    fresh,
    guest_cancels,
    in_instant_hotel,
    mails,
    notices,
    paid,
    pay,
    submitted,
    with_page,
)

pytestmark = pytest.mark.django_db


def of_hotel(**fields):
    """A draft in a hotel with some settings."""
    booking = BookingFactory()
    for name, value in fields.items():
        setattr(booking.hotel, name, value)
    booking.hotel.save()
    return fresh(booking)


def test_request_with_held_money_is_told(stripe_simulator):
    booking = paid(stripe_simulator)
    operations.refresh(booking.payments.get())
    (mail,) = booking.messages.filter(kind="hotel_needs_approval")
    assert (mail.to, mail.token) == ("desk@hotel.example", None)
    assert "€340.00 is held on the guest's card until" in mail.text
    assert f"http://localhost/admin/bookings/booking/{booking.pk}/change/" in mail.text
    assert outbox.PERSONAL_LINK not in mail.text + mail.html


def test_request_on_arrival_is_told():
    booking = submitted(payment_method="ARRIVAL")
    assert notices(booking) == ["hotel_needs_approval"]
    assert "The guest pays at the hotel." in booking.messages.get().text


def test_instant_booking_asks_nobody(stripe_simulator):
    assert notices(paid(stripe_simulator, in_instant_hotel())) == []


def test_guest_s_cancellation_is_told_once(stripe_simulator):
    booking = confirmed(stripe_simulator)
    guest_cancels(booking)
    guest_cancels(booking)
    assert notices(booking) == ["hotel_needs_approval", "hotel_guest_cancelled"]
    text = booking.messages.get(kind="hotel_guest_cancelled").text
    assert "By the agreed policy €0.00 is kept and €340.00 goes back to the guest." in text


def test_staff_s_own_cancellation_is_no_news():
    booking = submitted(payment_method="ARRIVAL")
    with by_staff():
        decisions.decline(booking, reason="full")
    assert notices(booking) == ["hotel_needs_approval"]


def test_hotel_chooses_address_and_kinds(stripe_simulator):
    booking = paid(stripe_simulator, of_hotel(notification_email="night@hotel.example", notify_cancellations=False))
    assert set(booking.messages.filter(token=None).values_list("to", flat=True)) == {"night@hotel.example"}
    guest_cancels(booking)
    assert notices(booking) == ["hotel_needs_approval"]
    assert notices(paid(stripe_simulator, of_hotel(notify_approvals=False))) == []
    assert notices(paid(stripe_simulator, of_hotel(contact_email=""))) == []


def test_notice_of_what_was_rolled_back_never_leaves():
    booking = BookingFactory(payment_method="ARRIVAL")
    with transaction.atomic():
        lifecycle.submit(booking)
        transaction.set_rollback(True)
    assert Message.objects.count() == 0


@pytest.mark.parametrize(
    ("status", "words"), [("won", "The money is with the hotel."), ("lost", "The money is with the guest for good.")]
)
def test_decided_dispute_is_told_once(stripe_simulator, status, words):
    booking = confirmed(stripe_simulator)
    payment = booking.payments.get()
    stripe_simulator.control(f"dashboard/payment_intents/{payment.stripe_payment_intent_id}/dispute")
    operations.refresh(payment)
    name = Dispute.objects.get().stripe_dispute_id
    stripe_simulator.control(f"dashboard/disputes/{name}/close", status=status)
    for _ in range(2):
        operations.refresh(payment)
    (mail,) = booking.messages.filter(kind="hotel_dispute_closed")
    assert (words in mail.text, mails(booking).count("dispute_opened")) == (True, 1)


def test_refund_that_waits_is_told_to_those_who_may_approve(stripe_simulator):
    booking = confirmed(stripe_simulator, of_hotel(four_eyes_threshold=0))
    hotels = [booking.hotel]
    asker = UserFactory(role="Manager", hotels=hotels, email="asker@hotel.example")
    UserFactory(role="Manager", hotels=hotels, email="second@hotel.example")
    UserFactory(role="owner", email="owner@hotel.example")
    UserFactory(role="Front desk", hotels=hotels, email="front@hotel.example")
    UserFactory(role="Manager", hotels=[HotelFactory()], email="elsewhere@hotel.example")
    UserFactory(role="Manager", hotels=hotels, email="gone@hotel.example", is_active=False)
    UserFactory(role="Manager", hotels=hotels)
    with by_staff(asker):
        decisions.refund(fresh(booking), amount=1000, note="Broken shower")
    told = booking.messages.filter(kind="hotel_refund_request")
    assert set(told.values_list("to", flat=True)) == {"second@hotel.example", "owner@hotel.example"}
    assert "The reason: Broken shower" in told[0].text
    with by_staff(UserFactory(role="owner")):
        refund_requests.reject(RefundRequest.objects.get(), reason="no")
    assert told.count() == 2


def refresh_at_stripe(payment):
    operations.refresh(payment)
    operations.refresh(payment)


def test_guest_who_left_after_a_refusal_is_helped_once(stripe_simulator):
    payment = pay(stripe_simulator, with_page(), REFUSED_CARD)
    refresh_at_stripe(payment)
    assert mails(payment.booking) == ["pay_link"]
    stripe_simulator.control(f"expire/{payment.stripe_checkout_session_id}")
    refresh_at_stripe(payment)
    assert mails(payment.booking) == ["pay_link", "payment_failed"]
    text = payment.booking.messages.get(kind="payment_failed").text
    assert "The payment of €340.00 for your booking at" in text
    assert outbox.PERSONAL_LINK in text


def test_page_that_merely_ran_out_is_no_failure(stripe_simulator):
    payment = with_page()
    stripe_simulator.control(f"expire/{payment.stripe_checkout_session_id}")
    refresh_at_stripe(payment)
    assert mails(payment.booking) == ["pay_link"]


def test_guest_who_is_trying_again_is_left_alone(stripe_simulator):
    payment = pay(stripe_simulator, with_page(), REFUSED_CARD)
    refresh_at_stripe(payment)
    with by_guest():
        checkout.retry_payment(fresh(payment.booking))
    refresh_at_stripe(payment)
    assert mails(payment.booking) == ["pay_link"]


def test_slow_payment_that_fails_is_told(stripe_simulator):
    payment = with_page(in_instant_hotel())
    session = payment.stripe_checkout_session_id
    stripe_simulator.control(f"pay/{session}/delayed")
    operations.refresh(payment)
    stripe_simulator.control(f"pay/{session}/settle", status="failed")
    refresh_at_stripe(payment)
    assert mails(payment.booking) == ["pay_link", "payment_failed"]


def test_last_attempt_promises_no_other(stripe_simulator):
    payment = pay(stripe_simulator, with_page(of_hotel(payment_attempts=1)), REFUSED_CARD)
    refresh_at_stripe(payment)
    stripe_simulator.control(f"expire/{payment.stripe_checkout_session_id}")
    refresh_at_stripe(payment)
    assert mails(payment.booking) == ["pay_link"]


def test_hold_that_is_ending_promises_no_other(stripe_simulator):
    payment = pay(stripe_simulator, with_page(), REFUSED_CARD)
    refresh_at_stripe(payment)
    stripe_simulator.control(f"expire/{payment.stripe_checkout_session_id}")
    with clock_at(payment.booking.hold_expires_at - timedelta(minutes=30)):
        refresh_at_stripe(payment)
    assert "payment_failed" not in mails(payment.booking)

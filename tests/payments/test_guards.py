"""What no page sends, and what comes a second time: refused with a reason, or done once, and nothing moves."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.utils import timezone

from bookings.refusals import Refused
from cancellations import cancel, erasure, guest_words, no_show
from payments import (
    books,
    checkout,
    comparison,
    decisions,
    drifts,
    external,
    four_eyes,
    ledger,
    operations,
    payouts,
    reopen,
    reschedule,
    webhooks,
)
from payments.gateway import Declined
from payments.models import Drift, DriftKind, Payment, PaymentOperation, Refund, StripeWebhookEvent
from tests.factories import BookingFactory, HotelFactory, RoomFactory, RoomTypeFactory, UserFactory
from tests.payments.moving import wish_for
from tests.payments.test_owed import owed_of, paid_by_hand
from tests.stays import (
    AtStripe,
    at_stripe,
    by_staff,
    confirmed,
    fresh,
    in_instant_hotel,
    pay,
    submitted,
    with_page,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]


def foreign_type(booking):
    return {"room_type": RoomTypeFactory(hotel=HotelFactory()), "room": None}


def room_of_another_type(booking):
    return {"room": RoomFactory(room_type=RoomTypeFactory(hotel=booking.hotel))}


def closed_room(booking):
    return {"room": RoomFactory(room_type=booking.room_type, is_active=False)}


@pytest.mark.parametrize(
    ("elsewhere", "words"),
    [
        (foreign_type, "is not a room type of"),
        (room_of_another_type, "is not of the type"),
        (closed_room, "is out of service"),
    ],
)
def test_stay_in_a_room_that_does_not_fit_is_refused(elsewhere, words):
    booking = submitted()
    with pytest.raises(Refused, match=words):
        reschedule.plan_of(booking, replace(wish_for(booking), **elsewhere(booking)))
    assert not PaymentOperation.objects.exists()


def test_refund_for_a_reason_that_stripe_does_not_know_is_refused(stripe_simulator):
    booking = confirmed(stripe_simulator)
    with by_staff(), pytest.raises(Refused, match="Choose one of the reasons"):
        decisions.refund(booking, amount=100, note="", stripe_reason="because")
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, captures=1)


def test_deleted_booking_is_not_refunded(stripe_simulator):
    booking = confirmed(stripe_simulator)
    booking.soft_delete(at=timezone.now(), by_id=None, reason="Entered twice")
    booking.save()
    with by_staff(), pytest.raises(Refused):
        decisions.refund(booking, amount=100, note="")
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, captures=1)


@pytest.mark.parametrize("fee", [-1, 34001])
def test_fee_outside_of_what_was_paid_is_refused(stripe_simulator, fee):
    booking = confirmed(stripe_simulator)
    with by_staff(), pytest.raises(Refused, match="more than what the guest has paid"):
        cancel.cancel_booking(booking, reason="Hotel closed", fee=fee)
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, captures=1)
    assert fresh(booking).status == "CONFIRMED"


def test_nobody_asks_a_second_person_without_being_somebody(stripe_simulator):
    booking = confirmed(stripe_simulator)
    with by_staff(), pytest.raises(Refused, match="signed in"):
        four_eyes.ask(booking.payments.get(), kind="refund", amount=100, note="")
    assert not booking.refund_requests.exists()


def test_drift_is_not_explained_by_blanks(stripe_simulator):
    booking = confirmed(stripe_simulator)
    moment = timezone.now()
    Drift.objects.create(
        kind=DriftKind.BOOKING, stripe_id=booking.booking_id, booking=booking, found_at=moment, seen_at=moment
    )
    with pytest.raises(Refused, match="reason"):
        drifts.explain(Drift.objects.get(), reason=" ")
    assert Drift.objects.get().resolved_at is None


def test_refund_that_is_not_owed_any_more_is_left_alone(stripe_simulator):
    booking = paid_by_hand()
    owed = owed_of(booking)
    with by_staff():
        assert payouts.write_off(owed, reason="Stayed after all").state == "done"
        assert payouts.write_off(owed, reason="Once more").state == "already"
        with pytest.raises(Refused, match="not owed any more"):
            payouts.pay_out(owed, method="Cash")
    assert (Refund.objects.get().status, ledger.balance(booking).left) == ("canceled", 34000)


def test_hold_that_ran_out_is_given_back_once():
    booking = submitted()
    booking.hold_expires_at = timezone.now() - timedelta(minutes=1)
    booking.save()
    assert decisions.expire(booking).state == "done"
    assert decisions.expire(fresh(booking)).state == "already"
    assert booking.history.filter(transition="expire").count() == 1


def test_hold_that_goes_on_is_not_given_back(stripe_simulator):
    booking = pay(stripe_simulator, with_page()).booking
    with pytest.raises(Refused, match="still held for the guest"):
        decisions.expire(fresh(booking))
    assert fresh(booking).status == "PENDING_PAYMENT"


def test_money_that_went_back_is_looked_at_once(stripe_simulator):
    booking = confirmed(stripe_simulator)
    payment = booking.payments.get()
    payment.unwanted_since = payment.unwanted_seen_at = timezone.now()
    payment.save()
    assert decisions.note_seen(payment).state == "already"


def test_guest_without_a_mail_has_no_other_bookings():
    booking = BookingFactory(guest_email="")
    BookingFactory(guest_email="")
    assert not erasure.others_of(booking, UserFactory(role="owner")).exists()


def test_fee_that_nobody_collects_is_told_of_stays_paid_on_arrival_only(stripe_simulator):
    arrival = submitted(BookingFactory(payment_method="ARRIVAL"))
    assert no_show.uncollected_fee(arrival) == 34000
    assert no_show.uncollected_fee(submitted()) == 0
    assert no_show.uncollected_fee(BookingFactory(payment_method="ARRIVAL")) == 0


def test_unpaid_booking_without_an_end_of_its_hold_asks_to_pay():
    booking = submitted(in_instant_hotel())
    assert "is kept until" in guest_words.payment_due(booking)
    booking.hold_expires_at = None
    assert guest_words.payment_due(booking) == "Please pay to keep your room."


def test_promise_that_the_hotel_closed_is_told_to_the_guest(stripe_simulator):
    booking = paid_by_hand()
    refund = owed_of(booking)
    refund.promised_by = date(2026, 12, 1)
    assert "will send €340.00 to you by hand" in guest_words.promise(booking, refund)
    refund.status = "canceled"
    assert "has closed the refund of €340.00 without sending it" in guest_words.promise(booking, refund)
    refund.status = "succeeded"
    assert guest_words.promise(booking, refund) == ""


def on_its_way(simulator):
    """A payment that the guest's bank takes days for."""
    payment = with_page(in_instant_hotel())
    simulator.control(f"pay/{payment.stripe_checkout_session_id}/delayed")
    operations.refresh(payment)
    return fresh(payment.booking)


def test_unpaid_booking_is_not_moved_to_another_price_while_its_payment_is_on_its_way(stripe_simulator):
    booking = on_its_way(stripe_simulator)
    with pytest.raises(Refused, match="on its way"):
        reschedule.plan_of(booking, wish_for(booking, nights=3))
    assert fresh(booking).total_amount == 36000


def test_booking_is_not_reopened_while_its_payment_is_on_its_way(stripe_simulator):
    booking = on_its_way(stripe_simulator)
    booking.expire()
    booking.save()
    with pytest.raises(Refused, match="on its way"):
        reopen.refuse_reopen(booking)


def test_stay_that_costs_nothing_is_not_paid_online():
    booking = submitted()
    with pytest.raises(Refused, match="nothing to pay online"):
        reschedule.plan_of(booking, replace(wish_for(booking), price=0))


def test_difference_of_a_stay_charged_in_another_currency_has_no_link(stripe_simulator):
    booking = confirmed(stripe_simulator)
    assert reschedule.why_no_link(booking) == ""
    booking.charged_currency = "USD"
    assert "USD" in reschedule.why_no_link(booking)


def test_money_kept_of_a_booking_that_keeps_nothing_is_a_difference(stripe_simulator):
    booking = confirmed(stripe_simulator)
    details = {"by_id": None, "by_client": True, "reason": "", "fee": 10000, "refund": 24000}
    booking.cancel(at=timezone.now(), **details)
    (difference,) = books.of_booking(booking, booking.payments.all())
    assert (difference.ours["kept"], difference.theirs["kept"]) == (10000, 34000)


def test_listed_booking_that_agrees_again_is_no_drift_any_more(stripe_simulator):
    booking = confirmed(stripe_simulator)
    moment = timezone.now()
    drift = Drift.objects.create(
        kind=DriftKind.BOOKING, stripe_id=booking.booking_id, booking=booking, found_at=moment, seen_at=moment
    )
    comparison.compare_again(drift)
    assert Drift.objects.get().resolved_at is not None


def test_refusal_to_show_a_payment_is_no_payment_that_stripe_does_not_know(stripe_simulator):
    payment = confirmed(stripe_simulator).payments.get()
    stripe_simulator.control("faults", kind="refused", match={"method": "GET"}, times=9)
    with pytest.raises(Declined):
        comparison.look(payment)


def test_what_never_was_at_stripe_is_not_asked_for(stripe_simulator):
    payment = Payment.objects.create(booking=BookingFactory(), amount=100, currency="EUR")
    stripe_simulator.control("faults", kind="drop_before", match={"path_regex": "."}, times=9)
    operations.refresh(payment)
    payment.refresh_from_db()
    assert payment.status == "NOT_INITIATED"


def test_event_that_names_no_payment_is_about_none():
    assert webhooks.by_intent({"object": "charge", "payment_intent": None}) is None


def test_cancelled_stay_paid_on_arrival_says_nothing_about_money():
    booking = submitted(BookingFactory(payment_method="ARRIVAL"))
    assert guest_words.nothing_kept(booking, ledger.balance(booking)) == ""


def test_guest_is_not_erased_while_money_that_nobody_waited_for_is_here(stripe_simulator):
    payment = confirmed(stripe_simulator).payments.get()
    assert erasure.why_unsettled(payment.booking) == ""
    payment.unwanted_since = timezone.now()
    payment.save()
    assert "has not gone back yet" in erasure.why_unsettled(payment.booking)


def test_refund_of_another_payment_does_not_cancel_in_passing(stripe_simulator):
    booking = confirmed(stripe_simulator)
    external.refuse_other_money(booking, booking.payments.get())
    with pytest.raises(Refused, match="rests on another payment"):
        external.refuse_other_money(booking, Payment(booking=booking, stripe_payment_intent_id="pi_other"))


def test_page_that_is_still_open_is_followed_by_no_other():
    with pytest.raises(Refused, match="could not be closed yet"):
        checkout.refuse_unfinished(with_page())


def test_event_of_somebody_else_is_kept_when_a_guest_is_forgotten(stripe_simulator):
    booking = confirmed(stripe_simulator)
    moments = {"created": timezone.now(), "next_at": timezone.now(), "received_at": timezone.now()}
    event = StripeWebhookEvent.objects.create(
        event_id="evt_1",
        event_type="x",
        payload={"email": "someone@mail.example"},
        payload_hash="",
        processing_result="failed",
        **moments,
    )
    erasure.forget_unclaimed_events(booking, erasure.known_guest(booking))
    event.refresh_from_db()
    assert event.payload == {"email": "someone@mail.example"}

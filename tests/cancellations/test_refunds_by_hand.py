"""A hotel that sends refunds of its guests' own cancellations by hand: promised, owed, and never sent by itself."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from bookings.models import Booking, Hotel
from cancellations import by_hand, cancel
from payments import payouts
from payments.models import Refund
from tests.api.calls import address, guest
from tests.factories import BookingFactory, HotelFactory, RoomFactory, RoomTypeFactory, days_ahead
from tests.guest.browser import opened, quote_in, text_of
from tests.stays import (
    AtStripe,
    at_stripe,
    by_guest,
    by_staff,
    confirmed,
    fresh,
    guest_cancels,
    mails,
    paid,
    pay,
    transitions,
    with_page,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]

PAGE = "/booking/manage/cancel/"
KEPT = AtStripe(captured=34000, captures=1)
MOMENT = datetime(2026, 12, 1, 12, tzinfo=UTC)


def by_hand_hotel(**fields):
    """A hotel that sends what guests get back by hand, within ten days."""
    return HotelFactory(automatic_guest_refunds=False, guest_refund_days=10, **fields)


def draft(hotel):
    """A draft in the tier that keeps half."""
    return BookingFactory(room=RoomFactory(room_type=RoomTypeFactory(hotel=hotel)), check_in=days_ahead(10))


def agreed(simulator, **fields):
    """A confirmed booking in such a hotel, in the tier that keeps half of €340.00."""
    return confirmed(simulator, draft(by_hand_hotel(**fields)))


def switch(booking, **fields):
    """Change the hotel's settings, as its manager does meanwhile."""
    Hotel.objects.filter(pk=booking.hotel_id).update(**fields)


def due(booking, days=10):
    """The last day of the promise."""
    return booking.hotel.today(timezone.now()) + timedelta(days=days)


def owed(booking):
    """What is owed: amount, status and the promised day."""
    return list(Refund.objects.filter(payment__booking=booking).values_list("amount", "status", "promised_by"))


def shown_day(day):
    """A day as guests read it."""
    return f"{day:%a} {day.day} {day:%b %Y}"


def test_a_hotel_refunds_by_itself_until_it_says_otherwise(stripe_simulator):
    booking = confirmed(stripe_simulator, draft(HotelFactory()))
    guest_cancels(booking)
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, refunded=17000, captures=1, refunds=1)
    assert Refund.objects.get().promised_by is None


def test_a_guest_reads_how_it_goes_back_cancels_and_nothing_is_sent(stripe_simulator):
    booking = agreed(stripe_simulator)
    browser = opened(booking)
    words = f"This is not sent at once: {booking.hotel} sends it to you by hand, within 10 days."
    assert words in text_of(browser.get("/booking/manage/"))
    asked = browser.get(PAGE)
    assert words in text_of(asked)
    answer = browser.post(PAGE, {"quote": quote_in(asked)})
    assert (answer.status_code, fresh(booking).status) == (303, "CANCELLED")
    assert at_stripe(stripe_simulator, booking) == KEPT
    assert owed(booking) == [(17000, "pending", due(booking))]
    done = text_of(browser.get("/booking/manage/"))
    promised = f"{booking.hotel} will send €170.00 to you by hand, by {shown_day(due(booking))}. It has not been sent"
    assert promised in done
    assert "5–10 business days" not in done
    assert "We have sent" not in done


def test_the_decision_is_recorded_as_any_other(stripe_simulator):
    booking = agreed(stripe_simulator)
    guest_cancels(booking)
    booking = fresh(booking)
    assert (booking.cancellation_fee, booking.refund_amount, booking.cancelled_by_client) == (17000, 17000, True)
    assert transitions(booking)[-1] == "cancel"
    kept = Refund.history.get()
    assert (kept.transition, kept.actor_kind, kept.promised_by) == ("owe", "guest", due(booking))
    assert kept.history_change_reason == cancel.GUEST_REASON


def test_guest_and_hotel_are_told_that_nothing_was_sent(stripe_simulator):
    booking = agreed(stripe_simulator)
    guest_cancels(booking)
    told = {each.kind: " ".join(each.text.split()) for each in booking.messages.all()}
    to_guest, to_hotel = told["cancelled_by_guest"], told["hotel_guest_cancelled"]
    by = shown_day(due(booking))
    assert (
        f"You get back €170.00: {booking.hotel} sends it to you by hand, by {by}. It has not been sent yet."
        in to_guest
    )
    assert "5–10 business days" not in to_guest
    assert f"waits among the refunds to pay out by hand, and the guest was promised it by {by}." in to_hotel
    assert "nothing to do" not in to_hotel


def test_a_program_is_told_before_and_after_in_the_same_shape(stripe_simulator):
    booking = agreed(stripe_simulator)
    before = guest(booking).get(address(booking)).json()
    words = f"This is not sent at once: {booking.hotel} sends it to you by hand, within 10 days."
    assert before["can_cancel"] is True
    assert before["quote"]["refund_minor"] == 17000
    assert before["quote"]["description"] == f"50 % of the price is kept. {words}"
    answer = guest(booking).post(address(booking), {"quote": before["quote"]["quote"]})
    said = answer.json()
    assert (answer.status_code, set(said)) == (200, {"success", "message", "cancellation"})
    assert said["message"] == (
        f"Your booking is cancelled. {booking.hotel} will send €170.00 to you by hand, by {shown_day(due(booking))}. "
        "It has not been sent yet."
    )
    refund = said["cancellation"]
    assert (refund["refund_status"], refund["refund_reference"], refund["refund_amount"]) == ("OWED", None, "170.00")
    assert at_stripe(stripe_simulator, booking) == KEPT


def test_held_money_is_released_by_itself(stripe_simulator):
    booking = paid(stripe_simulator, draft(by_hand_hotel()))
    assert "by hand" not in text_of(opened(booking).get(PAGE))
    guest_cancels(booking)
    assert at_stripe(stripe_simulator, booking) == AtStripe(voids=1)
    assert (fresh(booking).status, owed(booking)) == ("CANCELLED", [])


def test_money_that_is_paid_while_the_guest_cancels_is_owed(stripe_simulator):
    payment = with_page(draft(by_hand_hotel(booking_mode="instant")))
    pay(stripe_simulator, payment)
    guest_cancels(payment.booking)
    booking = fresh(payment.booking)
    assert at_stripe(stripe_simulator, booking) == KEPT
    assert (booking.status, booking.cancellation_fee, booking.refund_amount) == ("CANCELLED", 0, 34000)
    assert owed(booking) == [(34000, "pending", due(booking))]


def test_staff_still_refund_at_once(stripe_simulator):
    booking = agreed(stripe_simulator)
    with by_staff():
        cancel.cancel_booking(booking, reason="Hotel closed")
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, refunded=17000, captures=1, refunds=1)
    assert Refund.objects.get().promised_by is None


def test_a_guest_who_was_shown_the_old_way_is_asked_again(stripe_simulator):
    booking = confirmed(stripe_simulator, draft(HotelFactory(guest_refund_days=10)))
    browser = opened(booking)
    quote = quote_in(browser.get(PAGE))
    switch(booking, automatic_guest_refunds=False)
    answer = browser.post(PAGE, {"quote": quote})
    words = text_of(answer)
    assert (answer.status_code, fresh(booking).status, owed(booking)) == (409, "CONFIRMED", [])
    assert "The hotel now sends refunds by hand, as you can read below. Nothing has been cancelled yet." in words
    assert "sends it to you by hand, within 10 days." in words
    assert browser.post(PAGE, {"quote": quote_in(answer)}).status_code == 303
    assert owed(booking) == [(17000, "pending", due(booking))]
    assert at_stripe(stripe_simulator, booking) == KEPT


def test_a_program_with_the_old_offer_is_shown_the_new_one(stripe_simulator):
    booking = confirmed(stripe_simulator, draft(HotelFactory(guest_refund_days=10)))
    quote = guest(booking).get(address(booking)).json()["quote"]["quote"]
    switch(booking, automatic_guest_refunds=False)
    answer = guest(booking).post(address(booking), {"quote": quote})
    assert (answer.status_code, fresh(booking).status) == (409, "CONFIRMED")
    assert "by hand, within 10 days." in answer.json()["quote"]["description"]
    assert at_stripe(stripe_simulator, booking) == KEPT


@pytest.mark.parametrize(("days", "counts"), [(3, 3), (30, 10)])
def test_the_shorter_of_two_promises_counts(stripe_simulator, days, counts):
    booking = agreed(stripe_simulator)
    quote = cancel.quote(fresh(booking), at=timezone.now()).signed(booking)
    switch(booking, guest_refund_days=days)
    with by_guest():
        cancel.cancel_booking(booking, reason="", signed_quote=quote)
    assert owed(booking) == [(17000, "pending", due(booking, counts))]


def test_a_switch_that_was_turned_on_meanwhile_sends_at_once(stripe_simulator):
    booking = agreed(stripe_simulator)
    quote = cancel.quote(fresh(booking), at=timezone.now()).signed(booking)
    switch(booking, automatic_guest_refunds=True)
    with by_guest():
        cancel.cancel_booking(booking, reason="", signed_quote=quote)
    assert at_stripe(stripe_simulator, booking).refunded == 17000


def test_pressing_again_owes_it_once(stripe_simulator):
    booking = agreed(stripe_simulator)
    guest_cancels(booking)
    again = guest_cancels(booking)
    assert (again.state, len(owed(booking))) == ("already", 1)


def test_a_manager_sends_it_through_stripe_and_the_guest_reads_it(stripe_simulator):
    booking = agreed(stripe_simulator)
    guest_cancels(booking)
    with by_staff():
        payouts.send_again(Refund.objects.get())
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, refunded=17000, captures=1, refunds=1)
    assert mails(booking)[-2:] == ["cancelled_by_guest", "refund_sent"]
    done = text_of(opened(fresh(booking)).get("/booking/manage/"))
    assert "We have sent €170.00 back to your Visa ending in 4242." in done
    assert "by hand" not in done


def test_a_refund_that_is_written_off_is_not_blamed_on_a_bank(stripe_simulator):
    booking = agreed(stripe_simulator)
    guest_cancels(booking)
    with by_staff():
        payouts.write_off(Refund.objects.get(), reason="Paid in vouchers")
    done = text_of(opened(fresh(booking)).get("/booking/manage/"))
    assert f"{booking.hotel} has closed the refund of €170.00 without sending it. Please get in touch." in done
    assert "Your bank" not in done


def test_a_promise_is_a_day_of_the_hotel():
    """In Auckland it is tomorrow already."""
    hotel = Hotel(time_zone="Pacific/Auckland", automatic_guest_refunds=False, guest_refund_days=10)
    assert by_hand.frozen(Booking(hotel=hotel), None, at=MOMENT) == {"promised_by": "2026-12-12"}

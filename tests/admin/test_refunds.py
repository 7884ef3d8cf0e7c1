"""What staff do about refunds in the admin: pay out what is owed, send it again, answer one made at Stripe."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from bookings.models import Booking
from payments import operations
from payments.models import Refund
from tests import stays
from tests.admin.conftest import House
from tests.admin.pages import do, listing, page, press, said, text
from tests.factories import days_ahead
from tests.simulator_process import StripeSimulator


def undelivered(house: House, simulator: StripeSimulator) -> Refund:
    """What a cancelled booking's hotel owes after its refund came back."""
    booking = stays.confirmed(simulator, house.booking())
    simulator.control("refund_outcome", mode="pending", times=1)
    stays.guest_cancels(booking)
    refund = Refund.objects.get(payment__booking=booking)
    simulator.control(f"refunds/{refund.stripe_refund_id}/resolve", status="failed")
    operations.refresh(refund.payment)
    return Refund.objects.get(replaces=refund)


def refunded_at_stripe(house: House, simulator: StripeSimulator) -> Refund:
    """A part of a confirmed booking's money that somebody returned in the Dashboard."""
    booking = stays.confirmed(simulator, house.booking())
    payment = booking.payments.get()
    simulator.control(f"dashboard/payment_intents/{payment.stripe_payment_intent_id}/refund", amount=5000)
    operations.refresh(payment)
    return payment.refunds.get()


def booking_of(refund: Refund) -> Booking:
    return stays.fresh(refund.payment.booking)


def test_owed_refund_is_on_the_worklist_until_it_is_paid_out(
    own: House, manager: Client, stripe_simulator: StripeSimulator
) -> None:
    refund = undelivered(own, stripe_simulator)
    assert "Owed: pay out by hand" in text(manager.get(listing(Refund, "?waiting=owed")))
    answer = press(manager, refund, "pay_out", method="Bank transfer", note="TR-1")
    assert said(answer) == [("success", "The payout is recorded. The guest gets a mail.")]
    assert booking_of(refund).booking_id not in text(manager.get(listing(Refund, "?waiting=owed")))
    assert "Paid out by hand" in text(manager.get(page(refund)))


def test_owed_refund_goes_through_stripe_again(
    own: House, manager: Client, stripe_simulator: StripeSimulator
) -> None:
    refund = undelivered(own, stripe_simulator)
    assert said(press(manager, refund, "send_again"))[0][1].startswith("The refund of €340.00 is on its way.")
    assert stays.at_stripe(stripe_simulator, booking_of(refund)).refunded == 34000


def test_written_off_refund_needs_a_reason(own: House, manager: Client, stripe_simulator: StripeSimulator) -> None:
    refund = undelivered(own, stripe_simulator)
    do(manager, refund, "write_off", note="")
    refund.refresh_from_db()
    assert refund.is_owed
    do(manager, refund, "write_off", note="The guest stayed after all.")
    refund.refresh_from_db()
    assert refund.status == "canceled"


def test_refund_made_at_stripe_is_answered_once(
    own: House, manager: Client, stripe_simulator: StripeSimulator
) -> None:
    refund = refunded_at_stripe(own, stripe_simulator)
    assert booking_of(refund).booking_id in text(manager.get(listing(Refund, "?waiting=external")))
    assert said(do(manager, refund, "keep", note="A discount.")) == [("success", "The booking stays as it is.")]
    assert said(do(manager, refund, "cancel_too", note="No"))[-1][0] == "error"
    assert booking_of(refund).booking_id not in text(manager.get(listing(Refund, "?waiting=external")))
    assert booking_of(refund).status == "CONFIRMED"


def test_refund_made_at_stripe_cancels_the_booking_too(
    own: House, manager: Client, stripe_simulator: StripeSimulator
) -> None:
    refund = refunded_at_stripe(own, stripe_simulator)
    do(manager, refund, "cancel_too", note="Agreed on the phone.")
    booking = booking_of(refund)
    assert (booking.status, booking.cancellation_fee, booking.refund_amount) == ("CANCELLED", 29000, 5000)


@pytest.mark.parametrize("action", ["pay_out", "send_again", "write_off", "keep"])
def test_front_desk_does_nothing_about_refunds(
    own: House, staff: Callable[[str], Client], stripe_simulator: StripeSimulator, action: str
) -> None:
    refund = undelivered(own, stripe_simulator)
    assert do(staff("Front desk"), refund, action, method="Cash", note="x").status_code == 403
    refund.refresh_from_db()
    assert refund.is_owed


def test_colleague_of_another_hotel_does_not_find_the_refund(
    own: House, foreign: House, manager: Client, stripe_simulator: StripeSimulator
) -> None:
    refund = undelivered(foreign, stripe_simulator)
    assert do(manager, refund, "pay_out", method="Cash").status_code == 404
    refund.refresh_from_db()
    assert refund.is_owed


def test_expired_booking_is_reopened_at_the_desk(own: House, manager: Client) -> None:
    booking = stays.submitted(own.booking())
    booking.expire()
    booking.save()
    words = "The room is held again and a fresh pay link is on its way to the guest."
    assert said(do(manager, booking, "reopen", note="The guest called.")) == [("success", words)]
    assert (stays.fresh(booking).status, stays.mails(booking)) == ("PENDING_PAYMENT", ["pay_link", "pay_link"])


@pytest.mark.parametrize(("make", "words"), [(refunded_at_stripe, "Yes"), (undelivered, "No")])
def test_page_of_a_refund_leads_to_its_booking_and_says_where_it_was_made(
    own: House,
    manager: Client,
    stripe_simulator: StripeSimulator,
    make: Callable[[House, StripeSimulator], Refund],
    words: str,
) -> None:
    refund = make(own, stripe_simulator)
    booking, shown = booking_of(refund), text(manager.get(page(refund)))
    assert f'<a class="desk-link" href="{page(booking)}">{booking.booking_id}</a>' in shown
    assert re.sub(r"<[^>]*>", " ", shown).rpartition("Made at Stripe")[2].split()[0] == words


@pytest.mark.parametrize(
    ("ahead", "proposed", "says"),
    [(30, "340.00", "Refund €340.00"), (10, "170.00", "Refund €170.00"), (3, None, "Refund")],
)
def test_a_refund_is_proposed_by_the_policy(
    own: House, manager: Client, stripe_simulator: StripeSimulator, ahead: int, proposed: str | None, says: str
) -> None:
    dates = {"check_in": days_ahead(ahead), "check_out": days_ahead(ahead + 2)}
    booking = stays.confirmed(stripe_simulator, own.booking(**dates))
    form = manager.get(page(booking, "refund")).context["form"]
    back = {30: "€340.00", 10: "€170.00", 3: "€0.00"}[ahead]
    assert (form["amount"].value(), form.button_text()) == (proposed, says)
    words = f"{back} goes back. The stay goes on with a refund; “Cancel booking” ends it, too."
    assert ("By the policy now", words) in form.lines()
    assert do(manager, booking, "refund", amount="1.00", note="Noise", stripe_reason="duplicate", seen_left="34000")
    assert stays.at_stripe(stripe_simulator, booking).refunded == 100

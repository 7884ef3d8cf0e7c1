"""Buttons that name an amount move that amount: another one by now is shown first, and nothing moves."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from bookings.models import Booking
from payments import checkout, decisions, operations
from payments.models import Payment, Refund
from tests import stays
from tests.admin.conftest import House
from tests.admin.pages import do, page, press, said, text
from tests.admin.test_refunds import undelivered
from tests.payments.moving import move
from tests.simulator_process import StripeSimulator

pytestmark = pytest.mark.usefixtures("stripe_simulator")
CHANGED = "The amounts have changed since you opened this. Please check them again."


def seen(client: Client, row: Any, action: str) -> str:
    """What the dialog has in its hidden field."""
    return str(client.get(page(row, action)).context["form"]["seen"].value())


def dearer(simulator: StripeSimulator, booking: Booking) -> None:
    """A colleague adds a night, and the guest pays for it."""
    move(booking, nights=3)
    with stays.by_guest():
        _, payment = checkout.open_payment_page(stays.fresh(booking))
    assert payment is not None
    operations.refresh(stays.pay(simulator, payment))


def agreed(house: House) -> Booking:
    """A confirmed stay that is paid on arrival."""
    booking = stays.submitted(house.booking(payment_method="ARRIVAL"))
    with stays.by_staff():
        return decisions.approve(booking).booking


def partly_returned(simulator: StripeSimulator, refund: Refund) -> None:
    """Somebody returns 100.00 of what is owed in Stripe's Dashboard."""
    intent = refund.payment.stripe_payment_intent_id
    simulator.control(f"dashboard/payment_intents/{intent}/refund", amount=10000)
    operations.refresh(refund.payment)


def recorded(booking: Booking) -> list[int]:
    """What was taken for a booking, payment by payment."""
    return list(Payment.objects.filter(booking=booking).values_list("amount_captured", flat=True))


def test_approve_captures_no_other_amount_than_its_button_named(
    own: House, staff: Callable[[str], Client], stripe_simulator: StripeSimulator
) -> None:
    booking, desk = stays.paid(stripe_simulator, own.booking()), staff("Front desk")
    before = seen(desk, booking, "approve")
    dearer(stripe_simulator, booking)
    answer = do(desk, booking, "approve", seen=before)
    for words in (CHANGED, "Capture €510.00"):
        assert words in text(answer)
    assert stays.fresh(booking).status == "PENDING_APPROVAL"
    assert stays.at_stripe(stripe_simulator, booking) == stays.AtStripe(voids=1)
    again: Any = answer
    do(desk, booking, "approve", seen=again.context["form"]["seen"].value())
    assert stays.at_stripe(stripe_simulator, booking) == stays.AtStripe(captured=51000, captures=1, voids=1)


def test_approve_that_carries_no_amount_captures_nothing(
    own: House, manager: Client, stripe_simulator: StripeSimulator
) -> None:
    booking = stays.paid(stripe_simulator, own.booking())
    assert CHANGED in text(do(manager, booking, "approve"))
    assert stays.fresh(booking).status == "PENDING_APPROVAL"
    assert stays.at_stripe(stripe_simulator, booking) == stays.AtStripe()


def test_late_approve_says_that_it_was_done_before(
    own: House, manager: Client, stripe_simulator: StripeSimulator
) -> None:
    booking = stays.paid(stripe_simulator, own.booking())
    before = seen(manager, booking, "approve")
    with stays.by_staff():
        decisions.approve(booking)
    ((level, words),) = said(do(manager, booking, "approve", seen=before))
    assert (level, words.startswith("Already done: this booking was confirmed")) == ("info", True)
    assert stays.at_stripe(stripe_simulator, booking) == stays.AtStripe(captured=34000, captures=1)


def test_mark_paid_records_no_other_amount_than_its_button_named(own: House, staff: Callable[[str], Client]) -> None:
    booking, desk = agreed(own), staff("Front desk")
    before = seen(desk, booking, "mark_paid")
    move(booking, nights=1)
    answer = do(desk, booking, "mark_paid", method="Cash", note="receipt 7", seen=before)
    for words in (CHANGED, "Record €170.00", "receipt 7"):
        assert words in text(answer)
    assert (recorded(booking), stays.transitions(booking)[-1]) == ([], "reschedule")
    press(desk, booking, "mark_paid", method="Cash", note="receipt 7")
    assert recorded(booking) == [17000]


@pytest.mark.parametrize(
    ("action", "button"),
    [("pay_out", "Record €240.00 as paid out"), ("send_again", "Refund €240.00 through Stripe")],
)
def test_refund_that_has_shrunk_is_shown_before_it_is_paid_out_or_sent(
    own: House, manager: Client, stripe_simulator: StripeSimulator, action: str, button: str
) -> None:
    refund = undelivered(own, stripe_simulator)
    before = seen(manager, refund, action)
    partly_returned(stripe_simulator, refund)
    answer = do(manager, refund, action, method="Cash", seen=before)
    for words in (CHANGED, button):
        assert words in text(answer)
    refund.refresh_from_db()
    assert (refund.is_owed, refund.amount) == (True, 24000)
    assert stays.at_stripe(stripe_simulator, refund.payment.booking).refunded == 10000
    assert said(press(manager, refund, action, method="Cash"))[0][0] == "success"

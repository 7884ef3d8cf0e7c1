"""Another attempt after a refused card: the last page is closed first, and a second hold is released by itself."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bookings.refusals import Refused
from payments import checkout, operations, reconcile
from payments.models import Payment
from tests.stays import (
    REFUSED_CARD,
    by_guest,
    clock_at,
    fresh,
    pay,
    with_page,
)

pytestmark = pytest.mark.django_db(transaction=True)


def refused(simulator):
    """A payment whose card was refused, its page still open."""
    payment = pay(simulator, with_page(), REFUSED_CARD)
    operations.refresh(payment)
    return Payment.objects.get(pk=payment.pk)


def retried(booking):
    with by_guest():
        _, payment = checkout.retry_payment(booking)
    return payment


def attempts(booking):
    return list(booking.payments.order_by("attempt_number").values_list("attempt_number", "status"))


def posts(simulator):
    """What Stripe was asked to do, in order."""
    asked = [row["path"] for row in simulator.look("requests") if row["method"] == "POST"]
    return [path.replace(path.split("/")[4], "…") if path.count("/") > 3 else path for path in asked]


def test_retry_closes_the_page_of_the_refused_card_before_it_opens_another(stripe_simulator):
    first = refused(stripe_simulator)
    second = retried(first.booking)
    assert attempts(first.booking) == [(1, "EXPIRED"), (2, "PROCESSING")]
    assert posts(stripe_simulator) == [
        "/v1/checkout/sessions",
        "/v1/checkout/sessions/…/expire",
        "/v1/checkout/sessions",
    ]
    operations.refresh(pay(stripe_simulator, second))
    assert fresh(first.booking).status == "PENDING_APPROVAL"


def test_pressing_retry_twice_is_one_attempt(stripe_simulator):
    first = refused(stripe_simulator)
    second = retried(first.booking)
    assert retried(first.booking).session_url == second.session_url
    assert attempts(first.booking) == [(1, "EXPIRED"), (2, "PROCESSING")]


def test_retry_ends_with_the_hotels_limit_and_the_last_page_stays_open(stripe_simulator):
    payment = refused(stripe_simulator)
    for _ in (2, 3):
        payment = pay(stripe_simulator, retried(payment.booking), REFUSED_CARD)
        operations.refresh(payment)
    with by_guest(), pytest.raises(Refused, match="attempts to pay are used up"):
        checkout.retry_payment(payment.booking)
    assert attempts(payment.booking) == [(1, "EXPIRED"), (2, "EXPIRED"), (3, "FAILED")]
    with by_guest():
        _, same = checkout.open_payment_page(payment.booking)
    assert same.stripe_checkout_session_id == payment.stripe_checkout_session_id


def test_retry_that_finds_the_guest_has_paid_meanwhile_opens_nothing(stripe_simulator):
    payment = refused(stripe_simulator)
    pay(stripe_simulator, payment)
    with by_guest(), pytest.raises(Refused, match="Payment already processed"):
        checkout.retry_payment(payment.booking)
    assert (fresh(payment.booking).status, attempts(payment.booking)) == ("PENDING_APPROVAL", [(1, "AUTHORIZED")])


def test_retry_outside_the_hold_is_refused(stripe_simulator):
    payment = refused(stripe_simulator)
    with clock_at(payment.booking.hold_expires_at - timedelta(minutes=10)), pytest.raises(Refused):
        retried(payment.booking)
    assert attempts(payment.booking) == [(1, "FAILED")]


def test_lost_answer_to_closing_the_page_does_not_lose_the_retry(stripe_simulator):
    payment = refused(stripe_simulator)
    fault = {"path_regex": "expire$", "method": "POST"}
    stripe_simulator.control("faults", match=fault, kind="drop_after", times=3)
    second = retried(payment.booking)
    reconcile.resolve_open(timezone.now() + reconcile.GRACE)
    assert attempts(payment.booking)[0] == (1, "EXPIRED")
    second = retried(payment.booking)
    assert (second.attempt_number, second.status) == (2, "PROCESSING")

"""What Stripe's answers mean to us: a no, or nobody knows yet. Never Stripe's own words."""

import pytest

from payments import gateway
from payments.gateway import Declined, OutcomeUnknown
from tests.stays import AtStripe, at_stripe, confirmed, paid

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]


def capture(payment, key="capture:test:1", amount=34000):
    return gateway.capture(payment.stripe_payment_intent_id, amount=amount, operation="test:1", key=key)


def test_client_retries_and_gives_up_before_a_web_worker_does():
    options = gateway.client()._requestor._options
    assert options.max_network_retries == 2
    assert gateway.client()._requestor._client._timeout == 8


@pytest.mark.parametrize(
    ("kind", "times", "cause", "spent"),
    [
        ("drop_before", 3, "connection", False),
        ("drop_after", 3, "connection", False),
        ("error_500", 1, "http_500", True),
        ("error_409", 3, "http_409", False),
        ("error_429", 1, "rate_limit", False),
        ("malformed", 3, "http_200", False),
    ],
)
def test_no_usable_answer_is_unknown(stripe_simulator, kind, times, cause, spent):
    payment = paid(stripe_simulator).payments.get()
    stripe_simulator.control("faults", match={"path_regex": "capture"}, kind=kind, times=times)
    with pytest.raises(OutcomeUnknown) as unknown:
        capture(payment)
    assert (unknown.value.cause, unknown.value.key_is_spent) == (cause, spent)


def test_one_lost_answer_is_mended_by_the_librarys_retry(stripe_simulator):
    booking = paid(stripe_simulator)
    stripe_simulator.control("faults", match={"path_regex": "capture"}, kind="drop_after", times=1)
    seen = capture(booking.payments.get())
    assert (seen.intent_status, seen.captured) == ("succeeded", 34000)
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, captures=1)


def test_a_key_used_for_another_request_is_unknown_and_spent(stripe_simulator):
    payment = paid(stripe_simulator).payments.get()
    capture(payment, amount=34000)
    with pytest.raises(OutcomeUnknown) as unknown:
        capture(payment, amount=30000)
    assert (unknown.value.cause, unknown.value.key_is_spent) == ("idempotency", True)


def test_refusals_are_told_in_our_words(stripe_simulator):
    booking = confirmed(stripe_simulator)
    intent = booking.payments.get().stripe_payment_intent_id
    with pytest.raises(Declined) as refused:
        gateway.refund(intent, amount=34001, reason="duplicate", metadata={}, key="refund:test:1")
    assert refused.value.message.startswith("Stripe refused (")
    with pytest.raises(Declined) as refused:
        gateway.void(intent, key="void:test:1")
    assert refused.value.code == "payment_intent_unexpected_state"
    assert refused.value.message == "The payment has changed at Stripe in the meantime."


def test_a_wrong_key_is_a_refusal_that_names_who_can_help(stripe_simulator, settings):
    payment = paid(stripe_simulator).payments.get()
    settings.STRIPE_SECRET_KEY = "sk_test_another"
    with pytest.raises(Declined, match="Stripe refused the hotel's key"):
        capture(payment)


def test_snapshot_reads_all_refunds_of_a_payment(stripe_simulator):
    booking = confirmed(stripe_simulator)
    payment = booking.payments.get()
    for _ in range(12):
        intent = payment.stripe_payment_intent_id
        stripe_simulator.control(f"dashboard/payment_intents/{intent}/refund", amount=100)
    seen = gateway.read(session_id=payment.stripe_checkout_session_id, intent_id=None)
    assert len(seen.refunds) == 12
    assert {refund.status for refund in seen.refunds} == {"succeeded"}

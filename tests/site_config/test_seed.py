"""The demo's data: every state, around today, with money that Stripe really holds."""

from collections import Counter

import pytest
from django.utils import timezone

from bookings.models import Booking, User
from payments import decisions
from payments.models import Payment, PaymentOperation
from site_config.demo.accounts import ACCOUNTS, PASSWORD
from site_config.demo.seed import seed
from tests.stays import AtStripe, at_stripe, by_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def seeded(stripe_simulator):
    assert seed() == 70
    return stripe_simulator


def test_seed_makes_every_state_with_money_at_stripe(seeded):
    states = Counter(Booking.objects.values_list("status", "record_state"))
    assert states[("DECLINED", "DELETED")] == 1
    assert {state for state, _ in states} == {
        "DRAFT",
        "PENDING_PAYMENT",
        "PENDING_APPROVAL",
        "CONFIRMED",
        "COMPLETED",
        "DECLINED",
        "CANCELLED",
        "EXPIRED",
    }
    refused = PaymentOperation.objects.exclude(status="succeeded")
    assert {(row.kind, row.error_code, row.currency) for row in refused} == {
        ("create_session", "currency_refused", "PKR")
    }
    ours = {
        payment.stripe_payment_intent_id: (payment.amount_captured, payment.amount_refunded)
        for payment in Payment.objects.filter(provider="stripe", stripe_payment_intent_id__isnull=False)
    }
    theirs = {row["payment_intent"]: (row["captured"], row["refunded"]) for row in seeded.look("summary")}
    assert ours == theirs

    waiting = Booking.objects.filter(status="PENDING_APPROVAL", payment_method="ONLINE")
    assert waiting.count() == 5
    for booking in waiting:
        with by_staff(User.objects.get(username="frontdesk")):
            assert decisions.approve(booking).state == "done"
        amount = booking.payments.get().amount
        assert at_stripe(seeded, booking) == AtStripe(captured=amount, captures=1)

    moments = Booking.history.values_list("history_date", flat=True)
    assert max(moments) <= timezone.now()
    for account in ACCOUNTS:
        assert User.objects.get(username=account.username).check_password(PASSWORD)
    assert seed() == 70  # a filled database stays as it is

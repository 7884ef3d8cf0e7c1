"""What tests of the full comparison share: the command, people at Stripe, and the list of what differs."""

from django.core.management import call_command

from payments import gateway
from payments.models import Drift, Payment

EUROS = {"money": "captured", "held": 0, "captured": 34000, "refunded": 0, "refunding": 0, "currency": "EUR"}


def full(**options):
    """Run the command; return its exit code."""
    try:
        call_command("reconcile", full=True, **options)
    except SystemExit as ended:
        return ended.code
    return 0


def by_a_person(simulator, booking, what, **given):
    """Do something to a booking's payment in Stripe's Dashboard."""
    intent = booking.payments.latest("pk").stripe_payment_intent_id
    simulator.control(f"dashboard/payment_intents/{intent}/{what}", **given)


def listed():
    """What the drift list shows as open."""
    return [
        (drift.kind, drift.stripe_id, drift.ours, drift.theirs)
        for drift in Drift.objects.filter(resolved_at=None).order_by("stripe_id")
    ]


def counted(simulator):
    return len(simulator.look("requests"))


def captured_less(booking, amount=33000):
    """Our row says that less was captured than Stripe has, which nothing can heal."""
    Payment.objects.filter(booking=booking).update(amount_captured=amount)
    return booking.payments.get().stripe_payment_intent_id


def foreign_payment(simulator, metadata):
    """A hold that somebody else made in the same account of Stripe's."""
    request = {
        "mode": "payment",
        "ui_mode": "hosted_page",
        "line_items": [
            {"quantity": 1, "price_data": {"currency": "eur", "unit_amount": 500, "product_data": {"name": "Soup"}}}
        ],
        "payment_intent_data": {"capture_method": "manual", "metadata": metadata},
        "success_url": "http://localhost/",
    }
    page = gateway.create_session(request, key=f"foreign:{metadata}")
    return simulator.control(f"pay/{page.session_id}", card="4242424242424242")["payment_intent"]

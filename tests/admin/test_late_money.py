"""Money that came when nobody waited for it: on a list until somebody has seen that it went back."""

from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from payments import operations
from payments.models import Payment
from tests import stays
from tests.admin.conftest import House
from tests.admin.pages import do, listing, said, text
from tests.simulator_process import StripeSimulator


def late(house: House, simulator: StripeSimulator) -> Payment:
    """A hold for a booking that had expired, not heard of yet."""
    payment = stays.pay(simulator, stays.with_page(house.booking()))
    booking = stays.fresh(payment.booking)
    booking.expire()
    booking.save()
    return payment


def returned(house: House, simulator: StripeSimulator) -> Payment:
    """The same after it went back."""
    payment = late(house, simulator)
    operations.refresh(payment)
    return Payment.objects.get(pk=payment.pk)


def worries(client: Client) -> dict[str, int]:
    shown = client.get(reverse("admin:index")).context["worries"]
    return {each["name"]: each["count"] for each in shown}


def test_late_money_is_a_worry_until_somebody_has_seen_it(
    own: House, manager: Client, stripe_simulator: StripeSimulator
) -> None:
    payment = returned(own, stripe_simulator)
    assert (payment.status, worries(manager)) == ("VOIDED", {"Money that nobody waited for": 1})
    assert payment.booking.booking_id in text(manager.get(listing(Payment, "?waiting=late")))
    assert said(do(manager, payment, "seen"))[-1] == ("success", "The payment is off the list.")
    assert worries(manager) == {}
    assert payment.booking.booking_id not in text(manager.get(listing(Payment, "?waiting=late")))
    assert payment.history.first().transition == "seen"


def test_late_money_that_has_not_gone_back_stays_on_the_list(
    own: House, manager: Client, stripe_simulator: StripeSimulator
) -> None:
    payment = late(own, stripe_simulator)
    fault = {"path_regex": "cancel$", "method": "POST"}
    stripe_simulator.control("faults", match=fault, kind="drop_before", times=3)
    operations.refresh(payment)
    assert said(do(manager, payment, "seen"))[-1][0] == "error"
    assert "Money that nobody waited for" in worries(manager)


def test_money_that_was_awaited_has_nothing_to_be_seen(
    own: House, manager: Client, stripe_simulator: StripeSimulator
) -> None:
    payment = stays.paid(stripe_simulator, own.booking()).payments.get()
    assert said(do(manager, payment, "seen"))[-1] == ("error", "The booking waited for this money.")


def test_auditor_cannot_take_money_off_the_list(
    own: House, staff: Callable[[str], Client], stripe_simulator: StripeSimulator
) -> None:
    payment = returned(own, stripe_simulator)
    assert do(staff("Auditor"), payment, "seen").status_code == 403
    payment.refresh_from_db()
    assert payment.unwanted_seen_at is None

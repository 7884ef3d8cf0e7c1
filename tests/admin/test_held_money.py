"""Requests whose held money ends soon or is gone: on the start page in words, and behind each number its list."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bookings.models import Booking
from payments import operations
from payments.models import Payment
from tests import stays
from tests.admin.conftest import House
from tests.admin.pages import listing, text
from tests.simulator_process import StripeSimulator

pytestmark = pytest.mark.usefixtures("stripe_simulator")


def numbers(client: Client) -> dict[str, int]:
    """The numbers of the start page."""
    return {number["name"]: number["count"] for number in client.get(reverse("admin:index")).context["numbers"]}


def behind(client: Client, name: str) -> set[Booking]:
    """The bookings in the list that a number leads to."""
    shown = client.get(reverse("admin:index")).context["numbers"]
    link = next(number["link"] for number in shown if number["name"] == name)
    return set(client.get(link).context["cl"].queryset)


def left_of(client: Client) -> list[tuple[Any, ...]]:
    """What the start page says about the time that is left."""
    rows = client.get(reverse("admin:index")).context["approvals"]
    return [(row["booking"], row["left"], row["is_urgent"]) for row in rows]


def test_authorization_that_ends_within_a_day_is_counted_and_said_in_words(
    own: House, foreign: House, manager: Client, stripe_simulator: StripeSimulator
) -> None:
    soon, later = stays.paid(stripe_simulator, own.booking(0)), stays.paid(stripe_simulator, own.booking(1))
    stays.paid(stripe_simulator, foreign.booking())
    # Signing in does not last for the week of a hold, so it is the hold that comes nearer.
    for booking, hours in ((soon, 9.5), (later, 49)):
        ends = timezone.now() + timedelta(hours=hours)
        Payment.objects.filter(booking=booking).update(capture_before=ends)
    assert numbers(manager)["Authorizations ending within a day"] == 1
    assert behind(manager, "Authorizations ending within a day") == {soon}
    assert left_of(manager) == [(soon, "Ends in 9 h", True), (later, "in 2 days", False)]
    assert '<span class="desk-pill desk-bad">Ends in 9 h</span>' in text(manager.get(reverse("admin:index")))


def test_hold_that_is_gone_is_counted_and_listed(
    own: House, foreign: House, manager: Client, stripe_simulator: StripeSimulator
) -> None:
    gone, held = stays.paid(stripe_simulator, own.booking(0)), stays.paid(stripe_simulator, own.booking(1))
    on_arrival = stays.submitted(own.booking(2, payment_method="ARRIVAL"))
    for booking in (gone, stays.paid(stripe_simulator, foreign.booking())):
        payment = Payment.objects.get(booking=booking)
        stripe_simulator.control(f"dashboard/payment_intents/{payment.stripe_payment_intent_id}/cancel")
        operations.refresh(payment)
    assert numbers(manager)["Holds gone at Stripe"] == 1
    assert behind(manager, "Holds gone at Stripe") == {gone}
    said = {booking: (left, urgent) for booking, left, urgent in left_of(manager)}
    assert said[gone] == ("Hold gone at Stripe", True)
    assert said[on_arrival] == ("no hold, pays on arrival", False)
    assert said[held] == ("in 6 days", False)


def test_nothing_ends_or_is_gone_when_all_is_well(
    own: House, manager: Client, stripe_simulator: StripeSimulator
) -> None:
    stays.paid(stripe_simulator, own.booking())
    shown = numbers(manager)
    assert (shown["Authorizations ending within a day"], shown["Holds gone at Stripe"]) == (0, 0)


def test_list_of_payments_names_what_is_held(own: House, manager: Client, stripe_simulator: StripeSimulator) -> None:
    stays.paid(stripe_simulator, own.booking())
    shown = text(manager.get(listing(Payment)))
    amounts = re.findall(r'class="[^"]*field-(authorized|captured|refunded)[^"]*"[^>]*>\s*([^<]*?)\s*<', shown)
    assert amounts == [("authorized", "€340.00"), ("captured", "€0.00"), ("refunded", "€0.00")]

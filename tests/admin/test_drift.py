"""What differs from Stripe: both sides side by side, healed or explained by whoever may, nobody else's hotel."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from bookings.models import Booking
from payments import full_reconcile
from payments.models import Drift, Payment
from tests import stays
from tests.admin.conftest import House
from tests.admin.pages import do, listing, page, said, text
from tests.simulator_process import StripeSimulator

type SignIn = Callable[[str], Client]


@pytest.fixture
def booking(own: House, stripe_simulator: StripeSimulator) -> Booking:
    """A booking of the own hotel whose row says that less was captured than Stripe has."""
    booking = stays.confirmed(stripe_simulator, own.booking())
    Payment.objects.filter(booking=booking).update(amount_captured=33000)
    return booking


@pytest.fixture
def drift(booking: Booking) -> Drift:
    """The difference, as a full comparison lists it."""
    full_reconcile.full_reconcile(timezone.now())
    return Drift.objects.get()


def test_both_sides_stand_beside_each_other_and_differences_are_said_in_words(drift: Drift, manager: Client) -> None:
    shown = text(manager.get(page(drift)))
    assert '<th scope="row">Captured <span class="desk-pill desk-bad">Differs</span></th>' in shown
    assert '<td data-label="Ours"><strong>€330.00</strong></td>' in shown
    assert '<td data-label="At Stripe"><strong>€340.00</strong></td>' in shown
    assert '<th scope="row">Refunded</th>' in shown
    for row in (drift.booking, drift.payment):
        assert f'href="{page(row)}"' in shown
    assert "Open in Stripe" in shown


def found(**fields: object) -> Drift:
    """A difference that was just found."""
    now = timezone.now()
    return Drift.objects.create(**{"kind": "booking", "stripe_id": "x", "found_at": now, "seen_at": now, **fields})


def test_today_counts_what_is_open_and_leads_there(drift: Drift, foreign: House, manager: Client) -> None:
    found(booking=foreign.booking())
    closed = found(booking=drift.booking, stripe_id="closed", resolved_at=timezone.now())
    newer = found(booking=drift.booking, stripe_id="newer")
    numbers = manager.get(reverse("admin:index")).context["numbers"]
    number = next(each for each in numbers if each["name"] == "Differs from Stripe")
    assert (number["count"], number["urgent"]) == (2, True)
    assert list(manager.get(number["link"]).context["cl"].queryset) == [newer, drift]
    assert list(manager.get(listing(Drift)).context["cl"].queryset) == [newer, drift, closed]
    assert list(manager.get(listing(Drift, "?state=closed")).context["cl"].queryset) == [closed]


def test_list_says_the_difference_in_one_line(drift: Drift, manager: Client) -> None:
    assert "Captured: €330.00 here, €340.00 at Stripe" in text(manager.get(listing(Drift)))


def test_what_belongs_to_no_booking_is_the_owners(own: House, staff: SignIn) -> None:
    row = found(kind="unknown_here", stripe_id="pi_stranger")
    assert [staff(role).get(page(row)).status_code for role in ("Manager", "Auditor", "owner")] == [404, 404, 200]


def test_heal_mends_what_stripe_has_and_says_what_it_did(
    drift: Drift, manager: Client, stripe_simulator: StripeSimulator
) -> None:
    Payment.objects.update(amount_captured=34000)
    intent = drift.payment.stripe_payment_intent_id
    stripe_simulator.control(f"dashboard/payment_intents/{intent}/refund", amount=1000)
    words = "Both books say the same now. Refunded: €0.00 → €10.00"
    assert said(do(manager, drift, "heal")) == [("success", words)]
    drift.refresh_from_db()
    assert (drift.is_open, drift.is_explained) == (False, False)
    assert Payment.objects.get().amount_refunded == 1000


def test_heal_says_what_it_could_not_mend(drift: Drift, manager: Client) -> None:
    words = "Both still differ. Captured: €330.00 here, €340.00 at Stripe"
    assert said(do(manager, drift, "heal")) == [("info", words)]
    drift.refresh_from_db()
    assert drift.is_open


def test_heal_without_an_answer_changes_nothing(
    drift: Drift, manager: Client, stripe_simulator: StripeSimulator
) -> None:
    stripe_simulator.control("faults", match={"path_regex": "."}, kind="drop_before", times=9)
    before = Drift.history.count()
    assert said(do(manager, drift, "heal"))[0][0] == "warning"
    assert Drift.history.count() == before


def test_explanation_closes_and_stays_in_the_history(drift: Drift, manager: Client) -> None:
    assert do(manager, drift, "explain", reason="").status_code == 200
    drift.refresh_from_db()
    assert drift.is_open
    answer = do(manager, drift, "explain", reason="Corrected by the bookkeeper")
    assert said(answer) == [("success", "The difference is closed with your reason.")]
    drift.refresh_from_db()
    row = drift.history.first()
    assert (drift.is_open, drift.is_explained, drift.resolution) == (False, True, "Corrected by the bookkeeper")
    assert (row.transition, row.history_change_reason, bool(row.history_user)) == (
        "explain_drift",
        "Corrected by the bookkeeper",
        True,
    )
    assert said(do(manager, drift, "explain", reason="Again"))[-1][0] == "info"


def test_history_says_both_sides_in_words(drift: Drift, manager: Client) -> None:
    shown = text(manager.get(page(drift, "history")))
    assert "Captured: €330.00; Refunded: €0.00" in shown
    assert "Captured: €340.00; Refunded: €0.00" in shown


@pytest.mark.parametrize("action", ["heal", "explain"])
def test_only_managers_and_owners_decide(drift: Drift, staff: SignIn, action: str) -> None:
    for role in ("Front desk", "Auditor"):
        assert do(staff(role), drift, action, reason="x").status_code == 403
    drift.refresh_from_db()
    assert drift.is_open
    assert staff("owner").get(page(drift, action)).status_code == 200


@pytest.mark.parametrize("action", ["heal", "explain"])
def test_looking_at_a_dialog_changes_nothing(drift: Drift, manager: Client, action: str) -> None:
    before = Drift.history.count()
    assert manager.get(page(drift, action)).status_code == 200
    assert Drift.history.count() == before


def test_staff_compare_one_payment(booking: Booking, staff: SignIn) -> None:
    desk, payment = staff("Front desk"), booking.payments.get()
    words = "Both differ; it is listed under Drift. Captured: €330.00 here, €340.00 at Stripe"
    assert said(do(desk, payment, "compare")) == [("info", words)]
    Payment.objects.update(amount_captured=34000)
    words = "Both books say the same. Nothing had to be changed here."
    assert said(do(desk, payment, "compare"))[-1] == ("success", words)
    assert not Drift.objects.get().is_open


def test_compare_says_what_it_mended(own: House, manager: Client, stripe_simulator: StripeSimulator) -> None:
    payment = stays.pay(stripe_simulator, stays.with_page(own.booking()))
    words = "Both books say the same. Money: Neither held nor taken → Held; Held: €0.00 → €340.00"
    assert said(do(manager, payment, "compare"))[0][1].startswith(words)
    assert stays.fresh(payment.booking).status == "PENDING_APPROVAL"


def test_money_that_stripe_never_had_is_not_compared(own: House, manager: Client) -> None:
    booking = own.booking(payment_method="ARRIVAL")
    payment = Payment.objects.create(booking=booking, provider="manual", amount=100, currency="EUR")
    words = "The hotel took this money itself; Stripe knows nothing of it."
    assert said(do(manager, payment, "compare")) == [("info", words)]


def test_auditor_does_not_compare(booking: Booking, staff: SignIn) -> None:
    assert do(staff("Auditor"), booking.payments.get(), "compare").status_code == 403
    assert Drift.objects.count() == 0


def test_number_of_queries_does_not_grow_with_the_list(own: House, manager: Client) -> None:
    booking = own.booking()
    found(booking=booking)
    manager.get(listing(Drift))
    with CaptureQueriesContext(connection) as one:
        manager.get(listing(Drift))
    for number in range(29):
        found(booking=booking, stripe_id=f"x{number}")
    with CaptureQueriesContext(connection) as thirty:
        manager.get(listing(Drift))
    assert len(thirty) == len(one)

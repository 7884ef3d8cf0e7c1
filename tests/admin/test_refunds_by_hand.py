"""At the desk: a manager decides that refunds of guests' own cancellations wait, and decides about each."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from bookings.admin.words import day
from payments import decisions, payouts
from payments.models import Refund
from tests import stays
from tests.admin.conftest import House
from tests.admin.pages import do, listing, page, press, said, text
from tests.simulator_process import StripeSimulator


def switch_off(client: Client, house: House) -> Any:
    """Save the hotel's settings with the switch off."""
    form = client.get(page(house.hotel)).context["adminform"].form
    fields = {name: form[name].value() for name in form.fields} | {"automatic_guest_refunds": False}
    return client.post(page(house.hotel), {name: each for name, each in fields.items() if each not in (None, False)})


def owed(house: House, simulator: StripeSimulator) -> Refund:
    """What is owed after a guest's own cancellation in such a hotel."""
    house.hotel.automatic_guest_refunds, house.hotel.guest_refund_days = False, 10
    house.hotel.save()
    stays.guest_cancels(stays.confirmed(simulator, house.booking()))
    return Refund.objects.get()


def test_manager_turns_it_off_and_the_history_says_who(own: House, manager: Client) -> None:
    assert switch_off(manager, own).status_code == 302
    own.hotel.refresh_from_db()
    kept = own.hotel.history.first()
    assert (own.hotel.automatic_guest_refunds, kept.automatic_guest_refunds) == (False, False)
    assert (kept.prev_record.automatic_guest_refunds, kept.actor_kind) == (True, "staff")
    shown = text(manager.get(page(own.hotel, "history")))
    assert "Guests are refunded at once when they cancel" in shown


@pytest.mark.parametrize("role", ["Front desk", "Auditor"])
def test_others_do_not(own: House, staff: Callable[[str], Client], manager: Client, role: str) -> None:
    form = manager.get(page(own.hotel)).context["adminform"].form
    fields = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
    del fields["automatic_guest_refunds"]
    assert staff(role).post(page(own.hotel), fields).status_code == 403
    own.hotel.refresh_from_db()
    assert own.hotel.automatic_guest_refunds is True


def test_it_waits_on_the_worklist_with_the_day_of_the_promise(
    own: House, manager: Client, stripe_simulator: StripeSimulator
) -> None:
    refund = owed(own, stripe_simulator)
    assert refund.promised_by is not None
    for address in (listing(Refund, "?waiting=owed"), page(refund), page(refund, "pay_out")):
        shown = text(manager.get(address))
        assert "Promised by" in shown
        assert day(refund.promised_by) in shown


def test_manager_decides_and_only_then_it_goes(
    own: House, manager: Client, staff: Callable[[str], Client], stripe_simulator: StripeSimulator
) -> None:
    refund = owed(own, stripe_simulator)
    booking = refund.payment.booking
    assert do(staff("Front desk"), refund, "send_again").status_code == 403
    assert stays.at_stripe(stripe_simulator, booking).refunded == 0
    assert said(press(manager, refund, "send_again"))[0][1].startswith("The refund of €340.00 is on its way.")
    assert stays.at_stripe(stripe_simulator, booking).refunded == 34000
    assert text(manager.get(listing(Refund, "?waiting=owed"))).count("Owed: pay out by hand") == 0


def test_what_is_owed_already_is_paid_out_on_its_own_page_and_not_refunded_once_more(
    own: House, manager: Client
) -> None:
    booking = stays.submitted(own.booking(payment_method="ARRIVAL"))
    with stays.by_staff():
        decisions.approve(booking)
        decisions.mark_paid(booking, method="Cash")
        payouts.refund_by_hand(booking, amount=17000, note="One night less")
    refund = Refund.objects.get()
    typed = {"amount": "170.00", "method": "Cash", "note": "Gone early", "seen_left": "17000"}
    words = "€170.00 is owed already: open it and press “Paid out by hand”. After that, more can be refunded."
    assert said(do(manager, booking, "refund_by_hand", **typed)) == [
        ("error", f"{words} Staff marked it as paid just now.")
    ]
    assert [(each.status, each.amount) for each in Refund.objects.all()] == [("pending", 17000)]
    answer = manager.get(page(booking))
    assert [why for action, why in answer.context["impossible"] if action.name == "refund_by_hand"] == [words]
    link = f'<a class="desk-link" href="{page(refund)}">To pay out by hand</a></dt><dd>€170.00</dd>'
    assert link in text(answer)
    press(manager, refund, "pay_out", method="Cash")
    assert "To pay out by hand" not in text(manager.get(page(booking)))
    refund.refresh_from_db()
    assert (Refund.objects.count(), refund.status) == (1, "succeeded")

"""The dialog that moves a booking: it shows what would happen before anything does."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from bookings.models import Booking
from cancellations.models import CancellationTier
from tests import stays
from tests.admin.conftest import House
from tests.admin.pages import do, page, press, said, text
from tests.factories import days_ahead
from tests.simulator_process import StripeSimulator

pytestmark = pytest.mark.usefixtures("stripe_simulator")
CHECK = "Please check what will happen, then press again."


def typed(booking: Booking, *, nights: int = 2, **more: Any) -> dict[str, Any]:
    """What the dialog posts for a stay so many nights long."""
    booking = stays.fresh(booking)
    return {
        "check_in": booking.check_in.isoformat(),
        "check_out": days_ahead(30 + nights).isoformat(),
        "room_type": booking.room_type_id,
        "room": booking.room_id or "",
        "terms": "keep",
        "reason": "The guest asked for it",
        "note": "",
        **more,
    }


def looked(client: Client, booking: Booking, data: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Press once: the answer, and what the second press posts."""
    answer: Any = do(client, booking, "reschedule", **data)
    return answer, {**data, "seen": answer.context["form"]["seen"].value()}


def test_first_press_shows_what_happens_and_the_second_does_it(
    own: House, staff: Callable[[str], Client], stripe_simulator: StripeSimulator
) -> None:
    booking, desk = stays.confirmed(stripe_simulator, own.booking()), staff("Front desk")
    answer, again = looked(desk, booking, typed(booking, nights=1))
    shown = text(answer)
    for words in (CHECK, "€340.00 → €170.00", "€170.00 is refunded", "Move the booking and refund €170.00", "14/7"):
        assert words in shown
    assert (stays.fresh(booking).total_amount, stays.mails(booking)[-1]) == (34000, "approved")
    assert said(do(desk, booking, "reschedule", **again)) == [
        ("success", "The booking is moved. €170.00 is refunded. The guest gets a mail.")
    ]
    assert stays.fresh(booking).total_amount == 17000
    assert stays.at_stripe(stripe_simulator, booking).refunded == 17000
    assert said(do(desk, booking, "reschedule", **again))[-1] == (
        "info",
        "Nothing to do: this is the booking's stay and price already.",
    )
    assert stays.at_stripe(stripe_simulator, booking).refunds == 1


def test_history_shows_both_stays_the_price_and_the_reason(
    own: House, manager: Client, stripe_simulator: StripeSimulator
) -> None:
    booking = stays.confirmed(stripe_simulator, own.booking())
    _, again = looked(manager, booking, typed(booking, nights=1, room=own.rooms[1].pk, note="Train is late"))
    do(manager, booking, "reschedule", **again)
    shown = text(manager.get(page(booking, "history")))
    for words in (
        "€170.00",
        "€340.00",
        str(own.rooms[0]),
        str(own.rooms[1]),
        "The guest asked for it: Train is late",
    ):
        assert words in shown


def test_changed_input_is_shown_again_before_it_is_done(own: House, manager: Client) -> None:
    booking = stays.submitted(own.booking())
    _, again = looked(manager, booking, typed(booking, nights=3))
    answer = do(manager, booking, "reschedule", **{**again, "check_out": days_ahead(34).isoformat()})
    assert CHECK in text(answer)
    assert "ask for €680.00" in text(answer)
    assert stays.transitions(booking) == ["submit"]


def test_dearer_request_says_that_the_hold_is_released(
    own: House, manager: Client, stripe_simulator: StripeSimulator
) -> None:
    booking = stays.paid(stripe_simulator, own.booking())
    answer, again = looked(manager, booking, typed(booking, nights=3))
    assert "Move the booking, release the hold and ask for €510.00" in text(answer)
    do(manager, booking, "reschedule", **again)
    assert stays.fresh(booking).status == "PENDING_PAYMENT"


def test_dearer_stay_names_the_difference_and_when_it_is_undone(
    own: House, manager: Client, stripe_simulator: StripeSimulator
) -> None:
    booking = stays.confirmed(stripe_simulator, own.booking())
    answer, again = looked(manager, booking, typed(booking, nights=3))
    assert "€170.00 more: the guest gets a link to pay the difference until" in text(answer)
    assert "Move the booking and ask for €170.00 more" in text(answer)
    do(manager, booking, "reschedule", **again)
    shown = text(manager.get(page(booking)))
    assert "Difference due until" in shown
    assert "€170.00" in text(manager.get(page(booking, "pay_link")))
    booking.messages.update(created_at="2026-01-01T00:00:00Z")
    assert said(do(manager, booking, "pay_link")) == [("success", "A fresh pay link is on its way to the guest.")]
    assert "Please pay this difference by" in booking.messages.get(kind="difference_due").text
    assert "The stay before it counts" in text(manager.get(page(booking, "cancel")))


def test_cheaper_request_says_what_approving_captures(
    own: House, manager: Client, stripe_simulator: StripeSimulator
) -> None:
    booking = stays.paid(stripe_simulator, own.booking())
    answer, again = looked(manager, booking, typed(booking, nights=1))
    assert "Approving captures only €170.00" in text(answer)
    do(manager, booking, "reschedule", **again)
    assert "Capture €170.00" in text(manager.get(page(booking, "approve")))
    assert said(press(manager, booking, "approve"))[-1][1].startswith(
        "The booking is confirmed and €170.00 is captured"
    )


def test_own_price_is_for_managers_only(own: House, staff: Callable[[str], Client], manager: Client) -> None:
    booking = stays.submitted(own.booking())
    desk = staff("Front desk")
    data = typed(booking, price="300", nights=3)
    assert "Own price" not in text(desk.get(page(booking, "reschedule")))
    _, again = looked(desk, booking, data)
    do(desk, booking, "reschedule", **again)
    assert stays.fresh(booking).total_amount == 51000
    _, again = looked(manager, booking, data)
    do(manager, booking, "reschedule", **again)
    assert stays.fresh(booking).total_amount == 30000


def test_todays_terms_are_for_managers_only(own: House, staff: Callable[[str], Client], manager: Client) -> None:
    booking = stays.submitted(own.booking())
    CancellationTier.objects.filter(policy__hotel=own.hotel).update(fee_value=0)
    desk, data = staff("Front desk"), typed(booking, terms="today", nights=3)
    assert "Today&#x27;s default policy" not in text(desk.get(page(booking, "reschedule")))
    _, again = looked(desk, booking, data)
    do(desk, booking, "reschedule", **again)
    moved = stays.fresh(booking)
    assert (moved.total_amount, [tier["value"] for tier in moved.terms["tiers"]]) == (51000, [0, 50, 100])
    assert "Today&#x27;s default policy" in text(manager.get(page(booking, "reschedule")))
    _, again = looked(manager, booking, {**data, "check_out": days_ahead(32).isoformat()})
    do(manager, booking, "reschedule", **again)
    moved = stays.fresh(booking)
    assert (moved.total_amount, [tier["value"] for tier in moved.terms["tiers"]]) == (34000, [0, 0, 0])


def test_room_that_is_taken_is_named_with_its_booking(own: House, manager: Client) -> None:
    booking, other = stays.submitted(own.booking(0)), stays.submitted(own.booking(1))
    answer = do(manager, booking, "reschedule", **typed(booking, room=own.rooms[1].pk))
    assert f"Room {own.rooms[1]} is already taken by booking {other.booking_id}" in text(answer)
    assert stays.fresh(booking).room == own.rooms[0]


def test_rooms_of_other_hotels_cannot_be_chosen(own: House, foreign: House, manager: Client) -> None:
    booking = stays.submitted(own.booking())
    room = foreign.rooms[0]
    answer: Any = do(manager, booking, "reschedule", **typed(booking, room=room.pk, room_type=room.room_type_id))
    assert set(answer.context["form"].errors) == {"room", "room_type"}
    assert stays.transitions(booking) == ["submit"]


def test_reason_is_asked_for(own: House, manager: Client) -> None:
    booking = stays.submitted(own.booking())
    answer, again = looked(manager, booking, typed(booking, nights=3, reason=""))
    assert "reason" in answer.context["form"].errors
    do(manager, booking, "reschedule", **again)
    assert stays.transitions(booking) == ["submit"]

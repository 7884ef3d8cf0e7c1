"""Actions: dialogs that post, rights, scope, words."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from bookings.admin.actions import ACTIONS
from bookings.models import Booking, BookingStatus, Message
from payments.models import PaymentOperation, Refund
from tests import stays
from tests.admin.conftest import House, signed_in
from tests.admin.pages import do, page, press, said, text
from tests.factories import UserFactory, days_ahead
from tests.simulator_process import StripeSimulator

NAMES = [action.name for action in ACTIONS]
S = BookingStatus


def snapshot() -> list[object]:
    """Everything that an action could have changed."""
    return [
        *Booking.objects.order_by("pk").values_list("pk", "status", "record_state", "updated_at"),
        Booking.history.count(),
        PaymentOperation.objects.count(),
        Refund.objects.count(),
        Message.objects.count(),
    ]


@pytest.mark.parametrize("name", NAMES)
def test_action_get_changes_nothing(own: House, staff: Callable[[str], Client], name: str) -> None:
    booking = own.booking()
    before = snapshot()
    assert staff("owner").get(page(booking, name)).status_code == 200
    assert snapshot() == before


@pytest.mark.parametrize("name", NAMES)
def test_action_needs_csrf_token(own: House, name: str) -> None:
    booking = own.booking()
    client = Client(enforce_csrf_checks=True)
    client.force_login(UserFactory(role="owner"))
    before = snapshot()
    assert do(client, booking, name).status_code == 403
    assert snapshot() == before


@pytest.mark.parametrize("name", NAMES)
def test_action_refuses_auditor(own: House, staff: Callable[[str], Client], name: str) -> None:
    booking = own.booking()
    before = snapshot()
    assert do(staff("Auditor"), booking, name).status_code == 403
    assert snapshot() == before


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("role", ["Auditor", "Front desk", "Manager"])
def test_action_does_not_know_foreign_bookings(
    foreign: House, staff: Callable[[str], Client], name: str, role: str
) -> None:
    booking = foreign.booking()
    before = snapshot()
    client = staff(role)
    assert [client.get(page(booking, name)).status_code, do(client, booking, name).status_code] == [404, 404]
    assert snapshot() == before


@pytest.mark.parametrize("name", ["refund", "soft_delete", "restore"])
def test_front_desk_cannot_do_managers_work(own: House, staff: Callable[[str], Client], name: str) -> None:
    assert do(staff("Front desk"), own.booking(), name).status_code == 403


def test_submit_mails_pay_link(own: House, staff: Callable[[str], Client]) -> None:
    booking = own.booking()
    answer = do(staff("Front desk"), booking, "submit")
    assert said(answer) == [
        (
            "success",
            "The booking is submitted. The guest gets a mail with a link to pay. The room is held for 24 hours.",
        )
    ]
    assert (stays.fresh(booking).status, stays.mails(booking)) == (S.PENDING_PAYMENT, ["pay_link"])


def test_submit_twice_says_already(own: House, manager: Client) -> None:
    booking = own.booking()
    do(manager, booking, "submit")
    assert said(do(manager, booking, "submit"))[-1] == ("info", "This booking was submitted before.")
    assert stays.mails(booking) == ["pay_link"]


def test_pay_link_again_only_once_a_minute(own: House, manager: Client) -> None:
    booking = stays.submitted(own.booking())
    booking.messages.update(created_at="2026-01-01T00:00:00Z")
    assert said(do(manager, booking, "pay_link")) == [("success", "A fresh pay link is on its way to the guest.")]
    assert said(do(manager, booking, "pay_link"))[-1] == ("info", "A pay link was mailed less than a minute ago.")
    assert stays.mails(booking) == ["pay_link", "pay_link"]


def test_refused_transition_says_why_and_nothing_moves(own: House, manager: Client) -> None:
    booking = own.booking()
    before = snapshot()
    assert said(do(manager, booking, "approve")) == [("error", "This booking is still a draft.")]
    assert snapshot() == before


def test_decline_without_reason_keeps_dialog(own: House, manager: Client) -> None:
    booking = stays.submitted(own.booking(payment_method="ARRIVAL"))
    answer = do(manager, booking, "decline", note="Full house")
    assert (answer.status_code, "Full house" in text(answer)) == (200, True)
    assert stays.fresh(booking).status == S.PENDING_APPROVAL


def test_decline_keeps_reason_in_history(own: House, manager: Client) -> None:
    booking = stays.submitted(own.booking(payment_method="ARRIVAL"))
    do(manager, booking, "decline", reason="No room available", note="wedding")
    row = booking.history.first()
    assert (row.transition, row.history_change_reason) == ("decline", "No room available: wedding")
    assert stays.fresh(booking).status == S.DECLINED


def test_dialog_answers_htmx_with_redirect(own: House, manager: Client) -> None:
    booking = own.booking()
    answer = manager.post(page(booking, "submit"), headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (200, page(booking))


def test_page_offers_possible_and_explains_impossible(own: House, manager: Client) -> None:
    booking = own.booking()
    answer = manager.get(page(booking))
    offered = [action["title"] for action in answer.context["actions_detail"]]
    assert offered == ["Submit", "Cancel booking", "Delete"]
    why = {action.name: reason for action, reason in answer.context["impossible"]}
    assert why["approve"] == "This booking is still a draft."
    assert why["refund"] == "No money was taken for this booking, so there is nothing to refund."
    assert why["restore"] == "This booking is not deleted."
    shown = text(answer)
    assert 'aria-disabled="true" aria-describedby="why-approve">Approve</button>' in shown
    assert f'<span role="tooltip" id="why-approve">{why["approve"]}</span>' in shown


def test_page_offers_auditor_nothing(own: House, staff: Callable[[str], Client]) -> None:
    answer = staff("Auditor").get(page(own.booking()))
    assert (answer.context["actions_detail"], answer.context["impossible"]) == ([], [])


def test_delete_asks_for_reason_where_hotel_does(own: House, manager: Client) -> None:
    booking = own.booking()
    assert do(manager, booking, "soft_delete").status_code == 200
    assert not stays.fresh(booking).is_deleted
    do(manager, booking, "soft_delete", note="Typed twice")
    assert stays.fresh(booking).deletion_reason == "Typed twice"
    do(manager, booking, "restore")
    assert not stays.fresh(booking).is_deleted


def test_mark_paid_records_method(own: House, staff: Callable[[str], Client]) -> None:
    booking = stays.submitted(own.booking(payment_method="ARRIVAL"))
    desk = staff("Front desk")
    press(desk, booking, "approve")
    press(desk, booking, "mark_paid", method="Cash", note="receipt 7")
    assert [(p.provider, p.amount_captured, p.note) for p in booking.payments.all()] == [
        ("manual", 34000, "Cash: receipt 7")
    ]


def test_complete_waits_for_check_out_day(own: House, manager: Client) -> None:
    booking = stays.submitted(own.booking(payment_method="ARRIVAL"))
    press(manager, booking, "approve")
    assert said(do(manager, booking, "complete"))[-1] == (
        "error",
        "The guest has not checked out yet. A booking is completed on its check-out day.",
    )


def test_approve_captures_once(own: House, manager: Client, stripe_simulator: StripeSimulator) -> None:
    booking = stays.paid(stripe_simulator, own.booking())
    assert "Capture €340.00" in text(manager.get(page(booking, "approve")))
    assert said(press(manager, booking, "approve")) == [
        ("success", "The booking is confirmed and €340.00 is captured. The guest gets a mail.")
    ]
    assert said(do(manager, booking, "approve"))[-1][0] == "info"
    assert stays.at_stripe(stripe_simulator, booking) == stays.AtStripe(captured=34000, captures=1)


def test_approve_shows_rival_requests(own: House, manager: Client) -> None:
    booking = stays.submitted(own.booking(0, payment_method="ARRIVAL"))
    rival = stays.submitted(own.booking(1, payment_method="ARRIVAL", guest_name="Ben Byron"))
    shown = text(manager.get(page(booking, "approve")))
    assert f'href="{page(rival)}">{rival.booking_id}</a>, Ben Byron' in shown
    assert f"(needs approval, room {rival.room})" in shown
    assert "a room is kept for each of them, and for this booking. 2 more rooms of this type are free." in shown


def test_refund_twice_with_one_dialog_is_one_refund(
    own: House, manager: Client, stripe_simulator: StripeSimulator
) -> None:
    booking = stays.confirmed(stripe_simulator, own.booking())
    typed = {"amount": "100.00", "stripe_reason": "duplicate", "note": "twice", "seen_left": "34000"}
    do(manager, booking, "refund", **typed)
    level, words = said(do(manager, booking, "refund", **typed))[-1]
    assert (level, words[:55]) == ("error", "A refund was made in the meantime; €240.00 is left now.")
    assert stays.at_stripe(stripe_simulator, booking).refunded == 10000


@pytest.mark.parametrize("amount", ["340.01", "0", "-1", "1e2", "12,50", "NaN", "10.001", ""])
def test_refund_refuses_wrong_amounts(
    own: House, manager: Client, stripe_simulator: StripeSimulator, amount: str
) -> None:
    booking = stays.confirmed(stripe_simulator, own.booking())
    typed = {"amount": amount, "stripe_reason": "duplicate", "note": "x", "seen_left": "34000"}
    assert do(manager, booking, "refund", **typed).status_code == 200
    assert stays.at_stripe(stripe_simulator, booking).refunded == 0


def test_refund_that_is_too_large_is_told_beside_what_else_is_wrong(
    own: House, manager: Client, stripe_simulator: StripeSimulator
) -> None:
    booking = stays.confirmed(stripe_simulator, own.booking())
    typed = {"amount": "99999", "stripe_reason": "duplicate", "note": "", "seen_left": "34000"}
    answer: Any = do(manager, booking, "refund", **typed)
    assert answer.context["form"].errors == {
        "amount": ["Choose an amount above zero and up to €340.00, which is left."],
        "note": ["This field is required."],
    }
    assert stays.at_stripe(stripe_simulator, booking).refunded == 0


def cancel_form(own: House, simulator: StripeSimulator) -> tuple[Booking, dict[str, str]]:
    """A confirmed booking whose policy keeps half, and what its cancel dialog posts."""
    booking = own.booking(check_in=days_ahead(10), check_out=days_ahead(12))
    booking = stays.confirmed(simulator, booking)
    return booking, {"reason": "The guest asked for it", "note": "", "fee": "policy", "seen": "17000-17000-0"}


def test_cancel_by_policy_returns_half(
    own: House, staff: Callable[[str], Client], stripe_simulator: StripeSimulator
) -> None:
    booking, typed = cancel_form(own, stripe_simulator)
    answer = do(staff("Front desk"), booking, "cancel", **typed)
    assert said(answer) == [("success", "The booking is cancelled. €170.00 goes back to the guest.")]
    assert stays.at_stripe(stripe_simulator, booking).refunded == 17000


def test_cancel_dialog_asks_a_second_person_for_another_fee_only(
    own: House, manager: Client, stripe_simulator: StripeSimulator
) -> None:
    own.hotel.four_eyes_threshold = 10000
    own.hotel.save()
    booking, typed = cancel_form(own, stripe_simulator)
    words = (
        "Not for the policy&#x27;s fee. For another one: Above €100.00 for one booking a second person has to agree."
    )
    assert words in text(manager.get(page(booking, "cancel")))
    answer = do(manager, booking, "cancel", **typed)
    assert said(answer) == [("success", "The booking is cancelled. €170.00 goes back to the guest.")]


def test_front_desk_cannot_override_fee(
    own: House, staff: Callable[[str], Client], stripe_simulator: StripeSimulator
) -> None:
    booking, typed = cancel_form(own, stripe_simulator)
    desk = staff("Front desk")
    assert "Waive the fee" not in text(desk.get(page(booking, "cancel")))
    do(desk, booking, "cancel", **{**typed, "fee": "waive"})
    assert stays.fresh(booking).cancellation_fee == 17000


@pytest.mark.parametrize(
    ("choice", "custom", "kept"), [("waive", "", 0), ("full", "", 34000), ("custom", "12.50", 1250)]
)
def test_manager_overrides_fee(
    own: House, manager: Client, stripe_simulator: StripeSimulator, choice: str, custom: str, kept: int
) -> None:
    booking, typed = cancel_form(own, stripe_simulator)
    do(manager, booking, "cancel", **{**typed, "fee": choice, "custom_fee": custom})
    assert stays.fresh(booking).cancellation_fee == kept
    assert stays.at_stripe(stripe_simulator, booking).refunded == 34000 - kept


def test_cancel_with_stale_amounts_asks_again(own: House, manager: Client, stripe_simulator: StripeSimulator) -> None:
    booking, typed = cancel_form(own, stripe_simulator)
    answer = do(manager, booking, "cancel", **{**typed, "seen": "0-34000-0"})
    assert "The amounts have changed since you opened this." in text(answer)
    assert 'value="17000-17000-0"' in text(answer)
    assert stays.fresh(booking).status == S.CONFIRMED


def test_cancel_custom_fee_above_paid_is_refused(
    own: House, manager: Client, stripe_simulator: StripeSimulator
) -> None:
    booking, typed = cancel_form(own, stripe_simulator)
    answer = do(manager, booking, "cancel", **{**typed, "fee": "custom", "custom_fee": "340.01"})
    assert "up to €340.00" in text(answer)
    assert stays.fresh(booking).status == S.CONFIRMED


def test_refund_without_answer_is_said_and_asked_again(
    own: House, manager: Client, stripe_simulator: StripeSimulator
) -> None:
    booking = stays.confirmed(stripe_simulator, own.booking())
    stripe_simulator._send("POST", "faults", b'{"kind": "drop_before", "path": ".*", "times": 3}')
    typed = {"amount": "340.00", "stripe_reason": "duplicate", "note": "x", "seen_left": "34000"}
    assert said(do(manager, booking, "refund", **typed))[0][0] == "warning"
    shown = manager.get(page(booking))
    assert "Waiting for Stripe: refund of €340.00" in text(shown)
    assert [action["title"] for action in shown.context["actions_detail"]] == ["Ask Stripe now", "Send a fresh link"]
    stripe_simulator._send("DELETE", "faults", None)
    assert said(do(manager, booking, "reconcile"))[-1][0] == "success"
    assert stays.at_stripe(stripe_simulator, booking).refunded == 34000


def test_right_alone_decides(own: House) -> None:
    person = UserFactory.create(role="Auditor", hotels=[own.hotel])
    person.user_permissions.add(Permission.objects.get(codename="soft_delete_booking"))
    booking = own.booking()
    do(signed_in(person), booking, "soft_delete", note="x")
    assert stays.fresh(booking).is_deleted

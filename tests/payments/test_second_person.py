"""The second person: who may agree, to what exactly, and what ends a request without them."""

from datetime import timedelta
from unittest import mock

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.utils import timezone

from bookings import audit, lifecycle
from bookings.audit import ActorKind
from bookings.refusals import Refused
from payments import decisions, operations, payouts, refund_requests
from payments.gateway import Declined
from payments.models import Refund, RefundRequest
from payments.owed import owe
from tests.factories import HotelFactory, UserFactory, days_ahead
from tests.payments.two_people import PAID, alone, approve, asked, cancels, draft, manager, refund
from tests.stays import AtStripe, at_stripe, by_staff, clock_at, confirmed, fresh, guest_cancels, mails, transitions

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]


@pytest.fixture
def booking(stripe_simulator):
    """A confirmed and paid booking of that hotel."""
    return confirmed(stripe_simulator, draft())


@pytest.fixture
def nora(booking):
    """Who asks."""
    return manager(booking, first_name="Nora", last_name="Byrne")


@pytest.fixture
def ciara(booking):
    """Who decides."""
    return manager(booking, first_name="Ciara", last_name="Walsh")


def test_approved_refund_moves_once_exactly_as_asked(stripe_simulator, booking, nora, ciara):
    wish = asked(nora, booking)
    outcome = approve(ciara, wish)
    assert outcome.state == "done"
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, captures=1, refunded=30000, refunds=1)
    wish.refresh_from_db()
    assert (wish.status, wish.decided_by, bool(wish.decided_at)) == ("approved", ciara, True)
    operation = booking.operations.get(kind="refund")
    assert (operation.amount, operation.status, operation.transition) == (30000, "succeeded", "refund")
    assert (operation.details["request"], operation.details["actor"]["user_id"]) == (wish.pk, ciara.pk)
    why = "Broken shower (asked for by Nora Byrne, approved by Ciara Walsh)"
    assert {(row.history_user, row.history_change_reason) for row in operation.history.all()} == {(ciara, why)}
    row = booking.history.first()
    assert (row.transition, row.history_user, row.history_change_reason) == ("refund", ciara, why)
    assert [row.transition for row in wish.history.order_by("history_id")] == ["ask", "approve"]
    assert (Refund.objects.get().note, mails(booking)[-1]) == ("Broken shower", "refund_sent")


def test_approved_refund_counts_in_the_sum(booking, nora, ciara):
    approve(ciara, asked(nora, booking, 21000))
    assert alone(booking) == 0


def test_approved_cancellation_moves_the_frozen_amounts_after_the_tier_has_moved(
    stripe_simulator, booking, nora, ciara
):
    cancels(nora, booking, fee=10000)
    with clock_at(timezone.now() + timedelta(days=5)):
        assert approve(ciara, RefundRequest.objects.get()).state == "done"
    booking = fresh(booking)
    assert (booking.status, booking.cancellation_fee, booking.refund_amount) == ("CANCELLED", 10000, 24000)
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, captures=1, refunded=24000, refunds=1)
    assert (booking.cancelled_by, booking.cancellation_reason) == (ciara, "Hotel closed")
    why = "Hotel closed (asked for by Nora Byrne, approved by Ciara Walsh)"
    assert booking.history.first().history_change_reason == why
    mail = booking.messages.get(kind="cancelled_by_hotel")
    assert ("Hotel closed" in mail.text, "Nora" in mail.text, "Ciara" in mail.text) == (True, False, False)


def strangers(booking):
    """People who may not agree, and the words for each."""
    role = "Your role does not include what was asked for, so you cannot decide about it."
    elsewhere = UserFactory(role="Manager", hotels=[HotelFactory()])
    desk = UserFactory(role="Front desk", hotels=[booking.hotel])
    gone = manager(booking, is_active=False)
    return [(elsewhere, role), (desk, role), (gone, role), (None, "Only a person can decide about this.")]


def test_only_another_person_with_the_right_and_the_hotel_decides(stripe_simulator, booking, nora):
    wish = asked(nora, booking)
    for person, words in [*strangers(booking), (nora, refund_requests.OWN)]:
        with by_staff(person), pytest.raises(Refused) as refusal:
            refund_requests.approve(wish)
        assert refusal.value.message == words
        with by_staff(person), pytest.raises(Refused) as refusal:
            refund_requests.reject(wish, reason="No")
        assert refusal.value.message == words
    wish.refresh_from_db()
    assert (wish.is_pending, at_stripe(stripe_simulator, booking)) == (True, PAID)
    assert [row.transition for row in wish.history.all()] == ["ask"]


def test_owner_agrees_to_others_wishes_and_never_to_their_own(stripe_simulator, booking, nora):
    owner, other = UserFactory(role="owner"), UserFactory(role="owner")
    wish = asked(owner, booking)
    with pytest.raises(Refused, match="You asked for this yourself"):
        approve(owner, wish)
    assert at_stripe(stripe_simulator, booking) == PAID
    assert approve(other, wish).state == "done"


def test_cancellation_needs_the_right_to_override_fees_as_well(stripe_simulator, booking, nora, ciara):
    cancels(nora, booking, fee=0)
    ciara.groups.clear()
    ciara.user_permissions.set(permissions("refund_payment", "cancel_booking"))
    wish = RefundRequest.objects.get()
    with pytest.raises(Refused, match="Your role does not include"):
        approve(ciara, wish)
    assert fresh(booking).status == "CONFIRMED"
    ciara.user_permissions.add(*permissions("override_fee"))
    assert approve(ciara, wish).state == "done"


def permissions(*names):
    return list(Permission.objects.filter(codename__in=names))


def test_database_refuses_an_approval_by_who_asked(booking, nora):
    wish = asked(nora, booking)
    wish.status, wish.decided_by = "approved", nora
    with pytest.raises(IntegrityError), transaction.atomic():
        wish.save()


def test_rejected_wish_moves_nothing_and_leaves_room_for_another(stripe_simulator, booking, nora, ciara):
    wish = asked(nora, booking)
    with by_staff(ciara):
        with pytest.raises(Refused, match="Please give a reason"):
            refund_requests.reject(wish, reason=" ")
        assert refund_requests.reject(wish, reason="Too much").state == "done"
        assert refund_requests.reject(wish, reason="Too much").state == "already"
        with pytest.raises(Refused, match=r"This was rejected on .* by Ciara Walsh\. Too much"):
            refund_requests.approve(wish)
    wish.refresh_from_db()
    assert (wish.status, wish.decided_by, wish.decision_note) == ("rejected", ciara, "Too much")
    assert at_stripe(stripe_simulator, booking) == PAID
    asked(nora, booking, 25000)


def test_only_who_asked_withdraws(stripe_simulator, booking, nora, ciara):
    wish = asked(nora, booking)
    with by_staff(ciara), pytest.raises(Refused, match="Nobody else can withdraw it"):
        refund_requests.withdraw(wish)
    with by_staff(nora):
        assert refund_requests.withdraw(wish, note="Mistyped").state == "done"
        assert refund_requests.withdraw(wish).state == "already"
    with pytest.raises(Refused, match=r"This was withdrawn on .* by Nora Byrne\. Mistyped"):
        approve(ciara, wish)
    assert at_stripe(stripe_simulator, booking) == PAID


@pytest.mark.parametrize("fee", [None, 0], ids=["refund", "cancel"])
def test_guest_cancels_by_policy_and_the_wish_is_withdrawn_by_itself(stripe_simulator, booking, nora, ciara, fee):
    if fee is None:
        asked(nora, booking)
    else:
        cancels(nora, booking, fee=fee)
    assert guest_cancels(booking).state == "done"
    wish = RefundRequest.objects.get()
    assert (wish.status, wish.decided_by, wish.decision_note) == (
        "withdrawn",
        None,
        "What is left to refund has changed from €340.00 to €170.00.",
    )
    with pytest.raises(Refused, match="What is left to refund has changed"):
        approve(ciara, wish)
    assert at_stripe(stripe_simulator, booking).refunded == 17000


def test_cancellation_that_keeps_everything_ends_a_wish_to_cancel_and_no_other(
    stripe_simulator, booking, nora, ciara
):
    other = confirmed(stripe_simulator, draft(check_in=days_ahead(3)))
    cancels(manager(other), other, fee=0)
    cancels(manager(other), other, fee=34000)
    wish = other.refund_requests.get()
    assert (wish.status, wish.decision_note.startswith("The booking was cancelled on ")) == ("withdrawn", True)
    kept = asked(nora, booking)
    cancels(ciara, booking, fee=34000)
    assert approve(ciara, kept).state == "done"
    assert at_stripe(stripe_simulator, booking).refunded == 30000
    assert at_stripe(stripe_simulator, other).refunded == 0


def test_completed_stay_ends_a_wish_to_cancel(stripe_simulator, booking, nora):
    cancels(nora, booking, fee=0)
    with clock_at(timezone.now() + timedelta(days=20)):
        lifecycle.complete(booking)
    assert RefundRequest.objects.get().decision_note == "The booking is completed: the guest has left."


def test_refund_made_at_stripe_withdraws_the_wish(stripe_simulator, booking, nora):
    wish, payment = asked(nora, booking), booking.payments.get()
    stripe_simulator.control(f"dashboard/payment_intents/{payment.stripe_payment_intent_id}/refund", amount=100)
    with audit.acting_as(ActorKind.STRIPE):
        operations.refresh(payment)
    wish.refresh_from_db()
    assert wish.decision_note == "What is left to refund has changed from €340.00 to €339.00."
    assert wish.history.first().actor_kind == "stripe"


def test_written_off_debt_withdraws_the_wish(booking, nora):
    owed = owe(booking.payments.get(), 100, reason="Promised at the desk")
    wish = asked(nora, booking)
    with by_staff(nora):
        payouts.write_off(owed, reason="Settled with a voucher")
    wish.refresh_from_db()
    assert (wish.status, wish.seen_left) == ("withdrawn", 33900)
    assert wish.decision_note == "What is left to refund has changed from €339.00 to €340.00."


@pytest.mark.parametrize("fee", [None, 10000], ids=["refund", "cancel"])
def test_what_has_lost_its_meaning_is_withdrawn_instead_of_approved(stripe_simulator, booking, nora, ciara, fee):
    refund(nora, booking, 24000) if fee is None else cancels(nora, booking, fee=fee)
    wish = RefundRequest.objects.get()
    owe(booking.payments.get(), 100, reason="Promised at the desk")
    with pytest.raises(Refused, match=r"^This was withdrawn on .* has changed from €340\.00 to €339\.00\.$"):
        approve(ciara, wish)
    wish.refresh_from_db()
    assert (wish.status, at_stripe(stripe_simulator, booking)) == ("withdrawn", PAID)


@pytest.mark.parametrize("fee", [None, 10000], ids=["refund", "cancel"])
def test_what_changes_at_the_last_moment_moves_nothing(stripe_simulator, booking, nora, ciara, fee):
    refund(nora, booking, 24000) if fee is None else cancels(nora, booking, fee=fee)
    wish = RefundRequest.objects.get()

    def changes(_wish):
        owe(booking.payments.get(), 100, reason="Promised at the desk")

    with mock.patch.object(refund_requests, "drop_outdated", changes), pytest.raises(Refused):
        approve(ciara, wish)
    wish.refresh_from_db()
    assert (wish.is_pending, at_stripe(stripe_simulator, booking), fresh(booking).status) == (True, PAID, "CONFIRMED")


def test_disputed_money_waits_for_the_bank(stripe_simulator, booking, nora, ciara):
    wish, payment = asked(nora, booking), booking.payments.get()
    stripe_simulator.control(f"dashboard/payment_intents/{payment.stripe_payment_intent_id}/dispute")
    operations.refresh(payment)
    with pytest.raises(Refused, match="The guest's bank disputes this payment"):
        approve(ciara, wish)
    wish.refresh_from_db()
    assert (wish.is_pending, at_stripe(stripe_simulator, booking).refunded) == (True, 0)
    assert transitions(booking)[-1] == "approve"


def test_no_other_fee_is_agreed_on_while_a_bank_disputes_the_payment(stripe_simulator, booking, nora, ciara):
    cancels(nora, booking, fee=0)
    wish, payment = RefundRequest.objects.get(), booking.payments.get()
    stripe_simulator.control(f"dashboard/payment_intents/{payment.stripe_payment_intent_id}/dispute")
    operations.refresh(payment)
    with pytest.raises(Refused, match="no other fee can be agreed on"):
        approve(ciara, wish)
    with by_staff(nora):
        refund_requests.withdraw(wish)
    with pytest.raises(Refused, match="no other fee can be agreed on"):
        cancels(nora, booking, fee=0)
    assert (fresh(booking).status, Refund.objects.count(), RefundRequest.objects.count()) == ("CONFIRMED", 0, 1)


def test_delete_waits_for_the_wish(stripe_simulator, booking, nora):
    wish = asked(nora, booking)
    cancels(nora, booking, fee=34000)
    with by_staff(nora):
        with pytest.raises(Refused, match="Nora Byrne asked for a refund"):
            decisions.soft_delete(booking, reason="x")
        refund_requests.withdraw(wish)
        assert decisions.soft_delete(booking, reason="x").booking.is_deleted


def test_refusal_by_stripe_leaves_the_approval_its_failure_and_room_for_another(
    stripe_simulator, booking, nora, ciara
):
    wish, intent = asked(nora, booking), booking.payments.get().stripe_payment_intent_id
    stripe_simulator.control(f"dashboard/payment_intents/{intent}/refund", amount=10000)
    with pytest.raises(Declined):
        approve(ciara, wish)
    wish.refresh_from_db()
    operation = booking.operations.get(kind="refund")
    assert (wish.status, operation.status, bool(operation.error_message)) == ("approved", "failed", True)
    again = approve(ciara, wish)
    assert (again.state, again.message.endswith(f"Stripe refused it: {operation.error_message}")) == ("already", True)
    assert at_stripe(stripe_simulator, booking).refunded == 10000
    assert approve(ciara, asked(nora, booking, 24000)).state == "done"

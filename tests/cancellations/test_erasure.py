"""Erasing a guest: when it is possible, what it leaves, and that it is all or nothing."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bookings import lifecycle, outbox
from bookings.models import Message
from bookings.refusals import Refused
from cancellations import cancel, erasure, links
from cancellations.models import LinkRequest
from payments import decisions, reopen, webhooks
from payments.models import Drift, StripeWebhookEvent
from tests import disputes
from tests.factories import BookingFactory, HotelFactory, RoomFactory, RoomTypeFactory, UserFactory, days_ahead
from tests.guest.browser import rows
from tests.payments import two_people
from tests.site_config.deliveries import deliver_all
from tests.stays import by_staff, clock_at, confirmed, fresh, guest_cancels, mails, pay, submitted, with_page

pytestmark = pytest.mark.django_db


def declined(**fields):
    """A booking that ended without money."""
    booking = submitted(payment_method="ARRIVAL", **fields)
    with by_staff():
        return decisions.decline(booking, reason="Full").booking


def refused(booking, words):
    """Erasing is refused in these words, and nothing moves."""
    before = rows()
    with by_staff(), pytest.raises(Refused, match=words):
        erasure.erase(fresh(booking), reason="x")
    assert rows() == before


def test_guest_is_gone_and_the_rest_is_as_it_was():
    booking = declined(notes="Late arrival")
    with by_staff(UserFactory(role="owner")):
        outcome = erasure.erase(booking, reason="Asked for")
    row = fresh(booking)
    assert (row.guest_name, row.guest_email, row.guest_phone, row.notes) == ("Erased guest", "", "", "")
    assert (outcome.state, row.status, row.total_amount) == ("done", "DECLINED", 34000)
    assert [(mail.to, mail.text, mail.html) for mail in row.messages.all()] == [("", "[erased]", "[erased]")] * 2
    assert not row.management_tokens.filter(revoked_at=None).exists()
    assert set(row.history.values_list("guest_name", "guest_email")) == {("Erased guest", "")}


@pytest.mark.parametrize("state", ["submitted", "draft"])
def test_only_what_has_ended(state):
    refused(submitted() if state == "submitted" else BookingFactory(), "can be erased once the booking has ended")


def test_confirmed_stay_has_not_ended(stripe_simulator):
    refused(confirmed(stripe_simulator), r"was confirmed .* can be erased once the booking has ended")


def test_draft_is_over_once_it_is_deleted_or_past():
    deleted, past = BookingFactory(), BookingFactory(check_in=days_ahead(1))
    with by_staff():
        decisions.soft_delete(deleted, reason="x")
        assert erasure.erase(deleted, reason="x").state == "done"
        with clock_at(timezone.now() + timedelta(days=9)):
            assert erasure.erase(past, reason="x").state == "done"


def test_open_operation_waits(stripe_simulator):
    booking = confirmed(stripe_simulator)
    guest_cancels(booking)
    operation = booking.operations.order_by("-pk").first()
    operation.status = "pending"
    operation.save()
    refused(booking, "Stripe's answer for this booking is still awaited")


def test_pending_refund_waits(stripe_simulator):
    booking = confirmed(stripe_simulator)
    stripe_simulator.control("refund_outcome", mode="pending", times=1)
    guest_cancels(booking)
    refused(booking, "still on its way. Erase the guest's data once the refund has arrived")


def test_open_dispute_waits(stripe_simulator):
    booking = disputes.half_kept(stripe_simulator)
    guest_cancels(booking)
    disputes.dispute(stripe_simulator, booking)
    disputes.refresh(booking)
    refused(booking, "disputes this payment. Erase the guest's data once the dispute is closed")


def test_request_for_a_second_person_waits(stripe_simulator):
    booking = confirmed(stripe_simulator, two_people.draft())
    guest_cancels(booking)
    wish = {"kind": "refund", "amount": 100, "seen_left": 17000, "currency": "EUR", "note": "x"}
    booking.refund_requests.create(requested_by=UserFactory(), **wish)
    refused(booking, "Another person has to approve or reject that first")


def test_payment_that_may_still_come_waits(stripe_simulator):
    payment = with_page()
    with by_staff():
        cancel.cancel_booking(payment.booking, reason="Closed")
    payment.refresh_from_db()
    payment.__dict__.update(status="PROCESSING", session_url="")
    payment.save()
    refused(payment.booking, "A payment of this booking has not come to its end yet")


def test_difference_from_stripe_waits():
    booking = declined()
    now = timezone.now()
    Drift.objects.create(booking=booking, kind="booking", stripe_id=booking.booking_id, found_at=now, seen_at=now)
    refused(booking, "Heal or explain that first")


def test_twice_is_already_and_writes_nothing():
    booking = declined()
    with by_staff():
        erasure.erase(booking, reason="x")
        before = rows()
        outcome = erasure.erase(fresh(booking), reason="y")
    assert (outcome.state, outcome.message[:27]) == ("already", "The guest's data was erased")
    assert rows() == before


def test_interrupted_it_leaves_everything_and_can_be_repeated(monkeypatch):
    booking = declined()
    before = rows()
    with monkeypatch.context() as broken:
        broken.setattr(erasure, "forget_admin_log", lambda booking, guest: 1 / 0)
        with pytest.raises(ZeroDivisionError), by_staff():
            erasure.erase(booking, reason="x")
    assert rows() == before
    with by_staff():
        assert erasure.erase(booking, reason="x").state == "done"


def test_mail_that_waits_never_leaves(smtp_server):
    booking = declined()
    assert {message.status for message in Message.objects.all()} == {"queued"}
    with by_staff():
        erasure.erase(booking, reason="x")
    assert outbox.deliver_due(timezone.now() + timedelta(days=1)) == 0
    assert smtp_server.messages == []
    assert {message.status for message in Message.objects.all()} == {"failed"}


def test_mail_that_fails_beside_the_erasure_brings_no_address_back():
    booking = declined()
    sending = Message.objects.get(kind="declined")
    with by_staff():
        erasure.erase(booking, reason="x")
    outbox.postpone(sending, timezone.now(), OSError(f"550 no such user {sending.to}"))
    sending.refresh_from_db()
    assert "@" not in sending.last_error


def test_nobody_is_mailed_and_nothing_begins_again(stripe_simulator):
    booking = submitted()
    with clock_at(timezone.now() + timedelta(days=2)):
        decisions.expire(booking)
    with by_staff():
        erasure.erase(booking, reason="x")
        before = mails(booking)
        with pytest.raises(Refused, match=r"data was erased .* Make a new booking"):
            reopen.reopen(fresh(booking))
    assert mails(booking) == before


def test_restored_draft_of_nobody_cannot_be_submitted():
    booking = BookingFactory()
    with by_staff():
        decisions.soft_delete(booking, reason="x")
        erasure.erase(booking, reason="x")
        lifecycle.restore(booking)
        with pytest.raises(Refused, match="data was erased"):
            lifecycle.submit(booking)


def test_erased_booking_answers_no_request_for_a_link():
    booking = declined()
    with by_staff():
        erasure.erase(booking, reason="x")
    before = mails(booking)
    for contact in ("ada@guest.example", "", "+353 86 555 0123"):
        LinkRequest.objects.create(reference=booking.booking_id, contact=contact)
    links.answer_requests(timezone.now())
    assert mails(booking) == before


def test_requests_of_other_bookings_stay_until_they_are_answered():
    booking, other = declined(), submitted()
    waiting = LinkRequest.objects.create(reference=other.booking_id, contact="ada@guest.example")
    with by_staff():
        erasure.erase(booking, reason="x")
    assert LinkRequest.objects.get() == waiting


def test_staffs_own_address_and_browser_stay_in_the_history():
    booking = declined()
    with by_staff(UserFactory(role="owner")):
        lifecycle.lock(booking).save()
        erasure.erase(booking, reason="x")
    kept = set(booking.history.exclude(history_user=None).values_list("ip", "user_agent"))
    assert kept == {("192.0.2.1", "Desk")}


def test_event_that_slips_in_beside_an_erasure_is_swept(stripe_simulator):
    booking = pay(stripe_simulator, with_page()).booking
    deliver_all()
    webhooks.process_due(timezone.now())
    with by_staff():
        decisions.decline(fresh(booking), reason="Full")
        erasure.erase(fresh(booking), reason="x")
    event = StripeWebhookEvent.objects.filter(booking=booking).first()
    event.payload = {"data": {"object": {"receipt_email": "ada@guest.example", "id": "pi_1"}}}
    event.save(update_fields=["payload"])
    assert (erasure.sweep(timezone.now()), erasure.sweep(timezone.now())) == (1, 0)
    event.refresh_from_db()
    assert event.payload == {"data": {"object": {"receipt_email": "•••", "id": "pi_1"}}}


@pytest.fixture
def family():
    """A guest's bookings in two hotels: ended, going on, in the other hotel; and another guest's."""
    hotel, other = HotelFactory(), HotelFactory()
    room, away = (RoomFactory(room_type=RoomTypeFactory(hotel=each)) for each in (hotel, other))
    own = {"guest_email": "Ada@Guest.example"}
    return {
        "this": declined(room=room, check_in=days_ahead(5)),
        "ended": declined(room=room, check_in=days_ahead(15), **own),
        "waiting": submitted(room=room, check_in=days_ahead(25), payment_method="ARRIVAL"),
        "away": declined(room=away),
        "stranger": declined(room=room, check_in=days_ahead(35), guest_email="ben@guest.example"),
    }


def test_others_are_the_guests_own_at_hotels_that_the_person_sees(family):
    manager = UserFactory(role="Manager", hotels=[family["this"].hotel])
    assert set(erasure.others_of(family["this"], manager)) == {family["ended"], family["waiting"]}
    assert family["away"] in erasure.others_of(family["this"], UserFactory(role="owner"))


def test_others_are_erased_with_it_where_they_have_ended(family):
    others = [family["ended"].pk, family["waiting"].pk]
    this = family["this"]
    with by_staff():
        outcome = erasure.anonymise_guest(this, typed=this.booking_id.lower(), reason="x", others=others)
    assert outcome.message == "The guest's data of 2 bookings is erased."
    assert {name for name, row in family.items() if fresh(row).is_erased} == {"this", "ended"}


@pytest.mark.parametrize(
    ("typed", "reason", "words"), [("", "x", "Type the reference"), ("X", "x", "Type"), (None, " ", "give a reason")]
)
def test_wrong_confirmation_erases_nothing(family, typed, reason, words):
    this, before = family["this"], rows()
    typed = this.booking_id if typed is None else typed
    with by_staff(), pytest.raises(Refused, match=words) as refusal:
        erasure.anonymise_guest(this, typed=typed, reason=reason, others=[family["ended"].pk])
    assert (refusal.value.code, rows() == before) == ("ERR_VALIDATION", True)


def test_where_it_is_refused_no_other_is_erased(family):
    waiting, before = family["waiting"], rows()
    with by_staff(), pytest.raises(Refused):
        erasure.anonymise_guest(waiting, typed=waiting.booking_id, reason="x", others=[family["ended"].pk])
    assert rows() == before

"""A mail that is sent again: the text on record, a link that works, and never a word that is no longer true."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bookings import lifecycle, outbox, resend
from bookings.admin import follow_up
from bookings.models import Booking, Message
from bookings.refusals import Refused
from cancellations import erasure, tokens
from cancellations.models import ManagementToken
from payments import decisions
from tests.factories import BookingFactory, UserFactory
from tests.stays import by_staff, clock_at, confirmed, fresh, guest_cancels, mails, paid, submitted, transitions

pytestmark = pytest.mark.django_db


def left(booking, kind):
    """The newest mail of a kind, which has left."""
    booking.messages.update(status="sent")
    return booking.messages.filter(kind=kind).latest("pk")


def again(message, **given):
    with by_staff(UserFactory(role="owner")):
        return resend.resend(message, **{"reason": "The guest lost it", **given})


def refused(message, words):
    """Sending again is refused in these words, and nothing moves."""
    before = (list(Message.objects.values()), ManagementToken.objects.count(), transitions(message.booking))
    with pytest.raises(Refused, match=words):
        again(message)
    assert (list(Message.objects.values()), ManagementToken.objects.count(), transitions(message.booking)) == before


def test_copy_has_the_text_the_file_and_a_link_that_works(stripe_simulator, smtp_server):
    booking = confirmed(stripe_simulator)
    first = left(booking, "approved")
    assert again(first).state == "done"
    copy = booking.messages.get(resent_from=first)
    assert (copy.text, copy.html, copy.subject, copy.calendar, copy.to) == (
        first.text,
        first.html,
        first.subject,
        first.calendar,
        "ada@guest.example",
    )
    assert copy.token is not None
    assert copy.token != first.token
    assert tokens.is_live(copy.token, at=timezone.now())
    assert outbox.deliver_due(timezone.now()) == 1
    (mail,) = smtp_server.messages
    assert tokens.reveal(copy.token) in mail.get_body(("plain",)).get_content()
    assert [part.get_filename() for part in mail.iter_attachments()] == ["booking.ics"]


def test_who_and_why_are_in_the_history():
    booking = submitted()
    person = UserFactory(role="owner")
    with by_staff(person):
        resend.resend(left(booking, "pay_link"), reason="Typing error in the address")
    row = fresh(booking).history.first()
    assert (row.transition, row.history_user, Message.objects.first().resent_by) == ("resend_mail", person, person)
    reason = f"Please pay for your booking ({booking.booking_id}): Typing error in the address"
    assert row.history_change_reason == reason


def test_two_presses_send_one():
    message = left(submitted(), "pay_link")
    assert [again(message).state, again(message).state] == ["done", "already"]
    assert mails(message.booking) == ["pay_link", "pay_link"]


def test_it_goes_to_the_corrected_address_and_to_no_other():
    message = left(submitted(), "pay_link")
    booking = message.booking
    booking.guest_email = "ada.right@guest.example"
    lifecycle.save(booking, "")
    message.booking = fresh(booking)
    assert resend.addresses(message) == ["ada.right@guest.example", "ada@guest.example"]
    with pytest.raises(Refused, match="neither the mail's nor the booking's"):
        again(message, to="somebody@else.example")
    again(message, to="ada.right@guest.example")
    assert Message.objects.get(resent_from=message).to == "ada.right@guest.example"


def test_a_withdrawn_link_stays_dead_and_its_old_address_gets_none():
    booking = submitted()
    message = left(booking, "pay_link")
    with by_staff():
        follow_up.send_fresh_link(booking, reason="It was forwarded")
        booking = fresh(booking)
        booking.guest_email = "ada.new@guest.example"
        lifecycle.save(booking, "")
    with pytest.raises(Refused, match="neither"):
        again(message, to="ada@guest.example")
    again(message, to="ada.new@guest.example")
    message.refresh_from_db()
    assert message.token.revoked_at is not None
    assert tokens.is_live(Message.objects.get(resent_from=message).token, at=timezone.now())


def test_pay_link_of_a_paid_booking_is_refused(stripe_simulator):
    booking = paid(stripe_simulator)
    refused(left(booking, "pay_link"), "is waiting for approval. Send a fresh link")


def test_pay_link_after_the_hold_is_refused():
    booking = submitted()
    message = left(booking, "pay_link")
    with clock_at(booking.hold_expires_at + timedelta(minutes=1)):
        refused(message, "nothing to pay on this booking any more")


def test_confirmation_of_a_cancelled_booking_is_refused(stripe_simulator):
    booking = confirmed(stripe_simulator)
    message = left(booking, "approved")
    guest_cancels(booking)
    refused(message, "tells of an earlier state: the booking was cancelled")


def test_mail_about_other_dates_is_refused(stripe_simulator):
    booking = confirmed(stripe_simulator)
    message = left(booking, "approved")
    Booking.objects.filter(pk=booking.pk).update(check_out=booking.check_out + timedelta(days=1))
    refused(message, "The stay was changed after this mail was written")


def test_deleted_and_erased_guests_get_no_mail():
    booking = submitted(payment_method="ARRIVAL")
    with by_staff():
        decisions.decline(booking, reason="full")
    message = left(booking, "declined")
    with by_staff():
        decisions.soft_delete(fresh(booking), reason="x")
    refused(message, "was deleted .* gets no more mails")
    with by_staff(UserFactory(role="owner")):
        lifecycle.restore(fresh(booking))
        erasure.erase(fresh(booking), reason="asked")
    refused(message, "nothing is left to send")


def test_mail_that_has_not_left_is_not_sent_twice():
    refused(submitted().messages.get(), "has not left yet")


def test_a_reason_is_asked_for():
    with pytest.raises(Refused, match="give a reason"):
        again(left(submitted(), "pay_link"), reason=" ")


def test_failed_mail_is_tried_again_at_once(smtp_server):
    message = submitted().messages.get()
    Message.objects.update(status="failed", attempts=8, last_error="OSError: gone")
    with by_staff():
        assert resend.retry(message).state == "done"
        assert resend.retry(message).state == "already"
    assert outbox.deliver_due(timezone.now()) == 1
    message.refresh_from_db()
    assert (message.status, message.attempts, len(smtp_server.messages)) == ("sent", 1, 1)


def test_failed_mail_with_a_dead_link_is_not_tried_again():
    booking = submitted()
    message = booking.messages.get()
    Message.objects.update(status="failed")
    with by_staff():
        tokens.revoke_all(booking, at=timezone.now())
        with pytest.raises(Refused, match="link in this mail no longer works"):
            resend.retry(message)
    assert Message.objects.get().status == "failed"


def test_sending_again_takes_the_first_off_the_worklist():
    message = left(submitted(), "pay_link")
    Message.objects.update(status="bounced")
    again(message)
    message.refresh_from_db()
    assert (message.status, message.is_unread) == ("bounced", False)


def test_notice_to_the_hotel_goes_to_the_hotel_without_a_link():
    booking = submitted(BookingFactory(payment_method="ARRIVAL"))
    again(left(booking, "hotel_needs_approval"))
    copy = booking.messages.latest("pk")
    assert (copy.kind, copy.to, copy.token) == ("hotel_needs_approval", "desk@hotel.example", None)


def test_mail_that_a_worker_has_in_hand_is_not_put_back():
    message = submitted().messages.get()
    now = timezone.now()
    Message.objects.update(next_at=now + outbox.CLAIM, attempts=1)
    message.refresh_from_db()
    with by_staff(), clock_at(now + timedelta(seconds=5)), pytest.raises(Refused, match="may be leaving just now"):
        resend.retry(message)
    with by_staff(), clock_at(now + timedelta(minutes=2)):
        assert resend.retry(message).state == "done"

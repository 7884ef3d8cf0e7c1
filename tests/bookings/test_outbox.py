"""Mails: queued with their cause, sent once, through a real SMTP server."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from bookings import lifecycle, outbox
from bookings.models import Message
from cancellations import tokens
from cancellations.models import ManagementToken
from tests.factories import BookingFactory
from tests.stays import submitted

pytestmark = pytest.mark.django_db


def test_mail_is_sent_once_with_the_personal_link(smtp_server):
    booking = submitted()
    now = timezone.now()
    assert [outbox.deliver_due(now), outbox.deliver_due(now)] == [1, 0]
    (mail,) = smtp_server.messages
    key = tokens.reveal(ManagementToken.objects.get())
    message = Message.objects.get()
    link = f"http://localhost/booking/manage/{key}/"
    assert mail["To"] == "ada@guest.example"
    assert booking.booking_id in mail["Subject"]
    for part in ("plain", "html"):
        assert link in mail.get_body((part,)).get_content()
    assert (message.status, message.attempts) == ("sent", 1)
    assert outbox.PERSONAL_LINK in message.text
    assert key not in message.text + message.html


def test_key_is_stored_nowhere():
    submitted()
    token = ManagementToken.objects.get()
    key = tokens.reveal(token)
    stored = [str(value) for value in ManagementToken.objects.values_list()[0]]
    assert key not in stored
    assert token.token_hash == tokens.digest(key)
    assert len(key) >= 43


def test_mail_that_a_service_refuses_in_its_own_way_keeps_no_other_mail_waiting(smtp_server, monkeypatch):
    submitted()
    submitted()
    as_mail, first = outbox.as_mail, Message.objects.order_by("pk")[0]

    def refused(message):
        if message.pk == first.pk:
            raise LookupError("suppressed")
        return as_mail(message)

    monkeypatch.setattr(outbox, "as_mail", refused)
    assert outbox.deliver_due(timezone.now()) == 1
    first.refresh_from_db()
    assert (first.status, first.attempts, first.last_error) == ("queued", 1, "LookupError: suppressed")


def test_dead_mail_server_delays_the_mail(settings):
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": 9, "timeout": 1},
        }
    }
    booking = submitted()
    now = timezone.now()
    for attempt, minutes in ((1, 1), (2, 2), (3, 4)):
        outbox.deliver_due(now)
        message = Message.objects.get()
        assert (message.status, message.attempts) == ("queued", attempt)
        assert message.next_at == now + timedelta(minutes=minutes)
        now = message.next_at
    for _ in range(5):
        outbox.deliver_due(now)
        now += timedelta(days=1)
    message = Message.objects.get()
    assert (message.status, message.attempts) == ("failed", 8)
    assert "ConnectionRefusedError" in message.last_error
    assert booking.status == "PENDING_PAYMENT"


def test_mail_of_a_rolled_back_cause_is_never_sent(smtp_server):
    booking = BookingFactory()
    with transaction.atomic():
        lifecycle.submit(booking)
        transaction.set_rollback(True)
    assert outbox.deliver_due(timezone.now()) == 0
    assert smtp_server.messages == []


def test_two_workers_send_a_mail_once(smtp_server):
    submitted()
    now = timezone.now()
    first, second = Message.objects.get(), Message.objects.get()
    assert outbox.deliver(first, now)
    assert not outbox.deliver(second, now)
    assert len(smtp_server.messages) == 1

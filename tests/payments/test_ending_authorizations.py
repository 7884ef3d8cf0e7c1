"""A day before held money is lost the hotel hears of it, once."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from bookings.models import Hotel, Message
from payments import decisions
from payments.ending_authorizations import warn_due
from payments.models import Payment
from tests.factories import UserFactory
from tests.stays import by_staff, paid

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]


def waiting(simulator):
    """A request whose money is held for a week, and when that ends."""
    booking = paid(simulator)
    return booking, booking.payments.get().capture_before


def warnings():
    return Message.objects.filter(kind="authorization_ends")


def test_hotel_is_warned_once_a_day_before_the_end(stripe_simulator):
    booking, ends = waiting(stripe_simulator)
    day_before = ends - timedelta(hours=24)
    assert (warn_due(day_before - timedelta(seconds=1)), warnings().count()) == (0, 0)
    assert [warn_due(day_before), warn_due(day_before), warn_due(ends - timedelta(hours=1))] == [1, 0, 0]
    mail = warnings().get()
    assert (mail.to, mail.token, mail.status) == ("desk@hotel.example", None, "queued")
    assert booking.booking_id in mail.subject
    payment = booking.payments.get()
    assert (payment.warned_at, payment.history.first().transition) == (day_before, "warn")


def test_warning_says_how_much_until_when_and_where(stripe_simulator):
    booking, ends = waiting(stripe_simulator)
    warn_due(ends - timedelta(hours=9))
    mail, local = warnings().get(), booking.hotel.local(ends)
    page = f"http://localhost{reverse('admin:bookings_booking_change', args=[booking.pk])}"
    for text in (mail.text, mail.html):
        assert "€340.00 is held" in text
        assert f"{local:%H:%M}" in text
        assert page in text
        assert "booking/manage" not in text
        assert "personal-link" not in text


def test_hotel_without_an_address_is_only_marked(stripe_simulator):
    booking, ends = waiting(stripe_simulator)
    Hotel.objects.update(contact_email="")
    assert (warn_due(ends - timedelta(hours=9)), warnings().count()) == (1, 0)
    assert booking.payments.get().warned_at == ends - timedelta(hours=9)


def test_nobody_is_warned_of_what_is_over_or_decided(stripe_simulator):
    booking, ends = waiting(stripe_simulator)
    assert warn_due(ends + timedelta(seconds=1)) == 0
    with by_staff(UserFactory()):
        decisions.approve(booking)
    assert (warn_due(ends - timedelta(hours=9)), warnings().count()) == (0, 0)


def test_money_that_goes_back_is_not_warned_of(stripe_simulator):
    _, ends = waiting(stripe_simulator)
    Payment.objects.update(unwanted_since=timezone.now())
    assert warn_due(ends - timedelta(hours=9)) == 0


def test_mail_that_cannot_be_written_leaves_no_mark(stripe_simulator, monkeypatch):
    booking, ends = waiting(stripe_simulator)
    monkeypatch.setattr("bookings.outbox.queue_mail", None)
    with pytest.raises(TypeError):
        warn_due(ends - timedelta(hours=9))
    assert booking.payments.get().warned_at is None

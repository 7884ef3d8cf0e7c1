"""A template that is really broken: what happened to the booking stays, and the guest hears the bare facts."""

from pathlib import Path

import pytest
from django.conf import settings as product
from django.utils import timezone

from bookings import calendar_file, emails, outbox
from bookings.models import Message
from payments import decisions, operations
from payments.models import Dispute
from tests.factories import UserFactory
from tests.guest.test_languages import all_mails
from tests.logged import logged
from tests.stays import by_staff, confirmed, fresh, guest_cancels, paid, submitted
from tests.words import has_word

pytestmark = pytest.mark.django_db

TEMPLATES = Path(product.BASE_DIR) / "templates" / "emails"
BROKEN = {
    "unknown tag": "{% sorry %}",
    "not closed": "{% if hotel %}",
    "missing part": '{% extends "emails/gone.txt" %}',
    "division": "{% load guest %}{{ booking|moment:hotel }}",
}


@pytest.fixture
def broken(tmp_path, settings):
    """Break the templates of some kinds of mail, or of all."""

    def do(*kinds, text=BROKEN["unknown tag"]):
        (tmp_path / "emails").mkdir(exist_ok=True)
        names = [path.stem for path in TEMPLATES.glob("*.txt") if path.stem not in ("base", "hotel")]
        for kind in kinds or names:
            for ending in ("txt", "html"):
                (tmp_path / "emails" / f"{kind}.{ending}").write_text(text)
        (first, *_) = product.TEMPLATES
        settings.TEMPLATES = [{**first, "DIRS": [tmp_path, *first["DIRS"]]}]

    return do


@pytest.mark.parametrize("how", BROKEN)
def test_confirmation_goes_out_in_plain_words(stripe_simulator, smtp_server, broken, how):
    broken("approved", text=BROKEN[how])
    with logged() as log:
        booking = confirmed(stripe_simulator)
    mail = booking.messages.get(kind="approved")
    assert (booking.status, mail.is_fallback, mail.subject) == (
        "CONFIRMED",
        True,
        f"Booking Confirmed - {booking.booking_id}",
    )
    assert mail.text.splitlines() == [
        f"There is news about your booking {booking.booking_id} at {booking.hotel.name}.",
        "",
        "This page always shows how it stands:",
        outbox.PERSONAL_LINK,
        "",
        booking.hotel.name,
        "+353 1 555 0100",
        "desk@hotel.example",
    ]
    assert mail.calendar.startswith("BEGIN:VCALENDAR")
    told = log.of("mail.template_broken")[0]
    assert (told["kind"], told["booking"]) == ("approved", booking.booking_id)
    assert not has_word(log.text, "Ada")
    outbox.deliver_due(timezone.now())
    html = next(part for part in smtp_server.messages if "Confirmed" in part["Subject"]).get_body(("html",))
    assert "http://localhost/booking/manage/ikg_" in html.get_content()


def test_every_kind_of_mail_to_guests_survives(stripe_simulator, broken):
    booking = submitted()
    sound = all_mails(booking, "de")
    broken()
    told = all_mails(fresh(booking), "de")
    assert set(told) == set(sound)
    for name, mail in told.items():
        assert (mail.is_fallback, sound[name].is_fallback) == (True, False)
        assert mail.text.startswith(f"Es gibt Neuigkeiten zu Ihrer Buchung {booking.booking_id} im ")
        assert f'href="{outbox.PERSONAL_LINK}"' in mail.html
        assert mail.subject == sound[name].subject


def test_every_kind_of_mail_to_the_hotel_survives(stripe_simulator, broken):
    broken()
    booking = confirmed(stripe_simulator)
    payment = booking.payments.get()
    stripe_simulator.control(f"dashboard/payment_intents/{payment.stripe_payment_intent_id}/dispute")
    operations.refresh(payment)
    dispute = Dispute.objects.get()
    stripe_simulator.control(f"dashboard/disputes/{dispute.stripe_dispute_id}/close", status="won")
    operations.refresh(payment)
    guest_cancels(booking)
    told = {mail.kind: mail for mail in booking.messages.filter(token=None)}
    assert set(told) == {"hotel_needs_approval", "dispute_opened", "hotel_dispute_closed", "hotel_guest_cancelled"}
    for mail in told.values():
        assert mail.is_fallback
        assert "http://localhost/admin/" in mail.text
        assert outbox.PERSONAL_LINK not in mail.text + mail.html


def test_refund_request_survives(stripe_simulator, broken):
    broken()
    booking = confirmed(stripe_simulator)
    booking.hotel.four_eyes_threshold = 0
    booking.hotel.save()
    UserFactory(role="owner", email="owner@hotel.example")
    with by_staff(UserFactory(role="Manager", hotels=[booking.hotel])):
        assert decisions.refund(fresh(booking), amount=100, note="x").state == "asked"
    assert booking.messages.get(kind="hotel_refund_request").is_fallback


def test_broken_calendar_file_and_subject_cost_only_themselves(stripe_simulator, monkeypatch):
    def gone(*_, **__):
        raise ValueError("no such zone")

    monkeypatch.setattr(calendar_file, "written", gone)
    booking = paid(stripe_simulator)
    with by_staff(), logged() as log:
        decisions.approve(booking)
    mail = booking.messages.get(kind="approved")
    assert (fresh(booking).status, mail.calendar, mail.is_fallback) == ("CONFIRMED", "", False)
    assert log.of("mail.template_broken")
    told = emails.to_guest(booking, "expired", gone)
    assert told.subject == f"{booking.hotel} - {booking.booking_id}"


def test_names_are_escaped_in_plain_words(broken):
    broken("pay_link")
    booking = submitted()
    booking.hotel.name = "<b>Inn</b>"
    mail = emails.pay_link(booking)
    assert "<b>Inn" not in mail.html
    assert "<b>Inn</b>" in mail.text
    assert Message.objects.filter(is_fallback=True).count() == 2

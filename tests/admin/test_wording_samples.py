"""A mail with the hotel's own words is sent to whoever writes them, so that they read it as a guest would."""

import smtplib
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bookings import outbox
from bookings.mail_kinds import KINDS
from bookings.models import Message, SampleMail, User, Wording
from tests.admin.conftest import House, signed_in
from tests.admin.pages import said, text
from tests.admin.test_wording import TYPED, address
from tests.factories import UserFactory
from tests.logged import logged

SEND = {**TYPED, "_send": "1"}


@pytest.fixture
def maria(own: House) -> User:
    """A manager with an address."""
    return UserFactory(role="Manager", hotels=[own.hotel], email="maria@hotel.example", first_name="Maria")


def test_sample_is_queued_with_what_is_typed_and_stores_no_words(
    own: House, maria: User, django_capture_on_commit_callbacks
) -> None:
    with logged() as log, django_capture_on_commit_callbacks(execute=True):
        answer = signed_in(maria).post(address(own), SEND)
    expected = "A sample to maria@hotel.example is on its way. What becomes of it stands below."
    assert said(answer) == [("success", expected)]
    assert answer.context["form"]["opening"].value() == TYPED["opening"]
    sample = SampleMail.objects.get()
    kept = (sample.hotel, sample.kind, sample.language, sample.asked_by, sample.to, sample.status, sample.attempts)
    assert kept == (own.hotel, "approved", "en", maria, "maria@hotel.example", "queued", 0)
    assert sample.subject == "[Test] Booking Confirmed - EXAMPLE234"
    assert "Hello Kim Example,\n\nsee you." in sample.text
    assert (Wording.objects.count(), Wording.history.count(), Message.objects.count()) == (0, 0, 0)
    (line,) = log.of("mail.queued")
    assert (line["hotel"], line["mail"], line["kind"]) == (own.hotel.slug, f"sample-{sample.pk}", "approved")
    assert "maria@" not in log.text


def test_it_leaves_like_every_mail_once_and_in_its_language(own: House, maria: User, smtp_server) -> None:
    page = address(own, kind="expired", language="de")
    signed_in(maria).post(page, {**SEND, "opening": "Hallo {guest_name}"})
    now = timezone.now()
    assert [outbox.deliver_due(now), outbox.deliver_due(now)] == [1, 0]
    (mail,) = smtp_server.messages
    assert (mail["To"], mail["Subject"]) == ("maria@hotel.example", "[Test] Ihre Buchung ist verfallen (EXAMPLE234)")
    body = mail.get_body(("html",)).get_content()
    assert "Hallo Kim Example" in body
    assert outbox.PERSONAL_LINK not in body + mail.get_body(("plain",)).get_content()
    sample = SampleMail.objects.get()
    assert (sample.status, sample.attempts, sample.sent_at is not None) == ("sent", 1, True)
    shown = text(signed_in(maria).get(page))
    assert "The mail server took it at" in shown
    assert "maria@hotel.example · Maria" in shown


def test_name_outside_is_no_guest_s_mail(own: House, maria: User) -> None:
    signed_in(maria).post(address(own), SEND)
    assert outbox.row_of(outbox.name_of(SampleMail.objects.get())) is None


def test_what_the_mail_server_says_is_shown_until_it_is_given_up(own: House, maria: User, monkeypatch) -> None:
    def refused(_message):
        raise smtplib.SMTPServerDisconnected("go away")

    monkeypatch.setattr(outbox, "as_mail", refused)
    client = signed_in(maria)
    client.post(address(own), SEND)
    assert "It leaves within seconds." in text(client.get(address(own)))
    now = timezone.now()
    outbox.deliver_due(now)
    shown = text(client.get(address(own)))
    assert "It did not leave yet; the next try is at" in shown
    assert "The mail server said: SMTPServerDisconnected: go away" in shown
    for days in range(1, outbox.MAX_ATTEMPTS):
        outbox.deliver_due(now + timedelta(days=days))
    assert "It did not leave. The mail server said" in text(client.get(address(own)))
    assert SampleMail.objects.get().status == "failed"


def test_five_an_hour_together_with_the_test_mails_of_the_connections(own: House, maria: User) -> None:
    client = signed_in(maria)
    for _ in range(5):
        client.post(address(own), SEND)
    answer = client.post(address(own), SEND)
    assert said(answer)[-1][1].startswith("These were many test mails. Try again in ")
    assert SampleMail.objects.count() == 5


def test_words_that_could_not_be_sent_are_refused_and_not_counted(own: House, maria: User) -> None:
    client = signed_in(maria)
    for _ in range(6):
        answer = client.post(address(own), {**SEND, "opening": "{nobody}"})
    assert "There is no placeholder {nobody} here." in text(answer)
    client.post(address(own), SEND)
    assert SampleMail.objects.count() == 1


def test_account_without_an_address_is_told_so(own: House) -> None:
    person = UserFactory(role="Manager", hotels=[own.hotel], email="")
    answer = signed_in(person).post(address(own), SEND)
    expected = "Your account has no e-mail address, so nothing was sent. An owner can add one."
    assert said(answer) == [("error", expected)]
    assert SampleMail.objects.count() == 0


@pytest.mark.parametrize("role", ["Front desk", "Auditor"])
def test_who_may_not_write_words_sends_none(own: House, staff: Callable[[str], Client], role: str) -> None:
    assert staff(role).post(address(own), SEND).status_code == 403
    assert SampleMail.objects.count() == 0


def test_another_hotel_s_words_are_unknown(foreign: House, maria: User, own: House) -> None:
    assert signed_in(maria).post(address(foreign), SEND).status_code == 404
    assert SampleMail.objects.count() == 0


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_mail_has_a_sample(own: House, language: str) -> None:
    for number, kind in enumerate(KINDS):
        person = UserFactory(role="Manager", hotels=[own.hotel], email=f"m{number}@hotel.example")
        signed_in(person).post(address(own, kind=kind, language=language), SEND)
    samples = list(SampleMail.objects.order_by("pk"))
    assert [each.kind for each in samples] == list(KINDS)
    assert all(each.subject.startswith("[Test] ") and "EXAMPLE234" in each.subject for each in samples)


def test_editor_costs_the_same_with_and_without_samples(own: House, maria: User) -> None:
    client = signed_in(maria)
    client.get(address(own))
    counted = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as found:
            client.get(address(own))
        counted.append(len(found))
        for _more in range(3):
            client.post(address(own), SEND)
    assert counted[0] == counted[1]

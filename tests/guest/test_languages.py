"""Every guest page and every mail is wholly in the guest's language."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from bookings import emails
from bookings.models import Booking, Message
from bookings.stay import Move, Moved, Stay
from cancellations import cancel
from payments import decisions, operations
from site_config.devtools import messages
from tests.factories import UserFactory
from tests.guest.all_scenes import SCENES
from tests.guest.browser import opened, quote_in, rows, text_of
from tests.guest.reading import english_left, untouched
from tests.guest.scenes import CANCEL, MANAGE, agreed, draft, half, held, waiting
from tests.stays import by_staff, fresh, guest_cancels, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]

TEMPLATES = Path(settings.BASE_DIR) / "templates"
OTHERS = [code for code, _name in settings.LANGUAGES if code != "en"]
TO_STAFF = {
    *("hotel", "authorization_ends", "dispute_opened", "hotel_dispute_closed", "hotel_guest_cancelled"),
    *("hotel_needs_approval", "hotel_refund_request"),
}
FIXED = ("Payment authorized — awaiting hotel confirmation (", "Booking Confirmed - ", "Booking Update - ")
EURO_5 = {"amount": 500, "currency": "EUR"}


def templates_of(folder: str) -> set[str]:
    """The templates of a folder that are not parts of others."""
    names = {path.relative_to(TEMPLATES).as_posix() for path in (TEMPLATES / folder).glob("*.html")}
    return {name for name in names if "/_" not in name and not name.endswith("/base.html")}


def assert_wholly(english: str, other: str, language: str) -> None:
    """Assert that a text says nothing in English any more."""
    assert not english_left(other, language)
    assert not untouched(english, other)
    # The very same search finds the words of the English text, so it would find them here.
    assert len(english_left(english, language)) >= 3


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize(("template", "name"), [(page, name) for page, scenes in SCENES.items() for name in scenes])
def test_page_has_no_english_left(stripe_simulator, template, name, language):
    look = SCENES[template][name](stripe_simulator)
    english, other = look("en"), look(language)
    assert all(template in {each.name for each in answer.templates} for answer in (english, other))
    assert (english.status_code, english["Content-Language"]) == (other.status_code, "en")
    assert (f'<html lang="{language}">' in other.content.decode(), other["Content-Language"]) == (True, language)
    assert_wholly(english.content.decode(), other.content.decode(), language)


def test_every_page_has_a_scene():
    assert set(SCENES) == templates_of("guest") | templates_of("")


def in_cash(_: Any) -> Booking:
    booking = submitted(draft(payment_method="ARRIVAL"))
    with by_staff():
        decisions.approve(booking)
    return booking


def at_once(_: Any) -> Booking:
    return submitted(draft(hotel={"booking_mode": "instant"}))


def cancelled_by_hotel(simulator: Any) -> Booking:
    booking = half(simulator)
    with by_staff():
        cancel.cancel_booking(booking, reason="Hotel closed", fee=17000)
    return booking


def cancelled_by_guest(simulator: Any) -> Booking:
    return guest_cancels(half(simulator)).booking


def cancelled_unpaid(_: Any) -> Booking:
    return guest_cancels(waiting(_)).booking


def cancelled_held(simulator: Any) -> Booking:
    return guest_cancels(held(simulator)).booking


def held_by_bank(simulator: Any) -> Booking:
    booking = half(simulator)
    payment = booking.payments.get()
    given = f"dashboard/payment_intents/{payment.stripe_payment_intent_id}/dispute"
    simulator.control(given, reason="fraudulent")
    operations.refresh(payment)
    return guest_cancels(booking).booking


STATES = (
    waiting,
    at_once,
    held,
    agreed,
    in_cash,
    cancelled_by_hotel,
    cancelled_by_guest,
    cancelled_unpaid,
    cancelled_held,
    held_by_bank,
)


def all_mails(booking: Booking, language: str) -> dict[str, Message]:
    """Every mail to guests, as it would leave now in a language; by kind."""
    Booking.objects.filter(pk=booking.pk).update(guest_language=language)
    booking = fresh(booking)
    sent = [
        *(make(booking) for make in (emails.pay_link, emails.authorized, emails.approved, emails.declined)),
        emails.payment_failed(booking),
        *(make(booking) for make in (emails.expired, emails.management_link, emails.fresh_link)),
        *(make(booking, **EURO_5) for make in (emails.refund_sent, emails.refund_failed, emails.refund_paid_out)),
    ]
    booking.cancellation_reason = "Hotel closed"
    for by_client in (True, False):
        booking.cancelled_by_client = by_client
        sent.append(emails.cancelled(booking))
    told = {mail.kind: mail for mail in sent} | mails_of_changes(booking)
    return {kind: mail for kind, mail in told.items() if mail is not None}


def mails_of_changes(booking: Booking) -> dict[str, Message | None]:
    """What guests are told about no-shows and moves: by kind, and for each thing that may become of the money."""
    due_at = timezone.now() + timedelta(days=1)
    moves = [move for move in Move if booking.hold_expires_at or move not in (Move.ASK, Move.AGAIN)]
    told = {
        f"rescheduled, {move}": emails.rescheduled(booking, Moved(9900, move, 500, "EUR"), due_at=due_at)
        for move in moves
    }
    return {
        **told,
        "no_show": emails.no_show(booking),
        "move_undone": emails.move_undone(booking, Stay.of(booking)),
        "difference_due": emails.difference_due(booking, amount=500, due_at=due_at),
        "difference_paid": emails.difference_paid(booking, amount=500, currency="EUR"),
    }


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("state", STATES)
def test_mail_has_no_english_left(stripe_simulator, state, language):
    booking = state(stripe_simulator)
    english, other = all_mails(booking, "en"), all_mails(booking, language)
    for kind, mail in other.items():
        assert_wholly(english[kind].text, mail.text, language)
        assert_wholly(english[kind].html, mail.html, language)
        fixed = english[kind].subject.startswith((*FIXED, "Booking Cancelled - "))
        assert (mail.subject == english[kind].subject) is fixed
    kinds = {mail.kind for mail in other.values()}
    assert {f"emails/{kind}.html" for kind in (*kinds, *TO_STAFF)} == templates_of("emails")


@pytest.mark.parametrize(
    ("stored", "read"),
    [
        ("Hotel closed", "Grund: Hotel geschlossen"),
        ("Hotel closed: the guest was rude last time", "Grund: Hotel geschlossen"),
        ("Hotel closedown", ""),
    ],
)
def test_guest_reads_the_reason_from_the_list_and_never_the_note(stripe_simulator, stored, read):
    booking = waiting(stripe_simulator)
    Booking.objects.filter(pk=booking.pk).update(guest_language="de", cancellation_reason=stored)
    mail = emails.cancelled(fresh(booking))
    assert mail is not None
    assert [line for line in mail.text.splitlines() if line.startswith("Grund")] == ([read] if read else [])
    assert "rude" not in mail.text + mail.html


@pytest.mark.parametrize(
    ("stored", "reads"), [("de-AT", "Guten Tag"), ("fr", "Dear"), ("xx-odd", "Dear"), ("", "Dear")]
)
def test_odd_language_is_harmless(stored, reads):
    booking = waiting(None)
    Booking.objects.filter(pk=booking.pk).update(guest_language=stored)
    assert emails.pay_link(fresh(booking)).text.startswith(reads)


def test_what_is_stored_stays_english(stripe_simulator):
    booking = half(stripe_simulator)
    Booking.objects.filter(pk=booking.pk).update(guest_language="de")
    browser = opened(booking)
    answer = browser.get(CANCEL)
    assert "50 % des Preises werden einbehalten." in text_of(answer)
    browser.post(CANCEL, {"quote": quote_in(answer)})
    assert "Ihre Buchung ist storniert" in text_of(browser.get(MANAGE))
    stored = {name: found for name, found in rows().items() if name != "bookings.Message"}
    german = [text for each in messages.read("de") if each.id for text in messages.translations(each) if " " in text]
    assert len(german) > 200
    assert [text for text in german if text in str(stored)] == []
    assert booking.history.first().history_change_reason == "Guest cancellation via management link"


def test_staff_read_of_the_same_booking_in_english(stripe_simulator):
    booking = half(stripe_simulator)
    Booking.objects.filter(pk=booking.pk).update(guest_language="de")
    desk = Client(headers={"accept-language": "de"})
    desk.force_login(UserFactory(role="owner"))
    dialog = text_of(desk.get(f"/admin/bookings/booking/{booking.pk}/cancel/"))
    assert "50 % of the price is kept." in dialog
    assert not any(word in dialog for word in ("Preises", "Stornier"))

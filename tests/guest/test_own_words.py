"""A hotel's own words in its mails: around the facts, in the guest's language, frozen when the mail is written."""

import pytest

from bookings import emails, own_words
from bookings.admin.wording_sample import sample
from bookings.admin.wording_words import MAILS, PLACEHOLDERS
from bookings.mail_kinds import COMMON, KINDS
from bookings.models import Message, Wording
from cancellations import erasure
from payments import decisions
from tests.factories import BookingFactory, HotelFactory, UserFactory
from tests.stays import by_staff, confirmed, guest_cancels, paid, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]

WORDS = "Hi {guest_name},\n\n{{ hotel }} {% now %} <i>{hotel}</i>, {nights} nights for {total}."


def newest(booking, kind):
    return Message.objects.filter(booking=booking, kind=kind).latest("pk")


def reworded(booking, kind, language="en", opening=WORDS, closing=""):
    """Give the booking's hotel own words."""
    return Wording.objects.create(hotel=booking.hotel, kind=kind, language=language, opening=opening, closing=closing)


def test_own_words_stand_around_the_facts():
    booking = BookingFactory()
    reworded(booking, "pay_link", closing="See https://liffey.example/parking")
    message = newest(submitted(booking), "pay_link")
    text = message.text
    lines = text.split("\n\n")
    assert lines[:3] == [
        "Please pay for your booking",
        "Hi Ada Guest,",
        f"{{ hotel }} {{% now %}} <i>{booking.hotel.name}</i>, 2 nights for €340.00.",
    ]
    assert lines[3].startswith("Please pay by ")
    assert lines[5] == "See https://liffey.example/parking"
    assert "Price: €340.00" in text
    assert "Dear" not in text
    assert "We are keeping" not in text + message.html
    assert f"&lt;i&gt;{booking.hotel.name}&lt;/i&gt;" in message.html
    assert '<a class="plain" href="https://liffey.example/parking"' in message.html
    assert ">Pay €340.00</a>" in message.html
    assert message.subject == f"Please pay for your booking ({booking.booking_id})"


def test_money_is_told_whatever_the_hotel_writes(stripe_simulator):
    booking = confirmed(stripe_simulator)
    reworded(booking, "cancelled_by_guest", opening="Nothing will be returned. {fee} {refund}")
    guest_cancels(booking)
    message = newest(booking, "cancelled_by_guest")
    assert "Nothing will be returned. €0.00 €340.00" in message.text
    for form in (message.text, message.html):
        assert "Cancellation fee: €0.00. You get back €340.00, the way you paid." in form
    assert message.subject == f"Booking Cancelled - {booking.booking_id}"


def test_words_of_another_language_kind_or_hotel_are_never_taken():
    booking = BookingFactory(guest_language="de")
    reworded(booking, "pay_link", language="en", opening="ENGLISH")
    reworded(booking, "approved", language="de", opening="APPROVED")
    reworded(BookingFactory(), "pay_link", language="de", opening="OTHER HOTEL")
    text = newest(submitted(booking), "pay_link").text
    kept = f"Wir halten bei {booking.hotel.name} ein Zimmer für Sie frei. Der Preis beträgt 340,00\xa0€."
    assert text.startswith(f"Guten Tag Ada Guest,\n\n{kept}")
    assert not any(words in text for words in ("ENGLISH", "APPROVED", "OTHER HOTEL"))


def test_values_are_written_in_the_guest_s_language():
    booking = BookingFactory(guest_language="de")
    reworded(booking, "pay_link", language="de", opening="{check_in} / {total} / {pay_by}")
    first = newest(submitted(booking), "pay_link").text.split("\n\n")[1]
    assert " / 340,00\xa0€ / " in first
    assert first.endswith("(Dublin)")


def test_a_mail_that_is_written_stays_as_it_was():
    booking = BookingFactory()
    own = reworded(booking, "pay_link", opening="Before")
    message = newest(submitted(booking), "pay_link")
    own.opening = "After"
    own.save()
    message.refresh_from_db()
    assert message.text.split("\n\n")[1] == "Before"


def test_stored_words_that_no_longer_obey_the_rules_still_go_out(stripe_simulator):
    booking = paid(stripe_simulator)
    reworded(booking, "approved", opening="{gone} {", closing="} {{")
    with by_staff(UserFactory(role="owner")):
        decisions.approve(booking)
    text = newest(booking, "approved").text
    assert "\n\n{gone} {\n\n" in text
    assert "\n\n} {\n\n" in text


def test_a_guest_without_a_name_is_greeted_and_an_erased_one_gets_nothing():
    booking = submitted(guest_name="")
    assert newest(booking, "pay_link").text.startswith("Dear valued guest,\n\n")
    erased = submitted(payment_method="ARRIVAL")
    with by_staff(UserFactory(role="owner")):
        decisions.decline(erased, reason="Full")
        erasure.erase(erased, reason="asked")
    reworded(erased, "fresh_link")
    erased.refresh_from_db()
    before = Message.objects.count()
    assert emails.fresh_link(erased) is None
    assert Message.objects.count() == before


def test_every_mail_to_guests_has_its_words_and_every_placeholder_a_meaning():
    assert set(MAILS) == set(KINDS)
    assert set(PLACEHOLDERS) == {name for kind in KINDS.values() for name in kind.placeholders}
    assert KINDS["authorized"].placeholders == COMMON


def test_the_sample_knows_what_the_templates_are_told():
    booking = submitted()
    # Where the buttons lead is said for each sample.
    told = set(emails.words(booking, {})) - {"link"}
    assert told <= set(sample(HotelFactory(), "en", booking.created_at))


def test_own_words_cost_one_query(django_assert_num_queries):
    booking = submitted()
    context = emails.words(booking, {})
    with django_assert_num_queries(1):
        own_words.around("pay_link", context)

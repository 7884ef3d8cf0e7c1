"""Mails to guests: exact amounts, what happens next, and never a name or a reason of staff's own."""

from html.parser import HTMLParser

import pytest
from django.utils import timezone

from bookings import emails, outbox
from bookings.admin import follow_up
from bookings.models import Message
from cancellations import cancel
from payments import decisions
from tests.factories import BookingFactory, UserFactory, days_ahead
from tests.guest.browser import opened, quote_in
from tests.stays import by_guest, by_staff, clock_at, confirmed, fresh, paid, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]

CANCEL = "/booking/manage/cancel/"


class Words(HTMLParser):
    """The text of a page without its tags."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_data(self, data: str) -> None:
        """Called for each text."""
        self.found.append(data)


def both(booking, kind):
    """Both forms of the newest mail of a kind, as one reads them; what they share is asserted for each."""
    message = Message.objects.filter(booking=booking, kind=kind).latest("pk")
    plain = " ".join(message.text.split())
    html = " ".join(" ".join(Words(message.html).found).split())
    for text in (plain, html):
        for words in (booking.booking_id, booking.hotel.name, "+353 1 555 0100", "desk@hotel.example", "(Dublin)"):
            assert words in text
        assert "Manager" not in text
        assert "{{" not in text
    assert outbox.PERSONAL_LINK in message.text
    assert f'href="{outbox.PERSONAL_LINK}"' in message.html
    return plain, html


def says(booking, kind, *sentences):
    for text in both(booking, kind):
        for sentence in sentences:
            assert sentence in text


def staff():
    return by_staff(UserFactory(first_name="Night", last_name="Manager", role="owner"))


def test_fresh_link():
    booking = submitted()
    with staff():
        follow_up.send_fresh_link(booking, reason="Forwarded by mistake")
    says(booking, "fresh_link", "Links in earlier mails no longer work", "Your booking stays as it is.")
    assert "Forwarded" not in Message.objects.get(kind="fresh_link").text


def test_pay_link():
    booking = submitted()
    until = booking.hotel.local(booking.hold_expires_at)
    says(booking, "pay_link", "The price is €340.00.", f"Please pay by {until:%a} {until.day} {until:%b}")


def test_authorized(stripe_simulator):
    booking = paid(stripe_simulator)
    says(booking, "authorized", "€340.00 is held on your card", "Nothing has been charged.")


def test_approved(stripe_simulator):
    booking = confirmed(stripe_simulator)
    says(booking, "approved", "You have paid €340.00.", "you can cancel with the link below until")


def test_approved_on_arrival():
    booking = submitted(payment_method="ARRIVAL")
    with staff():
        decisions.approve(booking)
    says(booking, "approved", "You pay €340.00 at the hotel.")


def test_declined_keeps_the_hotel_s_reason_to_itself(stripe_simulator):
    booking = paid(stripe_simulator)
    with staff():
        decisions.decline(booking, reason="Overbooked by mistake")
    says(booking, "declined", "Nothing was charged. The €340.00 held on your card is released")
    assert "Overbooked" not in both(booking, "declined")[0]


def test_declined_on_arrival_says_nothing_of_cards():
    booking = submitted(payment_method="ARRIVAL")
    with staff():
        decisions.decline(booking, reason="x")
    assert "card" not in both(booking, "declined")[0]


def test_cancelled_by_the_guest(stripe_simulator):
    booking = confirmed(stripe_simulator, BookingFactory(check_in=days_ahead(10)))
    browser = opened(booking)
    browser.post(CANCEL, {"quote": quote_in(browser.get(CANCEL))})
    says(
        booking,
        "cancelled_by_guest",
        "Cancellation fee: €170.00. You get back €170.00, the way you paid.",
        "5–10 business days",
    )


@pytest.mark.parametrize(
    ("days", "state", "sentence"),
    [
        (3, confirmed, "Cancellation fee: €340.00. By the agreed policy there is no refund."),
        (3, paid, "Nothing was charged. The €340.00 held on your card is released"),
    ],
)
def test_cancelled_by_the_guest_without_a_refund(stripe_simulator, days, state, sentence):
    booking = state(stripe_simulator, BookingFactory(check_in=days_ahead(days)))
    browser = opened(booking)
    browser.post(CANCEL, {"quote": quote_in(browser.get(CANCEL))})
    says(booking, "cancelled_by_guest", sentence)


def test_cancelled_by_the_guest_before_paying():
    booking = submitted()
    with by_guest():
        cancel.cancel_booking(
            booking, reason="", signed_quote=cancel.quote(booking, at=timezone.now()).signed(booking)
        )
    says(booking, "cancelled_by_guest", "Nothing was charged.")


def test_cancelled_by_the_hotel(stripe_simulator):
    booking = confirmed(stripe_simulator)
    with staff():
        cancel.cancel_booking(booking, reason="Room out of order: water damage, our fault", fee=0)
    says(booking, "cancelled_by_hotel", "Reason: Room out of order", "You get back €340.00, the way you paid.")
    assert not any("our fault" in text for text in both(booking, "cancelled_by_hotel"))


def test_expired():
    booking = submitted()
    assert booking.hold_expires_at is not None
    with clock_at(booking.hold_expires_at):
        decisions.expire(booking)
    says(booking, "expired", "the room is no longer kept for you", "Nothing was charged.")


def test_refund_sent(stripe_simulator):
    booking = confirmed(stripe_simulator)
    with staff():
        decisions.refund(booking, amount=12345, note="Noise at night")
    reference = f"Refund reference: {fresh(booking).refund_reference}"
    says(booking, "refund_sent", "has sent €123.45 back to you, the way you paid.", reference)
    assert "Noise" not in both(booking, "refund_sent")[0]


def test_management_link():
    booking = submitted()
    emails.management_link(booking)
    says(booking, "management_link", "It works for 24 hours.")


def test_names_are_plain_in_text_and_escaped_in_html():
    booking = submitted(guest_name="Zoë <b>O'Neill</b>")
    message = Message.objects.get(booking=booking)
    assert "Dear Zoë <b>O'Neill</b>," in message.text
    assert "<b>" not in message.html


def test_amounts_are_written_in_the_guest_s_language():
    booking = submitted(guest_language="de")
    assert "340,00\xa0€" in Message.objects.get(booking=booking).text

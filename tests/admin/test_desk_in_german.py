"""What services refuse and report is said in the person's language; what they store is English, and told again."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from bookings import lifecycle
from bookings.admin import words
from bookings.models import Booking
from bookings.refusals import Refused, describe_state
from bookings.retold import retold
from bookings.spoken import formatted
from payments import decisions
from payments.models import ExchangeRate, PaymentOperation
from payments.money import spoken
from tests import stays
from tests.admin.conftest import House, signed_in
from tests.admin.pages import do, page, text
from tests.factories import UserFactory


@pytest.fixture
def german(own: House) -> Client:
    return signed_in(UserFactory(role="Manager", hotels=[own.hotel], language="de"))


def test_a_refusal_says_who_and_when_in_german(own: House, german: Client) -> None:
    booking = stays.submitted(own.booking(payment_method="ARRIVAL"))
    person = UserFactory(role="Manager", hotels=[own.hotel], first_name="Ciara", last_name="Walsh")
    do(signed_in(person), booking, "decline", reason="No room available", note="")
    shown = " ".join(text(german.get(page(booking, "approve"))).split())
    booking.refresh_from_db()
    day = booking.hotel.local(booking.decision_made_at)
    with translation.override("de"):
        date = formatted(day.date(), "d MMMM y", "yMMMMd")
    said = f"am {date} um {day:%H:%M} Uhr (Dublin) von Ciara Walsh abgelehnt."
    assert f"Diese Buchung wurde {said}" in shown
    assert f"was declined on {day.day} {day:%B %Y} at {day:%H:%M} (Dublin) by Ciara Walsh" == describe_state(booking)
    answer = german.post(page(booking, "approve"))
    assert answer.status_code == 302
    assert (Booking.objects.get(pk=booking.pk).status, PaymentOperation.objects.count()) == ("DECLINED", 0)


def test_a_service_speaks_the_active_language(own: House) -> None:
    booking = stays.submitted(own.booking(payment_method="ARRIVAL"))
    with pytest.raises(Refused) as english:
        decisions.decline(booking, reason="")
    with translation.override("de"), pytest.raises(Refused) as german:
        decisions.decline(booking, reason="")
    assert english.value.message == "Please give a reason; it is kept in the history."
    assert german.value.message == "Bitte geben Sie einen Grund an; er wird im Verlauf aufbewahrt."
    with translation.override("de"):
        assert lifecycle.submit(booking).message == "Diese Buchung wurde schon eingereicht."


@pytest.mark.parametrize(
    ("stored", "told"),
    [
        ("Something broke here. Try this booking again.", "Hier ist etwas schiefgegangen."),
        ("Room 12 is out of service. Choose another room.", "Zimmer 12 ist außer Betrieb. Wählen Sie"),
        (
            "This booking was declined on 3 March 2026 at 14:05 (Dublin) by Nora. Cancel it first, then delete it.",
            "Diese Buchung wurde am 3 March 2026 at 14:05 (Dublin) von Nora abgelehnt.",
        ),
        ("Stripe refused (card_declined).", "Stripe hat abgelehnt (card_declined)."),
        ("The guest rang at noon.", "The guest rang at noon."),
        ("", ""),
    ],
)
def test_a_stored_sentence_is_told_again(stored: str, told: str) -> None:
    assert retold(stored) == stored
    with translation.override("de"):
        assert retold(stored).startswith(told)


def test_amounts_and_dates_are_written_as_germans_write_them(own: House) -> None:
    booking = own.booking()
    moment = datetime(2026, 11, 21, 14, 5, tzinfo=UTC)
    assert (spoken(123450, "EUR"), words.moment(own.hotel, moment)) == ("€1,234.50", "21 Nov 2026, 14:05 Dublin")
    booking.check_in, booking.check_out = moment.date(), moment.date().replace(day=23)
    assert words.dates(booking) == "21 – 23 Nov 2026"
    with translation.override("de"):
        assert spoken(123450, "EUR") == "1.234,50\N{NO-BREAK SPACE}€"
        assert words.moment(own.hotel, moment) == "21.11.2026, 14:05 Dublin"
        assert (words.day(moment.date()), words.dates(booking)) == ("Sa., 21. Nov. 2026", "21.–23. Nov. 2026")
    assert words.dates(booking) == "21 – 23 Nov 2026"


def test_the_frame_s_own_words_are_german_in_german_order(own: House) -> None:
    owner = UserFactory(role="owner", language="de")
    rate = ExchangeRate.objects.create(
        base="PKR", target="USD", rate="0.0036", source="test", quoted_at=timezone.now()
    )
    client = signed_in(owner)
    assert "Wechselkurs löschen" in " ".join(text(client.get(page(rate))).split())
    assert "Passwort zurücksetzen" in text(client.get(page(owner)))
    assert "Bitte auswählen" in text(client.get(reverse("admin:bookings_roomtype_add")))

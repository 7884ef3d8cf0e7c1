"""Each person reads the desk in the language that they chose; what is stored stays English."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from bookings.models import Booking, User
from payments.models import PaymentOperation
from tests import stays
from tests.admin.conftest import House, signed_in
from tests.admin.pages import do, listing, page, press, text
from tests.factories import UserFactory

CHOOSE = reverse("desk_language")


def person(own: House, role: str = "Manager", language: str = "de") -> tuple[User, Client]:
    user = UserFactory(role=role, hotels=[own.hotel], language=language)
    return user, signed_in(user)


@pytest.mark.parametrize("role", ["Front desk", "Manager", "Auditor", "owner"])
def test_everybody_chooses_for_themselves(own: House, role: str) -> None:
    other, _client = person(own, language="en")
    user, client = person(own, role, language="en")
    answer = client.post(CHOOSE, {"language": "de", "next": listing(Booking)})
    assert (answer.status_code, answer["Location"]) == (303, listing(Booking))
    user.refresh_from_db()
    other.refresh_from_db()
    assert (user.language, other.language) == ("de", "en")
    record = user.history.first()
    assert (record.transition, record.language, record.history_user) == ("choose_language", "de", user)
    shown = client.get(reverse("admin:index"))
    assert (shown["Content-Language"], '<html lang="de"' in text(shown)) == ("de", True)
    # Nothing is left behind for the next one.
    assert translation.get_language() == "en"


@pytest.mark.parametrize("sent", [{}, {"language": "fr"}, {"language": "en"}, {"language": "de\n"}])
def test_a_language_that_there_is_not_or_is_chosen_already_changes_nothing(own: House, sent: dict[str, str]) -> None:
    user, client = person(own, language="en")
    before = user.history.count()
    assert client.post(CHOOSE, sent).status_code == 303
    user.refresh_from_db()
    assert (user.language, user.history.count()) == ("en", before)


@pytest.mark.parametrize(
    ("asked", "headers"),
    [
        ("https://bad.example/admin/", {}),
        ("//bad.example/admin/", {}),
        ("/booking/", {}),
        ("", {"Referer": "https://bad.example/admin/"}),
        ("", {}),
        ("javascript:alert(1)", {}),
    ],
)
def test_the_way_back_stays_at_the_desk(own: House, asked: str, headers: dict[str, str]) -> None:
    _user, client = person(own)
    answer = client.post(CHOOSE, {"language": "de", "next": asked}, headers=headers)
    assert answer["Location"] == reverse("admin:index")


def test_the_way_back_is_the_page_of_the_switch(own: House) -> None:
    _user, client = person(own)
    answer = client.post(CHOOSE, {"language": "en"}, headers={"Referer": f"http://testserver{listing(Booking)}?q=a"})
    assert answer["Location"] == f"{listing(Booking)}?q=a"


def test_a_choice_is_posted_with_a_token_by_somebody_who_is_signed_in(own: House) -> None:
    user, client = person(own, language="en")
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user)
    assert client.get(CHOOSE).status_code == 405
    assert strict.post(CHOOSE, {"language": "de"}).status_code == 403
    assert Client().post(CHOOSE, {"language": "de"})["Location"].startswith(reverse("admin:login"))
    user.refresh_from_db()
    assert user.language == "en"


def test_every_page_of_the_desk_has_the_switch(own: House) -> None:
    _user, client = person(own, "Auditor", language="en")
    shown = text(client.get(listing(Booking)))
    assert f'<form action="{CHOOSE}" method="post"' in shown
    assert 'name="language" type="hidden" value="de"' in shown


@pytest.mark.parametrize(("accepts", "language"), [("de-AT,de;q=0.9", "de"), ("fr", "en"), ("", "en")])
def test_the_page_to_sign_in_speaks_the_browser_s_language(db: None, accepts: str, language: str) -> None:
    answer = Client(headers={"Accept-Language": accepts}).get(reverse("admin:login"))
    assert f'<html lang="{language}"' in text(answer)


def test_the_browser_s_language_does_not_matter_to_whoever_chose(own: House) -> None:
    user, _client = person(own, language="en")
    client = Client(headers={"Accept-Language": "de"})
    client.force_login(user)
    assert '<html lang="en"' in text(client.get(reverse("admin:index")))


def test_an_error_page_speaks_it_too(own: House) -> None:
    _user, client = person(own, "Auditor")
    assert '<html lang="de"' in text(client.get("/admin/nothing/here/"))


def records(booking: Booking) -> list[Any]:
    """Everything in words that is stored about a booking."""
    rows = [(row.transition, row.history_change_reason) for row in booking.history.order_by("history_id")]
    found = Booking.objects.get(pk=booking.pk)
    own = (found.decision_reason, found.cancellation_reason, found.deletion_reason, found.status)
    done = [
        (each.kind, each.transition, each.error_message, each.details.get("reason"))
        for each in PaymentOperation.objects.filter(booking=booking).order_by("pk")
    ]
    mails = list(booking.messages.order_by("pk").values_list("kind", "subject"))
    return [rows, own, done, [(kind, subject.replace(booking.booking_id, "")) for kind, subject in mails]]


def whole_life(simulator: Any, house: House, language: str, number: int) -> list[Any]:
    """Approve, refund, cancel and delete as a person who reads a language; return what is on record."""
    _user, client = person(house, "Manager", language)
    booking = stays.paid(simulator, house.booking(number))
    assert press(client, booking, "approve").status_code in (200, 302)
    amount = "12,00" if language == "de" else "12.00"
    typed = {"amount": amount, "stripe_reason": "duplicate", "note": "Noise", "seen_left": "34000"}
    assert do(client, booking, "refund", **typed).status_code in (200, 302)
    seen = client.get(page(booking, "cancel")).context["form"].as_seen()
    do(client, booking, "cancel", reason="Hotel closed", note="", fee="policy", seen=seen)
    do(client, booking, "soft_delete", note="Twice")
    return records(booking)


def test_what_is_stored_is_the_same_whatever_the_person_reads(
    own: House, stripe_simulator: Any, staff: Callable[[str], Client]
) -> None:
    german, english = (whole_life(stripe_simulator, own, code, number) for number, code in enumerate(("de", "en")))
    assert german == english
    assert [step for step, _reason in english[0]] == [
        *("", "submit", "authorize", "approve", "refund", "cancel", "soft_delete"),
    ]
    assert english[1] == ("", "Hotel closed", "Twice", "CANCELLED")


def test_the_user_s_own_page_and_history_open_in_german(own: House) -> None:
    user, client = person(own, "owner")
    shown = text(client.get(page(user)))
    assert ("Verlauf" in shown, "Geschichte" in shown) == (True, False)
    assert client.get(page(user, "history")).status_code == 200


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (Booking, ("Buchungen", "Wartet auf Bestätigung", "Anreisen", "Zahlungsstreite")),
        (PaymentOperation, ("Vorgänge",)),
        (User, ("Personal", "Rolle")),
    ],
)
def test_lists_are_in_german(own: House, model: Any, words: tuple[str, ...]) -> None:
    stays.submitted(own.booking(payment_method="ARRIVAL"))
    _user, client = person(own, "owner")
    shown = text(client.get(listing(model)))
    assert [each for each in words if each not in shown] == []


def test_a_dialog_is_in_german_and_its_values_are_english(own: House) -> None:
    booking = stays.submitted(own.booking(payment_method="ARRIVAL"))
    _user, client = person(own)
    shown = text(client.get(page(booking, "decline")))
    assert ">Buchung ablehnen</button>" in shown
    assert '<option value="No room available">Kein Zimmer frei</option>' in " ".join(shown.split())
    do(client, booking, "decline", reason="No room available", note="")
    booking.refresh_from_db()
    assert booking.decision_reason == "No room available"


def test_fields_for_dates_are_filled_in_every_language(own: House) -> None:
    _user, client = person(own)
    booking = stays.submitted(own.booking(payment_method="ARRIVAL"))
    dialog = text(client.get(reverse("admin:bookings_booking_reschedule", args=[booking.pk])))
    assert f'value="{booking.check_in:%Y-%m-%d}"' in dialog
    report = text(
        client.get(f"{reverse('admin:bookings_booking_report', args=['stays'])}?from=2026-01-02&to=2026-03-04")
    )
    assert ('value="2026-01-02"' in report, 'value="2026-03-04"' in report) == (True, True)

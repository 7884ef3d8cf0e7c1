"""Import of bookings: nothing before it is confirmed, all or what was chosen, once, and never money or a status."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from bookings import uploads
from bookings.admin.imports import confirm as confirming
from bookings.admin.imports.files import COLUMNS, EXAMPLE, MOST_BYTES
from bookings.models import Booking, BookingImport, Message
from payments.models import Payment
from tests import stays
from tests.admin.conftest import House, signed_in
from tests.admin.pages import listing, said, text
from tests.factories import UserFactory, days_ahead

UPLOAD = "admin:bookings_booking_import"


def row(house: House, number: int = 1, **cells: str) -> dict[str, str]:
    """A row that can be imported: one night, each number on a day of its own."""
    given = {
        "old_reference": f"A-{number}",
        "hotel": house.hotel.slug,
        "room_type": house.rooms[0].room_type.name,
        "room": house.rooms[0].number,
        "check_in": days_ahead(10 + number).isoformat(),
        "check_out": days_ahead(11 + number).isoformat(),
        "guest_name": f"Guest {number}",
        "guest_email": f"guest{number}@guest.example",
        "total": "170.00",
        "currency": "EUR",
    }
    return given | cells


def lines(rows: list[dict[str, str]], separator: str = ",", end: str = "\n") -> str:
    """The rows as a file's text."""
    head = [name for name in COLUMNS if any(name in each for each in rows)]
    return end.join([separator.join(head), *(separator.join(each.get(name, "") for name in head) for each in rows)])


def send(client: Client, content: str | bytes, **data: str) -> Any:
    """Upload a file."""
    file = SimpleUploadedFile("old.csv", content.encode() if isinstance(content, str) else content)
    return client.post(reverse(UPLOAD), {"file": file, **data})


def preview(client: Client, rows: list[dict[str, str]], **data: str) -> Any:
    """Upload rows and look at what they would come to."""
    answer = send(client, lines(rows), **data)
    return client.get(answer.url)


def press(client: Client, **data: str) -> Any:
    """Confirm the newest file and look at what came of it."""
    pk = BookingImport.objects.latest("pk").pk
    answer: Any = client.post(reverse(f"{UPLOAD}_confirm", args=[pk]), data)
    return client.get(answer.url) if answer.status_code == 302 else answer


def problems(page: Any) -> dict[int, list[str]]:
    """The columns that are wrong, by row."""
    return {each.number: [name for name, _words in each.problems] for each in page.context["wrong"]}


def test_nothing_is_saved_before_it_is_confirmed(own: House, manager: Client) -> None:
    page = preview(manager, [row(own, 1), row(own, 2)])
    assert (page.context["good_count"], page.context["wrong_count"]) == (2, 0)
    assert "Import 2 bookings" in text(page)
    assert not Booking.objects.exists()
    assert "no-store" in page["Cache-Control"]


def test_rows_become_confirmed_stays_by_the_ways_of_every_booking(own: House, manager: Client) -> None:
    preview(manager, [row(own, 1, guest_phone="+353 86 1", notes="Cot", guest_language="de")])
    page = press(manager)
    booking = Booking.objects.get()
    assert (booking.status, booking.payment_method, booking.total_amount, booking.currency) == (
        "CONFIRMED",
        "ARRIVAL",
        17000,
        "EUR",
    )
    assert (booking.former_reference, booking.guest_phone, booking.notes) == ("A-1", "+353 86 1", "Cot")
    assert (booking.paid_at, booking.guest_language, booking.room) == (None, "de", own.rooms[0])
    assert booking.terms["price"] == 17000
    assert stays.transitions(booking) == ["submit", "approve"]
    reasons = set(booking.history.values_list("history_change_reason", flat=True))
    assert len(reasons) == 1
    assert "Imported as A-1 from the hotel's former system" in reasons.pop()
    assert {record.actor_kind for record in booking.history.all()} == {"staff"}
    assert (Payment.objects.count(), Message.objects.count()) == (0, 0)
    assert booking.booking_id in text(page)


def test_drafts_may_overlap_and_are_only_saved(own: House, manager: Client) -> None:
    same = {"check_in": days_ahead(20).isoformat(), "check_out": days_ahead(21).isoformat()}
    preview(manager, [row(own, 1, **same), row(own, 2, **same)], creates="draft")
    press(manager)
    assert list(Booking.objects.values_list("status", "terms")) == [("DRAFT", None)] * 2


WRONG = {
    "hotel": "elsewhere",
    "room_type": "Castle",
    "room": "999",
    "check_in": "3/12/2026",
    "check_out": "2020-01-01",
    "guest_name": "",
    "guest_email": "nobody",
    "guest_language": "xx",
    "guest_phone": "1" * 41,
    "total": "12.345",
    "currency": "USD",
    "old_reference": "",
    "notes": "x" * 2001,
}


def test_every_error_names_its_row_and_column(own: House, manager: Client) -> None:
    rows = [row(own, number, **{name: value}) for number, (name, value) in enumerate(WRONG.items(), start=1)]
    page = preview(manager, [*rows, row(own, 40)])
    assert problems(page) == {number: [name] for number, name in enumerate(WRONG, start=2)}
    assert page.context["good_count"] == 1
    assert "Row 2" in text(page)


def test_a_row_names_all_that_is_wrong_with_it(own: House, manager: Client) -> None:
    stays.submitted(own.booking(check_in=days_ahead(12), check_out=days_ahead(13)))
    rows = [
        row(own, 1, **{**WRONG, "old_reference": "A-1", "check_out": "soon"}),
        row(own, 2, guest_email="nobody", total="much"),
        row(own, 3),
        row(own, 3, guest_name=""),
    ]
    assert problems(preview(manager, rows)) == {
        2: ["hotel", "check_in", "check_out", "guest_name", "guest_email", "guest_phone", "guest_language", "notes"],
        3: ["guest_email", "total", "room"],
        5: ["guest_name", "old_reference"],
    }


def test_another_hotel_is_none_of_yours(own: House, foreign: House, manager: Client) -> None:
    page = preview(manager, [row(foreign, 1)])
    assert problems(page) == {2: ["hotel"]}
    assert "Sakura" not in text(page)
    press(manager, leave_out="yes")
    assert not Booking.objects.exists()


def test_rooms_that_are_taken_are_refused_by_whom(own: House, manager: Client) -> None:
    there = stays.submitted(own.booking(check_in=days_ahead(11), check_out=days_ahead(12)))
    again = row(own, 3) | {name: row(own, 2)[name] for name in ("check_in", "check_out")}
    page = preview(manager, [row(own, 1), row(own, 2), again, row(own, 2)])
    assert problems(page) == {2: ["room"], 4: ["room"], 5: ["old_reference"]}
    assert there.booking_id in text(page)
    assert "row 3" in text(page)


def test_with_errors_nothing_is_imported_unless_rows_are_left_out(own: House, manager: Client) -> None:
    rows = [row(own, 1), row(own, 2, total="x")]
    preview(manager, rows)
    page = press(manager)
    assert "nothing was imported" in text(page)
    assert not Booking.objects.exists()
    page = press(manager, leave_out="yes")
    assert [booking.former_reference for booking in Booking.objects.all()] == ["A-1"]
    assert (page.context["imported"], page.context["left_out"]) == (1, 1)
    assert "total: “x” is no amount" in text(page)


def test_a_room_taken_after_the_preview_stops_everything(own: House, manager: Client) -> None:
    preview(manager, [row(own, 1), row(own, 2)])
    stays.submitted(own.booking(check_in=days_ahead(12), check_out=days_ahead(13)))
    page = press(manager)
    assert problems(page) == {3: ["room"]}
    assert Booking.objects.count() == 1


def test_a_room_taken_at_the_last_moment_stops_everything(
    own: House, manager: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    preview(manager, [row(own, 1), row(own, 2)])
    stays.submitted(own.booking(check_in=days_ahead(12), check_out=days_ahead(13)))
    # As if the look under the lock had seen nothing: the claim of each row still does.
    monkeypatch.setattr("bookings.admin.imports.preview.refuse_taken", lambda found: None)
    pk = BookingImport.objects.get().pk
    answer = manager.post(reverse(f"{UPLOAD}_confirm", args=[pk]))
    ((_level, words),) = said(answer)
    assert words.startswith("Row 3: Room ")
    assert Booking.objects.count() == 1


def test_a_second_press_imports_nothing_more(own: House, manager: Client) -> None:
    preview(manager, [row(own, 1)])
    first, second = press(manager), press(manager)
    assert first.context["imported"] == second.context["imported"] == 1
    assert Booking.objects.count() == 1


def test_what_is_here_already_is_left_as_it_is(own: House, manager: Client) -> None:
    preview(manager, [row(own, 1)])
    press(manager)
    before = Booking.objects.get()
    page = preview(manager, [row(own, 1, guest_name="Other"), row(own, 2)])
    assert (page.context["good_count"], page.context["known_count"], page.context["wrong_count"]) == (1, 1, 0)
    page = press(manager)
    assert f"Was here already as {before.booking_id}" in text(page)
    assert Booking.objects.get(pk=before.pk).guest_name == "Guest 1"
    assert Booking.objects.count() == 2


@pytest.mark.parametrize(
    "encoded",
    [
        lambda rows: lines(rows).encode(),
        lambda rows: lines(rows).encode("utf-8-sig"),
        lambda rows: lines(rows, ";", "\r\n").encode("cp1252"),
        lambda rows: lines(rows, "\t", "\r\n").encode(),
    ],
)
def test_files_of_every_spreadsheet_are_read(own: House, manager: Client, encoded: Callable[[Any], bytes]) -> None:
    begin, end = days_ahead(30), days_ahead(31)
    days = {"check_in": f"{begin:%d.%m.%Y}", "check_out": f"{end:%d.%m.%Y}"}
    manager.get(send(manager, encoded([row(own, 1, guest_name="Zoë Müller", total="170", **days)])).url)
    press(manager)
    booking = Booking.objects.get()
    assert (booking.guest_name, booking.check_in, booking.total_amount) == ("Zoë Müller", begin, 17000)


def test_files_that_cannot_be_read_are_refused_in_words(own: House, manager: Client) -> None:
    good = lines([row(own, 1)])
    bad = {
        b"": "empty",
        good.encode("utf-16"): "UTF-16",
        good.encode() + b"\0": "NUL",
        b"a" * (MOST_BYTES + 1): "5 MB",
        good.replace("total,", "sum,").encode(): "missing: total",
        good.replace("total,", "total,status,").encode(): "A status cannot be imported",
        good.replace("total,", "total,paid,").encode(): "unknown: “paid”",
        good.partition("\n")[0].encode(): "no booking",
        f"{good},more".encode(): "more values",
        f'{good}\n"open'.encode(): "not a CSV file",
    }
    for content, words in bad.items():
        answer = send(manager, content)
        assert answer.status_code == 200
        assert words in text(answer)
    assert "Choose a file" in text(manager.post(reverse(UPLOAD)))
    assert not BookingImport.objects.exists()


def test_too_many_rows_are_refused(own: House, manager: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bookings.admin.imports.files.MOST_ROWS", 1)
    assert "more than 1 bookings" in text(send(manager, lines([row(own, 1), row(own, 2)])))


def test_the_template_is_a_file_that_can_be_imported(own: House, manager: Client) -> None:
    file = manager.get(reverse(f"{UPLOAD}_template")).content
    assert file.startswith(b"\xef\xbb\xbf")
    page = manager.get(send(manager, file).url)
    assert problems(page) == {2: ["hotel"]}
    assert len(COLUMNS) == len(EXAMPLE)


@pytest.mark.parametrize(
    ("role", "status"), [("Front desk", 403), ("Manager", 200), ("Auditor", 403), ("owner", 200)]
)
def test_who_may_import(staff: Callable[[str], Client], role: str, status: int) -> None:
    client = staff(role)
    assert client.get(reverse(UPLOAD)).status_code == status
    assert client.get(reverse(f"{UPLOAD}_template")).status_code == status
    assert client.post(reverse(UPLOAD)).status_code == status
    assert client.post(reverse(f"{UPLOAD}_confirm", args=[1])).status_code == (404 if status == 200 else 403)
    assert ("/import/" in text(client.get(listing(Booking)))) is (status == 200)


def test_a_file_is_its_uploaders_alone(own: House, manager: Client, staff: Callable[[str], Client]) -> None:
    preview(manager, [row(own, 1)])
    pk = BookingImport.objects.get().pk
    for other in (staff("Manager"), staff("owner")):
        assert other.get(reverse(f"{UPLOAD}_preview", args=[pk])).status_code == 404
        assert other.post(reverse(f"{UPLOAD}_confirm", args=[pk])).status_code == 404
    assert manager.get(reverse(f"{UPLOAD}_confirm", args=[pk])).status_code == 405
    assert not Booking.objects.exists()


def test_a_hotel_that_one_has_left_takes_nothing_any_more(own: House, foreign: House) -> None:
    person: Any = UserFactory(role="Manager", hotels=[own.hotel])
    client = signed_in(person)
    preview(client, [row(own, 1)])
    person.hotels.set([foreign.hotel])
    assert problems(press(client)) == {2: ["hotel"]}
    assert not Booking.objects.exists()


def test_guests_data_goes_with_the_file(own: House, manager: Client) -> None:
    preview(manager, [row(own, 1, guest_name="Passing Guest"), row(own, 2, guest_email="nobody@")])
    press(manager, leave_out="yes")
    upload = BookingImport.objects.get()
    assert (upload.status, upload.content) == ("done", "")
    for kept in (upload.results, *upload.history.values()):
        assert "Passing" not in str(kept)
        assert "nobody" not in str(kept)


def test_files_that_nobody_confirms_are_given_up(own: House, manager: Client) -> None:
    preview(manager, [row(own, 1)])
    preview(manager, [row(own, 2)])
    first, second = BookingImport.objects.order_by("pk")
    assert (first.status, first.content, second.status) == ("gone", "", "waiting")
    assert uploads.prune(timezone.now()) == 0
    assert uploads.prune(timezone.now() + timedelta(days=1, minutes=1)) == 1
    second.refresh_from_db()
    assert (second.status, second.content) == ("gone", "")
    answer = manager.get(reverse(f"{UPLOAD}_preview", args=[second.pk]))
    assert said(answer) == [("warning", confirming.GIVEN_UP)]
    assert manager.post(reverse(f"{UPLOAD}_confirm", args=[second.pk])).status_code == 302
    assert not Booking.objects.exists()


def test_preview_reads_as_often_for_many_rows_as_for_one(own: House, manager: Client) -> None:
    def reads(count: int) -> int:
        link = send(manager, lines([row(own, number) for number in range(1, count + 1)])).url
        with CaptureQueriesContext(connection) as seen:
            assert manager.get(link).context["good_count"] == count
        return len(seen)

    assert reads(60) == reads(1)

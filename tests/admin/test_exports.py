"""Exports: exactly the rows of the list, of the person's own hotels, harmless in a spreadsheet, and all recorded."""

import csv
import hashlib
import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.db import connection, transaction
from django.db.models import ProtectedError
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bookings.admin import exports
from bookings.audit import KeptForEver
from bookings.models import Booking, ExportRecord
from payments.models import Payment, Refund
from tests.admin.conftest import House
from tests.admin.pages import listing, page, said, text
from tests.admin.test_scoping import rows_of

KINDS = ("bookings_booking", "payments_payment", "payments_refund")
REPORT = "admin:bookings_booking_report_export"
SECRETS = ("session", "token", "hash", "url", "secret", "password")


def take(client: Client, kind: str = "bookings_booking", query: str = "", form: str = "csv") -> Any:
    """Press the button above a list."""
    return client.post(reverse(f"admin:{kind}_export") + query, {"format": form})


def content(response: Any) -> bytes:
    """The whole file."""
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def table(response: Any) -> list[dict[str, str]]:
    """The rows of a CSV file by their columns."""
    return list(csv.DictReader(io.StringIO(content(response).decode("utf-8-sig"))))


def test_bookings_come_with_stable_columns_and_typed_values(own: House, manager: Client) -> None:
    booking = own.booking(guest_name="Ada Guest", total_amount=34050)
    (row,) = table(take(manager))
    assert (row["Reference"], row["Hotel"], row["Status"], row["Deleted"]) == (
        booking.booking_id,
        own.hotel.slug,
        "DRAFT",
        "no",
    )
    assert (row["Total"], row["Currency"], row["Nights"]) == ("340.50", "EUR", "2")
    assert row["Check-in"] == booking.check_in.isoformat()
    assert row["Made (UTC)"].endswith("+00:00")
    assert row["Time zone"] == "Europe/Dublin"
    assert row["Guest phone"] == "'+353 86 555 0123"
    assert row["Cancellation fee"] == ""


def test_filters_and_search_count(own: House, manager: Client) -> None:
    own.booking(guest_name="Ada Guest")
    own.booking(1, guest_name="Grace Guest", payment_method="ARRIVAL")
    assert [row["Guest name"] for row in table(take(manager, query="?q=Grace"))] == ["Grace Guest"]
    assert [row["Guest name"] for row in table(take(manager, query="?payment_method__exact=ONLINE"))] == ["Ada Guest"]
    assert len(table(take(manager))) == 2
    assert take(manager, query="?guest_email__startswith=a").status_code in (302, 400)


def test_other_hotels_are_in_no_file(own: House, foreign: House, manager: Client) -> None:
    rows_of(foreign)
    rows_of(own)
    for kind in KINDS:
        assert [row["Hotel"] for row in table(take(manager, kind))] == [own.hotel.slug]
        assert table(take(manager, kind, f"?hotel={foreign.hotel.pk}")) == []
    named = {hotel for record in ExportRecord.objects.all() for hotel in record.hotels.all()}
    assert named == {own.hotel}


def test_nothing_that_opens_a_page_is_in_a_file(own: House, manager: Client) -> None:
    rows_of(own)
    for kind in KINDS:
        head = table(take(manager, kind))[0]
        assert not [name for name in head if any(secret in name.lower() for secret in SECRETS)]


def test_excel_has_numbers_days_and_texts(own: House, manager: Client) -> None:
    booking = own.booking(guest_name="=1+1", total_amount=34050)
    sheet = openpyxl.load_workbook(io.BytesIO(content(take(manager, form="xlsx")))).active
    head = [cell.value for cell in sheet[1]]
    row = dict(zip(head, sheet[2], strict=True))
    assert (row["Guest name"].data_type, row["Guest name"].value) == ("s", "=1+1")
    assert (row["Total"].data_type, Decimal(str(row["Total"].value))) == ("n", Decimal("340.5"))
    assert row["Check-in"].value.date() == booking.check_in
    assert row["Guest phone"].value == "+353 86 555 0123"


def test_an_export_is_recorded_with_its_digest(own: House, manager: Client) -> None:
    own.booking(guest_name="Secretive Person")
    response = take(manager, query="?q=Secretive&payment_method__exact=ONLINE")
    file = content(response)
    record = ExportRecord.objects.get()
    assert record.sha256 == hashlib.sha256(file).hexdigest()
    assert (record.what, record.format, record.rows) == ("bookings", "csv", 1)
    assert record.filters == {"q": "(not kept)", "payment_method__exact": "ONLINE"}
    assert record.request_id == response["X-Request-Id"]
    assert record.made_by == response.wsgi_request.user
    history = list(record.history.order_by("history_id").values_list("transition", "actor_kind", "history_user"))
    assert history == [("export", "staff", record.made_by_id), ("finish_export", "staff", record.made_by_id)]
    assert [str(hotel) for hotel in record.hotels.all()] == ["Hotel Liffey"]


def test_a_file_that_breaks_off_is_recorded_all_the_same(own: House, manager: Client) -> None:
    own.booking()
    next(iter(take(manager).streaming_content))
    record = ExportRecord.objects.get()
    assert (record.finished_at, record.rows, record.sha256) == (None, None, "")
    assert "Broke off" in text(manager.get(listing(ExportRecord)))


def test_records_are_read_and_never_changed(
    own: House, foreign: House, manager: Client, staff: Callable[[str], Client]
) -> None:
    own.booking()
    content(take(manager))
    record = ExportRecord.objects.get()
    for reader in (manager, staff("Auditor")):
        assert "bookings (CSV)" in text(reader.get(listing(ExportRecord)))
        assert reader.get(page(record)).status_code == 200
        assert reader.post(page(record), {"what": "x"}).status_code == 403
    assert staff("Front desk").get(listing(ExportRecord)).status_code == 403
    with pytest.raises((KeptForEver, ProtectedError)), transaction.atomic():
        record.delete()
    record.hotels.set([foreign.hotel])
    assert manager.get(page(record)).status_code == 404
    assert "bookings (CSV)" not in text(manager.get(listing(ExportRecord)))


@pytest.mark.parametrize(
    ("role", "status"), [("Front desk", 403), ("Manager", 200), ("Auditor", 200), ("owner", 200)]
)
def test_who_may_export(own: House, staff: Callable[[str], Client], role: str, status: int) -> None:
    own.booking()
    client = staff(role)
    answers = [take(client, kind) for kind in KINDS]
    answers += [client.post(reverse(REPORT, args=[name])) for name in ("cancellations", "money", "stays")]
    assert {answer.status_code for answer in answers} == {status}
    assert ("/export/" in text(client.get(listing(Booking)))) is (status == 200)
    assert ExportRecord.objects.count() == (6 if status == 200 else 0)


def test_an_export_is_a_post_with_its_token(own: House, manager: Client) -> None:
    links = [reverse(f"admin:{kind}_export") for kind in KINDS] + [reverse(REPORT, args=["money"])]
    assert {manager.get(link).status_code for link in links} == {405}
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = manager.cookies
    assert {strict.post(link).status_code for link in links} == {403}
    assert not ExportRecord.objects.exists()


def test_reports_are_exported_by_stable_keys(own: House, manager: Client) -> None:
    booking = own.booking()
    Booking._base_manager.filter(pk=booking.pk).update(status="COMPLETED")
    span = f"?from={booking.check_in}&to={booking.check_out}"
    rows = table(manager.post(reverse(REPORT, args=["stays"]) + span, {"format": "csv"}))
    total = {row["Figure"]: (row["Value"], row["Currency"]) for row in rows if row["Row"] == "total"}
    assert total == {
        "arrivals": ("1", ""),
        "nights": ("2", ""),
        "available": ("12", ""),
        "occupancy": ("16.7", ""),
        "revenue": ("340.00", "EUR"),
        "rate": ("170.00", "EUR"),
    }
    assert {row["From"] for row in rows} == {booking.check_in.isoformat()}
    assert ExportRecord.objects.get().what == "report-stays"


def test_excel_says_when_there_are_too_many_rows(
    own: House, manager: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "MOST_IN_EXCEL", 1)
    own.booking()
    own.booking(1)
    response = take(manager, form="xlsx", query="?payment_method__exact=ONLINE")
    assert response.url.endswith("?payment_method__exact=ONLINE")
    ((level, words),) = said(response)
    assert (level, "Take CSV" in words) == ("error", True)
    assert not ExportRecord.objects.exists()
    assert len(table(take(manager))) == 2


def test_reads_as_often_for_many_rows_as_for_one(own: House, manager: Client) -> None:
    def reads(kind: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            content(take(manager, kind))
        return len(seen)

    rows_of(own)
    few = [reads(kind) for kind in KINDS]
    for number in range(12):
        booking = own.booking(number % 4)
        payment = Payment.objects.create(booking=booking, amount=100, currency="EUR")
        Refund.objects.create(payment=payment, amount=100, currency="EUR")
    assert [reads(kind) for kind in KINDS] == few

"""A report is exported by mouse and by keyboard; twenty rows with three wrong ones are mended and imported."""

import csv
import io
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from bookings.models import Booking, ExportRecord
from tests.admin.conftest import House
from tests.admin.test_imports import lines, row
from tests.browser.desk import make_roles, sign_in
from tests.factories import HotelFactory, RoomFactory, RoomTypeFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def house():
    """A hotel with rooms, and a manager of it."""
    make_roles()
    kind = RoomTypeFactory(hotel=HotelFactory(name="Hotel Liffey"))
    return House(kind.hotel, [RoomFactory(room_type=kind) for _ in range(2)])


def rows_in(download) -> list[list[str]]:
    """The rows of a file that arrived."""
    return list(csv.reader(io.StringIO(Path(download.path()).read_text(encoding="utf-8-sig"))))


def test_a_report_is_exported_by_mouse_and_by_keyboard(page: Page, live_server: LiveServer, house) -> None:
    person = UserFactory(role="Manager", hotels=[house.hotel])
    sign_in(page, live_server.url, person.username)
    page.get_by_role("link", name="Occupancy and stays").click()
    expect(page.get_by_role("heading", name="By month")).to_be_visible()
    with page.expect_download() as by_mouse:
        page.get_by_role("button", name="CSV").click()
    assert rows_in(by_mouse.value)[0][:4] == ["Report", "Table", "Row", "Hotel"]
    page.get_by_role("button", name="CSV").focus()
    page.keyboard.press("Tab")
    with page.expect_download() as by_keyboard:
        page.keyboard.press("Enter")
    assert by_keyboard.value.suggested_filename.endswith(".xlsx")
    assert Path(by_keyboard.value.path()).read_bytes().startswith(b"PK")
    assert sorted(ExportRecord.objects.values_list("format", "made_by__username")) == [
        ("csv", person.username),
        ("xlsx", person.username),
    ]
    page.goto(f"{live_server.url}/admin/bookings/exportrecord/")
    expect(page.get_by_text("report-stays (Excel)")).to_be_visible()


def test_twenty_rows_with_three_wrong_ones_are_mended_and_imported(
    page: Page, live_server: LiveServer, house, tmp_path: Path
) -> None:
    sign_in(page, live_server.url, UserFactory(role="Manager", hotels=[house.hotel]).username)
    rows = [row(house, number) for number in range(1, 21)]
    wrong = {3: {"guest_email": "nobody"}, 9: {"total": "x"}, 15: {"room": "999"}}
    file = tmp_path / "old.csv"
    file.write_text(lines([each | wrong.get(number, {}) for number, each in enumerate(rows, start=1)]), "utf-8")
    page.get_by_role("link", name="Import bookings").click()
    page.get_by_label("CSV file").set_input_files(file)
    page.get_by_role("button", name="Look at the rows").press("Enter")
    expect(page.get_by_text("17 rows can be imported")).to_be_visible()
    expect(page.get_by_text("3 rows have errors")).to_be_visible()
    expect(page.get_by_text("guest_email: This is no e-mail address.")).to_be_visible()
    assert not Booking.objects.exists()
    file.write_text(lines(rows), "utf-8")
    page.get_by_role("link", name="Upload another file").click()
    page.get_by_label("CSV file").set_input_files(file)
    page.get_by_role("button", name="Look at the rows").click()
    page.get_by_role("button", name="Import 20 bookings").press("Enter")
    expect(page.get_by_text("20 bookings imported")).to_be_visible()
    assert Booking.objects.filter(status="CONFIRMED").count() == 20
    page.reload()
    expect(page.get_by_text("20 bookings imported")).to_be_visible()
    assert Booking.objects.count() == 20

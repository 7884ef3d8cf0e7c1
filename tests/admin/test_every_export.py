"""Whatever answers with a file leaves a record of who took it, or is declared here as nothing that anybody takes."""

import hashlib
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from bookings.models import ExportRecord
from payments.models import Dispute
from tests import disputes, stays
from tests.admin.pages import page

# Every place in the code that hands out a file.
RECORDED = {
    "bookings/admin/exports.py",  # lists and reports
    "bookings/admin/guest_data.py",
    "payments/admin/dispute_evidence.py",
}
NOTHING_TAKEN = {
    "trail/admin/entry.py",  # the program that verifies an export
    "bookings/admin/import_pages.py",  # an empty template
    "cancellations/views.py",  # guests' own stay, for their calendar
}
FILE = re.compile(r"attachment; filename|FileResponse")


def test_no_other_place_hands_out_files():
    folders = [
        Path(settings.BASE_DIR) / name for name in ("bookings", "payments", "cancellations", "trail", "site_config")
    ]
    found = {
        str(path.relative_to(settings.BASE_DIR))
        for folder in folders
        for path in folder.rglob("*.py")
        if FILE.search(path.read_text(encoding="utf-8")) and not {"simulator", "demo"} & set(path.parts)
    }
    assert found == RECORDED | NOTHING_TAKEN


def takes(own, manager, address, **data):
    """Take a file; return its record."""
    answer = manager.post(address, data)
    assert answer.status_code == 200
    assert "attachment" in answer["Content-Disposition"]
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    record = ExportRecord.objects.get()
    assert list(record.hotels.all()) == [own.hotel]
    assert (record.request_id, bool(record.finished_at)) == (answer["X-Request-Id"], True)
    assert [row.transition for row in record.history.order_by("history_id")] == ["export", "finish_export"]
    return record, content


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize(
    ("name", "arguments", "what"),
    [
        ("bookings_booking_export", (), "bookings"),
        ("payments_payment_export", (), "payments"),
        ("payments_refund_export", (), "refunds"),
        ("bookings_booking_report_export", ("cancellations",), "report-cancellations"),
        ("bookings_booking_report_export", ("money",), "report-money"),
        ("bookings_booking_report_export", ("stays",), "report-stays"),
    ],
)
def test_lists_and_reports(own, manager, name, arguments, what, form):
    own.booking()
    record, _content = takes(own, manager, reverse(f"admin:{name}", args=arguments), format=form)
    assert (record.what, record.format) == (what, form)


def test_a_guests_data(own, manager):
    booking = own.booking()
    record, content = takes(own, manager, page(booking, "guest_data"))
    assert (record.what, record.format, record.filters) == ("guest-data", "json", {"booking": booking.booking_id})
    assert record.sha256 == hashlib.sha256(content).hexdigest()


def test_the_evidence_of_a_dispute(own, manager, stripe_simulator):
    booking = stays.confirmed(stripe_simulator, own.booking())
    disputes.dispute(stripe_simulator, booking)
    disputes.refresh(booking)
    dispute = Dispute.objects.get()
    record, _content = takes(own, manager, page(dispute, "evidence"))
    assert (record.what, record.format) == ("dispute-evidence", "zip")

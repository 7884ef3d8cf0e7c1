"""One entry's page, a booking as it was, and what the explorer gives as a file."""

import csv
import io
import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bookings.models import Booking, ExportRecord
from payments import decisions, webhooks
from tests import stays
from tests.admin.conftest import House
from tests.admin.pages import page, said, text
from tests.simulator_process import StripeSimulator
from tests.site_config.deliveries import deliver_all
from tests.trail.recorded import recorded
from tests.trail.test_explorer import EXPLORER, declined, lines
from tests.unguarded import unguarded
from trail.admin import taken
from trail.models import Entry

NOBODY = "(not kept)"
KIND = "bookings.booking"


def was(client: Client, booking: Booking, at: str = "") -> Any:
    """A booking as it was at a moment of its hotel's clock."""
    return client.get(reverse("admin:trail_entry_as_it_was", args=[booking.pk]), {"at": at} if at else {})


def take(client: Client, form: str, **query: str) -> Any:
    """Press one of the buttons of the export."""
    address = f"{EXPLORER}export/?" + "&".join(f"{name}={value}" for name, value in query.items())
    return client.post(address, {"format": form})


def content(response: Any) -> bytes:
    """The whole file."""
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def test_checksums_are_among_the_values_but_not_told(
    own: House, manager: Client, stripe_simulator: StripeSimulator
) -> None:
    stays.pay(stripe_simulator, stays.with_page(own.booking()), stays.GOOD_CARD)
    deliver_all()
    webhooks.process_due(timezone.now())
    recorded()
    shown = lines(manager, model="payments.stripewebhookevent")
    told = {change.label for line in shown for change in line.changes}
    assert ("Event type" in told, {"Payload hash", "Next at"} & told) == (True, set())
    values = {each.label: each.new for each in manager.get(shown[-1].page).context["values"]}
    assert len(values["Payload hash"]) == 64


def test_an_entry_shows_every_value_and_its_place(own: House, manager: Client) -> None:
    booking = declined(own)
    (line,) = lines(manager, step="decline", model="bookings.booking")
    context = manager.get(line.page).context
    values = {each.label: (each.old, each.new, each.is_changed) for each in context["values"]}
    assert values["Status"] == ("Needs approval", "Declined", True)
    assert values["Guest name"] == ("Ada Guest", "Ada Guest", False)
    assert (context["chain"], context["line"].entry.position) == ("Hotel Liffey", line.entry.position)
    assert context["hash_before"] == Entry.objects.get(chain=own.hotel.pk, position=line.entry.position - 1).hash
    before = Entry.objects.get(chain=own.hotel.pk, position=line.entry.position - 1)
    assert context["links"]["previous"] == page(before)
    older = Entry.objects.filter(model="bookings.booking", object_id=booking.pk, transition="submit").get()
    assert context["links"]["older"] == page(older)
    assert "newer" not in context["links"]


def test_what_one_request_did_stands_together(own: House, manager: Client, stripe_simulator: StripeSimulator) -> None:
    stays.confirmed(stripe_simulator, own.booking())
    recorded()
    (line,) = lines(manager, step="approve", model="bookings.booking")
    same = manager.get(line.page).context["same_request"]
    assert {each.model for each in same} == {"Management token", "Payment", "Operation"}
    assert {each.entry.request_id for each in same} == {"request-of-staff"}


def test_a_missing_history_row_is_said_so(own: House, manager: Client) -> None:
    booking = declined(own)
    entry = Entry.objects.get(model="bookings.booking", object_id=booking.pk, transition="decline")
    connection.check_constraints()  # no table is altered while something waits for the end of the transaction
    with unguarded():
        Booking.history.filter(history_id=entry.record_id)._raw_delete("default")
    assert "The history row of this entry is missing." in text(manager.get(EXPLORER))
    assert "The history row of this entry is missing." in text(manager.get(page(entry)))


def test_a_booking_as_it_was(own: House, manager: Client, stripe_simulator: StripeSimulator) -> None:
    booking = stays.confirmed(stripe_simulator, own.booking())
    at = f"{own.hotel.local(timezone.now()):%Y-%m-%dT%H:%M:%S}"
    with stays.by_staff(), stays.clock_at(timezone.now() + timedelta(hours=1)):
        decisions.refund(stays.fresh(booking), amount=27200, note="Broken shower", seen_left=34000)
    context = was(manager, booking, at).context
    sums = {each.label: (each.then, each.now, each.differs) for each in context["sums"]}
    assert sums == {
        "Authorized": ("€340.00", "€340.00", False),
        "Captured": ("€340.00", "€340.00", False),
        "Refunds": ("€0.00", "€272.00", True),
    }
    fields = {each.label: each.differs for each in context["lines"]}
    assert (fields["Refund reference"], fields["Guest name"]) == (True, False)
    assert context["shown_at"].endswith("Dublin")


@pytest.mark.parametrize("at", ["", "yesterday", "2020-01-01T00:00", "0001-01-01T00:00", "9999-12-31T23:59:59"])
def test_any_moment_is_answered(own: House, manager: Client, at: str) -> None:
    booking = declined(own)
    answer = was(manager, booking, at)
    assert answer.status_code == 200
    assert ("did not exist" in text(answer)) is at.startswith(("2020", "0001"))
    assert ("That is no date" in text(answer)) is (at in ("yesterday", "9999-12-31T23:59:59"))


def test_export_is_what_is_filtered_and_recorded(own: House, manager: Client) -> None:
    booking = stays.fresh(declined(own))
    booking.guest_name = "=1+1"
    booking.save()
    recorded()
    taken_along = content(take(manager, "csv", reference=booking.booking_id, q=booking.booking_id, model=KIND))
    rows = list(csv.DictReader(io.StringIO(taken_along.decode("utf-8-sig"))))
    assert [row["In words"] for row in rows][1:3] == ["Declined", "Submitted"]
    assert "Status: Needs approval → Declined" in rows[1]["Changes"]
    assert (rows[1]["Reason"], rows[1]["Kind of actor"]) == ("No room available", "staff")
    record = ExportRecord.objects.get()
    assert (record.what, record.rows, list(record.hotels.all())) == ("history", len(rows), [own.hotel])
    assert record.filters == {"reference": booking.booking_id, "q": NOBODY, "model": KIND}


def test_export_to_excel_and_json(own: House, manager: Client) -> None:
    declined(own)
    sheet = openpyxl.load_workbook(io.BytesIO(content(take(manager, "xlsx", step="decline")))).active
    assert [cell.value for cell in sheet[1]] == list(taken.COLUMNS)
    file = json.loads(content(take(manager, "json", step="decline")))
    assert (file["filters"], [row["Transition"] for row in file["entries"]]) == ({"step": "decline"}, ["decline"])
    assert {record.format for record in ExportRecord.objects.all()} == {"xlsx", "json"}


def test_whoever_has_the_file_can_verify_it(own: House, manager: Client, tmp_path: Path) -> None:
    booking = declined(own)
    file, program = tmp_path / "history.json", tmp_path / "verify_export.py"
    file.write_bytes(content(take(manager, "json", reference=booking.booking_id)))
    program.write_bytes(manager.get(reverse("admin:trail_entry_verifier")).content)
    assert verify(program, file) == (0, True)
    file.write_text(file.read_text().replace("No room available", "Guest was rude"))
    assert verify(program, file) == (1, False)


def verify(program: Path, file: Path) -> tuple[int, bool]:
    """Run the verifier as an auditor does: its exit code, and whether it found nothing."""
    command = [sys.executable, "-I", str(program), str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, "nothing was changed" in done.stdout


def test_export_has_an_end(own: House, manager: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    declined(own)
    monkeypatch.setattr(taken, "MOST", 2)
    answer = take(manager, "csv")
    ((level, words),) = said(answer)
    assert (answer.status_code, level, "Narrow the list" in words) == (302, "error", True)
    assert not ExportRecord.objects.exists()


def test_portions_of_an_export_leave_nothing_out(
    own: House, manager: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    declined(own)
    monkeypatch.setattr(taken, "CHUNK", 2)
    file = json.loads(content(take(manager, "json")))
    expected = Entry.objects.filter(chain=own.hotel.pk).order_by("-at", "-pk").values_list("pk", flat=True)
    assert [row["Entry"] for row in file["entries"]] == list(expected)

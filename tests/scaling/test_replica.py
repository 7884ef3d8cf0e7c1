"""Reports and the explorer are read from a real standby, which nobody writes to; without it, from our own."""

import re
from inspect import getclosurevars

import pytest
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from bookings import reading
from bookings.models import Booking, ExportRecord
from payments import heartbeat
from site_config import env_urls
from tests.factories import BookingFactory, UserFactory
from tests.logged import logged
from tests.scaling import replicas
from tests.stays import confirmed, guest_cancels

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

EXPLORER = "admin:trail_entry_changelist"


@pytest.fixture
def standby(transactional_db, settings, monkeypatch):
    """A standby that the settings name for reports."""
    # Django's tests open no connection to a database that came after they began; the product's own way does.
    real = getclosurevars(BaseDatabaseWrapper.ensure_connection).nonlocals["real_ensure_connection"]
    monkeypatch.setattr(BaseDatabaseWrapper, "ensure_connection", real)
    facts = connection.settings_dict
    with replicas.following(facts) as (port, child):
        url = f"postgres://{facts['USER']}:{facts['PASSWORD']}@127.0.0.1:{port}/{facts['NAME']}"
        config = connections.configure_settings({"default": {}, "replica": env_urls.replica(url)})["replica"]
        connections.settings["replica"] = config
        settings.REPORTS_DATABASE = "replica"
        try:
            yield port, child
        finally:
            connections["replica"].close()
            del connections["replica"], connections.settings["replica"]
            reading.Away.until = 0.0


@pytest.fixture
def house(transactional_db, stripe_simulator):
    """One cancelled stay, and whoever looks at it."""
    booking = confirmed(stripe_simulator)
    guest_cancels(booking)
    heartbeat.beat(timezone.now())
    client = Client()
    client.force_login(UserFactory(role="owner"))
    return client, booking


def report(client, name="cancellations"):
    """A report's page of the days that it shows by itself."""
    answer = client.get(reverse("admin:bookings_booking_report", args=[name]))
    assert answer.status_code == 200
    return answer.content.decode()


def figures(page):
    """The tables of a report's page."""
    found = re.findall(r"<table.*?</table>", page, re.S)
    assert found
    return found


def ours(client, settings):
    """The report as our own database has it."""
    settings.REPORTS_DATABASE = "default"
    page = report(client)
    settings.REPORTS_DATABASE = "replica"
    return page


@pytest.fixture
def followed(house, standby):
    """All that is there is at the standby, too."""
    replicas.wait_until_followed(connection, standby[0], connection.settings_dict["NAME"])
    return house


def test_report_is_read_from_the_standby_and_says_as_of_when(followed, settings):
    client, _ = followed
    with CaptureQueriesContext(connections["replica"]) as there:
        page = report(client)
    assert any("CANCELLED" in query["sql"] for query in there.captured_queries)
    assert "Read from a copy of the records, as of" in page
    own = ours(client, settings)
    assert "Read from a copy" not in own
    assert figures(page) == figures(own)


def test_explorer_is_read_from_the_standby(followed):
    client, booking = followed
    with CaptureQueriesContext(connections["replica"]) as there:
        answer = client.get(reverse(EXPLORER), {"reference": booking.booking_id})
    assert answer.status_code == 200
    assert booking.booking_id in answer.content.decode()
    assert any("trail_entry" in query["sql"] for query in there.captured_queries)


def test_what_decides_reads_our_own_and_nobody_writes_to_the_standby(followed):
    client, booking = followed
    with CaptureQueriesContext(connections["replica"]) as there:
        assert client.get(reverse("admin:bookings_booking_change", args=[booking.pk])).status_code == 200
        assert client.get(reverse("admin:bookings_booking_changelist")).status_code == 200
        answer = client.post(
            reverse("admin:bookings_booking_report_export", args=["cancellations"]), {"format": "csv"}
        )
        b"".join(answer.streaming_content)
        found = Booking.objects.using("replica").get(pk=booking.pk)
        found.notes = "Read elsewhere, kept here"
        found.save()
    assert not [
        each["sql"] for each in there.captured_queries if each["sql"].split()[0] not in ("SELECT", "DECLARE", "FETCH")
    ]
    assert ExportRecord.objects.get().rows > 0
    assert Booking.objects.get(pk=booking.pk).notes == "Read elsewhere, kept here"
    with pytest.raises(Exception, match="read-only transaction"):
        Booking.objects.using("replica").filter(pk=booking.pk).update(notes="")


def test_reports_go_on_without_the_standby(followed, standby, settings):
    client, booking = followed
    report(client)
    standby[1].kill()
    standby[1].wait()
    with logged() as log:
        for _ in range(2):
            assert figures(report(client)) == figures(ours(client, settings))
        assert client.get(reverse(EXPLORER), {"reference": booking.booking_id}).status_code == 200
    # It is not asked again for a while.
    assert log.events.count("replica.away") == 1


def test_view_that_the_standby_leaves_in_the_middle_is_done_again(followed, standby):
    read: list[str] = []

    class Page:
        @reading.from_replica
        def view(self, _request):
            read.append(reading.database())
            if read == ["replica"]:
                standby[1].kill()
                standby[1].wait()
            return Booking.objects.using(reading.database()).count()

    assert Page().view(None) == 1
    assert read == ["replica", "default"]


def test_as_of_is_what_the_standby_knows(followed, standby):
    told = heartbeat.last(using="replica")
    assert told == heartbeat.last()
    with connections["replica"].cursor() as cursor:
        cursor.execute("SELECT pg_is_in_recovery()")
        assert cursor.fetchone() == (True,)
    BookingFactory()
    assert Client().get("/readyz").status_code == 200

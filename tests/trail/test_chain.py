"""History is put into its hotel's chain with the commit that writes it, and only then."""

import contextlib
import importlib
import threading
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bookings.models import Booking, Hotel, SignInRelease
from payments.models import ExchangeRate
from tests.factories import BookingFactory, HotelFactory, UserFactory
from tests.trail import scene
from tests.unguarded import let_tables_be_emptied, unguarded
from trail import columns, declared, guards, verifying, writing
from trail.models import INSTALLATION, Chain, Dropped, Entry, Salt, Shape
from trail.rows import Table

committed = pytest.mark.django_db(transaction=True)


class Broken(Exception):
    """Something of a test's own went wrong."""


def test_every_history_is_declared():
    tables = {
        model._meta.label for model in apps.get_models() if hasattr(model, "history_id") and not model._meta.proxy
    }
    lists = {table for source in declared.SOURCES.values() for table, _column in source.lists.values()}
    assert tables == {source.history for source in declared.SOURCES.values()} | lists


def test_every_personal_field_is_one_of_its_history():
    for label, fields in declared.PERSONAL.items():
        known = {each.attname for each in declared.history_of(label, apps)._meta.concrete_fields}
        assert set(fields) - known <= {"details", "payload", "subject", "text", "html"}, label


@committed
def test_entries_say_what_their_rows_say():
    one, other = scene.written()
    assert set(Chain.objects.values_list("pk", flat=True)) == {INSTALLATION, one.pk, other.pk}
    draft = Booking.objects.get(hotel=one, status="DRAFT")
    edits = Entry.objects.filter(model="bookings.booking", object_id=draft.pk).order_by("position")
    assert [(each.kind, each.transition, each.changed) for each in edits] == [
        ("+", "", ""),
        *[("~", "edit", " notes updated_at ")] * 3,
    ]
    assert {(each.chain, each.reference, each.request_id) for each in edits} == {
        (one.pk, draft.booking_id, "request-1")
    }
    money = Entry.objects.filter(model__in=("payments.payment", "payments.refund"), chain=one.pk)
    assert set(money.values_list("reference", flat=True)) == {draft.booking_id}
    people = Entry.objects.filter(model="bookings.user").order_by("position")
    assert people.last().changed == " hotels "
    assert verifying.verify().findings == []


def triggers():
    """The triggers that are there."""
    dialect = guards.guards_sqlite if connection.vendor == "sqlite" else guards.guards_postgresql
    with connection.cursor() as cursor:
        return dialect.existing(cursor)


def taken_back(hotel):
    """A change in a transaction that breaks."""
    with contextlib.suppress(Broken), transaction.atomic():
        hotel.name = "Taken back"
        hotel.save()
        raise Broken


@committed
def test_nothing_of_a_rollback_is_chained():
    hotel = HotelFactory()
    before = Entry.objects.count()
    taken_back(hotel)
    with transaction.atomic():
        taken_back(hotel)
        hotel.name = "Kept"
        hotel.save()
    assert Entry.objects.count() == before + 1
    assert verifying.verify().findings == []


@committed
def test_what_cannot_be_chained_is_not_written(monkeypatch):
    hotel = HotelFactory()
    before = Entry.objects.count(), verifying.verify().entries

    def broken(*_args, **_more):
        raise Broken

    monkeypatch.setattr(writing.Chains, "extend", broken)
    hotel.name = "Never"
    with pytest.raises(Broken), transaction.atomic():
        hotel.save()
    assert Hotel.objects.get().name != hotel.name
    assert (Entry.objects.count(), verifying.verify().entries) == before
    monkeypatch.undo()
    hotel.name = "Now"
    hotel.save()
    assert verifying.verify().findings == []


@pytest.mark.django_db
def test_a_test_that_never_commits_can_ask_for_the_entries():
    BookingFactory()
    assert Entry.objects.count() == 0
    assert writing.write_pending() == Entry.objects.count() == 8
    assert writing.write_pending() == 0
    assert verifying.verify().findings == []


@committed
def test_a_user_without_a_person_in_the_entry():
    UserFactory(role="owner", first_name="Canary", email="canary@example.com")
    entry = Entry.objects.filter(model="bookings.user").first()
    assert {"username", "first_name", "email"} <= set(entry.commitments) == set(Salt.objects.get(entry=entry).values)
    assert "anary" not in str(Entry.objects.values())


@committed
def test_writers_at_once_begin_one_chain_together():
    hotels = [HotelFactory(), HotelFactory()]
    Entry.objects.exists()

    def write(number):
        try:
            for hotel in hotels if number % 2 else reversed(hotels):
                with transaction.atomic():
                    for each in (hotel, *hotels):
                        BookingFactory(hotel=each)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Booking.objects.count() == 6 * 2 * 3
    assert verifying.verify().findings == []


@committed
def test_a_commit_asks_as_often_for_many_rows_as_for_one():
    booking, counts = BookingFactory(), []
    for number in (1, 20):
        with CaptureQueriesContext(connection) as queries, transaction.atomic():
            for each in range(number):
                booking.notes = f"{number}.{each}"
                booking.save()
        asked = [each["sql"] for each in queries]
        counts.append(len([sql for sql in asked if "trail_" in sql or ("SELECT" in sql and "historical" in sql)]))
    # PostgreSQL writes entries, salts and ends of chains in one statement.
    assert counts == ([3, 3] if connection.vendor == "postgresql" else [5, 5])


@committed
def test_locks_that_were_released_before_are_chained_by_the_migration():
    person = UserFactory(role="owner")
    # As it was before they had a history.
    SignInRelease.objects.bulk_create(
        [SignInRelease(username="nora", failures=6, released_by=person, reason="Asked")]
    )
    with transaction.atomic():
        importlib.import_module("trail.migrations.0004_releases").begin(apps, SimpleNamespace(connection=connection))
    entry = Entry.objects.get(model="bookings.signinrelease")
    assert (entry.chain, entry.transition, entry.user_id, entry.actor_kind) == (0, "release", person.pk, "staff")
    assert "nora" not in str(Entry.objects.values())
    assert verifying.verify().findings == []


@committed
def test_what_was_there_before_is_chained_by_the_migration():
    scene.written()
    rows = Entry.objects.exclude(model=declared.ERASURES).count()
    call_command("migrate", "trail", "0001_chain", verbosity=0)
    assert (Entry.objects.count(), Chain.objects.count(), triggers()) == (0, 0, {})
    call_command("migrate", verbosity=0)
    let_tables_be_emptied()
    # Secrets that an erasure had taken away are made anew, of what it left, so the record of it goes, too.
    assert Entry.objects.count() == rows
    assert verifying.verify().findings == []
    moments = list(Entry.objects.filter(chain=INSTALLATION).order_by("position").values_list("at", flat=True))
    assert moments == sorted(moments)


@committed
def test_a_column_that_comes_later_is_not_looked_for_in_old_entries(monkeypatch):
    HotelFactory()
    shape = Shape.objects.get(pk=Entry.objects.filter(model="bookings.hotel").first().shape)
    read = Table.read

    def with_another_column(table, keys):
        return {key: {**row, "stars": 4} for key, row in read(table, keys).items()}

    monkeypatch.setattr(Table, "read", with_another_column)
    assert "stars" not in shape.fields
    assert verifying.verify().findings == []


@committed
def test_a_column_that_went_is_missed_unless_its_values_were_kept(monkeypatch):
    ExchangeRate.objects.create(base="EUR", target="USD", rate="1.08", source="bank", quoted_at=timezone.now())
    entry, read = Entry.objects.get(), Table.read

    def without_source(table, keys):
        return {key: {name: row[name] for name in row if name != "source"} for key, row in read(table, keys).items()}

    with monkeypatch.context() as patch:
        patch.setattr(Table, "read", without_source)
        (finding, *_) = verifying.verify().findings
        assert (finding.position, finding.what) == (
            entry.position,
            "the columns source are not there any more, and nothing was kept of them",
        )
    columns.keep("payments.exchangerate", "source", apps, "default")
    monkeypatch.setattr(Table, "read", without_source)
    assert Dropped.objects.get(entry=entry).value == "bank"
    assert verifying.verify().findings == []
    with unguarded():
        Dropped.objects.update(value="Another")
    assert verifying.verify().findings[0].position == entry.position

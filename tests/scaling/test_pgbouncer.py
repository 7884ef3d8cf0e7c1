"""The whole product through a pooler that gives each transaction whatever connection is free."""

import csv
import gc
import io
import warnings
from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from django.core.management import call_command
from django.db import ProgrammingError, connection, connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from psycopg.errors import InvalidCursorName

from bookings.lifecycle import Outcome
from bookings.models import Booking, BookingStatus, Message
from bookings.refusals import Refused
from cancellations import throttle
from payments import decisions, webhooks
from payments.models import PaymentOperation, StripeWebhookEvent
from tests.factories import BookingFactory, RoomFactory, UserFactory
from tests.site_config.deliveries import deliver_all
from tests.stays import AtStripe, at_stripe, by_staff, confirmed, fresh, guest_cancels, submitted, transitions
from trail import verifying

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres, pytest.mark.pgbouncer]


def in_a_thread(work: Callable[[], object]) -> object:
    """Do something on a connection of its own, and return what came of it."""
    results: list[object] = []

    def act() -> None:
        try:
            results.append(work())
        except Exception as error:
            results.append(error)
        finally:
            connection.close()

    thread = Thread(target=act)
    thread.start()
    thread.join()
    return results[0]


def read_in_portions() -> list[str]:
    """Read a list as exports do, while another client takes the connection that the first portion came from."""
    found = Booking.objects.order_by("pk").values_list("booking_id", flat=True).iterator(chunk_size=2)
    read = [next(found)]
    gate, held = Barrier(2), Barrier(2)

    def hold() -> None:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            held.wait()
            gate.wait()
            cursor.execute("COMMIT")
        connection.close()

    other = Thread(target=hold)
    other.start()
    held.wait()
    try:
        return [*read, *found]
    finally:
        gate.wait()
        other.join()


def test_booking_lives_its_whole_life(behind_the_pooler, stripe_simulator, smtp_server):
    booking = confirmed(stripe_simulator)
    deliver_all()
    call_command("worker", once=True)
    assert not StripeWebhookEvent.objects.filter(processing_result="received").exists()
    with by_staff():
        assert decisions.refund(fresh(booking), amount=5000, note="The heating broke").state == Outcome.DONE
    assert guest_cancels(booking).state == Outcome.DONE
    call_command("worker", once=True)
    assert fresh(booking).status == BookingStatus.CANCELLED
    assert transitions(booking) == ["submit", "authorize", "approve", "refund", "cancel"]
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, refunded=34000, captures=1, refunds=2)
    assert not PaymentOperation.objects.filter(status="pending").exists()
    assert set(Message.objects.values_list("status", flat=True)) == {"sent"}
    assert verifying.verify().findings == []


def test_one_room_is_given_once(behind_the_pooler):
    room = RoomFactory()
    guests = [BookingFactory(room=room, payment_method="ARRIVAL") for _ in range(8)]
    together, results = Barrier(8), []

    def submit(booking: Booking) -> None:
        together.wait()
        try:
            results.append(submitted(booking))
        except Refused as refused:
            results.append(refused)
        finally:
            connection.close()

    threads = [Thread(target=submit, args=[each]) for each in guests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([each for each in results if isinstance(each, Refused)]) == 7
    assert Booking.objects.exclude(status=BookingStatus.DRAFT).count() == 1
    assert verifying.verify().findings == []


def test_export_has_every_row(behind_the_pooler):
    owner, room = UserFactory(role="owner"), RoomFactory()
    known = {BookingFactory(room=room).booking_id for _ in range(5)}
    browser = Client()
    browser.force_login(owner)
    answer = browser.post(reverse("admin:bookings_booking_export"), {"format": "csv"})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert {row["Reference"] for row in csv.DictReader(io.StringIO(text))} == known


def test_list_is_read_on_while_others_take_its_connection(behind_the_pooler):
    room = RoomFactory()
    known = [BookingFactory(room=room).booking_id for _ in range(7)]
    assert read_in_portions() == known


def test_list_is_lost_without_the_setting(behind_the_pooler):
    """What DATABASE_POOLER=1 is for."""
    room = RoomFactory()
    for _ in range(7):
        BookingFactory(room=room)
    connection.settings_dict["DISABLE_SERVER_SIDE_CURSORS"] = False
    connections.close_all()
    lost = pytest.raises((ProgrammingError, InvalidCursorName), match=r'cursor "_django_curs_\w+" does not exist')
    # The lost cursor cannot be closed any more, and says so when it is thrown away.
    with warnings.catch_warnings(action="ignore", category=ResourceWarning):
        with lost:
            read_in_portions()
        del lost
        gc.collect()


def test_tries_are_counted_by_whoever_shares_the_pool(behind_the_pooler):
    for number in range(throttle.TRIES_PER_REFERENCE):
        throttle.count_try(reference="REFERENCE", ip=f"198.51.100.{number}")
    last = in_a_thread(lambda: throttle.count_try(reference="REFERENCE", ip="198.51.100.200"))
    assert isinstance(last, throttle.TooManyRequests)


def test_workers_share_what_waits(behind_the_pooler, stripe_simulator):
    for _ in range(3):
        confirmed(stripe_simulator)
    deliver_all()
    waiting = StripeWebhookEvent.objects.count()
    taken: list[object] = []
    threads = [
        Thread(target=lambda: taken.append(in_a_thread(lambda: webhooks.process_due(timezone.now()))))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(map(int, taken)) == waiting
    assert verifying.verify().findings == []


def test_tables_are_made_through_the_pooler(behind_the_pooler):
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("SHOW TimeZone")
        assert cursor.fetchone() == ("UTC",)

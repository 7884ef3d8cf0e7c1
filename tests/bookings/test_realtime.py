"""Every change of a booking is told once to whoever listens, after the commit; nothing waits for it."""

import time
from datetime import timedelta

import pusher
import pytest
from django.utils import timezone

from bookings import lifecycle, realtime
from bookings.models import BookingEvent
from bookings.refusals import Refused
from payments import chores, decisions, operations, reconcile
from tests import pusher_server, stays
from tests.factories import UserFactory
from tests.logged import logged

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def pusher_process(tmp_path_factory):
    """One server for the module."""
    with pusher_server.running(tmp_path_factory.mktemp("pusher")) as server:
        yield server


@pytest.fixture
def listening(pusher_process, settings):
    """A server that has heard nothing yet, and to which events go."""
    pusher_process.trouble()
    settings.PUSHER = pusher_process.configuration
    return pusher_process


def on_arrival(**fields):
    """A request that needs approval and no money."""
    return stays.submitted(payment_method="ARRIVAL", **fields)


def noted():
    """The statuses that were noted, the oldest first."""
    return list(BookingEvent.objects.order_by("pk").values_list("status", flat=True))


def test_every_change_is_noted_with_who_did_it(stripe_simulator):
    person = UserFactory()
    booking = stays.paid(stripe_simulator)
    with stays.by_staff(person):
        decisions.approve(booking)
    stays.guest_cancels(booking)
    assert list(dict.fromkeys(noted())) == ["PENDING_PAYMENT", "PENDING_APPROVAL", "CONFIRMED", "CANCELLED"]
    approval = BookingEvent.objects.get(status="CONFIRMED", changed_by=person)
    assert (approval.booking_id, approval.hotel, approval.actor_kind) == (booking.booking_id, booking.hotel, "staff")


def test_declined_and_expired_are_noted(stripe_simulator):
    booking = on_arrival()
    with stays.by_staff():
        decisions.decline(booking, reason="Full")
    unpaid = stays.submitted()
    later = timezone.now() + timedelta(days=2)
    with stays.clock_at(later):
        reconcile.reconcile(later)
    told = BookingEvent.objects.values_list("booking_id", "status")
    assert {(booking.booking_id, "DECLINED"), (unpaid.booking_id, "EXPIRED")} <= set(told)


def test_refund_is_noted_when_it_is_made_and_when_it_has_arrived(stripe_simulator):
    booking = stays.confirmed(stripe_simulator)
    before = len(noted())
    with stays.by_staff():
        decisions.refund(booking, amount=1000, note="Noise")
    assert len(noted()) > before
    assert set(noted()[before:]) == {"CONFIRMED"}


def test_the_same_news_again_is_not_noted(stripe_simulator):
    booking = stays.paid(stripe_simulator)
    before = len(noted())
    operations.refresh(booking.payments.get())
    assert len(noted()) == before


def test_refused_change_is_not_noted():
    booking = on_arrival()
    before = noted()
    with pytest.raises(Refused):
        lifecycle.complete(booking)
    assert noted() == before


def test_events_reach_the_hotels_private_channel(listening):
    booking = on_arrival()
    assert realtime.publish_due(timezone.now()) == 1
    event = BookingEvent.objects.get()
    said = {
        "booking_id": booking.booking_id,
        "status": "PENDING_APPROVAL",
        "updated_at": event.updated_at.isoformat(),
    }
    assert listening.told() == [(f"private-hotel-{booking.hotel.slug}", said)]
    assert listening.look()["batches"][0][0]["name"] == "booking-updated"
    assert (event.published_at is not None, realtime.publish_due(timezone.now())) == (True, 0)


def test_public_channel_hears_only_where_the_hotel_says_so(listening):
    quiet, loud = on_arrival(), on_arrival()
    loud.hotel.public_channel = True
    loud.hotel.save()
    realtime.publish_due(timezone.now())
    channels = [channel for channel, _ in listening.told()]
    own = f"hotel-{loud.hotel.slug}"
    assert channels == [f"private-hotel-{quiet.hotel.slug}", f"private-{own}", own]


def test_what_says_the_same_is_told_once(listening):
    booking = on_arrival()
    realtime.note(booking)
    realtime.publish_due(timezone.now())
    assert len(listening.told()) == 1
    assert BookingEvent.objects.filter(published_at=None).count() == 0


def test_many_events_go_in_batches_of_at_most_ten(listening):
    booking = on_arrival()
    booking.hotel.public_channel = True
    booking.hotel.save()
    for number in range(11):
        booking.booking_id = f"REF{number}"
        realtime.note(booking)
    assert realtime.publish_due(timezone.now()) == 12
    assert [len(batch) for batch in listening.look()["batches"]] == [10, 10, 4]


def test_wrong_secret_is_refused_and_is_not_logged(listening, settings):
    settings.PUSHER = listening.configuration | {"secret": "0123456789ab"}
    on_arrival()
    with logged() as log:
        assert realtime.publish_due(timezone.now()) == 0
    assert listening.look()["refused"] == ["Invalid signature"]
    assert log.one("event.not_published") == {"events": 1, "attempts": 1, "error": "PusherBadAuth"}
    assert ("0123456789ab" in log.text, pusher_server.KEY in log.text) == (False, False)


def test_server_that_fails_is_asked_again_later_and_given_up_in_time(listening):
    on_arrival()
    now = timezone.now()
    listening.trouble(status=500)
    assert [realtime.publish_due(now + timedelta(seconds=s)) for s in (0, 1, 2)] == [0, 0, 0]
    assert (BookingEvent.objects.get().attempts, len(listening.look()["refused"])) == (2, 2)
    listening.trouble()
    assert realtime.publish_due(now + timedelta(seconds=6)) == 1
    on_arrival()
    assert realtime.publish_due(now + timedelta(minutes=11)) == 0


def test_server_that_hangs_is_left_after_two_seconds(listening):
    on_arrival()
    listening.trouble(seconds=6)
    started = time.monotonic()
    assert realtime.publish_due(timezone.now()) == 0
    assert 1.5 < time.monotonic() - started < 4


def test_nobody_listening_costs_nothing(settings):
    settings.PUSHER = {}
    on_arrival()
    assert realtime.publish_due(timezone.now()) == 0
    assert BookingEvent.objects.get().attempts == 0


def test_nothing_waits_where_nobody_is_to_be_told(listening, settings):
    """So that the worker starts no thread, with a connection of its own, for nothing."""
    before = realtime.waiting(timezone.now())
    on_arrival()
    told = realtime.waiting(timezone.now())
    settings.PUSHER = {}
    assert (before, told, realtime.waiting(timezone.now())) == (0, 1, 0)


def test_old_events_are_forgotten_every_night():
    on_arrival()
    chores.forget(timezone.now() + timedelta(days=1), None)
    assert BookingEvent.objects.count() == 1
    chores.forget(timezone.now() + timedelta(days=2, seconds=1), None)
    assert BookingEvent.objects.count() == 0


def test_signature_of_a_channel_is_the_librarys(listening):
    signed = realtime.authorise("private-hotel-liffey", "123.456")
    own = {**listening.configuration, "secret": pusher_server.SECRET}
    assert signed == pusher.Pusher(**own).authenticate("private-hotel-liffey", "123.456")
    with pytest.raises(ValueError):
        realtime.authorise("private-hotel-liffey", "not a socket")

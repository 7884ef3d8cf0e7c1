"""Tell open pages that a booking has changed: a row in the transaction of the change, sent later by the worker.

The admin reads the rows itself (`site_config/today/live.py`). With `PUSHER_*` set they also go to Pusher, or to a
server that speaks its protocol, where a hotel's own front end can listen. An event that is lost is only late: whoever
heard nothing reads the booking the next time.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import cache
from itertools import batched
from typing import Any, Final

import pusher
import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from bookings import audit
from bookings.models import Booking, BookingEvent, Hotel

logger = structlog.get_logger(__name__)

EVENT: Final = "booking-updated"
# So many events one call may carry (pusher.com/docs/channels/library_auth_reference/rest-api, batch_events).
BATCH: Final = 10
ROUND: Final = 50
CLAIM: Final = timedelta(seconds=30)
# News is worth nothing after this time: pages that were not told have read the booking since.
STALE: Final = timedelta(minutes=10)
KEPT: Final = timedelta(days=2)
LONGEST_PAUSE: Final = timedelta(minutes=2)

type Configuration = dict[str, Any]


def note(booking: Booking) -> BookingEvent:
    """Note that a booking, or its money, has changed. Call it in the transaction of the change."""
    now, actor = timezone.now(), audit.current_actor()
    return BookingEvent.objects.create(
        hotel_id=booking.hotel_id,
        booking_id=booking.booking_id,
        status=booking.status,
        updated_at=now,
        next_at=now,
        actor_kind=actor.kind,
        changed_by_id=actor.user_id,
    )


def is_on() -> bool:
    """Whether a server is configured to which events go."""
    return bool(settings.PUSHER)


def private_channel(hotel: Hotel) -> str:
    """Return the channel of a hotel's staff."""
    return f"private-hotel-{hotel.slug}"


def channels_of(hotel: Hotel) -> Iterator[str]:
    """Yield where a hotel's events go; to everybody only where the hotel has decided so."""
    yield private_channel(hotel)
    if hotel.public_channel:
        yield f"hotel-{hotel.slug}"


def waiting(now: datetime) -> int:
    """Return whether there is anybody to tell, and anything."""
    return int(is_on() and due(now).exists())


def publish_due(now: datetime) -> int:
    """Send the events that are due; return how many left. Nothing is sent inside a transaction."""
    if not is_on():
        return 0
    events = claimed(now)
    sent = 0
    for part in batched(newest_of(events), BATCH // 2):  # an event may go to two channels
        if not sent_to_server(part, now):
            break  # the others have their claim, and come again with it
        sent += len(part)
    return sent


def due(now: datetime) -> QuerySet[BookingEvent]:
    """Return what waits to be sent and is still news."""
    return BookingEvent.objects.filter(published_at=None, next_at__lte=now, updated_at__gt=now - STALE)


def claimed(now: datetime) -> list[BookingEvent]:
    """Take events for this worker; one that dies while sending leaves them due again after the claim."""
    with transaction.atomic():
        found = list(due(now).select_related("hotel").select_for_update(of=("self",), skip_locked=True)[:ROUND])
        keys = [event.pk for event in found]
        BookingEvent.objects.filter(pk__in=keys).update(next_at=now + CLAIM, attempts=F("attempts") + 1)
    return found


def newest_of(events: Iterable[BookingEvent]) -> list[list[BookingEvent]]:
    """Return the events in order, those that say the same of a booking together: they are told once."""
    said: dict[tuple[str, str], list[BookingEvent]] = {}
    for event in events:
        said.setdefault((event.booking_id, event.status), []).append(event)
    return list(said.values())


def sent_to_server(part: Sequence[list[BookingEvent]], now: datetime) -> bool:
    """Send some events in one call, and note what came of it."""
    rows = BookingEvent.objects.filter(pk__in=[event.pk for same in part for event in same])
    try:
        client().trigger_batch([message for same in part for message in messages(same[-1])])
    except Exception as error:  # whatever goes wrong over there must not stop the worker
        attempts = max(event.attempts for same in part for event in same) + 1
        rows.update(next_at=now + pause_after(attempts))
        # What the library says quotes the whole address, with key and signature, so only its kind is told.
        logger.warning("event.not_published", events=len(part), attempts=attempts, error=type(error).__name__)
        return False
    rows.update(published_at=timezone.now())
    return True


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after so many tries: 2, 4, 8 … seconds, two minutes at most."""
    return min(LONGEST_PAUSE, timedelta(seconds=2 ** min(attempts, 10)))


def messages(event: BookingEvent) -> Iterator[dict[str, Any]]:
    """Yield what the server is told: the same for each of the hotel's channels."""
    said = {"booking_id": event.booking_id, "status": event.status, "updated_at": event.updated_at.isoformat()}
    for channel in channels_of(event.hotel):
        yield {"channel": channel, "name": EVENT, "data": dict(said)}


def authorise(channel: str, socket_id: str) -> dict[str, str]:
    """Return the signature by which a browser may listen to a channel. Who may, the caller has checked.

    Raises ValueError for what cannot be a socket or a channel.
    """
    signed: dict[str, str] = client().authenticate(channel, socket_id)
    return signed


def client() -> Any:
    """Return the library's client, kept with its connection for as long as the settings stay."""
    return client_for(tuple(sorted(settings.PUSHER.items())))


@cache
def client_for(configuration: tuple[tuple[str, Any], ...]) -> Any:
    """Return a client that gives up soon: nobody waits for news that are late."""
    return pusher.Pusher(**dict(configuration), timeout=2)


def prune(now: datetime) -> int:
    """Delete what no page asks for any more; return how many."""
    return BookingEvent.objects.filter(updated_at__lt=now - KEPT).delete()[0]

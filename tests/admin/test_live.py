"""What open pages are told: every change of the person's own hotels, nothing of others', in two queries."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from bookings import realtime
from bookings.models import BookingEvent
from payments import decisions
from tests import pusher_server, stays
from tests.admin.conftest import House, signed_in
from tests.admin.pages import listing, press
from tests.admin.test_scoping import rows_of
from tests.factories import UserFactory
from tests.logged import logged

LIVE = "/admin/live/"
CHANNEL = "/admin/live/channel/"
PUSHER = {"app_id": pusher_server.APP_ID, "key": pusher_server.KEY, "secret": pusher_server.SECRET, "cluster": "eu"}


def request_in(house: House, number: int = 0) -> Any:
    """A request that needs approval."""
    return stays.submitted(house.booking(number, payment_method="ARRIVAL"))


def told(client: Client, since: Any = 0) -> Any:
    """What a page is told."""
    answer = client.get(LIVE, {"since": since})
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    return answer.json()


def test_page_is_told_what_changed_by_whom_and_what_waits_now(own: House, manager: Client) -> None:
    booking = request_in(own)
    said = told(manager)
    event = BookingEvent.objects.get()
    assert said["events"] == [
        {
            "id": event.pk,
            "booking": booking.booking_id,
            "status": "PENDING_APPROVAL",
            "says": "Needs approval",
            "by": "Innkeep",
            "mine": False,
            "at": event.updated_at.timestamp(),
        }
    ]
    assert said["badges"] == dict.fromkeys(said["badges"], 0) | {"approvals": 1}


def test_own_change_is_marked_and_a_colleagues_has_a_name(own: House, manager: Client) -> None:
    person = UserFactory(role="Manager", hotels=[own.hotel], first_name="Una", last_name="Kelly")
    booking = request_in(own)
    with stays.by_staff(person):
        decisions.approve(booking)
    colleagues, own_news = told(manager)["events"][0], told(signed_in(person))["events"][0]
    assert (colleagues["by"], colleagues["mine"]) == ("Una Kelly", False)
    assert (own_news["says"], own_news["mine"]) == ("Confirmed", True)


def test_same_answer_twice_is_empty(own: House, manager: Client) -> None:
    request_in(own)
    etag = manager.get(LIVE)["ETag"]
    again = manager.get(LIVE, headers={"if-none-match": etag})
    assert (again.status_code, again.content, again["Cache-Control"]) == (304, b"", "no-store")
    request_in(own, 1)
    assert manager.get(LIVE, headers={"if-none-match": etag}).status_code == 200


def test_only_what_is_newer_is_told_with_an_overlap_of_ten_seconds(own: House, manager: Client) -> None:
    request_in(own)
    at = BookingEvent.objects.get().updated_at.timestamp()
    assert [len(told(manager, since)["events"]) for since in (at - 1, at + 9, at + 11)] == [1, 1, 0]
    BookingEvent.objects.update(updated_at=timezone.now() - timedelta(minutes=16))
    assert told(manager)["events"] == []


@pytest.mark.parametrize("odd", ["", "x", "nan", "inf", "-1e99", "1e400"])
def test_odd_moments_are_answered(own: House, manager: Client, odd: str) -> None:
    request_in(own)
    assert len(told(manager, odd)["events"]) <= 1


def test_staff_of_another_hotel_learn_nothing_not_even_how_many(own: House, foreign: House, manager: Client) -> None:
    before = told(manager)
    booking = request_in(foreign)
    rows_of(foreign)
    assert told(manager) == before == {"events": [], "badges": dict.fromkeys(before["badges"], 0)}
    assert told(signed_in(UserFactory(role="owner")))["events"][0]["booking"] == booking.booking_id


def test_people_without_a_role_learn_nothing(own: House) -> None:
    request_in(own)
    person: Any = UserFactory(hotels=[own.hotel])
    person.groups.clear()
    assert told(signed_in(person)) == {"events": [], "badges": {}}


def test_front_desk_is_not_told_of_what_is_not_theirs(own: House, staff: Callable[[str], Client]) -> None:
    rows_of(own)
    badges = told(staff("Front desk"))["badges"]
    assert (badges["webhooks"], badges["requests"]) == (0, 0)


def test_strangers_are_told_that_they_are_signed_out(own: House, client: Client) -> None:
    request_in(own)
    answer = client.get(LIVE)
    assert (answer.status_code, answer.json()) == (403, {"signed_out": True})
    client.force_login(UserFactory(hotels=[own.hotel], is_staff=False))
    assert client.get(LIVE).status_code == 403


def test_only_reading_is_possible(own: House, manager: Client) -> None:
    assert [manager.post(LIVE).status_code, manager.get(CHANNEL).status_code] == [405, 405]


def test_queries_do_not_grow_with_what_has_happened(own: House, manager: Client) -> None:
    def reads() -> int:
        with CaptureQueriesContext(connection) as seen:
            told(manager)
        return len(seen)

    request_in(own)
    few = reads()
    booking = request_in(own, 1)
    for _ in range(200):
        realtime.note(booking)
    # Session, person, whether a code is asked of them, two for the rights; then the events and the numbers.
    assert (few, reads(), len(told(manager)["events"])) == (6, 6, 50)


def test_asking_leaves_no_line_in_the_log_but_being_refused_does(own: House, manager: Client) -> None:
    with logged() as log:
        manager.get(LIVE)
        Client().get(LIVE)
    assert [(line["route"], line["status"]) for line in log.of("http.request")] == [("/admin/live/", 403)]


def test_part_of_a_page_does_not_take_the_messages_of_the_next_one(own: House, manager: Client) -> None:
    booking = request_in(own)
    press(manager, booking, "approve")
    part = manager.get(listing(booking), headers={"x-innkeep-part": "1"})
    whole = manager.get(listing(booking))
    after = manager.get(listing(booking))
    assert [len(list(get_messages(each.wsgi_request))) for each in (part, whole, after)] == [1, 1, 0]


def test_staff_may_listen_to_their_own_hotels_channel(own: House, manager: Client, settings: Settings) -> None:
    settings.PUSHER = PUSHER
    data = {"channel_name": f"private-hotel-{own.hotel.slug}", "socket_id": "123.456"}
    answer = manager.post(CHANNEL, data)
    assert answer.status_code == 200
    assert answer.json() == realtime.authorise(data["channel_name"], "123.456")
    assert manager.post(CHANNEL, data | {"socket_id": "x"}).status_code == 400


@pytest.mark.parametrize(
    "channel",
    ["private-hotel-{foreign}", "private-hotel-no", "hotel-{own}", "private-hotel-", "x-private-hotel-{own}", ""],
)
def test_no_other_channel_is_signed(
    own: House, foreign: House, manager: Client, settings: Settings, channel: str
) -> None:
    settings.PUSHER = PUSHER
    name = channel.format(own=own.hotel.slug, foreign=foreign.hotel.slug)
    assert manager.post(CHANNEL, {"channel_name": name, "socket_id": "123.456"}).status_code == 404


def test_channel_needs_a_session_a_role_and_a_forgery_token(own: House, settings: Settings) -> None:
    settings.PUSHER = PUSHER
    data = {"channel_name": f"private-hotel-{own.hotel.slug}", "socket_id": "123.456"}
    person: Any = UserFactory(hotels=[own.hotel])
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(person)
    person.groups.clear()
    answers = [Client().post(CHANNEL, data), signed_in(person).post(CHANNEL, data), strict.post(CHANNEL, data)]
    assert [answer.status_code for answer in answers] == [403, 403, 403]


def test_channel_does_not_exist_where_nothing_is_published(own: House, manager: Client, settings: Settings) -> None:
    settings.PUSHER = {}
    data = {"channel_name": f"private-hotel-{own.hotel.slug}", "socket_id": "123.456"}
    assert manager.post(CHANNEL, data).status_code == 404


def test_every_page_of_the_desk_asks(own: House, manager: Client) -> None:
    booking = request_in(own)
    addresses = (reverse("admin:index"), listing(booking), reverse("admin:bookings_booking_calendar"))
    for address in addresses:
        shown = manager.get(address).content.decode()
        assert ('id="desk-live"' in shown, "data-live-part" in shown) == (True, True)
    assert 'id="desk-live"' not in Client().get(reverse("admin:login")).content.decode()

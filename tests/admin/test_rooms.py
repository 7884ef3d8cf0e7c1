"""Giving a guest a room, at the approval or apart from it; and what happens to the rooms themselves."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from bookings import availability, offers
from bookings.admin.room import RoomAdmin
from bookings.models import Booking, Room, RoomType
from bookings.refusals import Refused
from tests import stays
from tests.admin.conftest import House
from tests.admin.pages import do, page, press, said, text
from tests.factories import BookingFactory, RoomFactory, RoomTypeFactory
from tests.simulator_process import StripeSimulator

ASSIGN = "assign_room"


def roomless(house: House, **fields: Any) -> Booking:
    """A request without a room."""
    draft = house.booking(0, payment_method="ARRIVAL", **fields)
    draft.room = None
    draft.save()
    return stays.submitted(draft)


def room_of(booking: Booking) -> Room | None:
    """The room that a booking has now."""
    return stays.fresh(booking).room


def choices(answer: Any) -> list[tuple[str, bool]]:
    """The rooms that a dialog shows, and whether each can be chosen; the empty choice apart."""
    field = answer.context["form"]["room"]
    rows = [widget.data for widget in field.subwidgets][1:]
    return [(row["label"], "disabled" not in row["attrs"]) for row in rows]


def test_dialog_offers_the_free_rooms_and_names_who_has_the_others(own: House, manager: Client) -> None:
    other = stays.submitted(own.booking(0))
    answer = manager.get(page(roomless(own), ASSIGN))
    who = f"taken by {other.booking_id}, Ada Guest, "
    (first, is_free), *rest = choices(answer)
    assert first.startswith(f"{own.rooms[0]}: {who}")
    assert not is_free
    assert rest == [(str(room), True) for room in own.rooms[1:]]


def test_dialog_proposes_the_room_that_fits_best(own: House, manager: Client) -> None:
    booking = roomless(own)
    before = {"check_in": booking.check_in - timedelta(days=3), "check_out": booking.check_in}
    stays.submitted(own.booking(2, **before))
    assert manager.get(page(booking, ASSIGN)).context["form"]["room"].value() == own.rooms[2].pk


def test_assigns_a_room_and_says_so_in_the_history(own: House, staff: Callable[[str], Client]) -> None:
    booking, room = roomless(own), own.rooms[1]
    answer = do(staff("Front desk"), booking, ASSIGN, room=room.pk, note="Quiet side")
    assert said(answer) == [("success", f"The guest has room {room} now.")]
    record = booking.history.first()
    assert (room_of(booking), record.transition, record.history_change_reason) == (room, ASSIGN, "Quiet side")
    assert stays.mails(booking) == []


def test_first_room_needs_no_reason_and_another_one_does(own: House, manager: Client) -> None:
    booking = roomless(own)
    do(manager, booking, ASSIGN, room=own.rooms[1].pk)
    answer: Any = do(manager, booking, ASSIGN, room=own.rooms[2].pk)
    assert answer.context["form"].errors == {"reason": ["This field is required."]}
    assert room_of(booking) == own.rooms[1]
    do(manager, booking, ASSIGN, room=own.rooms[2].pk, reason="Room out of order")
    assert (room_of(booking), booking.history.first().history_change_reason) == (own.rooms[2], "Room out of order")


def test_room_taken_meanwhile_is_refused_by_name(own: House, manager: Client) -> None:
    booking, other = roomless(own), stays.submitted(own.booking(1))
    ((_level, words),) = said(do(manager, booking, ASSIGN, room=own.rooms[1].pk))
    assert words.startswith(f"Room {own.rooms[1]} is already taken by booking {other.booking_id}")
    assert room_of(booking) is None
    assert ASSIGN not in stays.transitions(booking)


def test_second_press_does_nothing(own: House, manager: Client) -> None:
    booking, room = roomless(own), own.rooms[1]
    for _ in range(2):
        answer = do(manager, booking, ASSIGN, room=room.pk, reason="Better fit")
    assert said(answer)[-1] == ("info", f"Nothing to do: the guest has room {room} already.")
    assert stays.transitions(booking).count(ASSIGN) == 1


@pytest.mark.parametrize("kind", ["other type", "out of service", "foreign"])
def test_rooms_that_do_not_fit_are_no_choice(own: House, foreign: House, manager: Client, kind: str) -> None:
    suite = RoomFactory.create(room_type=RoomTypeFactory(hotel=own.hotel, name="Suite"))
    closed = RoomFactory.create(room_type=own.rooms[0].room_type, is_active=False)
    rooms: dict[str, Room] = {"other type": suite, "out of service": closed, "foreign": foreign.rooms[0]}
    booking = roomless(own)
    answer: Any = do(manager, booking, ASSIGN, room=rooms[kind].pk)
    assert "room" in answer.context["form"].errors
    assert room_of(booking) is None


def test_ended_stays_get_no_room(own: House, manager: Client) -> None:
    booking = roomless(own)
    do(manager, booking, "decline", reason="No room available")
    _level, words = said(do(manager, booking, ASSIGN, room=own.rooms[1].pk))[-1]
    assert words.startswith("This booking was declined")
    assert room_of(booking) is None


def test_rights_and_hotels_are_checked(own: House, foreign: House, staff: Callable[[str], Client]) -> None:
    booking, other = roomless(own), roomless(foreign)
    assert do(staff("Auditor"), booking, ASSIGN, room=own.rooms[1].pk).status_code == 403
    assert do(staff("Manager"), other, ASSIGN, room=foreign.rooms[1].pk).status_code == 404
    assert (room_of(booking), room_of(other)) == (None, None)


def test_calendar_leads_from_a_guest_without_a_room_to_the_rooms(own: House, staff: Callable[[str], Client]) -> None:
    booking = roomless(own, check_in=own.hotel.today(timezone.now()) + timedelta(days=2))
    address = reverse("admin:bookings_booking_calendar")
    assert f'href="{page(booking, ASSIGN)}"' in text(staff("Front desk").get(address))
    assert f'href="{page(booking)}"' in text(staff("Auditor").get(address))


def test_calendar_leads_from_a_free_night_to_a_new_booking(own: House, staff: Callable[[str], Client]) -> None:
    today = own.hotel.today(timezone.now())
    address, link = reverse("admin:bookings_booking_calendar"), f"../add/?room={own.rooms[0].pk}&amp;check_in="
    shown = text(staff("Front desk").get(address))
    assert f'href="{link}{today.isoformat()}"' in shown
    assert f'href="{link}{(today - timedelta(days=2)).isoformat()}"' not in shown
    assert link not in text(staff("Auditor").get(address))


def test_approval_takes_a_room_along(own: House, manager: Client, stripe_simulator: StripeSimulator) -> None:
    draft = own.booking(0)
    draft.room = None
    draft.save()
    booking = stays.paid(stripe_simulator, draft)
    press(manager, booking, "approve", room=own.rooms[3].pk)
    assert (room_of(booking), stays.fresh(booking).status) == (own.rooms[3], "CONFIRMED")
    assert stays.transitions(booking)[-2:] == [ASSIGN, "approve"]


def test_approval_captures_nothing_for_a_room_that_is_taken(
    own: House, manager: Client, stripe_simulator: StripeSimulator
) -> None:
    draft = own.booking(0)
    draft.room = None
    draft.save()
    booking = stays.paid(stripe_simulator, draft)
    other = stays.submitted(own.booking(1))
    ((level, words),) = said(press(manager, booking, "approve", room=own.rooms[1].pk))
    assert (level, other.booking_id in words) == ("error", True)
    assert stays.fresh(booking).status == "PENDING_APPROVAL"
    assert stays.at_stripe(stripe_simulator, booking).captures == 0


def test_approval_of_a_stay_in_a_closed_room_offers_others(own: House, manager: Client) -> None:
    booking = stays.submitted(own.booking(0, payment_method="ARRIVAL"))
    close(own.rooms[0])
    answer = manager.get(page(booking, "approve"))
    assert choices(answer) == [(str(room), True) for room in own.rooms[1:]]
    assert f"Room {own.rooms[0]} is out of service. Choose another one for this guest." in text(answer)


def close(room: Room) -> None:
    """Take a room out of service."""
    room.is_active = False
    room.save()


def test_guest_in_a_closed_room_takes_none_of_the_others(own: House) -> None:
    first = stays.submitted(own.booking(0))
    close(own.rooms[0])
    (offer,) = offers.for_nights(own.hotel, first.check_in, first.check_out)
    assert (offer.left, [each.room for each in offer.rooms]) == (3, own.rooms[1:])
    for number in (1, 2, 3):
        stays.submitted(own.booking(number))
    with pytest.raises(Refused, match="All 3 rooms of type"):
        roomless(own)


def test_guest_without_a_room_still_takes_one_of_the_others(own: House) -> None:
    for _ in range(4):
        roomless(own)
    late = own.booking(2)
    with pytest.raises(Refused, match="All 4 rooms of type"):
        availability.refuse_full_type(late)
    (offer,) = offers.for_nights(own.hotel, late.check_in, late.check_out)
    assert (offer.left, offer.free) == (0, [])


def settings_of(room: Room, **fields: Any) -> dict[str, Any]:
    """What the form of a room posts."""
    return {"room_type": room.room_type_id, "number": room.number, "is_active": "on", **fields}


def test_room_cannot_have_the_number_of_another(own: House, manager: Client) -> None:
    first, second = own.rooms[:2]
    answer = manager.post(page(first), settings_of(first, number=second.number))
    assert answer.context["adminform"].form.errors == {"number": [f"Hotel Liffey has “{second.number}” already."]}
    assert Room.objects.get(pk=first.pk).number == first.number
    new = {**settings_of(first, number=second.number), "hotel": own.hotel.pk}
    answer = manager.post(reverse("admin:bookings_room_add"), new)
    assert answer.context["adminform"].form.errors == {"number": [f"Hotel Liffey has “{second.number}” already."]}


def test_room_type_cannot_have_the_name_of_another(own: House, manager: Client) -> None:
    kind = RoomTypeFactory.create(hotel=own.hotel, name="Suite")
    other = own.rooms[0].room_type
    answer = manager.post(page(kind), {"name": other.name, "capacity": 2, "rate": "170.00"})
    assert answer.context["adminform"].form.errors == {"name": [f"Hotel Liffey has “{other.name}” already."]}
    assert RoomType.objects.get(pk=kind.pk).name == "Suite"


def test_room_keeps_its_number_and_other_hotels_have_the_same(own: House, foreign: House, manager: Client) -> None:
    room, other = own.rooms[0], foreign.rooms[0]
    assert manager.post(page(room), settings_of(room)).status_code == 302
    assert manager.post(page(room), settings_of(room, number=other.number)).status_code == 302
    assert Room.objects.get(pk=room.pk).number == other.number


def test_number_lost_to_a_race_is_asked_for_again(
    own: House, manager: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, tries = own.rooms[0], []
    save = RoomAdmin.save_model

    def slower_once(*args: Any, **kwargs: Any) -> None:
        tries.append(1)
        if len(tries) == 1:
            raise IntegrityError("room_number_per_hotel")
        save(*args, **kwargs)

    monkeypatch.setattr(RoomAdmin, "save_model", slower_once)
    assert manager.post(page(room), settings_of(room, number="7")).status_code == 302
    assert (len(tries), Room.objects.get(pk=room.pk).number) == (2, "7")


def test_closing_a_room_names_who_is_booked_into_it(own: House, manager: Client) -> None:
    booking = stays.submitted(own.booking(0))
    data = settings_of(own.rooms[0])
    del data["is_active"]
    ((level, words), *_rest) = said(manager.post(page(own.rooms[0]), data))
    assert (level, f'href="{page(booking)}"' in words) == ("warning", True)
    assert "Assign them another room." in words
    assert not Room.objects.get(pk=own.rooms[0].pk).is_active


def test_room_with_guests_to_come_keeps_its_type(own: House, manager: Client) -> None:
    booking = stays.submitted(own.booking(0))
    suite = RoomTypeFactory.create(hotel=own.hotel, name="Suite")
    answer = manager.post(page(own.rooms[0]), settings_of(own.rooms[0], room_type=suite.pk))
    ((words,),) = answer.context["adminform"].form.errors.values()
    assert words.startswith(f"Guests are booked into this room: {booking.booking_id}, ")
    assert manager.post(page(own.rooms[1]), settings_of(own.rooms[1], room_type=suite.pk)).status_code == 302


def test_dialog_reads_as_often_for_many_rooms(own: House, manager: Client) -> None:
    booking = roomless(own)

    def reads() -> int:
        with CaptureQueriesContext(connection) as seen:
            manager.get(page(booking, ASSIGN))
        return len(seen)

    stays.submitted(own.booking(0))
    few = reads()
    for number in range(8):
        room = RoomFactory(room_type=own.rooms[0].room_type, number=f"9{number}")
        stays.submitted(BookingFactory(room=room))
    assert reads() == few

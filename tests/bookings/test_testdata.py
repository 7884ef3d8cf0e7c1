"""`manage.py booking_testdata` makes and takes away marked rows, and only those."""

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from bookings.models import Booking, Message, Room, RoomType
from cancellations import tokens
from payments.models import Payment
from tests.factories import BookingFactory, HotelFactory, RoomFactory, RoomTypeFactory
from tests.stays import pay, submitted, transitions, with_page

pytestmark = pytest.mark.django_db


def run(*arguments):
    out = io.StringIO()
    call_command("booking_testdata", *arguments, stdout=out)
    return out.getvalue().splitlines()


def typing(monkeypatch, words):
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{words}\n"))


def marked():
    return {model.__name__: model.objects.filter(is_test_data=True).count() for model in (RoomType, Room, Booking)}


def test_rooms_are_made_once():
    hotel = HotelFactory(currency="JPY")
    assert run("create-rooms", "--hotel", hotel.slug) == ["5 test rooms made, 0 were there"]
    assert run("create-rooms", "--hotel", hotel.slug) == ["0 test rooms made, 5 were there"]
    assert marked() == {"RoomType": 1, "Room": 5, "Booking": 0}
    assert RoomType.objects.get(is_test_data=True).nightly_rate == 100


def test_bookings_are_submitted_in_free_rooms_with_terms_and_history():
    hotel = HotelFactory()
    lines = run("create-bookings", "--hotel", hotel.slug, "--count", "6")
    bookings = Booking.objects.order_by("pk")
    assert lines[-1] == "6 test bookings made, 0 were there"
    assert lines[0] == (
        f"{bookings[0].booking_id}: guest1@testdata.example, {bookings[0].check_in} to {bookings[0].check_out}, "
        "Waiting for payment"
    )
    first = hotel.today(timezone.now()) + timedelta(days=30)
    assert [(str(each.room), (each.check_in - first).days, each.status) for each in bookings] == [
        ("T1", 0, "PENDING_PAYMENT"),
        ("T2", 0, "PENDING_APPROVAL"),
        ("T3", 0, "PENDING_PAYMENT"),
        ("T4", 0, "PENDING_APPROVAL"),
        ("T5", 0, "PENDING_PAYMENT"),
        ("T1", 3, "PENDING_APPROVAL"),
    ]
    assert {(each.total_amount, each.terms["policy"], each.is_test_data) for each in bookings} == {
        (20000, "14/7", True)
    }
    assert [transitions(each) for each in bookings] == [["submit"]] * 6
    assert {row.actor_kind for row in Booking.history.all()} == {"command"}


def test_asking_for_bookings_again_makes_only_the_missing_ones():
    hotel = HotelFactory()
    run("create-bookings", "--hotel", hotel.slug, "--count", "2")
    assert run("create-bookings", "--hotel", hotel.slug, "--count", "2") == ["0 test bookings made, 2 were there"]
    run("clean", "--emails", "guest1@testdata.example")
    assert run("create-bookings", "--hotel", hotel.slug, "--count", "3")[-1] == "2 test bookings made, 1 were there"
    assert marked() == {"RoomType": 1, "Room": 5, "Booking": 3}


def test_a_hotel_that_cannot_take_bookings_gets_none():
    hotel = HotelFactory(policy=None)
    with pytest.raises(CommandError, match="has no default cancellation policy yet"):
        run("create-bookings", "--hotel", hotel.slug)
    assert Booking.objects.count() == 0
    with pytest.raises(CommandError, match=f"There is no hotel nowhere. There are: {hotel.slug}."):
        run("create-rooms", "--hotel", "nowhere")


def test_a_room_type_of_the_hotels_own_is_left_alone():
    own = RoomTypeFactory(name="Test double")
    with pytest.raises(CommandError, match="has a room type Test double of its own"):
        run("create-bookings", "--hotel", own.hotel.slug)
    assert marked() == {"RoomType": 0, "Room": 0, "Booking": 0}


def test_show_counts_marked_rows_by_hotel_and_state():
    hotel = HotelFactory(name="Hotel Liffey", slug="liffey")
    RoomFactory(room_type__hotel=hotel)
    run("create-bookings", "--hotel", "liffey", "--count", "3")
    assert run("show") == [
        "Hotel Liffey (liffey): 1 room types, 5 rooms, 3 bookings (1 needs approval, 2 waiting for payment)"
    ]


def test_clean_takes_marked_rows_only_and_can_be_repeated():
    real = submitted()
    run("create-bookings", "--hotel", real.hotel.slug, "--count", "2")
    test = Booking.objects.filter(is_test_data=True).first()
    tokens.issue(test, expires_at=timezone.now() + timedelta(hours=1))
    assert run("clean") == ["2 bookings deleted, 0 kept", "6 test rooms and room types deleted, 0 kept"]
    assert run("clean") == ["0 bookings deleted, 0 kept", "0 test rooms and room types deleted, 0 kept"]
    assert list(Booking.objects.all()) == [real]
    assert set(Message.objects.values_list("booking", flat=True)) == {real.pk}
    assert list(Room.objects.all()) == [real.room]
    # That there was a booking, and what happened to it, stays told.
    history = Booking.history.filter(booking_id=test.booking_id).order_by("history_id")
    assert list(history.values_list("history_type", "transition")) == [
        ("+", "create"),
        ("~", "submit"),
        ("-", "clean"),
    ]


def test_clean_by_address_takes_no_others():
    hotel = HotelFactory()
    run("create-bookings", "--hotel", hotel.slug, "--count", "3")
    BookingFactory(guest_email="guest2@testdata.example")  # not marked
    assert run("clean", "--emails", "GUEST2@testdata.example", "nobody@testdata.example") == [
        "1 bookings deleted, 0 kept"
    ]
    assert marked() == {"RoomType": 1, "Room": 5, "Booking": 2}
    assert Booking.objects.filter(guest_email="guest2@testdata.example").count() == 1


def test_what_had_to_do_with_money_is_kept_with_the_reason(stripe_simulator):
    hotel = HotelFactory()
    run("create-bookings", "--hotel", hotel.slug, "--count", "2")
    booking = Booking.objects.get(guest_email="guest1@testdata.example")
    with_page_open = pay(stripe_simulator, with_page(booking))
    assert run("clean") == [
        f"Kept {booking.booking_id} of guest1@testdata.example: "
        "a payment was begun for it, and financial records are kept for good",
        "1 bookings deleted, 1 kept",
        "4 test rooms and room types deleted, 2 kept: bookings refer to them",
    ]
    Payment.objects.filter(pk=with_page_open.pk).update(amount_authorized=1, amount_captured=1)
    assert "money was taken for it, and financial records are kept for good" in run("clean")[0]
    assert Payment.objects.filter(booking=booking).exists()


def test_all_takes_real_bookings_after_the_typed_word(monkeypatch):
    real = submitted()
    typing(monkeypatch, "yes")
    with pytest.raises(CommandError, match=r"Nothing was deleted\."):
        run("clean", "--all")
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    with pytest.raises(CommandError, match=r"Nothing was deleted\."):
        run("clean", "--all")
    assert list(Booking.objects.all()) == [real]
    typing(monkeypatch, "delete all bookings")
    assert run("clean", "--all")[:2] == [
        "This deletes all of 1 bookings that money had nothing to do with, real ones, too.",
        "1 bookings deleted, 0 kept",
    ]
    assert (Booking.objects.count(), Room.objects.count()) == (0, 1)


def test_all_is_refused_with_a_live_key(monkeypatch, settings):
    submitted()
    settings.STRIPE_SECRET_KEY = "sk_live_innkeep"
    typing(monkeypatch, "delete all bookings")
    with pytest.raises(CommandError, match="has a live Stripe key"):
        run("clean", "--all")
    assert Booking.objects.count() == 1

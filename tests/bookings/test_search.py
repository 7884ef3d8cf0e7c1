"""The search over bookings: the same on both databases, and on PostgreSQL by its index."""

import pytest
from django.db import connection

from bookings import search
from bookings.models import Booking
from tests.factories import BookingFactory


def references(typed: str) -> set[str]:
    """The references of the bookings that are found."""
    return set(search.find(Booking.objects.all(), typed).values_list("booking_id", flat=True))


@pytest.fixture
def two(db: None) -> tuple[Booking, Booking]:
    """A booking that is looked for, and another one."""
    wanted = BookingFactory(
        guest_name="Zoë_100% O'Brien-Núñez", guest_email="zoe.ob@mail.example", guest_phone="+353 86 (555) 7781"
    )
    return wanted, BookingFactory(guest_phone="+353 86 111 2222")


@pytest.mark.parametrize(
    "typed",
    [
        *("zoë", "O'BRIEN", "brien-nú", "mail.EXAMPLE", "zoe.ob@mail.example", "brien zoe.ob", "_100%", "5557781"),
        *("+353 86", "0865557781", "086 555", "00353 86 555 77", "555) 7781"),
    ],
)
def test_any_part_is_found(two: tuple[Booking, Booking], typed: str) -> None:
    assert two[0].booking_id in references(typed)


@pytest.mark.parametrize(
    "typed", ["brien ada@", "zoë%brien", "O_Brien", "100\\%", "7781555", "0556 7781", "' OR 1=1"]
)
def test_what_stands_nowhere_is_not(two: tuple[Booking, Booking], typed: str) -> None:
    assert references(typed) == set()


def test_reference_in_small_letters_and_its_part(two: tuple[Booking, Booking]) -> None:
    reference = two[0].booking_id
    assert references(reference.lower()) == references(reference[2:9]) == {reference}


def test_nothing_typed_finds_all(two: tuple[Booking, Booking]) -> None:
    assert references("") == references("  ") == {each.booking_id for each in two}


@pytest.mark.postgres
@pytest.mark.parametrize("typed", ["brien", "zoe.ob@mail", "086 555 77"])
def test_index_answers(two: tuple[Booking, Booking], typed: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")
    plan = search.find(Booking.objects.order_by(), typed).explain()
    assert "Bitmap Index Scan on booking_search" in plan
    assert "Seq Scan" not in plan


def test_whole_reference_is_found_however_it_was_typed(two: tuple[Booking, Booking]) -> None:
    reference = two[0].booking_id
    parts = (reference[:4].lower(), reference[4:8], reference[8:])
    assert all(references(between.join(parts)) == {reference} for between in ("-", " ", " \u2013 "))
    assert references(f"{reference[:4]}-{reference[4:8]}") == set()

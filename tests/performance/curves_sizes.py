"""Databases of many bookings, hotels, history rows or open operations, made by one statement for each table."""

from typing import Any, Final

from django.db import connection

from bookings.models import Hotel, Room, RoomType
from cancellations.models import CancellationPolicy, CancellationTier
from payments.models import Payment, PaymentOperation
from tests.performance import book, explorer
from tests.simulator_process import StripeSimulator

# Of bookings, where something else is made larger.
BOOKINGS: Final = 1000
FIRST: Final = 1000


def fill(simulator: StripeSimulator, axis: str, size: int) -> None:
    """Make so many of one thing, and a few of everything else."""
    book.people()
    # What waits for the hotel is as much at any size: only the past grows.
    book.AHEAD = 1
    with connection.cursor() as cursor:
        match axis:
            case "bookings":
                book.fill(connection, size)
                entries(cursor, 5 * size)
            case "hotels":
                book.HOTELS = 1
                book.fill(connection, BOOKINGS)
                hotels(cursor, size - 1)
            case "history rows":
                book.fill(connection, BOOKINGS)
                history(cursor, size)
                entries(cursor, size)
            case "open operations":
                book.fill(connection, max(BOOKINGS, size))
                operations(cursor, size)
            case _:
                book.fill(connection, BOOKINGS)
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("VACUUM ANALYZE")


def entries(cursor: Any, size: int) -> None:
    """So many entries in the chains of the first hotels, which go on behind them."""
    cursor.execute("SET session_replication_role = replica")
    cursor.execute("TRUNCATE trail_entry CASCADE")
    cursor.execute(explorer.entry_rows(size))
    cursor.execute("UPDATE trail_chain SET length = %s WHERE id > 0", [size])


def history(cursor: Any, size: int) -> None:
    """So many history rows of bookings, ten of each, which are none of those that are measured."""
    cursor.execute("SET session_replication_role = replica")
    cursor.execute(explorer.history_rows("bookings.booking", "true", size))
    cursor.execute("ALTER SEQUENCE bookings_booking_id_seq RESTART WITH 100000000")
    cursor.execute("ALTER SEQUENCE bookings_historicalbooking_history_id_seq RESTART WITH 100000000")


def hotels(cursor: Any, more: int) -> None:
    """So many hotels more, each with a type of room, two rooms, a policy of three tiers and a chain."""
    cursor.execute("SET session_replication_role = replica")
    hotel, policy = f"{FIRST} + i", f"{FIRST} + i"
    copies(cursor, Hotel, more, id=hotel, slug="'made-' || i", name="'Made ' || i")
    copies(cursor, RoomType, more, id=f"{FIRST} + i", hotel_id=hotel)
    for turn in range(2):
        copies(
            cursor,
            Room,
            more,
            id=f"{FIRST} + 2 * i + {turn}",
            hotel_id=hotel,
            room_type_id=f"{FIRST} + i",
            number=f"'{turn + 1}'",
        )
    copies(cursor, CancellationPolicy, more, id=policy, hotel_id=hotel)
    for turn in range(3):
        days = f"(ARRAY[14, 7, 0])[{turn + 1}]"
        copies(cursor, CancellationTier, more, id=f"{FIRST} + 3 * i + {turn}", policy_id=policy, at_least=days)
    cursor.execute(
        f"INSERT INTO trail_chain (id, length, head) SELECT {FIRST} + i, 1, '' FROM generate_series(1, {more}) AS i"
    )


def operations(cursor: Any, size: int) -> None:
    """So many steps at Stripe whose answer is not known yet, of other bookings."""
    cursor.execute("SET session_replication_role = replica")
    booking = f"{FIRST} + i - 1"
    key = "'made:' || i"
    first: Any = Payment.objects.select_related("booking").earliest("pk")
    PaymentOperation.objects.create(
        payment=first, booking=first.booking, kind="refund", status="done", amount=100, idempotency_key="first"
    )
    copies(
        cursor,
        PaymentOperation,
        size,
        id=f"{FIRST} + i",
        booking_id=booking,
        payment_id=booking,
        idempotency_key=key,
        status="'pending'",
    )


def copies(cursor: Any, model: Any, times: int, /, **own: str) -> None:
    """Copy a model's first row so often, but for what is said of each copy."""
    columns = [each.column for each in model._meta.concrete_fields]
    table, key = model._meta.db_table, model._meta.pk.column
    said = ", ".join(own.get(column, f'first."{column}"') for column in columns)
    into = ", ".join(f'"{column}"' for column in columns)
    first = f"(SELECT * FROM {table} ORDER BY {key} LIMIT 1) AS first"
    cursor.execute(f"INSERT INTO {table} ({into}) SELECT {said} FROM generate_series(1, {times}) AS i, {first}")

"""A book of very many bookings in PostgreSQL, with payments, mails and five rows of history for each.

Everything is made by one statement for each table, from one real row of it. The guards and the foreign keys are
left out while it is filled, and the indexes are made afterwards: a million bookings take minutes.
"""

import importlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from tests.performance.drawing import chosen

HOTELS, TYPES, ROOMS, VERSIONS = 20, 2, 400, 5
NIGHTS = 2
# Of the stays in a room so many at most are still to come.
AHEAD = 30
FIRST: Final = 1000  # Rows below were made one by one.
MODELS: Final = (
    "bookings.Booking",
    "bookings.HistoricalBooking",
    "payments.Payment",
    "payments.HistoricalPayment",
    "bookings.Message",
)
NAMES: Final = (
    "Okafor",
    "Lindqvist",
    "Moreau",
    "Tanaka",
    "Byrne",
    "Novak",
    "Castellanos",
    "Adeyemi",
    "Haugen",
    "Rossi",
)
FORENAMES: Final = ("Grace", "Nils", "Amélie", "Kenji", "Aoife", "Petra", "Inés", "Tunde", "Sigrid", "Luca", "Mara")


def people() -> None:
    """Who looks at it: an owner, and the front desk of one hotel. And one row of everything, to copy."""
    factories = importlib.import_module("tests.factories")
    room = factories.RoomFactory()
    factories.UserFactory(role="owner", username="bench")
    factories.UserFactory(role="Front desk", username="desk", hotels=[room.hotel])
    booking = factories.BookingFactory(room=room)
    model("payments.Payment").objects.create(booking=booking, amount=34000, amount_authorized=34000, currency="EUR")
    model("bookings.Message").objects.create(
        booking=booking,
        kind="approved",
        to="one@guest.example",
        subject="Booking Confirmed",
        next_at=importlib.import_module("django.utils.timezone").now(),
    )


def houses() -> None:
    """Twenty hotels with two types of room each, and all their rooms."""
    factories = importlib.import_module("tests.factories")
    hotels = list(model("bookings.Hotel").objects.order_by("pk"))
    hotels += [factories.HotelFactory() for _ in range(HOTELS - len(hotels))]
    for hotel in hotels:
        kinds = list(model("bookings.RoomType").objects.filter(hotel=hotel))
        for _ in range(TYPES - len(kinds)):
            factories.RoomTypeFactory(hotel=hotel)
    kinds = list(model("bookings.RoomType").objects.order_by("hotel", "pk"))
    room_class = model("bookings.Room")
    there = room_class.objects.count()
    made = [kinds[number % len(kinds)] for number in range(there, ROOMS)]
    room_class.objects.bulk_create(
        room_class(hotel_id=kind.hotel_id, room_type=kind, number=str(1000 + there + number))
        for number, kind in enumerate(made)
    )


def fill(connection: Any, size: int) -> None:
    """Make all bookings anew. Each room has one stay after the other, most of them long ago."""
    houses()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET maintenance_work_mem = '512MB'")
        cursor.execute("DROP TABLE IF EXISTS bench_room")
        cursor.execute(
            "CREATE TABLE bench_room AS SELECT row_number() OVER (ORDER BY id) - 1 AS n, id, hotel_id, room_type_id"
            f" FROM (SELECT * FROM bookings_room ORDER BY id LIMIT {ROOMS}) AS few"
        )
        cursor.execute("ALTER TABLE bench_room ADD PRIMARY KEY (n)")
        for name in MODELS:
            with without_indexes(cursor, table_of(name)):
                cursor.execute(f"DELETE FROM {table_of(name)} WHERE {key_of(name)} >= {FIRST}")
                cursor.execute(statement(name, size))
        cursor.execute("SET session_replication_role = origin")
        for name in MODELS:
            cursor.execute(f"VACUUM ANALYZE {table_of(name)}")
        cursor.execute("VACUUM ANALYZE bookings_room")


@contextmanager
def without_indexes(cursor: Any, table: str) -> Iterator[None]:
    """Drop a table's indexes, but for those behind constraints, and make them again."""
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s"
        " AND indexname NOT IN (SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass)",
        [table, table],
    )
    found = cursor.fetchall()
    for name, _ in found:
        cursor.execute(f'DROP INDEX "{name}"')
    yield
    for _, made in found:
        cursor.execute(made)


def statement(name: str, size: int) -> str:
    """The statement that makes a table's rows: of history five for each booking, of the rest one."""
    table, columns = table_of(name), [each.column for each in model(name)._meta.concrete_fields]
    known = values(name, size)
    said = ", ".join(known.get(column, f'first."{column}"') for column in columns)
    into = ", ".join(f'"{column}"' for column in columns)
    source = f"generate_series(0, {size - 1}) AS i JOIN bench_room AS room ON room.n = i % {ROOMS}"
    if name.startswith("bookings.Historical"):
        source += f" CROSS JOIN generate_series(1, {VERSIONS}) AS v"
    first = f"(SELECT * FROM {table} ORDER BY {key_of(name)} LIMIT 1) AS first"
    return f"INSERT INTO {table} ({into}) SELECT {said} FROM {source}, {first}"


def values(name: str, size: int) -> Mapping[str, str]:
    """What differs from the first row, by column."""
    ahead = max(1, min(size // ROOMS // 10, AHEAD))
    arrives = f"(current_date + ({ahead} - i / {ROOMS}) * {NIGHTS})"
    status = (
        f"(CASE WHEN i % 20 = 3 THEN 'CANCELLED' WHEN i % 20 = 7 THEN 'EXPIRED' WHEN i % 20 = 11 THEN 'DECLINED'"
        f" WHEN {arrives} + {NIGHTS} <= current_date THEN 'COMPLETED' WHEN i % 20 = 5 THEN 'PENDING_APPROVAL'"
        " ELSE 'CONFIRMED' END)"
    )
    made = f"({arrives} - interval '30 days' - (i % 86400) * interval '1 second')"
    guest = f"{chosen(FORENAMES, 'i / 10')} || ' ' || {chosen(NAMES, 'i')}"
    intent = "'pi_' || md5(i::text)"
    stay = {
        "booking_id": reference(),
        "check_in": arrives,
        "check_out": f"{arrives} + {NIGHTS}",
        "guest_name": guest,
        "guest_email": f"lower({chosen(NAMES, 'i')}) || i || '@guest.example'",
        "guest_phone": "'+353 86 ' || lpad((i % 10000000)::text, 7, '0')",
        "status": status,
        "record_state": "(CASE WHEN i % 20 = 9 THEN 'DELETED' ELSE 'ACTIVE' END)",
        "cancelled_at": f"(CASE WHEN i % 20 = 3 THEN {made} + interval '2 days' END)",
        "cancellation_reason": "(CASE WHEN i % 20 = 3 THEN 'Plans changed' ELSE '' END)",
        "payment_reference": intent,
        "hotel_id": "room.hotel_id",
        "room_id": "room.id",
        "room_type_id": "room.room_type_id",
        "created_at": made,
        "updated_at": made,
    }
    key = f"{FIRST} + i"
    paid = {
        "booking_id": key,
        "stripe_payment_intent_id": intent,
        "stripe_checkout_session_id": "'cs_test_' || md5(i::text)",
        "stripe_charge_id": "'ch_' || md5(i::text)",
        "status": f"(CASE WHEN {status} = 'PENDING_APPROVAL' THEN 'AUTHORIZED' ELSE 'SUCCEEDED' END)",
        "captured_at": f"(CASE WHEN {status} = 'PENDING_APPROVAL' THEN NULL ELSE {made} END)",
        "amount_captured": f"(CASE WHEN {status} = 'PENDING_APPROVAL' THEN 0 ELSE 34000 END)",
        "capture_before": f"(CASE WHEN {status} = 'PENDING_APPROVAL' THEN now() + interval '5 days' END)",
        "created_at": made,
        "updated_at": made,
    }
    past = {"history_type": "'~'", "request_id": "md5(i::text)", "history_user_id": "NULL"}
    return {
        "bookings.Booking": {"id": key, **stay},
        "payments.Payment": {"id": key, **paid},
        "bookings.Message": {
            "id": key,
            "booking_id": key,
            "to": stay["guest_email"],
            "status": "'SENT'",
            "created_at": made,
        },
        "bookings.HistoricalBooking": {
            **stay,
            **past,
            "id": key,
            "history_id": f"{FIRST} + i * {VERSIONS} + v",
            "history_date": f"{made} + v * interval '1 hour'",
            "notes": "'Note ' || v",
        },
        "payments.HistoricalPayment": {
            **paid,
            **past,
            "id": key,
            "history_id": f"{FIRST} + i",
            "history_date": made,
        },
    }[name]


def reference() -> str:
    """A reference of ten characters, different for each booking and in no order."""
    return "upper(substr(translate(md5(i::text), '01', 'xy'), 1, 2) || translate(to_hex(16777216 + i), '01', 'xy'))"


def model(name: str) -> Any:
    """A model by its label."""
    return importlib.import_module("django.apps").apps.get_model(name)


def table_of(name: str) -> str:
    """A model's table."""
    return str(model(name)._meta.db_table)


def key_of(name: str) -> str:
    """The column of a model's own key."""
    return str(model(name)._meta.pk.column)

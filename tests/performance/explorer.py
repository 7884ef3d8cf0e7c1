"""The explorer over few and over very many entries: 95th percentile of each kind of page, and what many cost more.

    python -m tests.performance.explorer ENTRIES

The rows are made by one statement for each table: no hash is right, and nothing here asks for one.
"""

import importlib
import sys
from typing import Any, Final

from tests.performance.drawing import chosen, serve

GOAL: Final = 1.3
PLACE: Final = "/admin/trail/entry/"
HOTELS, PEOPLE, VERSIONS = 20, 20, 10
# Which of ten entries is of which model; an object has ten versions.
SHARES: Final = {
    "bookings.booking": "i % 10 < 7",
    "payments.payment": "i % 10 IN (7, 8)",
    "payments.refund": "i % 10 = 9",
}
STEPS: Final = (
    "submit",
    "authorize",
    "approve",
    "cancel",
    "refund",
    "capture",
    "decline",
    "complete",
    "expire",
    "",
    "",
    "",
)
CHANGED: Final = (
    " status ",
    " paid_at status ",
    " guest_name ",
    " refund_amount ",
    " room ",
    " notes ",
    " decision_reason ",
)


def main(size: int) -> None:
    """Fill the database, and draw what is asked for."""
    serve(lambda connection: filled(connection, size))


def filled(connection: Any, size: int) -> dict[str, str]:
    """Fill the database; return the address of each kind of page."""
    people()
    fill(connection, size)
    entries = importlib.import_module("trail.models").Entry.objects
    asked = queries(entries.order_by("at")[size // 2])
    return {kind: f"{PLACE}{query}" for kind, query in asked.items()}


def people() -> None:
    """An owner who looks, and those who are said to have acted, in hotels of their own."""
    factories = importlib.import_module("tests.factories")
    room = factories.RoomFactory()
    for _ in range(HOTELS - 1):
        factories.HotelFactory(policy=None)
    factories.UserFactory(role="owner", username="bench")
    for _ in range(PEOPLE - 1):
        factories.UserFactory(role="Manager", hotels=[room.hotel])
    booking = factories.BookingFactory(room=room)
    models = importlib.import_module("payments.models")
    money = {"amount": 100, "currency": "EUR"}
    payment = models.Payment.objects.create(booking=booking, amount_authorized=100, **money)
    models.Refund.objects.create(payment=payment, **money)


def fill(connection: Any, size: int) -> None:
    """Make all entries anew, with the history row of each."""
    with connection.cursor() as cursor:
        # The guards of the trail refuse what is done here.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("TRUNCATE trail_entry CASCADE")
        for model, share in SHARES.items():
            cursor.execute(history_rows(model, share, size))
        cursor.execute(entry_rows(size))
        for table in ("trail_entry", *(table_of(model) for model in SHARES)):
            cursor.execute(f"VACUUM ANALYZE {table}")


def table_of(model: str) -> str:
    """The table of a model's history."""
    tracked = importlib.import_module("trail.admin.tracked")
    return str(tracked.history_model(tracked.TRACKED[model])._meta.db_table)


def history_rows(model: str, share: str, size: int) -> str:
    """The statement that copies a model's first history row as often as its share says, each a second later."""
    tracked = importlib.import_module("trail.admin.tracked")
    history = tracked.history_model(tracked.TRACKED[model])
    own = {
        "history_id": "1000 + i",
        "id": object_of(size),
        "history_date": moment(),
        "history_type": "'~'",
        "history_user_id": person(),
        "request_id": "md5((i / 10)::text)",
        "notes": "'Note ' || i",
        "note": "'Note ' || i",
        "amount_captured": "i % 100",
    }
    columns = [each.column for each in history._meta.concrete_fields]
    values = ", ".join(own.get(column, f"first.{column}") for column in columns)
    table, said = history._meta.db_table, ", ".join(f'"{column}"' for column in columns)
    first = f"(SELECT * FROM {table} WHERE history_id < 1000 ORDER BY history_id LIMIT 1) AS first"
    clean = f"DELETE FROM {table} WHERE history_id >= 1000"
    series = f"generate_series(1, {size}) AS i"
    return f"{clean}; INSERT INTO {table} ({said}) SELECT {values} FROM {series}, {first} WHERE {share}"


def entry_rows(size: int) -> str:
    """The statement that makes one entry for each history row."""
    models = importlib.import_module("trail.models")
    known = {
        "chain": f"(SELECT min(id) FROM bookings_hotel) + i % {HOTELS}",
        "position": "i",
        "model": "CASE " + " ".join(f"WHEN {share} THEN '{name}'" for name, share in SHARES.items()) + " END",
        "object_id": object_of(size),
        "record_id": "1000 + i",
        "reference": f"'B' || lpad(({object_of(size)})::text, 9, '0')",
        "at": moment(),
        "kind": "'~'",
        "actor_kind": chosen(("staff", "staff", "guest", "stripe", "worker")),
        "user_id": person(),
        "transition": chosen(STEPS),
        "request_id": "md5((i / 10)::text)",
        "changed": chosen(CHANGED),
        "version": "1",
        "commitments": "'{}'::jsonb",
    }
    columns = [each.column for each in models.Entry._meta.concrete_fields if each.column != "id"]
    values = ", ".join(known.get(column, "left(md5(i::text), 16)") for column in columns)
    said = ", ".join(f'"{column}"' for column in columns)
    return f"INSERT INTO trail_entry ({said}) SELECT {values} FROM generate_series(1, {size}) AS i"


def object_of(size: int) -> str:
    """Which object a row is of: each has ten versions, far from each other in time."""
    return f"1 + (i / 10 % {max(size // 10 // VERSIONS, 1)}) * 10 + i % 10"


def moment() -> str:
    """When a row was written: the last one just now."""
    return "now() - interval '5 years' + i * interval '20 seconds'"


def person() -> str:
    """Who did it."""
    return f"(SELECT min(id) FROM bookings_user) + i % {PEOPLE}"


def queries(middle: Any) -> dict[str, str]:
    """The kinds of page, by an entry from the middle of the history."""
    day = f"{middle.at:%Y-%m-%d}"
    return {
        "no filter": "",
        "deep page": f"?older={middle.pk}",
        "person": f"?by={middle.user_id}",
        "kind of actor": "?by=worker",
        "hotel": f"?hotel={middle.chain}",
        "model": "?model=payments.refund",
        "object": f"?model={middle.model}&object={middle.object_id}",
        "transition": "?step=decline",
        "field": "?model=bookings.booking&field=notes",
        "dates": f"?until={day}",
        "request": f"?request={middle.request_id}",
        "reference": f"?reference={middle.reference}",
        "hotel, person, transition": f"?hotel={middle.chain}&by={middle.user_id}&step=cancel",
    }


if __name__ == "__main__":
    main(int(sys.argv[1]))

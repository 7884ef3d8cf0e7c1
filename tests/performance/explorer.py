"""The explorer over few and over very many entries: 95th percentile of each kind of page, and what many cost more.

    python -m tests.performance.explorer ENTRIES

Each size is measured in a process of its own against the same database, which grows in between. The rows are made
by one statement for each table: no hash is right, and nothing here asks for one.
"""

import importlib
import json
import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Any, Final

FEW, MANY = 1000, 1_000_000
PAGES: Final = 20
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


def measure(env: Mapping[str, str], many: int) -> tuple[dict[str, float], dict[str, float]]:
    """Milliseconds for each kind of page, at few entries and at many."""
    few, more = (run(size, env) for size in (FEW, many))
    return few, more


def run(size: int, env: Mapping[str, str]) -> dict[str, float]:
    """One process; what it says is the 95th percentile of each kind of page."""
    command = [sys.executable, "-m", "tests.performance.explorer", str(size)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    said: dict[str, float] = json.loads(done.stdout)
    return said


def main(size: int) -> dict[str, float]:
    """Fill up to a size, and draw each kind of page."""
    importlib.import_module("django").setup()
    connection = importlib.import_module("django.db").connection
    entries = importlib.import_module("trail.models").Entry.objects
    if not entries.exists():
        people()
    fill(connection, size)
    middle = entries.order_by("at")[size // 2]
    return {name: draw(query) for name, query in queries(middle).items()}


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
        "request_id": "md5((i / 3)::text)",
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
        "request_id": "md5((i / 3)::text)",
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


def chosen(values: tuple[str, ...]) -> str:
    """One of some texts, by turns."""
    listed = ", ".join(f"'{value}'" for value in values)
    return f"(ARRAY[{listed}])[1 + i % {len(values)}]"


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


def draw(query: str) -> float:
    """The 95th percentile of one kind of page, in milliseconds, once everything is loaded."""
    client = importlib.import_module("django.test").Client(SERVER_NAME="127.0.0.1")
    users = importlib.import_module("django.contrib.auth").get_user_model().objects
    backend = importlib.import_module("django.conf").settings.AUTHENTICATION_BACKENDS[-1]
    client.force_login(users.get(username="bench"), backend=backend)
    took = []
    for _ in range(PAGES + 3):
        began = time.perf_counter()
        answer = client.get(f"{PLACE}{query}")
        took.append(1000 * (time.perf_counter() - began))
        if answer.status_code != 200:
            raise RuntimeError(f"{answer.status_code} {query}")
    return sorted(took[3:])[int(0.95 * PAGES) - 1]


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))

"""Every cell of the matrix: one address with one object, one role, one method, and what it has to answer."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, Final
from unittest.mock import patch

from django.core.cache import cache
from django.db import connection, transaction
from django.template.response import SimpleTemplateResponse

from tests.matrix import addresses, sent
from tests.matrix.desk_table import DESK
from tests.matrix.public_table import GUESTS, PROGRAMS
from tests.matrix.rule import METHODS, SIGN_IN, Answer, Desk, Public, Row, Rule
from tests.matrix.world import GUEST, MANAGER, MARKS, OBJECTS, OWN, OWNER, ROLES, STRANGER, World

TABLE: Final[tuple[Row, ...]] = (*DESK, *GUESTS, *PROGRAMS)
# Parts of addresses that are not about a row.
ELSEWHERE: Final = {
    "app_label": "bookings",
    "url": "nothing-here",
    "content_type_id": "1",
    "rest": "1/1/",
    "report": "stays",
    "kind": "approved",
    "language": "en",
    "provider": "postmark",
}
COOKIE: Final = "innkeep_guest"
FORM: Final = "application/x-www-form-urlencoded"
WRITES: Final = ("INSERT", "UPDATE", "DELETE", "REPLACE", "TRUNCATE", "MERGE")
# Who is signed in, and who tries too often: no business of any hotel.
NO_RECORD: Final = (
    *("django_session", "axes_", "cancellations_trycount"),
    # That it was refused is what is recorded of it.
    *("bookings_refusedattempt", "bookings_historicalrefusedattempt", "bookings_repeat"),
    *("bookings_signin", "bookings_historicalsignin"),
)
REDIRECTS: Final = (301, 302, 303)
ANSWERED: Final = 200
ERRORS_FROM: Final = 400


@dataclass(frozen=True)
class Cell:
    """One request and its one right answer."""

    pattern: str
    address: str
    kind: str
    role: int
    method: str
    expected: Answer

    def __str__(self) -> str:
        return f"{self.method} {self.pattern} · {self.kind} · {ROLES[self.role]}"


def cells(world: World) -> Iterator[Cell]:
    """Return every cell, address by address."""
    for pattern, rule in TABLE:
        for kind in OBJECTS if rule.on else (OWN,):
            row = world.rows.get((rule.on, kind))
            values = world.values(rule.on, kind) if rule.on else world.of_booking(kind) | {"object_id": "1"}
            address = addresses.filled(pattern, ELSEWHERE | values) + sent.query(pattern, values)
            for role in range(len(ROLES)):
                for method in methods(rule, kind, role):
                    answer = rule.answer(role, kind, method, exists=row is not None)
                    yield Cell(pattern, address, kind, role, method, answer)


def methods(rule: Rule, kind: str, role: int) -> tuple[str, ...]:
    """Return the methods to ask with.

    Those that no page takes are refused before it is known who asks and about what, so that one person asks with
    them, who may do everything. The API's endpoints refuse by themselves: there everybody does.
    """
    is_refused_unseen = isinstance(rule, Desk | Public) and not (kind == OWN and role == OWNER)
    return METHODS[:2] if is_refused_unseen else METHODS


def is_drawn(cell: Cell) -> bool:
    """Whether a page's template is rendered; for the others the view's own answer and queries are all that is asked.

    Each person draws the pages of their own hotel, where another hotel's names would show. A manager also draws what
    a deleted row leaves, and what a form says that was posted empty: the page that GET has drawn, with its errors.
    """
    if cell.method == "POST":
        return cell.role == MANAGER and cell.kind == OWN
    return cell.kind == OWN or cell.role in (MANAGER, STRANGER)


def problems(world: World, cell: Cell) -> Iterator[str]:
    """Send the request, undo what it did, and say what was wrong about its answer."""
    drawn = nullcontext() if is_drawn(cell) else patch.object(SimpleTemplateResponse, "rendered_content", "")
    with transaction.atomic(), written() as tables, drawn:
        response = ask(world, cell)
        transaction.set_rollback(True)
    found = answer_of(response)
    if found != cell.expected:
        yield f"{cell}: {found} instead of {cell.expected}"
    if tables and is_refused(found, cell):
        yield f"{cell}: refused ({found}), and wrote to {', '.join(sorted(tables))}"
    if found == ANSWERED and leaks(response, cell):
        yield f"{cell}: tells about the other hotel"


def ask(world: World, cell: Cell) -> Any:
    """Send a request from a browser as it was at the beginning, whatever other cells have done in it."""
    cache.clear()
    client, headers = world.browsers[cell.role], {}
    client.cookies.clear()
    client.cookies.load(world.cookies[cell.role])
    if cell.role == GUEST:
        client.cookies[COOKIE] = world.keys[OWN]
        headers = {"Authorization": f"Bearer {world.keys[OWN]}"} if is_for_programs(cell) else {}
    kind = "application/json" if is_for_programs(cell) else FORM
    form = sent.form(world, cell.pattern, cell.role) if cell.method == "POST" else ""
    return client.generic(cell.method, cell.address, form, content_type=kind, headers=headers)


def is_for_programs(cell: Cell) -> bool:
    """Whether the address belongs to the API, or is one that older programs know it by."""
    return cell.address.startswith(("/api/", "/payments/", "/webhooks/stripe"))


@contextmanager
def written() -> Iterator[set[str]]:
    """Collect the tables that are written to within the block, apart from those that are no record."""
    tables: set[str] = set()

    def watch(execute: Any, sql: str, *more: Any) -> Any:
        if sql.lstrip().upper().startswith(WRITES):
            table = sql.split('"')[1]
            if not table.startswith(NO_RECORD):
                tables.add(table)
        return execute(sql, *more)

    with connection.execute_wrapper(watch):
        yield tables


def answer_of(response: Any) -> Answer:
    """Return the status; the way to the sign-in page has a name of its own."""
    if response.status_code in REDIRECTS and response["Location"].startswith("/admin/login/"):
        return SIGN_IN
    return int(response.status_code)


def is_refused(found: Answer, cell: Cell) -> bool:
    """Whether nothing may have been written: whatever was not let in, and everything that only reads."""
    return cell.method == "GET" or found == SIGN_IN or int(found) >= ERRORS_FROM


def leaks(response: Any, cell: Cell) -> bool:
    """Whether a page shows a name that only the other hotel's rows have."""
    if cell.role == OWNER or response.streaming:
        return False
    other = MARKS[OWN] if cell.role == STRANGER else MARKS["foreign"]
    return cell.pattern.startswith("admin/") and other.encode() in response.content

"""What the tables declare about an address, and the answer that follows for each role, object and method."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from tests.matrix.world import ANONYMOUS, AUDITOR, DELETED, FOREIGN, FRONT_DESK, GUEST, MANAGER, OWN, OWNER, STRANGER

METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
LETTERS: Final = {FRONT_DESK: "F", MANAGER: "M", AUDITOR: "A", OWNER: "O", STRANGER: "M"}
STAFF: Final = "FMAO"
NOBODY: Final = ""
# Where a page of the desk does not take a method, whoever asks and about whatever.
NEVER: Final = "never"
SIGN_IN: Final = "sign in"

type Answer = int | str


@dataclass(frozen=True, kw_only=True)
class Desk:
    """An address of the admin. `get` and `post` name who is let in: F(ront desk), M(anager), A(uditor), O(wner).

    Everybody else at the desk gets 403, rows of another hotel are 404, and who is not signed in is sent to do so.
    `got` and `posted` are the answers to those who are let in: 200 is a page (also a form that shows what is
    missing), 302 is the way back after something was done, 405 a method that this page does not take.
    """

    on: str = ""  # which row the address names; nothing for lists
    get: str = STAFF
    post: str = NOBODY
    got: int = 200
    posted: int = 200
    posted_on_deleted: int = 0  # where that is another answer
    is_scoped: bool = True  # False where a row belongs to no hotel
    sees: str = STAFF  # for whom there are such rows at all
    mine: int | None = None  # whose the own row is, where nobody else finds it; the foreign one is the stranger's
    right_first: bool = False  # who lacks the right is told so before the row is looked for

    def answer(self, role: int, kind: str, method: str, *, exists: bool) -> Answer:
        """Return the one right answer."""
        if method not in ("GET", "POST"):
            return 405
        if role in (ANONYMOUS, GUEST):
            return SIGN_IN
        who, done = (self.get, self.got) if method == "GET" else (self.post, self.posted)
        if who == NEVER:
            return 405
        if self.right_first and LETTERS[role] not in who:
            return 403
        if self.on and not (exists and self.finds(role, kind)):
            return 404
        if LETTERS[role] not in who:
            return 403
        return (kind == DELETED and method == "POST" and self.posted_on_deleted) or done

    def finds(self, role: int, kind: str) -> bool:
        """Whether the row is there for a person: of their hotel, if it belongs to one."""
        if LETTERS[role] not in self.sees:
            return False
        if self.mine is not None:
            return role == (STRANGER if kind == FOREIGN else self.mine)
        return not self.is_scoped or role == OWNER or (role == STRANGER) == (kind == FOREIGN)


@dataclass(frozen=True, kw_only=True)
class Api:
    """An endpoint about one booking, for its guest by key and for staff by their rights.

    The guest always holds the key of the own booking. `guest` and `staff` are the answers to those who are let in;
    a method that is not named is 405 for everybody.
    """

    on: str = "booking"
    method: str
    guest: int
    who: str = NOBODY
    staff: int = 0
    also: dict[str, int] = field(default_factory=dict)  # a second method of the guest's, and its answer

    def answer(self, role: int, kind: str, method: str, *, exists: bool) -> Answer:
        """Return the one right answer."""
        if method not in (self.method, *self.also):
            return 405
        if role == GUEST:
            return self.also.get(method, self.guest) if kind == OWN else 403
        if role == ANONYMOUS or not self.who:
            return 401
        if kind == DELETED or not (role == OWNER or (role == STRANGER) == (kind == FOREIGN)):
            return 404
        return self.staff if LETTERS[role] in self.who else 403


@dataclass(frozen=True, kw_only=True)
class Programs:
    """An endpoint for staff and their programs: for each method who may, and what those are answered.

    Rights and hotels come first, so that what was sent (nothing) is answered to those only who are let in.
    """

    on: str = "booking"
    methods: dict[str, tuple[str, int]]
    deleted: dict[str, int] = field(default_factory=dict)  # what is answered instead about a deleted booking

    def answer(self, role: int, kind: str, method: str, *, exists: bool) -> Answer:
        """Return the one right answer."""
        if method not in self.methods:
            return 405
        if role in (ANONYMOUS, GUEST):
            return 401
        if self.on and not (role == OWNER or (role == STRANGER) == (kind == FOREIGN)):
            return 404
        who, status = self.methods[method]
        if LETTERS[role] not in who:
            return 403
        return self.deleted.get(method, status) if kind == DELETED else status


@dataclass(frozen=True, kw_only=True)
class Public:
    """An address for everybody: staff are nobody special here. A method without an answer is 405."""

    on: str = ""
    get: int = 405
    post: int = 405
    other: int = 405
    guest: dict[str, int] = field(default_factory=dict)  # what somebody with a link is answered instead
    deleted: dict[str, int] = field(default_factory=dict)  # what is answered instead about a deleted booking

    def answer(self, role: int, kind: str, method: str, *, exists: bool) -> Answer:
        """Return the one right answer."""
        if role == GUEST and method in self.guest:
            return self.guest[method]
        if kind == DELETED and method in self.deleted:
            return self.deleted[method]
        return {"GET": self.get, "POST": self.post}.get(method, self.other)


@dataclass(frozen=True, kw_only=True)
class Exactly:
    """An address with an answer of its own for each role, in the order of the roles."""

    on: str = ""
    get: tuple[Answer, ...]
    post: tuple[Answer, ...]

    def answer(self, role: int, kind: str, method: str, *, exists: bool) -> Answer:
        """Return the one right answer."""
        return {"GET": self.get[role], "POST": self.post[role]}.get(method, 405)


type Rule = Desk | Api | Programs | Public | Exactly
type Row = tuple[str, Rule]


def model(
    place: str,
    on: str,
    *,
    read: str = STAFF,
    add: str = NOBODY,
    change: str = NOBODY,
    delete: str = NOBODY,
    version: str = "^([^/]+)/history/([^/]+)/$",
    saved_on_deleted: int = 200,
    is_scoped: bool = True,
    sees: str = STAFF,
) -> Iterator[Row]:
    """Declare the pages that every model of the admin has. No row can be reverted, so histories take no POST.

    A model without versions shows the admin's own log instead, which is the same page for both methods.
    """
    whole: dict[str, Any] = {"on": on, "is_scoped": is_scoped, "sees": sees}
    past = Desk(get=read, post=NEVER if version else read, **whole)
    yield f"admin/{place}/", Desk(get=read, post=read)
    yield f"admin/{place}/add/", Desk(get=add, post=add)
    # The stock admin sends everybody on to the change page, which then says what they may see.
    yield f"admin/{place}/<path:object_id>/", Desk(get=STAFF, post=STAFF, got=302, posted=302)
    yield (
        f"admin/{place}/<path:object_id>/change/",
        Desk(get=read, post=change, posted_on_deleted=saved_on_deleted, **whole),
    )
    yield f"admin/{place}/<path:object_id>/delete/", Desk(get=delete, post=delete, **whole)
    yield f"admin/{place}/<path:object_id>/history/", past
    if version:
        yield f"admin/{place}/{version}", past


def action(place: str, on: str, name: str, who: str, posted: int = 200) -> Row:
    """Declare a dialog: whoever may do it sees it (GET) and does it (POST)."""
    return f"admin/{place}/<path:object_id>/{name}/", Desk(on=on, get=who, post=who, posted=posted)

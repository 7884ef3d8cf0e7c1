"""Records of what was refused and of who came in: written afterwards, once, and never in anybody's way.

Whatever was refused has rolled back by then, so a record has a transaction of its own. The same thing by the same
person within the same minute is one record and a count beside it: whoever holds a key down fills no table.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from bookings import audit
from bookings.models import Booking, BulkRow, RefusedAttempt, Repeat, SignIn, Surface, User

logger = structlog.get_logger(__name__)

MINUTE: Final = "%Y-%m-%d %H:%M"
DAY: Final = "%Y-%m-%d"


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """What somebody tried, as far as it is theirs to know: `reference` and `hotel_id` only of what they may see."""

    surface: str
    tried: str
    code: str
    words: str = ""
    model: str = ""
    asked: str = ""
    reference: str = ""
    hotel_id: int | None = None
    amount: int | None = None
    currency: str = ""


@dataclass
class Notes:
    """What a request learned of its own refusal while it was carried out."""

    code: str = ""
    words: str = ""
    booking: Booking | None = None


_notes: ContextVar[Notes | None] = ContextVar("notes", default=None)


@contextmanager
def noting() -> Iterator[Notes]:
    """Collect, within a request, what is refused on the way to a friendly answer."""
    notes = Notes()
    token = _notes.set(notes)
    try:
        yield notes
    finally:
        _notes.reset(token)


def note_refusal(code: str, words: str, *, booking: Booking | None = None) -> None:
    """Say, where a refusal becomes words for a person, what it was; its record is written when all is rolled back.

    `booking` is given by whoever has proven that the person may see it, and no page's address names it.
    """
    notes = _notes.get()
    if notes is not None:
        notes.code, notes.words = code, words
        notes.booking = booking or notes.booking


def record_attempt(found: Callable[[], Attempt]) -> None:
    """Record a refused attempt in the name of whoever acts now. Nothing that goes wrong here reaches them."""
    try:
        write_attempt(found())
    except Exception:  # the person has their answer; the log says that its record is missing
        logger.exception("attempt.not_recorded")


def record_bulk_refusal(row: BulkRow, *, code: str, words: str) -> None:
    """Record that one booking of a run was refused. What it had promised to move is what was asked."""
    about = Attempt(
        surface=Surface.BULK,
        tried=row.run.action,
        code=code,
        words=words,
        model="bookings.booking",
        asked=row.reference,
        reference=row.reference,
        hotel_id=row.hotel_id,
        amount=row.amount,
        currency=row.currency,
    )
    record_attempt(lambda: about)


def write_attempt(attempt: Attempt) -> None:
    """Write the record, or count a repetition."""
    # Somebody without a name who tries one reference after another makes one record a minute, not one for each.
    is_named = audit.current_user_id() is not None or attempt.reference
    asked = (attempt.asked, attempt.reference, attempt.amount) if is_named else ()
    key = key_of("attempt", attempt.surface, attempt.tried, attempt.code, *asked, every=MINUTE)
    with transaction.atomic(), audit.change("refuse"):
        _row, is_new = RefusedAttempt.objects.get_or_create(key=key, defaults={**asdict(attempt), **by_whom()})
        if not is_new:
            count(key, timezone.now())


def record_sign_in(kind: str, *, username: str = "", token: str = "", every: str = MINUTE) -> None:
    """Record what happened at the door, in the name of whoever acts now; once in each minute, or each day."""
    try:
        write_sign_in(kind, username=username[:150].replace("\0", ""), token=token, every=every)
    except Exception:  # whoever may come in does, with or without a record
        logger.exception("sign_in.not_recorded")


def write_sign_in(kind: str, *, username: str, token: str, every: str) -> None:
    """Write the record, or count a repetition."""
    key = key_of("sign-in", kind, username.lower(), token, every=every)
    with transaction.atomic(), audit.change(kind):
        user = User.objects.filter(username=username).first() if username else None
        said = {**by_whom(), "kind": kind, "username": username, "token": token, "user_id": user and user.pk}
        _row, is_new = SignIn.objects.get_or_create(key=key, defaults=said)
        if not is_new:
            count(key, timezone.now())


def by_whom() -> dict[str, Any]:
    """Return who acts now, from where, in which request."""
    actor = audit.current_actor()
    return {
        "user_id": actor.user_id,
        "actor_kind": actor.kind,
        "actor": actor.as_json(),
        "request_id": actor.request_id,
    }


def key_of(*parts: Any, every: str) -> str:
    """Return what the same thing by the same person, from the same address and in the same time has in common."""
    actor = audit.current_actor()
    whole = (*parts, actor.kind, actor.user_id, actor.ip, f"{timezone.now():{every}}")
    return hashlib.sha256(repr(whole).encode()).hexdigest()


def count(key: str, now: datetime) -> None:
    """Count a repetition; `now` is UTC."""
    again = Repeat.objects.filter(key=key)
    if not again.update(times=F("times") + 1, last_at=now):
        _row, is_first = Repeat.objects.get_or_create(key=key, defaults={"last_at": now})
        if not is_first:
            again.update(times=F("times") + 1, last_at=now)

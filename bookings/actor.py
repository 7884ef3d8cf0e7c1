"""Who acts now: one context variable that history rows, operations, mails and log lines all read."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _


class ActorKind(models.TextChoices):
    """The kinds of actor: a person of the hotel, a guest, or one of the machines."""

    STAFF = "staff", _("Staff")
    GUEST = "guest", _("Guest")
    STRIPE = "stripe", _("Stripe")
    WORKER = "worker", _("Worker")
    COMMAND = "command", _("Command")


@dataclass(frozen=True)
class Actor:
    """Who acts, from where, within which request."""

    kind: str = ActorKind.COMMAND
    user_id: int | None = None
    ip: str = ""
    user_agent: str = ""
    request_id: str = ""

    def as_json(self) -> dict[str, Any]:
        """The actor as an operation stores it."""
        return {
            "kind": str(self.kind),
            "user_id": self.user_id,
            "ip": self.ip,
            "user_agent": self.user_agent,
            "request_id": self.request_id,
        }


NOBODY = Actor()
_actor: ContextVar[Actor] = ContextVar("actor", default=NOBODY)


def current_actor() -> Actor:
    """Return whoever acts now; a management command when nobody said so."""
    return _actor.get()


def current_user_id() -> int | None:
    """Return the acting person's primary key; None for guests and machines."""
    return _actor.get().user_id


@contextmanager
def acting(actor: Actor) -> Iterator[Actor]:
    """Run a block as the given actor."""
    token = _actor.set(actor)
    try:
        yield actor
    finally:
        _actor.reset(token)


@contextmanager
def acting_as(kind: str) -> Iterator[Actor]:
    """Run a block as one of the machines or as a guest, within the current request."""
    with acting(replace(_actor.get(), kind=kind, user_id=None)) as actor:
        yield actor


@contextmanager
def acting_as_person(user_id: int) -> Iterator[Actor]:
    """Run a block in the name of a member of staff, within the current request."""
    with acting(replace(_actor.get(), kind=ActorKind.STAFF, user_id=user_id)) as actor:
        yield actor


@contextmanager
def within(request_id: str) -> Iterator[Actor]:
    """Run a block as part of an earlier request, whose consequence it is; an empty id changes nothing."""
    actor = _actor.get()
    with acting(replace(actor, request_id=request_id or actor.request_id)) as continued:
        yield continued


def new_request_id() -> str:
    """Return a fresh request id."""
    return uuid.uuid4().hex


def once_committed(write: Callable[..., Any], event: str, **fields: Any) -> None:
    """Write a log line in the name of whoever acts now, once the transaction is committed; never after a rollback.

    `write` is a logger's method. Outside a transaction it is called at once.
    """
    # At the commit another actor may be at work, so the context of this moment is kept.
    transaction.on_commit(partial(copy_context().run, write, event, **fields), robust=True)

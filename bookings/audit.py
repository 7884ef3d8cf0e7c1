"""Who is acting, and why: the context that every history row carries.

The actor of the moment lives in a context variable (`bookings.actor`). The middleware sets it for a request, the
worker and the commands set it for themselves, and a settled operation sets it back to whoever decided it, so that a
refund that is finished by the worker is still explained by the person who asked for it.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import cache
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models
from django.db.models.signals import pre_delete
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from simple_history.manager import HistoryManager
from simple_history.models import HistoricalRecords
from simple_history.signals import pre_create_historical_record

from bookings.actor import (
    NOBODY,
    Actor,
    ActorKind,
    acting,
    acting_as,
    acting_as_person,
    current_actor,
    current_user_id,
    new_request_id,
    once_committed,
    within,
)

__all__ = [
    "ERASED",
    "IN_REQUEST",
    "NOBODY",
    "Actor",
    "ActorKind",
    "Change",
    "HistoryContext",
    "Kept",
    "KeptForEver",
    "RequestContextMiddleware",
    "acting",
    "acting_as",
    "acting_as_person",
    "actor_of",
    "address_of",
    "change",
    "current_actor",
    "current_user_id",
    "history",
    "new_request_id",
    "once_committed",
    "within",
]

# What stands where something about a guest stood.
ERASED = "[erased]"
REQUEST_ID = re.compile(r"^[A-Za-z0-9-]{8,64}$")
# Where a request's META keeps its actor, for the access line that is written when all is over.
IN_REQUEST = "innkeep.actor"


@dataclass(frozen=True)
class Change:
    """Which transition a history row records, and its reason."""

    transition: str = ""
    reason: str = ""


NOTHING = Change()
_change: ContextVar[Change] = ContextVar("change", default=NOTHING)


@contextmanager
def change(transition: str, reason: str = "") -> Iterator[None]:
    """Mark the history rows written inside the block with a transition and its reason."""
    token = _change.set(Change(transition, reason))
    try:
        yield
    finally:
        _change.reset(token)


class HistoryContext(models.Model):
    """What every history row says beside the values: who, from where, and by which transition."""

    actor_kind = models.CharField(max_length=10, choices=ActorKind.choices, default=ActorKind.COMMAND)
    transition = models.CharField(max_length=40, blank=True)
    ip = models.GenericIPAddressField(null=True, blank=True)
    user_agent = models.CharField(max_length=300, blank=True)
    request_id = models.CharField(max_length=64, blank=True, db_index=True)

    class Meta:
        abstract = True


class KeptForEver(Exception):
    """Somebody tried to delete a record of money, or of what happened. Nothing was deleted."""


class Kept(models.Model):
    """Rows that nobody deletes, whoever asks: the records of money."""

    class Meta:
        abstract = True


@receiver(pre_delete, dispatch_uid="bookings.audit.kept")
def _refuse_deletion(sender: type[models.Model], instance: models.Model, **_: Any) -> None:
    # By signal, since that is the one place that a row, a list of rows and a cascade all pass.
    if issubclass(sender, Kept | HistoryContext):
        raise KeptForEver(f"{sender._meta.verbose_name} {instance.pk} is kept for ever; nothing was deleted.")


def _history_user(instance: models.Model, **_: Any) -> models.Model | None:
    # Only the key is stored: an unsaved stand-in saves one look-up for every history row.
    user_id = current_user_id()
    return get_user_model()(pk=user_id) if user_id else None


class Records(HistoryManager):
    """The library's manager of history rows. It would make a class anew for each row that is written."""

    @classmethod
    @cache
    def from_queryset(cls, queryset_class: type[models.QuerySet[Any]], class_name: str | None = None) -> Any:
        """Return the class that the library asks for."""
        return super().from_queryset(queryset_class, class_name)


def history(**options: Any) -> HistoricalRecords:
    """Return the history field that every model here uses: context columns and an unlimited reason."""
    return HistoricalRecords(
        bases=[HistoryContext],
        history_change_reason_field=models.TextField(null=True),
        history_manager=Records,
        get_user=_history_user,
        **options,
    )


@receiver(pre_create_historical_record, dispatch_uid="bookings.audit")
def _fill_context(sender: Any, history_instance: Any, **_: Any) -> None:
    actor, said = current_actor(), _change.get()
    history_instance.actor_kind = actor.kind
    history_instance.ip = actor.ip or None
    history_instance.user_agent = actor.user_agent
    history_instance.request_id = actor.request_id
    history_instance.transition = said.transition
    history_instance.history_change_reason = said.reason or None


class RequestContextMiddleware:
    """Give each request an id and an actor; both end up in every history row that it writes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        actor = request.META[IN_REQUEST] = actor_of(request)
        with acting(actor):
            response = self.get_response(request)
        response["X-Request-Id"] = actor.request_id
        return response


def actor_of(request: HttpRequest) -> Actor:
    """Return the signed-in staff member or the guest behind a request; asked again, its id stays the same."""
    actor: Actor = request.META.get(IN_REQUEST) or anybody(request)
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return actor
    return replace(actor, kind=ActorKind.STAFF, user_id=user.pk)


def anybody(request: HttpRequest) -> Actor:
    """Return who is behind a request as long as nobody has signed in."""
    given = request.headers.get("X-Request-Id", "")
    return Actor(
        kind=ActorKind.GUEST,
        ip=address_of(request),
        user_agent=request.headers.get("User-Agent", "")[:300],
        request_id=given if REQUEST_ID.match(given) else new_request_id(),
    )


def address_of(request: HttpRequest) -> str:
    """Return the address of whoever is behind a request, or nothing.

    Behind a trusted proxy it is the last one in `X-Forwarded-For`: the proxy has put it there itself, while
    everything before it is whatever the browser claimed.
    """
    address = request.META.get("REMOTE_ADDR", "")
    if settings.TRUST_PROXY:
        address = request.headers.get("X-Forwarded-For", address).rpartition(",")[2].strip()
    try:
        return str(ip_address(address))
    except ValueError:
        return ""

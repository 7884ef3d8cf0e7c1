"""Where reports, their exports and the explorer are read: a replica by a setting, and never anything else.

Whatever decides about money or rooms reads our own database. Nothing is ever written to a replica.
"""

import time
from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from typing import Any, ClassVar, Concatenate, Final

import structlog
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections
from django.http import HttpRequest

logger = structlog.get_logger(__name__)

# After the replica did not answer, nobody waits for it again within so many seconds.
PAUSE: Final = 30.0
BROKEN: Final = (OperationalError, InterfaceError)

# One page reads one database, whatever happens meanwhile.
_chosen: ContextVar[str] = ContextVar("reading", default="")

type View[Page, **More, Answer] = Callable[Concatenate[Page, HttpRequest, More], Answer]


class Router:
    """Every write goes to our own database, even that of an object that was read elsewhere."""

    def db_for_write(self, _model: Any, **_hints: Any) -> str:
        """Name our own."""
        return DEFAULT_DB_ALIAS

    def allow_relation(self, *_objects: Any, **_hints: Any) -> bool:
        """Allow it: both databases hold the same rows."""
        return True

    def allow_migrate(self, db: str, _app_label: str, **_hints: Any) -> bool | None:
        """Refuse it on a replica, which follows by itself."""
        return False if db != DEFAULT_DB_ALIAS and db == settings.REPORTS_DATABASE else None


class Away:
    """When the replica is asked again, by the clock of the process."""

    until: ClassVar[float] = 0.0


def database() -> str:
    """Return the alias of the database that reports are read from: the replica while it answers, else our own."""
    return _chosen.get() or DEFAULT_DB_ALIAS


def from_replica[Page, **More, Answer](view: View[Page, More, Answer]) -> View[Page, More, Answer]:
    """Let a view read where reports are read. What breaks with the replica is done again without it.

    The view may write only once it has read, so that nothing is written twice.
    """

    @wraps(view)
    def read(page: Page, request: HttpRequest, *args: More.args, **more: More.kwargs) -> Answer:
        alias = choose()
        token = _chosen.set(alias)
        try:
            return view(page, request, *args, **more)
        except BROKEN as error:
            if alias == DEFAULT_DB_ALIAS:
                raise
            lose(alias, error)
            _chosen.set(DEFAULT_DB_ALIAS)
            return view(page, request, *args, **more)
        finally:
            _chosen.reset(token)

    return read


def choose() -> str:
    """Return the alias of the replica if it answers, else of our own."""
    alias: str = settings.REPORTS_DATABASE
    if alias == DEFAULT_DB_ALIAS or time.monotonic() < Away.until:
        return DEFAULT_DB_ALIAS
    try:
        replica = connections[alias]
        replica.ensure_connection()
        if not replica.is_usable():
            replica.close()
            replica.ensure_connection()
    except BROKEN as error:
        lose(alias, error)
        return DEFAULT_DB_ALIAS
    if Away.until:
        Away.until = 0.0
        logger.info("replica.back")
    return alias


def lose(alias: str, error: Exception) -> None:
    """Do without the replica for a while, and say so."""
    connections[alias].close()
    logger.warning("replica.away", error=type(error).__name__)
    Away.until = time.monotonic() + PAUSE

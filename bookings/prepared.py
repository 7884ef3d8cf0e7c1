"""Rows that every decision reads by a key, by a statement that is worked out once for each connection.

Django works out each statement anew, which takes longer than the database needs to answer it; for a booking with its
hotel and its room, several times as long. What comes back is what the query set itself would return, locks included.
"""

from collections.abc import Callable
from functools import cached_property
from typing import Any, Final

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models.query import ModelIterable
from django.db.transaction import TransactionManagementError

# Stand for the key while a statement is worked out; no row has them.
PLACE: Final = -7_000_001
TEXT_PLACE: Final = "innkeep: no row has this"
KEPT_ON: Final = "innkeep_prepared"


class Statement:
    """A query set's statement on one connection, with its converters; asked again and again with another key."""

    def __init__(self, rows: models.QuerySet[Any], place: int | str, connection: Any) -> None:
        self.rows, self.connection = rows, connection
        compiler: Any = rows.query.get_compiler(connection.alias)
        self.sql, params = compiler.as_sql()
        self.params = list(params)
        self.at = self.params.index(place)
        converters = compiler.get_converters([each[0] for each in compiler.select[: compiler.col_count]])
        # From here on the compiler says what it has worked out.
        compiler.as_sql = lambda *_, **__: (self.sql, tuple(self.params))
        compiler.get_converters = lambda _expressions: converters
        known: Any = rows.query
        known.get_compiler = lambda *_, **__: compiler

    def found(self, key: int | str) -> list[Any]:
        """Return the rows with a key."""
        locks = self.rows.query.select_for_update and self.connection.features.has_select_for_update
        if locks and self.connection.get_autocommit():
            raise TransactionManagementError("A row is locked until the end of a transaction, and there is none.")
        self.params[self.at] = key
        return list(ModelIterable(self.rows))


class Prepared[Row: models.Model]:
    """A query set over rows with one key, which `rows` makes of it; `place` stands for a key that is no number."""

    def __init__(self, rows: Callable[[Any], models.QuerySet[Row]], *, place: int | str = PLACE) -> None:
        self.rows, self.place = rows, place

    def get(self, key: int | str) -> Row:
        """Return the row; raises its model's DoesNotExist."""
        row = self.first(key)
        if row is None:
            raise self.model.DoesNotExist(f"There is no {self.model._meta.object_name} {key}.")
        return row

    def first(self, key: int | str) -> Row | None:
        """Return the first row, if there is one."""
        return next(iter(self.all(key)), None)

    def all(self, key: int | str) -> list[Row]:
        """Return all rows, in the order of the query set."""
        return self.statement.found(key)

    @cached_property
    def model(self) -> Any:
        """The model of the rows."""
        return self.rows(self.place).model

    @property
    def statement(self) -> Statement:
        """The statement on this thread's connection."""
        connection = connections[DEFAULT_DB_ALIAS]
        known: dict[Any, Statement] = vars(connection).setdefault(KEPT_ON, {})
        if self not in known:
            known[self] = Statement(self.rows(self.place), self.place, connection)
        return known[self]

"""What waits on each connection for its commit. Imported before there are any models."""

from collections.abc import Callable
from typing import Any, Final

# Called in this order with the connection before it commits; the app fills it when it is ready.
BEFORE_COMMIT: Final[list[Callable[[Any], None]]] = []


def of(connection: Any) -> dict[tuple[str, int], None]:
    """Return the history rows that were written and have no entry yet, in their order."""
    noted: dict[tuple[str, int], None] = connection.noted
    return noted


def prepared(connection: Any) -> dict[Any, Any]:
    """Return the statements that were worked out for a connection, by model."""
    known: dict[Any, Any] = connection.prepared
    return known


class SealsBeforeCommit:
    """A connection that puts its history rows into their chains as the last thing of every transaction."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.noted: dict[tuple[str, int], None] = {}
        self.prepared: dict[Any, Any] = {}

    def commit(self) -> None:
        """Seal, then commit: both or, where anything fails, neither."""
        if self.noted:
            self._seal()
        super().commit()  # type: ignore[misc]

    def _seal(self) -> None:
        # `atomic` has just left its block; the queries of the seal belong into it.
        self.in_atomic_block = True
        try:
            for before_commit in BEFORE_COMMIT:
                before_commit(self)
        except BaseException:
            self.in_atomic_block = self.needs_rollback = False
            self.rollback()
            raise
        self.in_atomic_block = False

    def rollback(self) -> None:
        """Forget what was noted: it is not there any more."""
        self.noted.clear()
        super().rollback()  # type: ignore[misc]

    def close(self) -> None:
        """Forget what was noted: an open transaction ends with its connection."""
        self.noted.clear()
        super().close()  # type: ignore[misc]

"""SQLite, with its history sealed."""

from typing import Any

from django.db.backends.sqlite3 import base

from trail.backends.pending import SealsBeforeCommit


class DatabaseWrapper(SealsBeforeCommit, base.DatabaseWrapper):
    """Django's own, which seals before it commits, and tells its triggers what is allowed."""

    # Whether the rows of history may be changed now, and emptied: the second is for tests, which begin anew.
    erasing = emptying = False

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect. The triggers ask these functions; a program that has them not can read, and write nothing."""
        connection = super().get_new_connection(conn_params)
        connection.create_function("innkeep_erasing", 0, lambda: int(self.erasing))
        connection.create_function("innkeep_emptying", 0, lambda: int(self.emptying))
        return connection

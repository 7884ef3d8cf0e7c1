"""PostgreSQL, with its history sealed."""

from django.db.backends.postgresql import base

from trail.backends.pending import SealsBeforeCommit


class DatabaseWrapper(SealsBeforeCommit, base.DatabaseWrapper):
    """Django's own, which seals before it commits."""

    def _seal(self) -> None:
        # Foreign keys that are checked at the commit lock the rows they lead to. Whoever has locked such a row may be
        # waiting for the chain that is locked next, so they are checked before it.
        # no history: a setting of the transaction, no row
        with self.cursor() as cursor:
            # no history: a setting of the transaction, no row
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        super()._seal()

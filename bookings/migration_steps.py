"""Steps of migrations that an installation does not notice while it works: indexes beside the work, rows in batches.

Both belong into migrations with `atomic = False`. What was interrupted is begun again by `migrate`.
"""

from collections.abc import Callable
from typing import Any, Final

from django.db import transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor as Editor
from django.db.migrations.operations import AddIndex, RemoveIndex
from django.db.migrations.state import ProjectState as State
from django.db.models import QuerySet

BATCH: Final = 1000

type Rows = Callable[[], QuerySet[Any]]


class AddIndexOnline(AddIndex):
    """Build an index without locking writers out, on PostgreSQL; an invalid one of an interrupted run goes first."""

    def database_forwards(self, app_label: str, schema_editor: Editor, from_state: State, to_state: State) -> None:
        """Build it."""
        if model := migrated(self, app_label, schema_editor, to_state):
            drop(schema_editor, self.index)
            build(schema_editor, model, self.index)

    def database_backwards(self, app_label: str, schema_editor: Editor, from_state: State, to_state: State) -> None:
        """Drop it, in the same way."""
        if migrated(self, app_label, schema_editor, from_state):
            drop(schema_editor, self.index)


class RemoveIndexOnline(RemoveIndex):
    """Drop an index without waiting for everybody else, on PostgreSQL."""

    def database_forwards(self, app_label: str, schema_editor: Editor, from_state: State, to_state: State) -> None:
        """Drop it."""
        if migrated(self, app_label, schema_editor, from_state):
            drop(schema_editor, self.index_in(app_label, from_state))

    def database_backwards(self, app_label: str, schema_editor: Editor, from_state: State, to_state: State) -> None:
        """Build it again."""
        if model := migrated(self, app_label, schema_editor, to_state):
            build(schema_editor, model, self.index_in(app_label, to_state))

    def index_in(self, app_label: str, state: State) -> Any:
        """Return the index as a state of the models knows it."""
        return state.models[app_label, self.model_name_lower].get_index_by_name(self.name)


def migrated(step: AddIndex | RemoveIndex, app_label: str, schema_editor: Editor, state: State) -> Any:
    """Return the model that a step is about, or None where its table is not on this database."""
    model = state.apps.get_model(app_label, step.model_name)
    return model if step.allow_migrate_model(schema_editor.connection.alias, model) else None


def build(schema_editor: Any, model: Any, index: Any) -> None:
    """Build an index beside the work where the database can."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.add_index(model, index, concurrently=True)
    else:
        schema_editor.add_index(model, index)


def drop(schema_editor: Any, index: Any) -> None:
    """Drop an index if it is there, beside the work where the database can."""
    name = schema_editor.quote_name(index.name)
    how = "CONCURRENTLY " if schema_editor.connection.vendor == "postgresql" else ""
    schema_editor.execute(f"DROP INDEX {how}IF EXISTS {name}")  # no history: an index holds no row


def in_batches(rows: Rows, change: Callable[[QuerySet[Any]], int], *, using: str, size: int = BATCH) -> int:
    """Change rows that still need it, so many in a transaction of their own; return how many.

    `rows` are those that need the change and have it no more afterwards: whatever was killed goes on where it was.
    """
    done = 0
    while keys := list(rows().order_by("pk").values_list("pk", flat=True)[:size]):
        with transaction.atomic(using=using):
            changed = change(rows().filter(pk__in=keys))
        if not changed:
            raise RuntimeError("The rows that were changed still need it: this would never end.")
        done += changed
    return done

"""Steps of migrations that an installation does not notice while it works: indexes beside the work, rows in batches.

Both belong into migrations with `atomic = False`. What was interrupted is begun again by `migrate`.
"""

from collections.abc import Callable
from typing import Any, Final

from django.db import transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import AddIndex, RemoveIndex
from django.db.migrations.state import ProjectState
from django.db.models import QuerySet

BATCH: Final = 1000

type Rows = Callable[[], QuerySet[Any]]


class AddIndexOnline(AddIndex):
    """Build an index without locking writers out, on PostgreSQL; an invalid one of an interrupted run goes first."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Build it."""
        model = to_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            drop(schema_editor, model, self.index)
            build(schema_editor, model, self.index)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Drop it, in the same way."""
        model = from_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            drop(schema_editor, model, self.index)


class RemoveIndexOnline(RemoveIndex):
    """Drop an index without waiting for everybody else, on PostgreSQL."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Drop it."""
        model = from_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            drop(
                schema_editor, model, from_state.models[app_label, self.model_name_lower].get_index_by_name(self.name)
            )

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Build it again."""
        model = to_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            index = to_state.models[app_label, self.model_name_lower].get_index_by_name(self.name)
            build(schema_editor, model, index)


def build(schema_editor: Any, model: Any, index: Any) -> None:
    """Build an index beside the work where the database can."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.add_index(model, index, concurrently=True)
    else:
        schema_editor.add_index(model, index)


def drop(schema_editor: Any, model: Any, index: Any) -> None:
    """Drop an index if it is there, beside the work where the database can."""
    name = schema_editor.quote_name(index.name)
    how = "CONCURRENTLY " if schema_editor.connection.vendor == "postgresql" else ""
    schema_editor.execute(f"DROP INDEX {how}IF EXISTS {name}")


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

"""Migrations that would stop an installation at work, or could not be taken back: a part of `./run check`.

While an update runs, processes of the old version go on. So a new version's migrations may only add, in ways that the
old version does not notice and that lock no table for long; what is old is removed one version later. Whatever
breaks that rule is refused here, unless the migration says why: `accepted = {"RemoveField booking.note": "why …"}`
in its class. docs/upgrading.md tells how to write each step instead.
"""

import sys
from collections.abc import Iterator
from typing import Any, Final

import django
from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.migrations import Migration, operations
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.db.models import NOT_PROVIDED, ManyToManyField

from bookings.migration_steps import AddIndexOnline, RemoveIndexOnline

APPS: Final = ("bookings", "payments", "cancellations", "trail", "site_config")
FOR_NOBODY: Final = "made before the first installation: no old version ran beside it"
# What has landed cannot change any more. Each offends; a test holds that none is listed in vain.
LANDED: Final = {
    ("bookings", "0004_money"): FOR_NOBODY,
    ("bookings", "0005_guest_verification"): FOR_NOBODY,
    ("bookings", "0006_message_calendar"): FOR_NOBODY,
    ("bookings", "0007_test_data"): FOR_NOBODY,
    ("bookings", "0008_erasure"): FOR_NOBODY,
    ("bookings", "0010_live"): FOR_NOBODY,
    ("bookings", "0012_reports"): FOR_NOBODY,
    ("bookings", "0013_wording"): FOR_NOBODY,
    ("bookings", "0014_access"): FOR_NOBODY,
    ("bookings", "0015_mail"): FOR_NOBODY,
    ("cancellations", "0002_guests_way"): FOR_NOBODY,
    ("payments", "0002_money"): FOR_NOBODY,
    ("payments", "0004_difference"): FOR_NOBODY,
    ("trail", "0002_explorer"): "its tables are those of 0001_chain, which hold nothing before 0003_begin",
}
# Tables with a row for each hotel, room, policy or person at the most: quickly locked, quickly scanned.
SMALL: Final = frozenset(
    {
        "accesstoken",
        "cancellationpolicy",
        "chain",
        "chore",
        "exchangerate",
        "hotel",
        "policytier",
        "room",
        "roomtype",
        "user",
        "wording",
    }
)
SHORTEST_REASON: Final = 15
# Done in no time where there are few rows.
QUICK: Final = (operations.AddIndex, operations.RemoveIndex)
GONE: Final = {
    operations.RemoveField: "the old version still reads this column; remove it one version after its last use",
    operations.DeleteModel: "the old version still uses this table; delete it one version after its last use",
    operations.RenameField: "the old version knows the old name only; add, fill, and remove one version later",
    operations.RenameModel: "the old version knows the old name only; keep it, with db_table",
    operations.AlterModelTable: "the old version knows the old table only",
    operations.RemoveConstraint: "the old version relies on it; remove it one version later",
    operations.RemoveIndex: "it locks the table; use RemoveIndexOnline in a migration that is not atomic",
    operations.AddIndex: "it locks writers out while it builds; use AddIndexOnline in a migration that is not atomic",
    operations.AlterUniqueTogether: "it locks writers out; use a UniqueConstraint in a migration of its own",
}


def main() -> int:
    """Print what is wrong; whether anything is, is the exit code."""
    django.setup()
    found = problems()
    print("\n".join(found))
    return min(len(found), 1)


def problems() -> list[str]:
    """Return what is wrong with each migration that has not landed: where, what, and what to do instead."""
    return [
        f"{migration.app_label}.{migration.name}: {what}"
        for migration, before in in_order()
        if (migration.app_label, migration.name) not in LANDED
        for what in offences(migration, before)
    ]


def in_order() -> Iterator[tuple[Migration, ProjectState]]:
    """Yield each migration of the product, with the models as they were before it."""
    loader = MigrationLoader(None)
    state = ProjectState(real_apps=loader.unmigrated_apps)
    for key in full_plan(loader):
        migration = loader.graph.nodes[key]
        if key[0] in APPS:
            yield migration, state.clone()
        state = migration.mutate_state(state, preserve=False)


def full_plan(loader: MigrationLoader) -> list[tuple[str, str]]:
    """Return every migration in an order in which it can run."""
    plan: list[tuple[str, str]] = []
    for leaf in loader.graph.leaf_nodes():
        plan += [key for key in loader.graph.forwards_plan(leaf) if key not in plan]
    return plan


def offences(migration: Migration, before: ProjectState) -> Iterator[str]:
    """Yield what one migration does that an installation at work suffers from; an app's first may do all."""
    if migration.initial:
        return
    accepted: dict[str, str] = getattr(migration, "accepted", {})
    made: set[str] = set()
    state, used = before.clone(), set()
    for step in flat(migration.operations):
        if isinstance(step, operations.CreateModel):
            made.add(step.name_lower)
        for what in wrong_with(step, migration, state, made):
            name = named(step)
            used.add(name)
            if len(accepted.get(name, "")) < SHORTEST_REASON:
                yield f"{name}: {what}"
        step.state_forwards(migration.app_label, state)
    yield from (f"{name} is accepted, and is not there" for name in sorted(set(accepted) - used))


def flat(steps: Any) -> Iterator[Any]:
    """Yield the operations, also those inside of SeparateDatabaseAndState: what happens to the database counts."""
    for step in steps:
        if isinstance(step, operations.SeparateDatabaseAndState):
            yield from flat(step.database_operations)
        else:
            yield step


def named(step: Any) -> str:
    """Return what a reason names an operation by."""
    of = getattr(step, "model_name", "") or getattr(step, "old_name", "")
    what = getattr(step, "name", "") or getattr(getattr(step, "index", None), "name", "")
    what = what or getattr(getattr(step, "constraint", None), "name", "")
    return f"{type(step).__name__} {'.'.join(each for each in (of, what) if each)}".strip()


def wrong_with(step: Any, migration: Migration, state: ProjectState, made: set[str]) -> Iterator[str]:
    """Yield what is wrong with one operation. A table that the same migration makes is nobody's yet."""
    if isinstance(step, (operations.RunPython, operations.RunSQL)):
        if not step.reversible:
            yield "it cannot be taken back; give it a reverse, RunPython.noop if there is nothing to undo"
    elif isinstance(step, (AddIndexOnline, RemoveIndexOnline)):
        if migration.atomic:
            yield "an index is built beside the work only outside of a transaction: set atomic = False"
    elif table_of(step) not in made:
        yield from wrong_with_table(step, migration.app_label, state, is_small=table_of(step) in SMALL)


def table_of(step: Any) -> str:
    """Return the model that an operation is about, in lower case."""
    return str(getattr(step, "model_name", "") or getattr(step, "name", "")).lower()


def wrong_with_table(step: Any, app: str, state: ProjectState, *, is_small: bool) -> Iterator[str]:
    """Yield what is wrong with one change of a table that there is."""
    if type(step) in GONE and not (is_small and isinstance(step, QUICK)):
        yield GONE[type(step)]
    elif isinstance(step, operations.AddField):
        yield from wrong_column(step.field, is_small=is_small)
    elif isinstance(step, operations.AlterField):
        yield from wrong_change(step, app, state, is_small=is_small)
    elif isinstance(step, operations.AddConstraint) and not is_small:
        yield "it locks writers out while all rows are looked at; say why that is short"


def wrong_column(field: Any, *, is_small: bool) -> Iterator[str]:
    """Yield what is wrong with a new column of a table that there is."""
    if isinstance(field, ManyToManyField):
        return
    if not field.null and field.db_default is NOT_PROVIDED:
        yield "the old version inserts rows without it: let it be null, or give it a db_default"
    if (field.db_index or field.unique) and not is_small:
        yield "its index locks writers out; add the column with db_index=False, then an index with AddIndexOnline"


def wrong_change(step: Any, app: str, state: ProjectState, *, is_small: bool) -> Iterator[str]:
    """Yield what is wrong with a change of a column: another type, or no NULL any more."""
    old: Any = state.models[app, step.model_name_lower].fields[step.name]
    was, becomes = kind_of(old), kind_of(step.field)
    if was != becomes and not is_wider(was, becomes):
        yield f"it rewrites the table ({was} to {becomes}); add a column, fill it in batches, remove this one later"
    if old.null and not step.field.null and step.field.db_default is NOT_PROVIDED:
        yield "the old version may still write NULL; require it one version after the last writer"
    if not is_small and step.field.db_index and not old.db_index:
        yield "its index locks writers out; use AddIndexOnline"


def kind_of(field: Any) -> str:
    """Return a column's type on PostgreSQL; keys are as wide as all of ours."""
    if field.is_relation:
        return "key"
    wrapper = DatabaseWrapper({"NAME": "unasked", "OPTIONS": {}, "ENGINE": ""}, "lint")
    return str(field.db_type(wrapper))


def is_wider(was: str, becomes: str) -> bool:
    """Whether a text column merely takes more, which PostgreSQL only notes."""
    sizes = [text.removeprefix("varchar(").removesuffix(")") for text in (was, becomes)]
    if not was.startswith("varchar("):
        return False
    return becomes == "text" or (sizes[1].isdecimal() and int(sizes[1]) >= int(sizes[0]))


if __name__ == "__main__":
    sys.exit(main())

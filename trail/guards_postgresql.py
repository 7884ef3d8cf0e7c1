"""The triggers on PostgreSQL."""

from collections.abc import Collection, Iterable
from typing import Any, Final

from trail.guards_rules import Guarded, Rule

# `set_config('innkeep.erasing', 'on', true)` lasts until the transaction ends.
IS_ERASING: Final = "coalesce(current_setting('innkeep.erasing', true), '') = 'on'"
FUNCTION: Final = """
CREATE OR REPLACE FUNCTION innkeep_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is kept as it was written: no %', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$
"""
CONDITIONS: Final = {
    ("UPDATE", Rule.HISTORY): f"NOT ({IS_ERASING} AND OLD.history_id = NEW.history_id)",
    ("UPDATE", Rule.ERASABLE): f"NOT {IS_ERASING}",
    ("DELETE", Rule.ERASABLE): f"NOT {IS_ERASING}",
    ("UPDATE", Rule.GROWS): "NOT (NEW.id = OLD.id AND NEW.length > OLD.length AND NEW.head <> OLD.head)",
}


def existing(cursor: Any) -> dict[str, str]:
    """Return our triggers by name, with their tables."""
    # no history: reads which triggers there are
    cursor.execute(
        "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "WHERE t.tgname LIKE 'innkeep\\_%%' AND pg_table_is_visible(c.oid)"
    )
    return dict(cursor.fetchall())


def statements(table: Guarded, there: Collection[str]) -> Iterable[str]:
    """Return what makes the missing triggers of a table."""
    if not there:
        yield FUNCTION
    for operation in ("UPDATE", "DELETE", "TRUNCATE"):
        name = name_of(operation, table)
        if name in there:
            continue
        each = "STATEMENT" if operation == "TRUNCATE" else "ROW"
        condition = CONDITIONS.get((operation, table.rule))
        when = f"WHEN ({condition}) " if condition else ""
        yield (
            f'CREATE TRIGGER "{name}" BEFORE {operation} ON "{table.name}" '
            f"FOR EACH {each} {when}EXECUTE FUNCTION innkeep_refuse()"
        )


def name_of(operation: str, table: Guarded) -> str:
    """Return a trigger's name; PostgreSQL cuts names after 63 characters."""
    return f"innkeep_{operation.lower()}_{table.name}"[:63]


def removal(there: dict[str, str]) -> Iterable[str]:
    """Return what takes triggers away, and what they call."""
    for name, table in there.items():
        yield f'DROP TRIGGER "{name}" ON "{table}"'
    yield "DROP FUNCTION IF EXISTS innkeep_refuse()"

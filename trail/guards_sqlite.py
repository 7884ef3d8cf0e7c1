"""The triggers on SQLite. `innkeep_erasing()` is a function of our own connections: no other program can say yes."""

from collections.abc import Collection, Iterable
from typing import Any, Final

from trail.guards_rules import Guarded, Rule

CONDITIONS: Final = {
    ("UPDATE", Rule.HISTORY): "innkeep_erasing() = 0 OR OLD.history_id IS NOT NEW.history_id",
    ("UPDATE", Rule.ERASABLE): "innkeep_erasing() = 0",
    ("DELETE", Rule.ERASABLE): "innkeep_erasing() = 0 AND innkeep_emptying() = 0",
    ("UPDATE", Rule.GROWS): "NOT (NEW.id IS OLD.id AND NEW.length > OLD.length AND NEW.head IS NOT OLD.head)",
    ("UPDATE", Rule.STAYS): "1",
}
NO_TABLE_IS_EMPTIED: Final = "innkeep_emptying() = 0"


def existing(cursor: Any) -> dict[str, str]:
    """Return our triggers by name, with their tables."""
    # no history: reads which triggers there are
    cursor.execute(
        "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'innkeep\\_%%' ESCAPE '\\'"
    )
    return dict(cursor.fetchall())


def statements(table: Guarded, there: Collection[str]) -> Iterable[str]:
    """Return what makes the missing triggers of a table."""
    for operation in ("UPDATE", "DELETE", "INSERT"):
        name = f"innkeep_{operation.lower()}_{table.name}"
        if name not in there:
            yield (
                f'CREATE TRIGGER "{name}" BEFORE {operation} ON "{table.name}" WHEN {condition(table, operation)} '
                f"BEGIN SELECT RAISE(ABORT, '{table.refusal(operation)}'); END"
            )


def condition(table: Guarded, operation: str) -> str:
    """Return when a statement is refused."""
    if operation == "INSERT":
        # INSERT OR REPLACE deletes the row that is in its way, and no trigger hears of it.
        return " OR ".join(taken(table.name, key) for key in table.keys)
    return CONDITIONS.get((operation, table.rule), NO_TABLE_IS_EMPTIED)


def taken(table: str, key: tuple[str, ...]) -> str:
    """Return the question whether a row with a key is there already."""
    same = " AND ".join(f'"{column}" = NEW."{column}"' for column in key)
    return f'EXISTS (SELECT 1 FROM "{table}" WHERE {same})'  # noqa: S608  (names of our own)


def removal(there: dict[str, str]) -> Iterable[str]:
    """Return what takes triggers away."""
    return [f'DROP TRIGGER "{name}"' for name in there]

"""Whether an entry says that a field changed, asked in the way that the database has an index for."""

from typing import Any

from django.db.models import BooleanField, F, Func, Value


class Says(Func):
    """Whether a column of words, each between blanks, holds a word."""

    template = "instr(%(expressions)s) > 0"
    output_field = BooleanField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Ask for a word of the list, as the index of PostgreSQL is made."""
        (column, before), (word, said) = (compiler.compile(each) for each in self.get_source_expressions())
        words = [each.strip() for each in said]
        return f"string_to_array({column}, ' ') @> ARRAY[{word}]::text[]", (*before, *words)


def says(column: str, word: str) -> Says:
    """Return the condition that a column of words holds a word."""
    return Says(F(column), Value(f" {word} "))

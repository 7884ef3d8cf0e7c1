"""Writes that would go past history, found by reading the code: a part of `./run check`.

A row of a model with history is saved or deleted by itself, so that its history row is written with it. What changes
many rows at once, speaks SQL, or says that nobody did it is refused here. A receiver is followed by name: models,
their managers and related names, names that were given such a chain, annotations. One that cannot be followed and
looks like a list of rows has to say why it is none of history's: `# no history: why`. What slips through is caught
while the tests run (`tests/trail/watch.py`).
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from site_config.devtools.product_files import CHECKOUT, FOLDERS, sources

MARK: Final = "# no history: "

# The only places that may, by file and function, and why.
ALLOWED: Final = {
    ("trail/erasing.py", "erase_from_history"): "the erasure path, the one place that rewrites history",
    ("bookings/models/hotel.py", "note_last_login"): "each sign-in has a record, and this column no history",
    ("payments/webhooks.py", "insert_or_count"): "one statement; its history begins when it is processed",
    ("payments/webhooks.py", "process"): "a counted update claims a row; its history is written after",
    ("payments/catch_up.py", "prune"): "processed events after 90 days; what they did stands in other histories",
    ("cancellations/hard_delete.py", "remove_rows"): "a booking goes for good: each row leaves a last history row",
}
MANAGERS: Final = ("objects", "_base_manager", "_default_manager")
MANY: Final = ("bulk_create", "bulk_update", "update_or_create", "_raw_delete", "aupdate", "abulk_create")
# What returns one row, which is saved and deleted by itself.
ONE: Final = ("get", "first", "last", "create", "get_or_create")
WORDS: Final = ("skip_history_when_saving", "save_without_historical_record", "SKIP_HISTORY", "_history_user")
SQL: Final = ("cursor", "RawSQL", "execute", "executemany", "raw")
# What a receiver may turn out to be, beside the name of a model with history.
OTHER, UNKNOWN = "", None


@dataclass
class Models:
    """The product's models: which have history, and by which names their rows are reached from others."""

    historical: set[str] = field(default_factory=set)
    known: set[str] = field(default_factory=set)
    related: dict[str, str] = field(default_factory=dict)

    def kind(self, name: str) -> str:
        """Return the name of a model with history, or OTHER."""
        return name if name in self.historical else OTHER


def main() -> int:
    """Print what is wrong; how many is the exit code."""
    found = problems(CHECKOUT)
    print("\n".join(found))
    return min(len(found), 1)


def problems(root: Path) -> list[str]:
    """Return every write past history below a folder: place and what is wrong."""
    files = list(sources(root))
    models = read_models(files)
    return [problem for path in files for problem in in_file(path, root, models)]


def read_models(files: list[Path]) -> Models:
    """Read which models there are."""
    models = Models()
    for path in files:
        if "models" not in (*path.parts, path.stem):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                read_model(node, models)
    return models


def read_model(node: ast.ClassDef, models: Models) -> None:
    """Note a class of a file of models: its history, and the related names of its keys."""
    models.known.add(node.name)
    for each in ast.walk(node):
        if isinstance(each, ast.Assign) and ast.unparse(each.targets[0]) == "history":
            models.historical.add(node.name)
        if isinstance(each, ast.keyword) and each.arg == "related_name" and isinstance(each.value, ast.Constant):
            models.related[str(each.value.value)] = node.name


def in_file(path: Path, root: Path, models: Models) -> Iterator[str]:
    """Yield what is wrong in one file."""
    text = path.read_text(encoding="utf-8")
    reader = Reader(str(path.relative_to(root)), text.splitlines(), models)
    reader.visit(ast.parse(text))
    yield from reader.found


class Reader(ast.NodeVisitor):
    """Walks through one file and remembers what each name stands for."""

    def __init__(self, path: str, lines: list[str], models: Models) -> None:
        self.path, self.lines, self.models = path, lines, models
        self.names: dict[str, str | None] = {}
        self.functions: list[str] = []
        self.found: list[str] = []

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """What comes from elsewhere has no history of ours."""
        if (node.module or "").partition(".")[0] not in FOLDERS:
            self.names |= {each.asname or each.name: OTHER for each in node.names}

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """A function has names of its own; its annotations say what some of them are."""
        self.names[node.name] = self.annotated(node.returns)
        before, self.names = self.names, dict(self.names)
        for each in (*node.args.args, *node.args.kwonlyargs):
            self.names[each.arg] = self.annotated(each.annotation)
        self.functions.append(node.name)
        self.generic_visit(node)
        self.functions.pop()
        self.names = before

    def visit_Assign(self, node: ast.Assign) -> None:
        """A name stands for what it was given; nobody acts as nobody."""
        self.generic_visit(node)
        for to in node.targets:
            if isinstance(to, ast.Name):
                self.names[to.id] = OTHER if is_row(node.value) else self.model_of(node.value)
            if isinstance(to, ast.Attribute) and to.attr == "history_user" and is_none(node.value):
                self.refuse(node, "history_user=None")

    def visit_Call(self, node: ast.Call) -> None:
        """Look at what is called on what."""
        if any(each.arg == "history_user" and is_none(each.value) for each in node.keywords):
            self.refuse(node, "history_user=None")
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in SQL and not (isinstance(node.func, ast.Attribute) and self.model_of(node.func.value) == OTHER):
            self.refuse(node, f"{name}(): SQL of its own")
        if isinstance(node.func, ast.Attribute):
            self.check_many(node, name, self.model_of(node.func.value))
        self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """The switches that turn history off."""
        if node.attr in WORDS:
            self.refuse(node, node.attr)
        self.generic_visit(node)

    def check_many(self, node: ast.Call, name: str, model: str | None) -> None:
        """Refuse what changes many rows of a model with history, or of one that cannot be told."""
        is_update = name == "update" and not node.args and bool(node.keywords)
        if model == OTHER or not (is_update or name in MANY or (name == "delete" and model)):
            return
        self.refuse(node, f"{name}() of {model or 'what cannot be told'}")

    def refuse(self, node: ast.expr | ast.stmt, what: str) -> None:
        """Note what is wrong, unless it is allowed or says why not."""
        function = self.functions[-1] if self.functions else ""
        near = self.lines[max(node.lineno - 2, 0) : node.end_lineno]
        if (self.path, function) in ALLOWED or any(len(each.partition(MARK)[2]) > 10 for each in near):
            return
        self.found.append(f"{self.path}:{node.lineno}: {what} writes past history")

    def annotated(self, annotation: ast.expr | None) -> str | None:
        """Return what an annotation such as `QuerySet[Booking]` says; one row is nobody's list."""
        if not isinstance(annotation, ast.Subscript):
            return UNKNOWN
        named = [each for each in ast.walk(annotation) if isinstance(each, ast.Name)]
        models = [each.id for each in named if each.id in self.models.known]
        return self.models.kind(models[-1]) if models else UNKNOWN

    def model_of(self, node: ast.expr) -> str | None:
        """Return the model with history whose rows an expression stands for, OTHER for another, or UNKNOWN."""
        if isinstance(node, ast.Name):
            return self.models.kind(node.id) if node.id in self.models.known else self.names.get(node.id)
        if isinstance(node, ast.Attribute):
            if node.attr == "history":
                return "history"
            if node.attr in self.models.related:
                return self.models.kind(self.models.related[node.attr])
            return self.model_of(node.value)
        if isinstance(node, ast.Call):
            return self.model_of(node.func)
        return self.model_of(node.value) if isinstance(node, ast.Subscript) else UNKNOWN


def is_row(node: ast.expr) -> bool:
    """Whether an expression is one row: it is saved and deleted with its history."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ONE


def is_none(node: ast.expr) -> bool:
    """Whether an expression is None, written out."""
    return isinstance(node, ast.Constant) and node.value is None


if __name__ == "__main__":
    sys.exit(main())

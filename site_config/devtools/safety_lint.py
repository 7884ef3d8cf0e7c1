"""What the linters of others cannot know of this project, found by reading the code: a part of `./run check`.

HTML that is called safe without having been escaped, a view without CSRF protection, and Stripe's library reached
past the gateway are refused wherever they are not on the list below, with the reason why they may be there. An entry
that nothing needs any more is refused as well.
"""

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from site_config.devtools.product_files import CHECKOUT, sources

TEMPLATES: Final = "templates"

# What may be, by file and function (a template has none), and why.
ALLOWED: Final[Mapping[tuple[str, str], str]] = {
    ("bookings/admin/rows.py", "drawn"): "rows of cells, each of which has escaped what it shows",
    ("bookings/admin/sides.py", "table"): "a template of ours that has escaped what it shows",
    ("bookings/placeholders.py", "fill"): "paragraphs that were escaped piece by piece",
    ("bookings/placeholders.py", "as_html"): "pieces that were escaped just above",
    ("payments/admin/exchange_rate.py", "hotels_words"): "a format of nothing but places",
    ("bookings/views.py", "mail_webhook"): "the mail provider signs in by itself",
    ("payments/views.py", "stripe_webhook"): "Stripe signs what it sends",
    ("cancellations/language.py", "choose"): "checked below, where there is something to protect",
    ("site_config/api.py", "unknown_address"): "it answers 404 and nothing else",
    ("site_config/api_aliases.py", "handed_on"): "the view that it leads to checks its caller",
    ("templates/emails/base.txt", ""): "plain text, in which nothing is HTML",
    ("templates/ninja/swagger.html", ""): "settings that django-ninja has made JSON of, from no input",
    ("templates/emails/hotel.txt", ""): "plain text, in which nothing is HTML",
}
MADE_SAFE: Final = ("mark_safe", "SafeString", "SafeText")
FORMATS: Final = ("format_html", "format_html_join")
OPENED: Final = ("csrf_exempt",)
GATEWAY: Final = "payments/gateway.py"
LIBRARY: Final = "stripe"
IMPORTERS: Final = ("import_module", "__import__", "find_spec")
IN_TEMPLATE: Final = re.compile(r"\|\s*safe(?:seq)?\b|\{%\s*autoescape\s+off\b")

type Found = tuple[tuple[str, str], int, str]


def main() -> int:
    """Print what is wrong; 1 where something is."""
    found = problems(CHECKOUT)
    print("\n".join(found))
    return min(len(found), 1)


def problems(root: Path, allowed: Mapping[tuple[str, str], str] = ALLOWED) -> list[str]:
    """Return every place that is not allowed, and every entry of the list that is needed no more."""
    found = [*in_code(root), *in_templates(root)]
    told = [f"{place[0]}:{line}: {what}" for place, line, what in found if place not in allowed]
    places = {place for place, _line, _what in found}
    return told + [
        f"{path}: {function or 'the template'} needs no exception" for path, function in allowed.keys() - places
    ]


def in_code(root: Path) -> Iterator[Found]:
    """Yield what is found in the product's own files."""
    for path in sources(root):
        reader = Reader(str(path.relative_to(root)))
        reader.visit(ast.parse(path.read_text(encoding="utf-8")))
        yield from reader.found


def in_templates(root: Path) -> Iterator[Found]:
    """Yield what is found in templates."""
    for path in sorted(each for each in root.rglob(f"{TEMPLATES}/**/*") if each.suffix in (".html", ".txt")):
        if any(part.startswith(".") for part in path.relative_to(root).parts):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if IN_TEMPLATE.search(line):
                yield (str(path.relative_to(root)), ""), number, "the template does not escape this"


class Reader(ast.NodeVisitor):
    """Walks through one file."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.functions: list[str] = []
        self.found: list[Found] = []

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Remember in which function we are; a decorator counts as inside."""
        self.functions.append(node.name)
        for each in node.decorator_list:
            if name_of(each) in (*MADE_SAFE, *OPENED):
                self.note(each, f"@{name_of(each)}")
        self.generic_visit(node)
        self.functions.pop()

    def visit_Call(self, node: ast.Call) -> None:
        """Look at what is called with what."""
        name = name_of(node.func)
        if name in MADE_SAFE or name in OPENED:
            self.note(node, f"{name}()")
        if name in FORMATS and node.args and is_put_together(node.args[0 if name == FORMATS[0] else 1 :][:1]):
            self.note(node, f"{name}() of a text that is put together")
        if name in IMPORTERS and any(names_library(each) for each in node.args):
            self.note_library(node)
        self.generic_visit(node)

    def visit_Import(self, node: ast.Import) -> None:
        """`import stripe`."""
        if any(each.name.partition(".")[0] == LIBRARY for each in node.names):
            self.note_library(node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """`from stripe import …`."""
        if (node.module or "").partition(".")[0] == LIBRARY:
            self.note_library(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        """`sys.modules["stripe"]`."""
        if name_of(node.value) == "modules" and names_library(node.slice):
            self.note_library(node)
        self.generic_visit(node)

    def note_library(self, node: ast.stmt | ast.expr) -> None:
        """Stripe's library, which one file may use."""
        if self.path != GATEWAY:
            self.note(node, "Stripe's library past the gateway")

    def note(self, node: ast.stmt | ast.expr, what: str) -> None:
        """Note a place."""
        self.found.append(((self.path, self.functions[-1] if self.functions else ""), node.lineno, what))


def name_of(node: ast.expr) -> str:
    """Return the last name of what is called or named."""
    if isinstance(node, ast.Call):
        return name_of(node.func)
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def names_library(node: ast.expr) -> bool:
    """Whether an expression is the name of Stripe's library, or of a part of it."""
    return isinstance(node, ast.Constant) and str(node.value).partition(".")[0] == LIBRARY


def is_put_together(arguments: list[ast.expr]) -> bool:
    """Whether a format was made of pieces, which `format_html` would take for trusted."""
    for node in arguments:
        if isinstance(node, ast.JoinedStr):
            return any(isinstance(each, ast.FormattedValue) for each in node.values)
        if isinstance(node, ast.BinOp) or (isinstance(node, ast.Call) and name_of(node) in ("format", "join")):
            return True
    return False


if __name__ == "__main__":
    sys.exit(main())

"""`./run messages`: bring the translations up to date with the words in the code.

Finds every word for guests and every word for staff, merges what is new into the `.po` files, drops what is gone,
compiles, and names what still has to be translated. It needs babel and nothing of the system.
See docs/translations.md.
"""

import io
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

CHECKOUT: Final = Path(__file__).resolve().parents[2]
# Where the catalogs are; a folder for each book in it.
PLACE: Final = CHECKOUT / "site_config"
APPS: Final = ("bookings", "payments", "cancellations", "trail")
# Nobody reads the simulator's words, and commands speak English.
UNREAD: Final = {"migrations", "simulator", "management", "devtools", "demo"}
# Where the words of the desk are: its pages, and what models call their fields and choices.
DESK: Final = {"admin", "models", "models.py", "actor.py", "apps.py"}
KEYWORDS: Final[dict[str, Any]] = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
}
# What Django's own scripts ask of the desk's `jsi18n`: dates are chosen with them.
SCRIPTS: Final = ("calendar.js", "admin/DateTimeShortcuts.js")
# What Django says in another word than docs/translations.md has for it.
OTHERWISE: Final = {"History"}
WIDTH: Final = 110
SUFFIXES: Final = (".html", ".txt")


@dataclass(frozen=True)
class Book:
    """One of the catalogs. They are apart, as a guest's page must not show one English word of the first."""

    folder: str
    header: str
    sources: Callable[[], Iterator[Path]]
    domain: str = "django"


def for_guests() -> Iterator[Path]:
    """Yield the files that guests read from: the apps without their admin, the guest's pages, mails and errors."""
    for app in APPS:
        yield from (path for path in modules(app) if not DESK & set(path.relative_to(CHECKOUT).parts))
    templates = CHECKOUT / "templates"
    for folder in (templates, templates / "emails", templates / "guest"):
        yield from sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES)


def for_the_desk() -> Iterator[Path]:
    """Yield the files that staff read from: the admin, models' names, the frame around it, Unfold's own pages."""
    for app in APPS:
        yield from (path for path in modules(app) if DESK & set(path.relative_to(CHECKOUT).parts))
    # What the API says is part of its contract, and English.
    yield from (path for path in modules("site_config") if path.name != "api.py")
    for folder in (CHECKOUT / "templates" / "admin", CHECKOUT / "templates" / "unfold"):
        yield from sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES)
    yield from stock()


def modules(folder: str) -> Iterator[Path]:
    """Yield a folder's Python files, without what nobody reads."""
    for path in sorted((CHECKOUT / folder).rglob("*.py")):
        if not UNREAD & set(path.relative_to(CHECKOUT).parts):
            yield path


def stock() -> Iterator[Path]:
    """Yield what staff read of Unfold, which brings no translations along, and of what Django left untranslated."""
    for folder in places("unfold"):
        yield from sorted(path for path in (folder / "templates").rglob("*") if path.suffix in SUFFIXES)
        yield from sorted(folder.rglob("*.py"))
    yield from (folder / "contrib" / "auth" / "forms.py" for folder in places("django"))


def for_the_browser() -> Iterator[Path]:
    """Yield the scripts in which people choose dates: Django has not translated all that they say."""
    for folder in places("django"):
        yield from (folder / "contrib" / "admin" / "static" / "admin" / "js" / name for name in SCRIPTS)


def places(package: str) -> Iterator[Path]:
    """Yield the folders of an installed package."""
    found = find_spec(package)
    yield from map(Path, (found and found.submodule_search_locations) or ())


HEADER: Final = "# Innkeep's words for %s. `./run messages` keeps this file in step with the code."
GUESTS_BOOK: Final = Book("locale", HEADER % "guests", for_guests)
DESK_BOOK: Final = Book("locale_desk", HEADER % "staff", for_the_desk)
# Where Django looks for the words of scripts: beside the app's own.
BROWSER_BOOK: Final = Book("locale", HEADER % "what staff choose dates with", for_the_browser, "djangojs")
BOOKS: Final = (GUESTS_BOOK, DESK_BOOK, BROWSER_BOOK)


def main() -> int:
    """0 when every word is translated, else 1."""
    left = []
    for book in BOOKS:
        for language in languages():
            catalog = merged(read(language, book), words(language, book))
            write(catalog, language, book)
            left += [f"{language}: {problem}" for problem in problems(catalog)]
            print(f"{po_file(language, book).relative_to(PLACE)}: {len(catalog)} messages")
    print("\n".join(left) or "Everything is translated.")
    return int(bool(left))


def languages() -> list[str]:
    """Return the languages that there is a catalog of. To begin another, make its folder."""
    return sorted(folder.name for folder in (PLACE / GUESTS_BOOK.folder).iterdir() if folder.is_dir())


def po_file(language: str, book: Book = GUESTS_BOOK) -> Path:
    """Return where people translate."""
    return PLACE / book.folder / language / "LC_MESSAGES" / f"{book.domain}.po"


def mo_file(language: str, book: Book = GUESTS_BOOK) -> Path:
    """Return what Django reads."""
    return po_file(language, book).with_suffix(".mo")


def read(language: str, book: Book = GUESTS_BOOK) -> Catalog:
    """Return a language's catalog as it is stored, or an empty one."""
    if not po_file(language, book).exists():
        return Catalog(
            locale=language,
            header_comment=book.header,
            project="Innkeep",
            version="1",
            msgid_bugs_address="-",
            last_translator="-",
            language_team="-",
            fuzzy=False,
        )
    with po_file(language, book).open("rb") as source:
        return read_po(source, locale=language)


def words(language: str, book: Book) -> Catalog:
    """Return what a book has to translate: for staff, what neither guests' words nor Django's own say already."""
    found = extracted(book)
    if book is not GUESTS_BOOK:
        known = [extracted(GUESTS_BOOK), *djangos(language, book.domain)]
        said = [each for each in found if each.id and each.id not in OTHERWISE]
        for message in [each for each in said if any(is_in(each, other) for other in known)]:
            found.delete(message.id, message.context)
    return found


def is_in(message: Message, catalog: Catalog) -> bool:
    """Whether a catalog has the very same words."""
    # Babel reads a context from a compiled file as bytes.
    contexts: tuple[Any, ...] = (message.context, message.context.encode()) if message.context else (None,)
    return any(catalog.get(message.id, context) is not None for context in contexts)


def djangos(language: str, domain: str) -> Iterator[Catalog]:
    """Yield Django's own translations, as far as there are any."""
    for folder in places("django"):
        for path in ("conf", "contrib/admin", "contrib/auth"):
            compiled_words = folder / path / "locale" / language / "LC_MESSAGES" / f"{domain}.mo"
            if compiled_words.exists():
                yield read_mo(io.BytesIO(compiled_words.read_bytes()))


def merged(catalog: Catalog, words: Catalog) -> Catalog:
    """Return the catalog with exactly the given words. Nothing is guessed: what is new is empty."""
    catalog.update(words, no_fuzzy_matching=True, update_header_comment=False, update_creation_date=False)
    return catalog


def write(catalog: Catalog, language: str, book: Book = GUESTS_BOOK) -> None:
    """Store the catalog, readable and compiled."""
    po_file(language, book).parent.mkdir(parents=True, exist_ok=True)
    with po_file(language, book).open("wb") as target:
        # Without numbers of lines, so that a change elsewhere in a file changes nothing here.
        write_po(target, catalog, width=WIDTH, include_lineno=False, ignore_obsolete=True)
    mo_file(language, book).write_bytes(compiled(catalog))


def compiled(catalog: Catalog) -> bytes:
    """Return the catalog as Django reads it."""
    target = io.BytesIO()
    write_mo(target, catalog)
    return target.getvalue()


def extracted(book: Book = GUESTS_BOOK) -> Catalog:
    """Return every word of a book, in English."""
    catalog = Catalog(project="Innkeep", fuzzy=False)
    for path in book.sources():
        name = named(path)
        for _line, message, _comments, context in extract(
            "javascript" if path.suffix == ".js" else "python", as_python(path), keywords=KEYWORDS
        ):
            catalog.add(message, locations=[(name, 1)], context=context)
    return catalog


def named(path: Path) -> str:
    """Return where a word is, the same on every machine."""
    if path.is_relative_to(CHECKOUT) and "site-packages" not in path.parts:
        return str(path.relative_to(CHECKOUT))
    return str(Path(*path.parts[path.parts.index("site-packages") + 1 :]))


def as_python(path: Path) -> io.BytesIO:
    """Return a file as calls of gettext: a template's tags are turned into them."""
    text = path.read_text(encoding="utf-8")
    if path.suffix in SUFFIXES:
        # Its indentation means nothing to Python.
        text = "\n".join(line.lstrip() for line in templatize(text, origin=str(path)).splitlines())
    return io.BytesIO(text.encode())


def problems(catalog: Catalog) -> list[str]:
    """Return what is not translated, or not by people, or with other placeholders than the English has."""
    found = []
    for message in catalog:
        if not message.id:
            continue
        if not all(translations(message)):
            found.append(f"not translated: {english(message)}")
            continue
        if message.fuzzy:
            found.append(f"fuzzy: {english(message)}")
        found += [f"{error}: {english(message)}" for error in message.check(catalog)]
    return found


def english(message: Message) -> str:
    """Return a message's own words; of one with plural forms the singular."""
    return message.id if isinstance(message.id, str) else message.id[0]


def translations(message: Message) -> tuple[str, ...]:
    """Return all forms of a translation; an empty text for one that is missing."""
    if isinstance(message.id, str):
        return (str(message.string or ""),)
    return tuple(message.string or ("",))


if __name__ == "__main__":
    sys.exit(main())

"""`./run messages`: bring the translations up to date with the words in the code.

Finds every word for guests, merges what is new into the `.po` files, drops what is gone, compiles, and names what
still has to be translated. It needs babel and nothing of the system; see docs/translations.md.
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

CHECKOUT: Final = Path(__file__).resolve().parents[2]
LOCALES: Final = CHECKOUT / "site_config" / "locale"
APPS: Final = ("bookings", "payments", "cancellations")
# Staff read English, and nobody reads the simulator's words.
NOT_FOR_GUESTS: Final = {"admin", "migrations", "simulator", "management"}
KEYWORDS: Final[dict[str, Any]] = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
}
WIDTH: Final = 110
HEADER: Final = "# Innkeep's words for guests. `./run messages` keeps this file in step with the code."


def main() -> int:
    """0 when every word is translated, else 1."""
    words, left = extracted(), []
    for language in languages():
        catalog = merged(read(language), words)
        write(catalog, language)
        left += [f"{language}: {problem}" for problem in problems(catalog)]
        print(f"{po_file(language).relative_to(CHECKOUT)}: {len(catalog)} messages")
    print("\n".join(left) or "Everything is translated.")
    return int(bool(left))


def languages() -> list[str]:
    """Return the languages that there is a catalog of. To begin another, make its folder."""
    return sorted(folder.name for folder in LOCALES.iterdir() if folder.is_dir())


def po_file(language: str) -> Path:
    """Return where people translate."""
    return LOCALES / language / "LC_MESSAGES" / "django.po"


def mo_file(language: str) -> Path:
    """Return what Django reads."""
    return po_file(language).with_suffix(".mo")


def read(language: str) -> Catalog:
    """Return a language's catalog as it is stored, or an empty one."""
    if not po_file(language).exists():
        return Catalog(
            locale=language,
            header_comment=HEADER,
            project="Innkeep",
            version="1",
            msgid_bugs_address="-",
            last_translator="-",
            language_team="-",
            fuzzy=False,
        )
    with po_file(language).open("rb") as source:
        return read_po(source, locale=language)


def merged(catalog: Catalog, words: Catalog) -> Catalog:
    """Return the catalog with exactly the given words. Nothing is guessed: what is new is empty."""
    catalog.update(words, no_fuzzy_matching=True, update_header_comment=False, update_creation_date=False)
    return catalog


def write(catalog: Catalog, language: str) -> None:
    """Store the catalog, readable and compiled."""
    po_file(language).parent.mkdir(parents=True, exist_ok=True)
    with po_file(language).open("wb") as target:
        # Without numbers of lines, so that a change elsewhere in a file changes nothing here.
        write_po(target, catalog, width=WIDTH, include_lineno=False, ignore_obsolete=True)
    mo_file(language).write_bytes(compiled(catalog))


def compiled(catalog: Catalog) -> bytes:
    """Return the catalog as Django reads it."""
    target = io.BytesIO()
    write_mo(target, catalog)
    return target.getvalue()


def extracted() -> Catalog:
    """Return every word for guests, in English."""
    catalog = Catalog(project="Innkeep", fuzzy=False)
    for path in sources():
        name = str(path.relative_to(CHECKOUT))
        for _line, message, _comments, context in extract("python", as_python(path), keywords=KEYWORDS):
            catalog.add(message, locations=[(name, 1)], context=context)
    return catalog


def sources() -> Iterator[Path]:
    """Yield the files that guests read from: the apps without their admin, the guest's pages, mails and errors."""
    for app in APPS:
        for path in sorted((CHECKOUT / app).rglob("*.py")):
            if not NOT_FOR_GUESTS & set(path.relative_to(CHECKOUT).parts):
                yield path
    templates = CHECKOUT / "templates"
    for folder in (templates, templates / "emails", templates / "guest"):
        yield from sorted(path for path in folder.iterdir() if path.suffix in (".html", ".txt"))


def as_python(path: Path) -> io.BytesIO:
    """Return a file as calls of gettext: a template's tags are turned into them."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
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

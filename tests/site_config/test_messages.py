"""The catalogs hold exactly the words of the code, wholly translated, and Django reads what people translated."""

import io
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from django.conf import settings
from django.utils import translation

from site_config.devtools import messages

LANGUAGES = messages.languages()
BOOKS = pytest.mark.parametrize(
    ("language", "book"),
    [(code, book) for code in LANGUAGES for book in messages.BOOKS],
    ids=lambda each: f"{each.folder}-{each.domain}" if isinstance(each, messages.Book) else each,
)
# Equal in English and in another language for a reason.
EQUAL = {
    "locale": {"%(hotel)s: %(room)s"},
    "locale_desk": {
        *("API", "Browser", "Code", "Hotel", "Hotels", "Link", "Name", "Online", "Person", "Status", "Stripe"),
        "System",
    },
    "djangojs": set(),
}
PLACEHOLDER = re.compile(r"%\(\w+\)s|%s|%%")


def words(catalog):
    return {(message.context, message.id) for message in catalog if message.id}


def forms(message):
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def context(message):
    # Babel reads it from a compiled file as bytes.
    return message.context.decode() if isinstance(message.context, bytes) else message.context


def strings(catalog):
    return {(context(message), forms(message)): messages.translations(message) for message in catalog if message.id}


def test_every_language_but_english_has_a_catalog():
    assert {code for code, _name in settings.LANGUAGES} == {"en", *LANGUAGES}


@BOOKS
def test_catalog_has_exactly_the_words_of_the_code(language, book):
    stored, found = words(messages.read(language, book)), words(messages.words(language, book))
    assert (found - stored, stored - found) == (set(), set())
    assert not messages.read(language, book).obsolete
    assert len(stored) > (10 if book is messages.BROWSER_BOOK else 150)


@BOOKS
def test_everything_is_translated_by_people(language, book):
    catalog = messages.read(language, book)
    assert messages.problems(catalog) == []
    same = {
        form for message in catalog if message.id for form in forms(message) if form in messages.translations(message)
    }
    assert same == EQUAL[book.folder if book.domain == "django" else book.domain]


@BOOKS
def test_placeholders_are_the_same_in_each_form(language, book):
    for message in messages.read(language, book):
        if message.id:
            singular, *others = (set(PLACEHOLDER.findall(text)) for text in messages.translations(message))
            wanted = [set(PLACEHOLDER.findall(form)) for form in forms(message)]
            # A language may say its number also where English has a word for one.
            assert singular in wanted, message.id
            assert all(found == wanted[-1] for found in others), message.id


@BOOKS
def test_compiled_file_says_what_the_source_says(language, book):
    with messages.mo_file(language, book).open("rb") as compiled:
        found = read_mo(compiled)
    source = messages.read(language, book)
    assert strings(found) == strings(source)
    assert found.num_plurals == source.num_plurals


@BOOKS
def test_another_run_would_change_nothing(language, book, monkeypatch, tmp_path):
    source = messages.po_file(language, book).read_bytes()
    catalog = messages.merged(messages.read(language, book), messages.words(language, book))
    monkeypatch.setattr(messages, "PLACE", tmp_path)
    messages.write(catalog, language, book)
    assert messages.po_file(language, book).read_bytes() == source


def test_django_speaks_it():
    with translation.override("de"):
        assert translation.gettext("Your stay") == "Ihr Aufenthalt"


@pytest.fixture
def checkout(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A checkout with one page, one module, and an empty German catalog."""
    monkeypatch.setattr(messages, "CHECKOUT", tmp_path)
    monkeypatch.setattr(messages, "PLACE", tmp_path)
    monkeypatch.setattr(messages, "stock", lambda: ())
    monkeypatch.setattr(messages, "SCRIPTS", ())
    for folder in ("bookings/admin", "payments", "cancellations", "templates/guest", "templates/emails", "locale/de"):
        (tmp_path / folder).mkdir(parents=True)
    for folder in ("site_config", "templates/admin", "templates/unfold"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "bookings/admin/a.py").write_text('_("For staff")\n')
    (tmp_path / "bookings/b.py").write_text('_("Mine %(name)s")\nngettext("One", "%(count)s of them", 2)\n')
    (tmp_path / "templates/guest/c.html").write_text(
        "  <p title=\"{% translate 'Shown' %}\">\n"
        " {% blocktranslate trimmed %}\n Hello {{ name }},\n you{% endblocktranslate %}"
    )
    return tmp_path


def test_command_finds_words_names_what_is_missing_and_keeps_what_is_there(checkout, capsys):
    assert messages.main() == 1
    said = capsys.readouterr().out
    for missing in ("Mine %(name)s", "One", "Shown", "Hello %(name)s, you"):
        assert f"de: not translated: {missing}\n" in said
    assert said.index("locale_desk/de") < said.index("de: not translated: For staff\n")
    assert {message.id for message in messages.read("de") if message.id == "For staff"} == set()
    for book in messages.BOOKS:
        catalog = messages.read("de", book)
        for message in catalog:
            message.string = tuple(f"{form}!" for form in message.id) if message.pluralizable else f"{message.id}!"
        messages.write(catalog, "de", book)
    (checkout / "templates/emails/d.txt").write_text("{% translate 'New' %}")
    (checkout / "templates/guest/c.html").write_text("")
    assert messages.main() == 1
    assert capsys.readouterr().out.endswith("de: not translated: New\n")
    assert strings(messages.read("de")) == {
        (None, ("Mine %(name)s",)): ("Mine %(name)s!",),
        (None, ("One", "%(count)s of them")): ("One!", "%(count)s of them!"),
        (None, ("New",)): ("",),
    }


def test_wrong_placeholders_are_named():
    catalog = Catalog(locale="de")
    catalog.add("Pay %(amount)s", "%(betrag)s bezahlen", flags=["python-format"])
    catalog.add("Fuzzy", "Unscharf", flags=["fuzzy"])
    assert [problem.rpartition(": ")[2] for problem in messages.problems(catalog)] == ["Pay %(amount)s", "Fuzzy"]
    assert read_mo(io.BytesIO(messages.compiled(catalog))).get("Fuzzy") is None

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
# Equal in English and in another language for a reason.
EQUAL = {"%(hotel)s: %(room)s"}
PLACEHOLDER = re.compile(r"%\(\w+\)s|%s|%%")


def words(catalog):
    return {(message.context, message.id) for message in catalog if message.id}


def forms(message):
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def strings(catalog):
    return {(message.context, forms(message)): messages.translations(message) for message in catalog if message.id}


def test_every_language_but_english_has_a_catalog():
    assert {code for code, _name in settings.LANGUAGES} == {"en", *LANGUAGES}


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalog_has_exactly_the_words_of_the_code(language):
    stored, found = words(messages.read(language)), words(messages.extracted())
    assert (found - stored, stored - found) == (set(), set())
    assert not messages.read(language).obsolete
    assert len(stored) > 250


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_is_translated_by_people(language):
    catalog = messages.read(language)
    assert messages.problems(catalog) == []
    same = {
        form for message in catalog if message.id for form in forms(message) if form in messages.translations(message)
    }
    assert same == EQUAL


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_are_the_same_in_each_form(language):
    for message in messages.read(language):
        if message.id:
            singular, *others = (set(PLACEHOLDER.findall(text)) for text in messages.translations(message))
            wanted = [set(PLACEHOLDER.findall(form)) for form in forms(message)]
            # A language may say its number also where English has a word for one.
            assert singular in wanted, message.id
            assert all(found == wanted[-1] for found in others), message.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_compiled_file_says_what_the_source_says(language):
    with messages.mo_file(language).open("rb") as compiled:
        found = read_mo(compiled)
    source = messages.read(language)
    assert strings(found) == strings(source)
    assert found.num_plurals == source.num_plurals


@pytest.mark.parametrize("language", LANGUAGES)
def test_another_run_would_change_nothing(language, monkeypatch, tmp_path):
    source = messages.po_file(language).read_bytes()
    catalog = messages.merged(messages.read(language), messages.extracted())
    monkeypatch.setattr(messages, "LOCALES", tmp_path)
    messages.write(catalog, language)
    assert messages.po_file(language).read_bytes() == source


def test_django_speaks_it():
    with translation.override("de"):
        assert translation.gettext("Your stay") == "Ihr Aufenthalt"


@pytest.fixture
def checkout(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A checkout with one page, one module, and an empty German catalog."""
    monkeypatch.setattr(messages, "CHECKOUT", tmp_path)
    monkeypatch.setattr(messages, "LOCALES", tmp_path / "locale")
    for folder in ("bookings/admin", "payments", "cancellations", "templates/guest", "templates/emails", "locale/de"):
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
    assert "For staff" not in said
    catalog = messages.read("de")
    for message in catalog:
        message.string = tuple(f"{form}!" for form in message.id) if message.pluralizable else f"{message.id}!"
    messages.write(catalog, "de")
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

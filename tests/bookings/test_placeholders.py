"""The words that hotels write: known placeholders are replaced once, everything else comes out as it was typed."""

import html
import re

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from bookings import placeholders
from bookings.mail_kinds import KINDS
from site_config.devtools.messages import languages

VALUES = {"guest_name": "Ada <b>Guest</b>", "hotel": "Liffey & Sons", "total": "€340.00"}
# Nearly in the language: placeholders, doubled and lonely braces, and what means something elsewhere.
BITS = st.sampled_from(
    [
        *(
            "{guest_name}",
            "{hotel}",
            "{total}",
            "{",
            "}",
            "{{",
            "}}",
            "{%",
            "%}",
            "{#",
            "{0}",
            "{hotel.slug}",
            "{hotel!r}",
        ),
        *(
            "{__class__}",
            "%(hotel)s",
            "%s",
            "$",
            "\\",
            "<script>",
            "&amp;",
            "'\"",
            "=1+1",
            "https://",
            "https://a.example/b",
        ),
        *("\n", "\n\n", "\r\n", "\0", "\x1b", "\u2028", " ", "Hello", "ß", "🛎", "innkeep:personal-link"),
    ]
)
TEXTS = st.one_of(st.text(max_size=200), st.lists(BITS, max_size=30).map("".join))


def plain(filled):
    """The HTML form as one reads it."""
    return html.unescape(re.sub(r"<[^>]*>", "", str(filled.html)))


@given(TEXTS, st.dictionaries(st.sampled_from([*VALUES, "fee"]), st.one_of(st.text(max_size=50), TEXTS)))
def test_sending_never_fails_and_no_tag_gets_in(text, values):
    filled = placeholders.fill(text, values)
    assert set(re.findall(r"</?(\w+)", str(filled.html))) <= {"p", "br", "a"}
    assert all(
        link.startswith('<a class="plain" href="https://') for link in re.findall(r"<a[^>]*>", str(filled.html))
    )
    assert plain(filled).split() == filled.text.split()


@given(TEXTS)
def test_what_is_tidied_stays_tidy_and_what_is_accepted_has_no_loose_end(text):
    tidied = placeholders.tidy(text)
    assert placeholders.tidy(tidied) == tidied
    if not placeholders.problems(tidied, VALUES):
        names = [piece.name for piece in placeholders.pieces(tidied) if piece.name]
        assert set(names) <= set(VALUES)
        left = placeholders.fill(tidied, dict.fromkeys(VALUES, "")).text
        doubled = tidied.count("{{") + tidied.count("}}")
        assert left.count("{") + left.count("}") <= doubled


@given(st.text(max_size=100))
def test_a_doubled_brace_is_a_literal_one(text):
    tidied = placeholders.tidy(text)
    doubled = tidied.replace("{", "{{").replace("}", "}}")
    assert placeholders.problems(doubled, VALUES) == []
    assert placeholders.fill(doubled, VALUES).text == tidied


@given(st.text(max_size=60))
def test_a_value_is_never_read_again(name):
    filled = placeholders.fill("{guest_name}", {**VALUES, "guest_name": name})
    assert filled.text == " ".join(name.splitlines())
    assert plain(filled) == " ".join(name.splitlines())
    assert "<a" not in str(filled.html)


def test_known_ones_are_replaced_in_both_forms():
    filled = placeholders.fill("Dear {guest_name},\n\nsee you at {hotel}\nfor {total}.", VALUES)
    assert filled.text == "Dear Ada <b>Guest</b>,\n\nsee you at Liffey & Sons\nfor €340.00."
    style = 'style="margin:0 0 12px;"'
    assert filled.html == (
        f"<p {style}>Dear Ada &lt;b&gt;Guest&lt;/b&gt;,</p>\n"
        f"<p {style}>see you at Liffey &amp; Sons<br>\nfor €340.00.</p>"
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("{{ hotel }}", "{ hotel }"),
        ("{% url 'x' %}", "{% url 'x' %}"),
        ("{hotel.name}", "{hotel.name}"),
        ("{hotel!r:>10}", "{hotel!r:>10}"),
        ("{nobody} {}", "{nobody} {}"),
        ("{{{hotel}}}", "{Liffey & Sons}"),
        ("=HYPERLINK(1)", "=HYPERLINK(1)"),
        ("<b>bold</b>", "<b>bold</b>"),
    ],
)
def test_what_means_something_elsewhere_means_nothing_here(text, shown):
    filled = placeholders.fill(text, VALUES)
    assert filled.text == shown
    assert plain(filled) == shown
    assert "<b>" not in str(filled.html)


def test_own_links_can_be_clicked_and_a_guest_s_cannot():
    filled = placeholders.fill(
        "See https://liffey.example/way?a=1&b=2. {guest_name}", {"guest_name": "https://bad.example"}
    )
    assert re.findall(r'href="([^"]*)"', str(filled.html)) == ["https://liffey.example/way?a=1&amp;b=2"]
    assert filled.text == "See https://liffey.example/way?a=1&b=2. https://bad.example"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Hi {name}", "There is no placeholder {name} here. There are: {guest_name}, {hotel}, {total}."),
        ("{ hotel }{}", "There is no placeholder { hotel }, {} here. There are: {guest_name}, {hotel}, {total}."),
        ("a { b", "A brace stands alone. Write {{ or }} for a brace that is meant as such."),
        ("https://a.example/{hotel}", "A link cannot have a placeholder in it: {hotel}."),
    ],
)
def test_mistakes_are_refused_in_words(text, problem):
    assert placeholders.problems(text, VALUES) == [problem]


def test_typed_text_is_tidied():
    assert placeholders.tidy("  A\r\nB \x07\r\r \n\n\nC\n") == "A\nB\n\nC"


@pytest.mark.parametrize("language", ["en", *languages()])
@pytest.mark.parametrize("kind", KINDS)
def test_default_texts_obey_the_same_rules_in_each_language(kind, language):
    with translation.override(language):
        texts = (KINDS[kind].default_opening(), KINDS[kind].default_closing())
    for text in texts:
        assert placeholders.problems(text, KINDS[kind].placeholders) == []
        assert placeholders.tidy(text) == text
    with translation.override("en"):
        english = (KINDS[kind].default_opening(), KINDS[kind].default_closing())
    names = [{piece.name for text in each for piece in placeholders.pieces(text)} for each in (texts, english)]
    assert names[0] == names[1]

"""How a guest is recognised in what people typed."""

import pytest

from bookings.known_guest import KnownGuest

GUEST = KnownGuest(
    names=frozenset({"Zoë O'Brien-Müller"}),
    emails=frozenset({"zoe.obrien@guest.example"}),
    phones=frozenset({"+353 86 555 0123"}),
    words=frozenset({"my aunt is ill", "illness"}),
)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Zoë O'Brien-Müller rang", "[erased] rang"),
        ("ZOË O'BRIEN-MÜLLER rang", "[erased] rang"),
        ("O'Brien-Müller, Zoë", "[erased]"),
        ("zoe says no", "[erased] says no"),
        ("Zoe\u0308 says no", "[erased] says no"),
        ("o'brien-muller", "[erased]"),
        ("to ZOE.OBRIEN@guest.example.", "to [erased]."),
        ("?mail=zoe.obrien%40guest.example&x=1", "?mail=[erased]&x=1"),
        ("at zoe.obrien there", "at [erased] there"),
        ("call +353 86 555 0123 now", "call [erased] now"),
        ("call 086-5550123", "call [erased]"),
        ("call 00353865550123", "call [erased]"),
        ("call (086) 555.01.23", "call [erased]"),
        ("She said: My aunt is ill!", "She said: [erased]!"),
        ("Illness", "[erased]"),
        ("an illness in general", "an illness in general"),
        ("Zoetrope and brine", "Zoetrope and brine"),
        ("pi_3Zoe9 re_0123 EUR 555.01", "pi_3Zoe9 re_0123 EUR 555.01"),
        ("", ""),
    ],
)
def test_guest_is_found_however_they_are_written(text, left):
    assert GUEST.scrub(text) == left


@pytest.mark.parametrize("text", ["pi_3Li", "re_Li4", "client_li", "Lima"])
def test_short_names_are_not_found_inside_identifiers(text):
    assert KnownGuest(names=frozenset({"Li Bo"})).scrub(text) == text


def test_short_names_are_found_as_words():
    assert KnownGuest(names=frozenset({"Li Bo"})).scrub("Li said that bo paid") == "[erased] said that [erased] paid"


def test_json_keeps_its_shape_numbers_and_names_of_fields():
    given = {"name": ["Zoë", 34000, None, True], "zoe": {"x": "zoe.obrien@guest.example"}}
    assert GUEST.scrub_all(given) == {"name": ["[erased]", 34000, None, True], "zoe": {"x": "[erased]"}}


@pytest.mark.parametrize("guest", [KnownGuest(), KnownGuest(frozenset({" "}), frozenset({""}), frozenset({"123"}))])
def test_of_nobody_nothing_is_found(guest):
    assert guest.scrub("Ada Guest, 123 45 67, a@b.example") == "Ada Guest, 123 45 67, a@b.example"


def test_what_was_erased_is_erased_again_to_the_same():
    once = GUEST.scrub("Zoë, 086 555 0123")
    assert GUEST.scrub(once) == once == "[erased], [erased]"

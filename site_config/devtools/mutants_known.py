"""The mutants that survive, each with the reason why no test can tell it from the code."""

from typing import Final

EXACT: Final = "Amounts have at most 19 digits, which the usual context of 28 moves as exactly."
ENGLISH: Final = "An unknown language falls back to English, and codes of languages are read in any case."
ONCE: Final = "An amount holds one place at most where a code meets its number."
DIGITS: Final = "Differs only for a currency with both decimals and more stored than written ones; there is none."
WALL: Final = "Any zone does: from here on moments are compared and moved as moments."
OPERATOR: Final = "The sign that is replaced is known in English only, where the symbol is the same by default."

# A piece of the changed line, as the tool shows it, and why it makes no difference.
KNOWN: Final = (
    ("at.astimezone(None)", WALL),
    ("tzinfo=zone_of(terms)).astimezone(None)", WALL),
    ('get_language() or "XXenXX"', ENGLISH),
    ('get_language() or "EN"', ENGLISH),
    ('language: str = "XXenXX"', ENGLISH),
    ('language: str = "EN"', ENGLISH),
    ('Locale.parse("EN")', ENGLISH),
    ("scaleb(-exponent(currency), None)", EXACT),
    ("scaleb(-exponent(currency), )", EXACT),
    ("currency_digits=None", "None and False are alike to babel here."),
    ("get_currency_symbol(currency, None)", OPERATOR),
    ("get_currency_symbol(currency, )", OPERATOR),
    ('\\\\2", shown, )', ONCE),
    ("shown, count=2)", ONCE),
    ("max(1, stored - usual)", DIGITS),
    ("max(0, stored + usual)", DIGITS),
)


def why_alive(diff: str) -> str:
    """Return why a mutant cannot be killed; nothing for one that nobody has looked at."""
    added = bare("\n".join(line for line in diff.splitlines() if line.startswith("+")))
    return next((why for piece, why in KNOWN if bare(piece) in added), "")


def bare(code: str) -> str:
    """Return code without blanks and with one kind of quotes: some modules are written anew for the tool."""
    return "".join(code.split()).replace("'", '"')

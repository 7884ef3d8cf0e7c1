"""Minor units and how people read them."""

from decimal import Decimal

import pytest

from payments.money import display, plain, smallest_step, to_minor


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (27200, "EUR", "€272.00"),
        (18000, "JPY", "¥18,000"),
        (12340, "KWD", "KWD\xa012.340"),
        (500000, "ISK", "ISK\xa05,000"),
        (1000000, "PKR", "PKR\xa010,000.00"),
    ],
)
def test_display_uses_each_currencys_digits(amount, currency, shown):
    assert display(amount, currency) == shown


def test_display_speaks_the_guests_language():
    assert display(27200, "EUR", "de") == "272,00\xa0€"


def test_display_falls_back_to_english_for_an_unknown_language():
    assert display(27200, "EUR", "xx-nonsense") == "€272.00"


@pytest.mark.parametrize(
    ("typed", "currency", "amount"),
    [
        ("272", "EUR", 27200),
        ("0.01", "EUR", 1),
        (Decimal("18000"), "JPY", 18000),
        ("12.340", "KWD", 12340),
        ("5000", "ISK", 500000),
    ],
)
def test_to_minor_reads_exact_amounts(typed, currency, amount):
    assert to_minor(typed, currency) == amount


@pytest.mark.parametrize(
    ("typed", "currency"),
    [
        ("0.001", "EUR"),
        ("0.5", "JPY"),
        ("12.345", "KWD"),
        ("10.50", "ISK"),
        ("NaN", "EUR"),
        ("ten", "EUR"),
        ("inf", "EUR"),
    ],
)
def test_to_minor_refuses_what_cannot_be_paid(typed, currency):
    with pytest.raises(ValueError, match=r"\w"):
        to_minor(typed, currency)


def test_plain_is_the_apis_decimal_string():
    assert [plain(27200, "EUR"), plain(18000, "JPY"), plain(12340, "KWD")] == ["272.00", "18000", "12.340"]


def test_smallest_step_is_what_stripe_moves():
    assert [smallest_step(code) for code in ("EUR", "JPY", "KWD", "ISK")] == [1, 1, 10, 100]

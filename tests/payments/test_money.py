"""Minor units and how people read them."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from payments.money import (
    MOST,
    THREE_DECIMAL,
    ZERO_DECIMAL,
    Rate,
    display,
    exponent,
    known_currencies,
    plain,
    smallest_step,
    spoken,
    to_minor,
)


@pytest.fixture(autouse=True)
def nothing_is_remembered():
    """Work out every amount anew: what was remembered says nothing about the code as it is now."""
    display.cache_clear()
    known_currencies.cache_clear()


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (27200, "EUR", "€272.00"),
        (18000, "JPY", "¥18,000"),
        (12345, "JPY", "¥12,345"),
        (12340, "KWD", "KWD\xa012.340"),
        (500000, "ISK", "ISK\xa05,000"),
        (1000000, "PKR", "Rs. 10,000"),
        (1000050, "PKR", "Rs. 10,000.50"),
        (-1000000, "PKR", "-Rs. 10,000"),
        # Nobody writes hundredths of a dinar, but Stripe moves them: they are never hidden.
        (123400, "RSD", "RSD\xa01,234"),
        (123450, "RSD", "RSD\xa01,234.50"),
    ],
)
def test_display_uses_each_currencys_digits(amount, currency, shown):
    assert display(amount, currency) == shown


def test_display_speaks_the_guests_language():
    assert display(27200, "EUR", "de") == "272,00\xa0€"
    assert display(1000000, "PKR", "de") == "10.000\xa0PKR"
    assert display(1000050, "PKR", "en-GB") == "Rs. 10,000.50"
    assert display(123456, "EUR", "pt-BR") == "€\xa01.234,56"
    assert display(123400, "INR", "id") == "Rs\xa01.234,00"


@pytest.mark.parametrize(("language", "shown"), [("de", "272,00\xa0€"), ("en-gb", "€272.00"), (None, "€272.00")])
def test_amounts_are_spoken_in_the_language_of_the_moment(language, shown):
    with translation.override(language):
        assert spoken(27200, "EUR") == shown


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


THREE = "three decimals, and the last one is always 0: 12.340 or 12.350, not 12.345."


@pytest.mark.parametrize(
    ("typed", "currency", "words"),
    [
        ("0.001", "EUR", "EUR has two decimals at most."),
        ("0.5", "JPY", "JPY has no decimals."),
        ("12.345", "KWD", f"KWD has {THREE}"),
        ("12.3456", "KWD", f"KWD has {THREE}"),
        ("10.50", "ISK", "ISK has no decimals."),
        ("10.505", "UGX", "UGX has no decimals."),
        ("NaN", "EUR", "This is not a number."),
        ("ten", "EUR", "This is not a number."),
        ("inf", "EUR", "This is not a number."),
        ("92233720368547758.08", "EUR", "This amount is too large."),
        (f"1.{80 * '0'}1", "EUR", "This number has too many digits."),
    ],
)
def test_to_minor_says_why_an_amount_cannot_be_paid(typed, currency, words):
    with pytest.raises(ValueError) as refusal:
        to_minor(typed, currency)
    assert str(refusal.value) == words


def test_to_minor_takes_the_largest_amount_that_is_stored():
    assert to_minor("92233720368547758.07", "EUR") == 2**63 - 1


def test_plain_is_the_apis_decimal_string():
    assert [plain(27200, "EUR"), plain(18000, "JPY"), plain(12340, "KWD")] == ["272.00", "18000", "12.340"]


def test_smallest_step_is_what_stripe_moves():
    assert [smallest_step(code) for code in ("EUR", "JPY", "KWD", "ISK")] == [1, 1, 10, 100]


def test_known_currencies_are_the_money_of_today():
    known = known_currencies()
    assert known >= {"EUR", "JPY", "PKR", "KWD", "ISK"}
    assert not known & {"DEM", "XAU", "EURO", ""}


def test_exponents_are_stripes():
    # docs.stripe.com/currencies: zero-decimal, three-decimal, and the special cases.
    zero = ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"]
    three = ["BHD", "JOD", "KWD", "OMR", "TND"]
    assert (sorted(ZERO_DECIMAL), sorted(THREE_DECIMAL)) == (zero, three)
    assert {code: exponent(code) for code in (*zero, *three, "ISK", "UGX", "EUR", "HUF", "TWD")} == {
        **dict.fromkeys(zero, 0),
        **dict.fromkeys(three, 3),
        **dict.fromkeys(("ISK", "UGX", "EUR", "HUF", "TWD"), 2),
    }
    assert known_currencies() >= {*zero, *three, "ISK", "UGX", "EUR", "PKR", "USD"}
    assert not known_currencies() & {"DEM", "XXX", "EUX", "usd", ""}


def rate(base, target, value):
    return Rate(base, target, Decimal(value), "A bank", datetime(2026, 11, 20, 9, tzinfo=UTC))


@pytest.mark.parametrize(
    ("amount", "base", "value", "target", "converted"),
    [
        (1000000, "PKR", "0.003571", "USD", 3571),
        (500000, "PKR", "0.003571", "USD", 1786),  # 17.855, half up
        (100000, "PKR", "0.001245", "USD", 125),  # 1.245, half up and not to the even one
        (499999, "PKR", "0.003571", "USD", 1785),  # 17.85496…
        (1000000, "PKR", "0.54", "JPY", 5400),
        (1000000, "PKR", "0.00110055", "KWD", 11010),  # 11.0055, in steps of 0.010
        (1000000, "PKR", "0.49215", "ISK", 492200),  # 4,921.5 krónur, whole ones only
        (36001, "JPY", "0.0064", "USD", 23041),  # 230.4064
        (123450, "KWD", "3.25", "USD", 40121),  # 401.2125
        (5010100, "ISK", "0.0072", "EUR", 36073),  # 50,101 krónur are 360.7272
        (3571, "USD", "280", "PKR", 999880),
        (1, "PKR", "0.003571", "USD", 0),
        # Exact to the last digit: …067.499999999999 cents are not yet half a cent.
        (1234567499999999999, "EUR", "1.000000000001", "USD", 1234567500001234566),
        (1, "USD", "999999999999.999999999999", "VND", 10000000000),
    ],
)
def test_rate_converts_half_up_to_what_stripe_moves(amount, base, value, target, converted):
    assert rate(base, target, value).convert(amount) == converted


def test_rate_reads_without_needless_zeros():
    assert rate("PKR", "USD", "0.003571000000").words() == "1 PKR = 0.003571 USD"
    assert rate("BTN", "IDR", "1186.5").words("de") == "1 BTN = 1.186,5 IDR"


codes = st.sampled_from(sorted(known_currencies()))
values = st.decimals("0.000000000001", "999999999999.999999999999", places=12)


@given(currency=codes, steps=st.integers(0, MOST // 100))
def test_amounts_survive_being_written_and_read(currency, steps):
    amount = steps * smallest_step(currency)
    assert to_minor(plain(amount, currency), currency) == amount


@given(base=codes, target=codes, value=values, parts=st.lists(st.integers(0, 10**12), min_size=2, max_size=2))
def test_more_is_never_worth_less(base, target, value, parts):
    less, more = sorted(parts)
    worth = [rate(base, target, value).convert(amount) for amount in (less, more)]
    assert worth == sorted(worth)
    assert all(amount >= 0 and amount % smallest_step(target) == 0 for amount in worth)
    assert rate(base, target, value).convert(0) == 0

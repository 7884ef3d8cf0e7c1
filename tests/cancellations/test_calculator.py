"""What cancelling costs, at the boundaries. Check-in is 15:00 on 15 December 2026 in Dublin unless said."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cancellations.calculator import calculate, calculate_no_show, deadline
from payments.money import Rate, known_currencies, smallest_step
from tests.cancellations.agreed import CHECK_IN, dublin, terms, tier


def amounts(at, *, agreed=None, check_in=CHECK_IN, captured=34000, refunded=0):
    result = calculate(agreed or terms(), check_in=check_in, at=at, captured=captured, refunded=refunded)
    return result.fee_amount, result.refund_amount


SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        # 14 days before is a date: it ends with the hotel's midnight.
        (dublin(2026, 12, 1, 23, 59, 59), (0, 34000)),
        (dublin(2026, 12, 2, 0, 0, 0), (17000, 17000)),
        (dublin(2026, 12, 8, 23, 59, 59), (17000, 17000)),
        (dublin(2026, 12, 9, 0, 0, 0), (34000, 0)),
        (dublin(2026, 12, 15, 15, 0, 0), (34000, 0)),
        (dublin(2026, 12, 20, 9, 0, 0), (34000, 0)),  # after arrival is not early
        (dublin(2026, 1, 1), (0, 34000)),
    ],
)
def test_fourteen_seven_changes_at_local_midnight(at, expected):
    assert amounts(at) == expected


def test_days_are_the_hotels_not_utcs():
    tokyo = terms(zone="Asia/Tokyo")
    # 15:30 UTC on 1 December is already 2 December in Tokyo.
    assert amounts(datetime(2026, 12, 1, 15, 30, tzinfo=UTC), agreed=tokyo) == (17000, 17000)
    assert amounts(datetime(2026, 12, 1, 14, 30, tzinfo=UTC), agreed=tokyo) == (0, 34000)


def test_hours_are_elapsed_across_a_clock_change():
    # Clocks go forward in Dublin on 28 March 2027 at 01:00: 24 elapsed hours before 15:00 are 14:00 by the wall.
    flexible = terms([tier(24, 0, unit="hours"), tier(0, 1, fee="nights")])
    day = date(2027, 3, 28)
    last_free = dublin(2027, 3, 27, 14, 0, 0)
    assert amounts(last_free, agreed=flexible, check_in=day) == (0, 34000)
    assert amounts(last_free + SECOND, agreed=flexible, check_in=day) == (17000, 17000)


@pytest.mark.parametrize(
    ("rate", "captured", "refunded", "expected"),
    [
        (None, 34000, 0, (27200, 6800)),
        (None, 34000, 4000, (27200, 2800)),
        (None, 34000, 10000, (24000, 0)),
        (Rate("EUR", "USD", Decimal(2), "test", datetime(2026, 1, 1, tzinfo=UTC)), 68000, 0, (54400, 13600)),
    ],
)
def test_guest_who_never_came_pays_what_holds_after_arrival(rate, captured, refunded, expected):
    agreed = terms([tier(0, 80), tier(7, 0), tier(1, 50)])
    result = calculate_no_show(agreed, check_in=CHECK_IN, captured=captured, refunded=refunded, rate=rate)
    assert (result.fee_amount, result.refund_amount, result.next_change_at) == (*expected, None)


def test_leap_day_counts():
    assert amounts(dublin(2028, 2, 16, 12), check_in=date(2028, 3, 1)) == (0, 34000)
    assert amounts(dublin(2028, 2, 17, 12), check_in=date(2028, 3, 1)) == (17000, 17000)


def test_earlier_refunds_come_off_the_refund():
    assert amounts(dublin(2026, 12, 5), refunded=10000) == (17000, 7000)
    assert amounts(dublin(2026, 12, 5), refunded=30000) == (4000, 0)


@pytest.mark.parametrize(
    ("agreed", "fee"),
    [
        (terms([tier(0, 50)], price=33333), 16667),  # half up
        (terms([tier(0, 50)], price=33333, currency="JPY"), 16667),
        (terms([tier(0, 50)], price=12350, currency="KWD"), 6180),  # last digit 0
        (terms([tier(0, 50)], price=12300, currency="ISK"), 6200),  # whole krónur
        (terms([tier(0, 5000, fee="fixed")]), 5000),
        (terms([tier(0, 1, fee="nights")], price=10000, nights=3), 3333),
        (terms([tier(0, 5, fee="nights")], price=10000, nights=3), 10000),  # never more than the stay
    ],
)
def test_fees_round_half_up_to_what_stripe_moves(agreed, fee):
    result = calculate(agreed, check_in=CHECK_IN, at=dublin(2026, 12, 15), captured=100000, refunded=0)
    assert (result.policy_fee, result.fee_amount, result.refund_amount) == (fee, fee, 100000 - fee)


def test_next_change_is_when_the_next_tier_begins():
    at = dublin(2026, 11, 1)
    first = calculate(terms(), check_in=CHECK_IN, at=at, captured=1, refunded=0)
    second = calculate(terms(), check_in=CHECK_IN, at=dublin(2026, 12, 2), captured=1, refunded=0)
    last = calculate(terms(), check_in=CHECK_IN, at=dublin(2026, 12, 9), captured=1, refunded=0)
    assert first.next_change_at == dublin(2026, 12, 2)
    assert second.next_change_at == dublin(2026, 12, 9)
    assert last.next_change_at is None


def test_deadline_is_elapsed_hours_before_local_check_in():
    assert deadline(terms(), CHECK_IN) == dublin(2026, 12, 14, 15)
    assert deadline(terms(), date(2027, 3, 28)) == dublin(2027, 3, 27, 14)


def test_sentences_say_what_is_kept():
    sentences = [
        calculate(terms([each]), check_in=CHECK_IN, at=dublin(2026, 12, 15), captured=1, refunded=0).description
        for each in (
            tier(0, 0),
            tier(0, 50),
            tier(0, 100),
            tier(0, 1, fee="nights"),
            tier(0, 5000, fee="fixed"),
        )
    ]
    assert sentences == [
        "Free cancellation: everything you paid is returned.",
        "50 % of the price is kept.",
        "The full price is kept.",
        "The price of the first night is kept.",
        "A fee of €50.00 is kept.",
    ]


money = st.integers(min_value=0, max_value=10**9)
tiers = st.lists(
    st.builds(
        tier,
        st.integers(0, 60),
        st.integers(0, 100),
        unit=st.sampled_from(["days", "hours"]),
        fee=st.sampled_from(["percent", "fixed", "nights"]),
    ),
    min_size=1,
    max_size=4,
)
moments = st.datetimes(datetime(2026, 9, 1), datetime(2027, 2, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(
    tiers=tiers,
    price=money,
    captured=money,
    share=st.integers(0, 100),
    at=moments,
    currency=st.sampled_from(["EUR", "JPY", "KWD", "ISK"]),
)
def test_fee_refund_and_refunded_always_add_up_to_captured(tiers, price, captured, share, at, currency):
    refunded = captured * share // 100
    agreed = terms(tiers, price=price, currency=currency)
    result = calculate(agreed, check_in=CHECK_IN, at=at, captured=captured, refunded=refunded)
    assert result.fee_amount + result.refund_amount + refunded == captured
    assert min(result.fee_amount, result.refund_amount) >= 0


def charged_at(value, *, base="PKR", target="USD"):
    return Rate(base, target, Decimal(value), "A bank", datetime(2026, 11, 20, 9, tzinfo=UTC))


def converted(at, *, captured=3571, refunded=0, rate=None, **agreed):
    result = calculate(
        terms(price=1000000, currency="PKR", **agreed),
        check_in=CHECK_IN,
        at=at,
        captured=captured,
        refunded=refunded,
        rate=rate or charged_at("0.003571"),
    )
    return result.fee_amount, result.refund_amount, result.policy_fee


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (dublin(2026, 12, 1), (0, 3571, 0)),
        (dublin(2026, 12, 5), (1786, 1785, 1786)),  # half of Rs. 10,000 is $17.855
        (dublin(2026, 12, 10), (3571, 0, 3571)),
    ],
)
def test_fee_of_the_terms_is_kept_in_what_was_charged(at, expected):
    assert converted(at) == expected


def test_fee_is_rounded_in_the_terms_currency_before_it_is_converted():
    # A third of Rs. 10,000 is Rs. 3,333.33, which is $11.90332…
    assert converted(dublin(2026, 12, 5), tiers=[tier(0, 1, fee="nights")], nights=3) == (1190, 2381, 1190)
    fixed = converted(dublin(2026, 12, 5), tiers=[tier(0, 250000, fee="fixed")])
    assert fixed == (893, 2678, 893)  # Rs. 2,500 are $8.9275


def test_earlier_refunds_come_off_what_was_charged():
    assert converted(dublin(2026, 12, 5), refunded=500) == (1786, 1285, 1786)
    assert converted(dublin(2026, 12, 5), refunded=3000) == (571, 0, 1786)


def test_fee_is_described_in_the_terms_currency():
    agreed = terms([tier(0, 250000, fee="fixed")], price=1000000, currency="PKR")
    at = dublin(2026, 12, 5)
    result = calculate(agreed, check_in=CHECK_IN, at=at, captured=3571, refunded=0, rate=charged_at("0.003571"))
    assert result.description == "A fee of Rs. 2,500 is kept."


codes = st.sampled_from(sorted(known_currencies()))
values = st.decimals("0.000000000001", "999999999999.999999999999", places=12)
percents = st.integers(0, 100)


@given(
    tiers=tiers,
    price=money,
    share=percents,
    at=moments,
    codes=st.tuples(codes, codes).filter(lambda pair: pair[0] != pair[1]),
    value=values,
)
def test_converted_fee_refund_and_refunded_add_up_to_captured(tiers, price, share, at, codes, value):
    rate = charged_at(value, base=codes[0], target=codes[1])
    captured = rate.convert(price)
    refunded = captured * share // 100
    agreed = terms(tiers, price=price, currency=codes[0])
    result = calculate(agreed, check_in=CHECK_IN, at=at, captured=captured, refunded=refunded, rate=rate)
    assert result.fee_amount + result.refund_amount + refunded == captured
    assert min(result.fee_amount, result.refund_amount) >= 0


@given(steps=st.integers(1, 10**9), percent=percents, codes=st.tuples(codes, codes), value=values)
def test_a_higher_percentage_never_returns_more(steps, percent, codes, value):
    price = steps * smallest_step(codes[0])
    rate = charged_at(value, base=codes[0], target=codes[1])
    captured = rate.convert(price)

    def back(share):
        agreed = terms([tier(0, share)], price=price, currency=codes[0])
        at = dublin(2026, 12, 5)
        return calculate(agreed, check_in=CHECK_IN, at=at, captured=captured, refunded=0, rate=rate).refund_amount

    assert captured == back(0) >= back(percent) >= back(100) == 0
    assert (captured - back(percent)) % smallest_step(codes[1]) == 0

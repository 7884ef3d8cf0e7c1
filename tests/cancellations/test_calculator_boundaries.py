"""The moments at which the fee changes, to the second, with every expected value written by hand."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from cancellations.calculator import Calculation, calculate, deadline, ends_at, in_order, nothing_kept
from payments.money import smallest_step
from tests.cancellations.agreed import CHECK_IN, DUBLIN, FLEXIBLE, FOURTEEN_SEVEN, dublin, terms, tier

FREE, HALF, ALL = "from 14 days: 0 percent", "from 7 days: 50 percent", "from 0 days: 100 percent"
EARLY, FIRST_NIGHT = "from 24 hours: 0 percent", "from 0 days: 1 nights"
DAY_BEFORE = [tier(1, 0), tier(0, 100)]
SPRING, AUTUMN = date(2027, 3, 28), date(2027, 10, 31)  # Dublin's clocks change in these nights
INSTANT = timedelta(microseconds=1)


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def result(agreed, check_in, at, captured=34000, refunded=0):
    """Fee, refund, rule and the moment of the next change, in UTC."""
    found = calculate(agreed, check_in=check_in, at=at, captured=captured, refunded=refunded)
    after = found.next_change_at
    return found.fee_amount, found.refund_amount, found.applied_rule, after and after.astimezone(UTC)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (dublin(2026, 12, 1, 23, 59, 59), (0, 34000, FREE, utc(2026, 12, 2))),
        (dublin(2026, 12, 2, 0, 0, 0), (17000, 17000, HALF, utc(2026, 12, 9))),
        (dublin(2026, 12, 2, 0, 0, 1), (17000, 17000, HALF, utc(2026, 12, 9))),
        (dublin(2026, 12, 8, 23, 59, 59), (17000, 17000, HALF, utc(2026, 12, 9))),
        (dublin(2026, 12, 9, 0, 0, 0), (34000, 0, ALL, None)),
        (dublin(2026, 12, 9, 0, 0, 1), (34000, 0, ALL, None)),
        (dublin(2026, 12, 15, 14, 59, 59), (34000, 0, ALL, None)),
        (dublin(2026, 12, 15, 15, 0, 0), (34000, 0, ALL, None)),
        (dublin(2026, 12, 15, 23, 59, 59), (34000, 0, ALL, None)),
        (dublin(2026, 12, 16, 0, 0, 0), (34000, 0, ALL, None)),  # the day after arrival
        (dublin(2027, 1, 15, 0, 0, 0), (34000, 0, ALL, None)),  # 31 days after it
    ],
)
def test_tiers_of_days_end_with_the_hotels_midnight(at, expected):
    assert result(terms(), CHECK_IN, at) == expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (dublin(2026, 12, 14, 14, 59, 59), (0, 34000, EARLY, utc(2026, 12, 14, 15) + INSTANT)),
        (dublin(2026, 12, 14, 15, 0, 0), (0, 34000, EARLY, utc(2026, 12, 14, 15) + INSTANT)),
        (dublin(2026, 12, 14, 15, 0, 0, 1), (17000, 17000, FIRST_NIGHT, None)),
        (dublin(2026, 12, 14, 15, 0, 1), (17000, 17000, FIRST_NIGHT, None)),
        (dublin(2026, 12, 15, 15, 0, 1), (17000, 17000, FIRST_NIGHT, None)),
        (dublin(2026, 12, 20), (17000, 17000, FIRST_NIGHT, None)),
    ],
)
def test_tiers_of_hours_include_the_moment_itself(at, expected):
    assert result(terms(FLEXIBLE), CHECK_IN, at) == expected


@pytest.mark.parametrize(
    ("zone", "check_in", "last_free"),
    [
        ("Europe/Dublin", SPRING, utc(2027, 3, 27, 14)),  # check-in is at 14:00 UTC, in summer time
        ("Europe/Dublin", AUTUMN, utc(2027, 10, 30, 15)),
        ("Europe/Dublin", date(2027, 11, 1), utc(2027, 10, 31, 15)),  # the night after the change
        ("Australia/Lord_Howe", date(2026, 10, 4), utc(2026, 10, 3, 4)),  # 14:30 by the clock: half an hour is lost
        ("Australia/Lord_Howe", date(2027, 4, 4), utc(2027, 4, 3, 4, 30)),  # 15:30: half an hour is won
        ("Asia/Kathmandu", date(2027, 4, 4), utc(2027, 4, 3, 9, 15)),
    ],
)
def test_a_day_of_hours_is_24_hours_on_any_night(zone, check_in, last_free):
    agreed = terms(FLEXIBLE, zone=zone)
    assert result(agreed, check_in, last_free) == (0, 34000, EARLY, last_free + INSTANT)
    assert result(agreed, check_in, last_free + INSTANT) == (17000, 17000, FIRST_NIGHT, None)
    assert deadline(agreed, check_in).astimezone(UTC) == last_free
    assert deadline(agreed, check_in).tzinfo == ZoneInfo(zone)


@pytest.mark.parametrize(
    ("zone", "check_in", "begins"),
    [
        ("Europe/Dublin", SPRING, utc(2027, 3, 28, 0)),
        ("Europe/Dublin", date(2027, 3, 29), utc(2027, 3, 28, 23)),
        ("Europe/Dublin", AUTUMN, utc(2027, 10, 30, 23)),
        ("Europe/Dublin", date(2027, 11, 1), utc(2027, 11, 1, 0)),
        ("Australia/Lord_Howe", date(2026, 10, 5), utc(2026, 10, 4, 13)),
        ("Australia/Lord_Howe", date(2027, 4, 5), utc(2027, 4, 4, 13, 30)),
        ("Atlantic/Azores", SPRING, utc(2027, 3, 28, 1)),  # that day has no midnight: it begins at 01:00
        ("Atlantic/Azores", AUTUMN, utc(2027, 10, 31, 0)),  # that day has two: it begins at the first
        ("Europe/Dublin", date(2028, 2, 29), utc(2028, 2, 29)),
    ],
)
def test_a_tier_of_one_day_ends_as_the_day_of_check_in_begins(zone, check_in, begins):
    agreed, second = terms(DAY_BEFORE, zone=zone), timedelta(seconds=1)
    assert result(agreed, check_in, begins - second) == (0, 34000, "from 1 days: 0 percent", begins)
    assert result(agreed, check_in, begins) == (34000, 0, ALL, None)


@pytest.mark.parametrize(
    ("check_in_time", "check_in", "begins"),
    [
        ("01:30", SPRING, utc(2027, 3, 28, 1, 30)),  # left out: half past one comes as half past two
        ("01:30", AUTUMN, utc(2027, 10, 31, 0, 30)),  # shown twice: check-in begins at the first
        ("00:00", AUTUMN, utc(2027, 10, 30, 23)),
        ("23:59", CHECK_IN, utc(2026, 12, 15, 23, 59)),
    ],
)
def test_check_in_at_an_odd_time_of_a_clock_change(check_in_time, check_in, begins):
    agreed = terms([tier(0, 0, "hours"), tier(0, 100)], check_in_time=check_in_time)
    assert result(agreed, check_in, begins)[:2] == (0, 34000)
    assert result(agreed, check_in, begins + INSTANT)[:2] == (34000, 0)


@pytest.mark.parametrize(("hours", "ends"), [(15, utc(2027, 10, 31, 0)), (14, utc(2027, 10, 31, 1))])
def test_a_tier_may_end_in_either_half_of_a_doubled_hour(hours, ends):
    found = ends_at(tier(hours, 0, "hours"), terms(), AUTUMN)
    assert (found.astimezone(UTC), found.tzinfo) == (ends + INSTANT, DUBLIN)
    assert f"{found:%H:%M}" == "01:00"


@pytest.mark.parametrize(
    ("tiers", "check_in", "order"),
    [
        # Check-in at 15:00: "7 days" end 159 hours before it, although 7 × 24 are 168.
        ([tier(7, 0), tier(150, 50, "hours"), tier(0, 100)], CHECK_IN, [7, 150, 0]),
        ([tier(7, 50), tier(165, 0, "hours"), tier(0, 100)], CHECK_IN, [165, 7, 0]),
        ([tier(7, 50), tier(159, 0, "hours"), tier(0, 100)], CHECK_IN, [7, 159, 0]),
        ([tier(7, 50), tier(160, 0, "hours"), tier(0, 100)], CHECK_IN, [160, 7, 0]),
        # "1 day" ends 14 hours before check-in where an hour is lost in that night, 16 where one is won.
        ([tier(15, 0, "hours"), tier(1, 50), tier(0, 100)], CHECK_IN, [1, 15, 0]),
        ([tier(15, 0, "hours"), tier(1, 50), tier(0, 100)], SPRING, [15, 1, 0]),
        ([tier(16, 0, "hours"), tier(1, 50), tier(0, 100)], CHECK_IN, [16, 1, 0]),
        ([tier(16, 0, "hours"), tier(1, 50), tier(0, 100)], AUTUMN, [1, 16, 0]),
        # Until check-in, then until the end of that day.
        ([tier(0, 100), tier(0, 50, "hours"), tier(1, 0)], CHECK_IN, [1, 0, 0]),
    ],
)
def test_tiers_of_mixed_units_are_ordered_by_when_they_really_end(tiers, check_in, order):
    assert [each["at_least"] for each in in_order(terms(tiers), check_in)] == order


def test_tiers_of_mixed_units_take_turns():
    agreed = terms([tier(0, 100), tier(7, 50), tier(165, 0, "hours")])
    moments = [dublin(2026, 12, 8, 18), dublin(2026, 12, 8, 18, 0, 1), dublin(2026, 12, 9)]
    assert [result(agreed, CHECK_IN, at)[2:] for at in moments] == [
        ("from 165 hours: 0 percent", utc(2026, 12, 8, 18) + INSTANT),
        (HALF, utc(2026, 12, 9)),
        (ALL, None),
    ]


def test_the_leap_day_is_a_day():
    agreed, check_in = terms(FOURTEEN_SEVEN), date(2028, 3, 7)
    assert result(agreed, check_in, dublin(2028, 2, 29, 23, 59, 59))[2:] == (HALF, utc(2028, 3, 1))
    assert result(agreed, check_in, dublin(2028, 3, 1))[2:] == (ALL, None)


@pytest.mark.parametrize(
    ("captured", "refunded", "expected"),
    [
        (34000, 0, (17000, 17000)),
        (34000, 16999, (17000, 1)),
        (34000, 17000, (17000, 0)),
        (34000, 17001, (16999, 0)),
        (34000, 34000, (0, 0)),
        (34000, 34001, (0, 0)),  # more went back than was taken: nothing is kept, nothing returned
        (0, 0, (0, 0)),
        (0, 5000, (0, 0)),
        (10000, 0, (10000, 0)),  # less was taken than the fee
        (40000, 0, (17000, 23000)),  # more was taken than the price
    ],
)
def test_refunds_made_and_on_their_way_come_off_what_is_returned(captured, refunded, expected):
    assert result(terms(), CHECK_IN, dublin(2026, 12, 5), captured, refunded)[:2] == expected


@pytest.mark.parametrize("fee", [tier(0, 100), tier(0, 1, fee="nights"), tier(0, 5000, fee="fixed")])
def test_a_stay_that_costs_nothing_keeps_nothing(fee):
    found = calculate(terms([fee], price=0), check_in=CHECK_IN, at=dublin(2026, 12, 5), captured=0, refunded=0)
    assert (found.fee_amount, found.refund_amount, found.policy_fee) == (0, 0, 0)


@pytest.mark.parametrize(
    ("currency", "price", "percent", "fee"),
    [
        ("EUR", 33333, 50, 16667),
        ("EUR", 10001, 33, 3300),  # 33.0033
        ("EUR", 1, 50, 1),
        ("EUR", 1, 49, 0),
        ("JPY", 10001, 50, 5001),
        ("KWD", 12350, 50, 6180),
        ("KWD", 12340, 50, 6170),
        ("BHD", 10, 50, 10),
        ("JOD", 10, 49, 0),
        ("OMR", 12350, 10, 1240),
        ("TND", 12340, 10, 1230),
        ("ISK", 12300, 50, 6200),
        ("ISK", 12200, 50, 6100),
        ("UGX", 100, 50, 100),
        ("UGX", 100, 49, 0),
        ("EUR", 9_000_000_000_000_000_001, 100, 9_000_000_000_000_000_001),
    ],
)
def test_percents_are_rounded_half_up_to_what_stripe_moves(currency, price, percent, fee):
    agreed = terms([tier(0, percent)], price=price, currency=currency)
    found = calculate(agreed, check_in=CHECK_IN, at=dublin(2026, 12, 5), captured=price, refunded=0)
    assert (found.fee_amount, found.refund_amount, found.policy_fee) == (fee, price - fee, fee)
    assert fee % smallest_step(currency) == 0


@pytest.mark.parametrize(
    ("fee", "price", "nights", "kept", "words"),
    [
        (tier(0, 1, fee="nights"), 10000, 3, 3333, "The price of the first night is kept."),
        (tier(0, 2, fee="nights"), 10000, 3, 6667, "The price of the first 2 nights is kept."),
        (tier(0, 3, fee="nights"), 10000, 3, 10000, "The price of the first 3 nights is kept."),
        (tier(0, 4, fee="nights"), 10000, 3, 10000, "The full price is kept."),
        (tier(0, 1, fee="nights"), 10000, 1, 10000, "The price of the first night is kept."),
        (tier(0, 0, fee="nights"), 10000, 3, 0, "Free cancellation: everything you paid is returned."),
        (tier(0, 9999, fee="fixed"), 10000, 3, 9999, "A fee of €99.99 is kept."),
        (tier(0, 10000, fee="fixed"), 10000, 3, 10000, "A fee of €100.00 is kept."),
        (tier(0, 10001, fee="fixed"), 10000, 3, 10000, "The full price is kept."),
        (tier(0, 99), 10000, 3, 9900, "99 % of the price is kept."),
        (tier(0, 100), 10000, 3, 10000, "The full price is kept."),
        (tier(0, 1), 10000, 3, 100, "1 % of the price is kept."),
    ],
)
def test_no_fee_is_more_than_the_price_and_says_so(fee, price, nights, kept, words):
    agreed = terms([fee], price=price, nights=nights)
    found = calculate(agreed, check_in=CHECK_IN, at=dublin(2026, 12, 5), captured=20000, refunded=0)
    assert (found.policy_fee, found.fee_amount, found.refund_amount) == (kept, kept, 20000 - kept)
    assert found.description == words


def test_amounts_are_written_in_the_language_of_the_sentence():
    agreed = terms([tier(0, 123456, fee="fixed")], price=200000)
    with translation.override("de"):
        found = calculate(agreed, check_in=CHECK_IN, at=dublin(2026, 12, 5), captured=200000, refunded=0)
    assert "1.234,56\xa0€" in found.description


def test_what_is_not_confirmed_keeps_nothing():
    assert nothing_kept(34000) == Calculation(
        fee_amount=0,
        refund_amount=34000,
        policy_fee=0,
        description="Not confirmed yet: cancelling is free.",
        applied_rule="not confirmed",
        next_change_at=None,
    )

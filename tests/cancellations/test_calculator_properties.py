"""What holds for all terms and all moments."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from cancellations.calculator import calculate, in_order, tier_at
from tests.cancellations.agreed import terms, tier

SECOND = timedelta(seconds=1)
# Dublin's and Lord Howe's clocks change in the first nights, and the Azores' at midnight itself.
NIGHTS = [
    (zone, day)
    for zone in ("Europe/Dublin", "Atlantic/Azores", "Australia/Lord_Howe", "Asia/Tokyo")
    for day in (date(2027, 3, 28), date(2027, 10, 31), date(2027, 4, 4), date(2027, 10, 3), date(2028, 2, 29))
]
nights = st.sampled_from(NIGHTS)
times = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))
money = st.integers(0, 10**9)


def tiers_of(days, hours, sizes=(1, 4)):
    """Tiers of which no two begin alike."""
    count = st.one_of(
        st.tuples(st.just("days"), st.integers(0, days)), st.tuples(st.just("hours"), st.integers(0, hours))
    )
    fee = st.tuples(st.sampled_from(["percent", "fixed", "nights"]), st.integers(0, 100))
    pairs = st.tuples(count, fee)
    lists = st.lists(pairs, min_size=sizes[0], max_size=sizes[1], unique_by=lambda pair: pair[0])
    return lists.map(lambda found: [tier(number, value, unit, fee) for (unit, number), (fee, value) in found])


def before(check_in, seconds):
    return datetime(check_in.year, check_in.month, check_in.day, tzinfo=UTC) - timedelta(seconds=seconds)


around = st.integers(-3 * 86400, 70 * 86400)


@given(tiers=tiers_of(60, 1500), night=nights, price=money, captured=money, refunded=money, seconds=around)
def test_amounts_add_up_and_are_never_negative(tiers, night, price, captured, refunded, seconds):
    agreed = terms(tiers, price=price, zone=night[0])
    at = before(night[1], seconds)
    found = calculate(agreed, check_in=night[1], at=at, captured=captured, refunded=refunded)
    assert min(found.fee_amount, found.refund_amount, found.policy_fee) >= 0
    assert found.fee_amount + found.refund_amount == max(0, captured - refunded)
    assert found.fee_amount <= found.policy_fee or found.refund_amount == 0
    assert found.policy_fee <= price


@given(
    tiers=tiers_of(60, 1500),
    night=nights,
    clock=times,
    moments=st.lists(around, min_size=2, max_size=8),
    percents=st.lists(st.integers(0, 100), min_size=4, max_size=4),
)
def test_refund_never_rises_where_later_tiers_keep_more(tiers, night, clock, moments, percents):
    agreed = terms(tiers, zone=night[0], check_in_time=clock)
    for each, percent in zip(in_order(agreed, night[1]), sorted(percents), strict=False):
        each["fee"], each["value"] = "percent", percent
    refunds = [
        calculate(agreed, check_in=night[1], at=before(night[1], each), captured=34000, refunded=0).refund_amount
        for each in sorted(moments, reverse=True)
    ]
    assert refunds == sorted(refunds, reverse=True)


@given(tiers=tiers_of(60, 1500), night=nights, clock=times, seconds=around, share=st.floats(0, 1, exclude_max=True))
def test_nothing_changes_before_the_next_change_and_the_rule_does_then(tiers, night, clock, seconds, share):
    agreed = terms(tiers, zone=night[0], check_in_time=clock)

    def at(moment):
        return calculate(agreed, check_in=night[1], at=moment, captured=34000, refunded=1)

    now = before(night[1], seconds)
    found = at(now)
    if found.next_change_at is None:
        assert at(now + timedelta(days=400 * share)) == found
        return
    after = found.next_change_at.astimezone(UTC)
    assert now < after
    assert at(now + (after - now) * share) == found == at(after - datetime.resolution)
    assert at(after).applied_rule != found.applied_rule


@settings(max_examples=20, deadline=None)
@given(tiers=tiers_of(1, 7), night=nights, data=st.data())
def test_tier_is_the_one_that_is_found_by_looking_at_each_second(tiers, night, data):
    zone, check_in = ZoneInfo(night[0]), night[1]
    agreed = terms(tiers, zone=night[0], check_in_time="06:00")
    arrival = datetime(check_in.year, check_in.month, check_in.day, 6, tzinfo=zone).astimezone(UTC)
    seconds = [arrival + each * SECOND for each in range(-9 * 3600, 2)]
    stops = [next((at for at in seconds if not holds(each, at, arrival, zone)), None) for each in tiers]
    for at in data.draw(st.lists(st.sampled_from(seconds), min_size=20, max_size=20)):
        later = [(stop or seconds[-1] + SECOND, each) for stop, each in zip(stops, tiers, strict=True)]
        still = [pair for pair in later if pair[0] > at]
        expected = min(still, key=first) if still else max(later, key=first)
        assert tier_at(agreed, check_in, at) is expected[1]


def holds(each, at, arrival, zone):
    """Whether enough time is left for a tier, by the words of the policy."""
    if each["unit"] == "hours":
        return (arrival - at).total_seconds() >= each["at_least"] * 3600
    return (arrival.astimezone(zone).date() - at.astimezone(zone).date()).days >= each["at_least"]


def first(pair):
    return pair[0]

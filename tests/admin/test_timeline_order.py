"""One line of time, as a pure function: order, days, threads, filters."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from bookings.admin.timeline import Group, Key, grouped, predecessors, wanted

DUBLIN = ZoneInfo("Europe/Dublin")


def key(source: str, pk: int, clock: str, *, request: str = "", row: int = 1, day: int = 3) -> Key:
    """A record of 3 July 2026, at a UTC clock time."""
    hour, minute = map(int, clock.split(":"))
    return Key(source, pk, row, datetime(2026, 7, day, hour, minute, tzinfo=UTC), request)


def test_one_click_and_what_followed_is_one_thread_led_by_the_booking() -> None:
    asked = key("operation", 1, "14:00", request="click")
    taken = key("payment", 2, "14:01", request="click")
    approved = key("booking", 3, "14:02", request="click")
    mail = key("queued", 4, "14:03", request="click")
    assert grouped([mail, approved, taken, asked], zone=DUBLIN) == [
        Group(date(2026, 7, 3), approved, (asked, taken, mail))
    ]


def test_newest_comes_first_by_when_each_thread_began() -> None:
    first = key("booking", 1, "09:00", request="early")
    late_echo = key("sent", 9, "12:00", request="early")
    second = key("booking", 2, "10:00", request="later")
    found = grouped([first, second, late_echo], zone=DUBLIN)
    assert found == [Group(date(2026, 7, 3), second), Group(date(2026, 7, 3), first, (late_echo,))]


def test_days_are_the_hotels_and_part_a_thread() -> None:
    before = key("booking", 1, "22:59", request="night")  # 23:59 in Dublin
    after = key("refund", 2, "23:00", request="night")  # midnight there
    assert grouped([before, after], zone=DUBLIN) == [
        Group(date(2026, 7, 4), after),
        Group(date(2026, 7, 3), before),
    ]


def test_records_without_a_request_stand_alone() -> None:
    one, other = key("booking", 1, "09:00"), key("payment", 1, "09:00")
    assert grouped([one, other], zone=DUBLIN) == [Group(date(2026, 7, 3), other), Group(date(2026, 7, 3), one)]


def test_filters_keep_a_topic_a_request_or_both() -> None:
    booking, mail = key("booking", 1, "09:00", request="a"), key("queued", 2, "09:00", request="a")
    refund, link = key("refund", 3, "09:00", request="b"), key("link", 4, "09:00", request="b")
    every = [booking, mail, refund, link]
    assert wanted(every) == every
    assert wanted(every, topic="money") == [refund]
    assert wanted(every, topic="mail") == [mail]
    assert wanted(every, topic="status") == [booking]
    assert wanted(every, request_id="b") == [refund, link]
    assert wanted(every, topic="money", request_id="a") == []
    assert wanted(every, topic="nonsense") == every


def test_each_record_is_compared_with_the_one_before_of_its_row() -> None:
    rows = [
        key("payment", 7, "09:00", row=1),
        key("payment", 8, "10:00", row=2),
        key("payment", 9, "11:00", row=1),
        key("refund", 9, "12:00", row=1),
    ]
    assert predecessors(reversed(rows)) == {("payment", 9): 7}

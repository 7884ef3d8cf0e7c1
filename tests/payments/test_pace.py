"""A turn of work ends when its time is up, but never without having done something."""

from payments import pace
from payments.pace import paced


def test_everything_is_yielded_within_the_time():
    assert list(paced([1, 2, 3])) == [1, 2, 3]


def test_one_row_is_yielded_even_when_there_is_no_time():
    assert list(paced([1, 2, 3], seconds=-1)) == [1]


def test_what_is_left_when_the_time_is_up_waits_for_the_next_turn(monkeypatch):
    clock = iter([0.0, 4.0, 9.0, 11.0])
    monkeypatch.setattr(pace.time, "monotonic", lambda: next(clock))
    assert list(paced("abcd", seconds=10)) == ["a", "b", "c"]

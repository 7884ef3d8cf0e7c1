"""A turn of work ends when its time is up, and a long one asks Stripe no faster than Stripe likes."""

import subprocess
import sys
import threading

import pytest

from payments import gateway, pace
from payments.pace import Pacer, SharedPacer, paced


def test_everything_is_yielded_within_the_time():
    assert list(paced([1, 2, 3])) == [1, 2, 3]


def test_one_row_is_yielded_even_when_there_is_no_time():
    assert list(paced([1, 2, 3], seconds=-1)) == [1]


def test_what_is_left_when_the_time_is_up_waits_for_the_next_turn(monkeypatch):
    clock = iter([0.0, 4.0, 9.0, 11.0])
    monkeypatch.setattr(pace.time, "monotonic", lambda: next(clock))
    assert list(paced("abcd", seconds=10)) == ["a", "b", "c"]


@pytest.mark.parametrize(("key", "pauses"), [("sk_test_x", [0, 1 / 12, 1 / 12]), ("sk_live_x", [0, 1 / 50, 1 / 50])])
def test_requests_are_spread_evenly(settings, monkeypatch, key, pauses):
    settings.STRIPE_SECRET_KEY = key
    slept = []
    monkeypatch.setattr(pace.time, "monotonic", lambda: 100 + sum(slept))
    monkeypatch.setattr(pace.time, "sleep", slept.append)
    pacer = Pacer()
    for _ in pauses:
        pacer.wait()
    assert slept == pytest.approx(pauses)


def test_slow_answers_are_waited_for_no_longer(monkeypatch):
    clock, slept = iter([100.0, 200.0]), []
    monkeypatch.setattr(pace.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(pace.time, "sleep", slept.append)
    pacer = Pacer()
    pacer.wait()
    pacer.wait()
    assert slept == [0, 0]


def test_threads_share_one_pace(monkeypatch):
    slept = []
    monkeypatch.setattr(pace.time, "monotonic", lambda: 100.0)
    monkeypatch.setattr(pace.time, "sleep", slept.append)
    pacer = Pacer()
    threads = [threading.Thread(target=pacer.wait) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(slept) == pytest.approx([number * pacer.step for number in range(4)])


def test_each_request_to_stripe_keeps_the_pace(monkeypatch, stripe_simulator):
    waited = []
    pacer = Pacer()
    monkeypatch.setattr(pacer, "wait", lambda: waited.append(1))
    with pace.keeping(pacer):
        list(gateway.events_since(0))
    assert (len(waited), len(stripe_simulator.look("requests"))) == (1, 1)
    list(gateway.events_since(0))
    assert len(waited) == 1


def test_processes_share_one_pace_by_a_file(monkeypatch, tmp_path):
    monkeypatch.setattr(pace.time, "monotonic", lambda: 100.0)
    slept = []
    monkeypatch.setattr(pace.time, "sleep", slept.append)
    with (tmp_path / "pace").open("w+b") as file:
        ours, theirs = SharedPacer(file.fileno(), 0.5), SharedPacer(file.fileno(), 0.5)
        for pacer in (ours, theirs, theirs, ours):
            pacer.wait()
    assert slept == [0, 0.5, 1.0, 1.5]


def test_processes_never_take_the_same_turn(tmp_path):
    take = "import sys; from payments.pace import SharedPacer; p = SharedPacer(int(sys.argv[1]), 1.0)\n"
    take += "for _ in range(50): print(round(p.take_turn(0.0)))"
    with (tmp_path / "pace").open("w+b") as file:
        command = [sys.executable, "-c", take, str(file.fileno())]
        children = [
            subprocess.Popen(command, stdout=subprocess.PIPE, pass_fds=[file.fileno()], text=True) for _ in range(3)
        ]
        turns = [int(turn) for child in children for turn in child.communicate(timeout=60)[0].split()]
    assert sorted(turns) == list(range(150))

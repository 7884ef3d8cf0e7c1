"""Tries are counted for addresses and references: no burst gets past the limit, and counts are forgotten."""

import time
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from cancellations import throttle
from cancellations.models import LinkRequest, TryCount
from cancellations.throttle import TooManyRequests
from payments import chores
from tests.stays import clock_at


def passes(reference="REFERENCE", ip="198.51.100.1"):
    """Whether one try gets past."""
    try:
        throttle.count_try(reference=reference, ip=ip)
    except TooManyRequests:
        return False
    return True


@pytest.mark.django_db(transaction=True)
def test_a_burst_lets_no_more_than_the_limit_past():
    passed, together = [], Barrier(20)

    def lingering(execute, sql, *rest):
        # Whoever looks first and counts later acts on what has changed meanwhile.
        found = execute(sql, *rest)
        if sql.startswith("SELECT"):
            time.sleep(0.05)
        return found

    def one(number):
        together.wait()
        with connection.execute_wrapper(lingering):
            passed.append(passes(ip=f"198.51.100.{number}"))
        connection.close()

    threads = [Thread(target=one, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(passed), sum(passed)) == (20, throttle.TRIES_PER_REFERENCE)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("first", "second", "are_one"),
    [
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("198.51.100.1", "198.51.100.2", False),
        ("::ffff:198.51.100.1", "198.51.100.1", True),
        ("::ffff:198.51.100.1", "::ffff:198.51.100.2", False),
        ("", "", True),
    ],
)
def test_an_ipv6_network_counts_as_one_address(first, second, are_one):
    for number in range(throttle.TRIES_PER_ADDRESS):
        assert passes(f"R{number}", ip=first)
    assert passes("ANOTHER", ip=second) is not are_one


@pytest.mark.django_db
def test_a_flooding_address_uses_up_no_try_of_a_reference():
    for number in range(throttle.TRIES_PER_ADDRESS):
        passes(f"R{number}")
    assert [passes("REFERENCE") for _ in range(20)] == [False] * 20
    assert [passes("REFERENCE", ip=f"203.0.113.{n}") for n in range(11)] == [True] * 10 + [False]


@pytest.mark.django_db
def test_what_is_refused_does_not_lengthen_the_wait():
    begun = timezone.now()
    assert [passes(ip=f"203.0.113.{n}") for n in range(40)].count(True) == throttle.TRIES_PER_REFERENCE
    with clock_at(begun + timedelta(minutes=59)), pytest.raises(TooManyRequests) as refusal:
        throttle.count_try(reference="REFERENCE", ip="192.0.2.1")
    assert 50 <= refusal.value.retry_after <= 62
    with clock_at(begun + timedelta(minutes=61)):
        assert passes()


@pytest.mark.django_db
def test_no_row_names_an_address_or_a_reference():
    passes("SECRETREF2", ip="198.51.100.77")
    assert TryCount.objects.count() == 2
    stored = str(list(TryCount.objects.values()))
    assert "SECRETREF2" not in stored
    assert "198.51.100.77" not in stored


@pytest.mark.django_db
def test_a_count_costs_five_statements_however_many_there_are(django_assert_num_queries):
    for number in range(3):
        passes(f"R{number}", ip=f"203.0.113.{number}")
    for reference in ("R1", "NEWONE"):
        with django_assert_num_queries(5):
            passes(reference)


def test_guesses_are_counted_without_touching_the_database():
    for _ in range(throttle.GUESSES_PER_ADDRESS):
        throttle.count_guess(ip="2001:db8::1")
    with pytest.raises(TooManyRequests) as refusal:
        throttle.count_guess(ip="2001:db8::2")
    assert 3500 < refusal.value.retry_after <= 3601
    throttle.count_guess(ip="198.51.100.1")


@pytest.mark.django_db
def test_the_night_forgets_what_is_over(capsys):
    passes()
    for age in (29, 31):
        request = LinkRequest.objects.create(
            reference="R", contact="c", handled_at=timezone.now() - timedelta(days=age)
        )
    waiting = LinkRequest.objects.create(reference="R", contact="c")
    chores.forget(timezone.now() + timedelta(minutes=59), None)
    assert (TryCount.objects.count(), LinkRequest.objects.count()) == (2, 2)
    chores.forget(timezone.now() + timedelta(minutes=61), None)
    assert TryCount.objects.count() == 0
    assert not LinkRequest.objects.filter(pk=request.pk).exists()
    call_command("prune")
    assert "0 requests for links older than 30 days and 0 counts of tries deleted" in capsys.readouterr().out
    assert LinkRequest.objects.filter(pk=waiting.pk).exists()

"""Two web processes that share a real Redis; and what becomes of requests and bookings without it."""

import json
import os
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.core.cache import caches
from django.test import override_settings

from bookings import shared_cache
from bookings.models import Booking, BookingStatus
from cancellations import throttle
from site_config import env_urls, processes
from site_config.devtools import redis_server
from site_config.devtools.postgresql import free_port
from tests.stays import submitted

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.redis]

WRONG = "/booking/manage/ikg_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG/"
UNKNOWN = 403  # a link that opens nothing
PATIENCE = 30


@pytest.fixture
def port():
    return free_port()


@pytest.fixture
def redis(tmp_path, port):
    """A server that a test may stop and start again."""
    with ExitStack() as stack:
        yield stack.enter_context(redis_server.running(tmp_path, port=port))


@pytest.fixture
def here(redis, port):
    """This process uses it, too."""
    with override_settings(CACHES={"default": env_urls.cache(f"redis://127.0.0.1:{port}/0")}):
        yield redis
    shared_cache.SharedCache.asked_again_at = 0.0


@pytest.fixture
def webs(redis, port, database_url, tmp_path):
    """Two servers as on two machines: nothing in common but the database and Redis."""
    variables = {
        "DATABASE_URL": database_url,
        "CACHE_URL": f"redis://127.0.0.1:{port}/0",
        "DJANGO_SETTINGS_MODULE": "site_config.settings",
    }
    with ExitStack() as stack:
        ports = [free_port(), free_port()]
        for each in ports:
            log = tmp_path / f"{each}.log"
            command = [sys.executable, "-m", "gunicorn", "site_config.wsgi", "--bind", f"127.0.0.1:{each}"]
            child = processes.start(command, log=log, env=os.environ | variables)
            stack.callback(processes.stop, child)
            redis_server.wait_until_open(each, child, log)
        yield ports


def status(port, path=WRONG):
    """The status that a server answers with."""
    try:
        with urllib.request.urlopen(f"http://localhost:{port}{path}", timeout=PATIENCE) as answer:
            return answer.status
    except urllib.error.HTTPError as refused:
        return refused.code


def cache_said(port):
    """What /readyz says of the cache."""
    with urllib.request.urlopen(f"http://localhost:{port}/readyz", timeout=PATIENCE) as answer:
        return answer.status, json.load(answer)["checks"]["cache"]


def logged(folder: Path, event: str) -> bool:
    """Whether any server's log has an event."""
    return any(f'"event": "{event}"' in path.read_text() for path in folder.glob("*.log"))


def test_two_servers_count_wrong_links_together(webs):
    found = [status(webs[number % 2]) for number in range(throttle.GUESSES_PER_ADDRESS)]
    assert set(found) == {UNKNOWN}
    assert [status(port) for port in webs] == [429, 429]


def test_servers_serve_on_while_redis_is_gone_and_count_together_when_it_is_back(webs, redis, port, tmp_path):
    assert [cache_said(each) for each in webs] == [(200, {"ok": True})] * 2
    redis.kill()
    redis.wait()
    began = time.monotonic()
    assert [status(each) for each in webs] == [UNKNOWN, UNKNOWN]
    assert time.monotonic() - began < 4
    assert [cache_said(each) for each in webs] == [(200, {"ok": False})] * 2
    assert logged(tmp_path, "cache.away")
    # Each goes on counting by itself.
    counted = [status(webs[0]) for _ in range(throttle.GUESSES_PER_ADDRESS)]
    assert (counted[0], counted[-1]) == (UNKNOWN, 429)
    assert status(webs[1]) == UNKNOWN
    with redis_server.running(tmp_path, port=port):
        time.sleep(shared_cache.PAUSE)
        assert [status(each) for each in webs] == [UNKNOWN, UNKNOWN]
        assert [cache_said(each) for each in webs] == [(200, {"ok": True})] * 2
        assert logged(tmp_path, "cache.back")
        caches["default"].clear()
        found = [status(webs[number % 2]) for number in range(throttle.GUESSES_PER_ADDRESS - 2)]
        assert [*found, *(status(each) for each in webs)] == [UNKNOWN] * (throttle.GUESSES_PER_ADDRESS - 2) + [
            429
        ] * 2


def test_booking_is_made_while_redis_is_gone(here):
    here.kill()
    here.wait()
    assert submitted().status == BookingStatus.PENDING_PAYMENT
    assert Booking.objects.get().messages.count() == 1


def test_redis_that_hangs_delays_one_request_by_half_a_second(here):
    here.send_signal(19)
    try:
        began = time.monotonic()
        cache = caches["default"]
        assert cache.get("anything") is None
        assert time.monotonic() - began < 1.5
        cache.set("anything", 1)
        assert cache.incr("anything") == 2
        assert time.monotonic() - began < 2
    finally:
        here.send_signal(18)

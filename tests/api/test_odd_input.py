"""Five hundred odd requests: none is a 5xx, and none writes a row."""

import json
import re
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from payments import decisions
from tests.api import document
from tests.api.calls import address, key_of
from tests.factories import BookingFactory, HotelFactory, RoomFactory, RoomTypeFactory
from tests.stays import clock_at, submitted

pytestmark = pytest.mark.django_db

EXAMPLES = 500
WRITES = re.compile(r'(?:INSERT|UPDATE|DELETE)(?: OR IGNORE)?(?: INTO| FROM)? "(\w+)"')
TRIES = (
    *("cancellations_trycount", "cancellations_linkrequest"),
    *("bookings_refusedattempt", "bookings_historicalrefusedattempt", "bookings_repeat"),
)
# What a web server lets through in a header: no control characters.
HEADER = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=60)
ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=10**300)
    | st.floats()
    | st.text(max_size=30)
    | st.sampled_from(["\0", "ada@guest.example", "ikg_", "' OR 1=1 --", "{{7*7}}", "x" * 700]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(["token", "reason", "quote", "client_email", "client_phone", "amount", "fee", "__proto__"])
SAID = st.dictionaries(NAMES, ODD, max_size=5).map(lambda said: json.dumps(said).encode())
ANYTHING = ODD.map(lambda said: json.dumps(said).encode()) | st.binary(max_size=80) | st.just(b"[" * 3000)
# Most requests are nearly right, so that they get far.
BODY = st.one_of(SAID, SAID, st.just(b""), ANYTHING)
JSON = "application/json"
KINDS = st.sampled_from(
    [JSON] * 6 + [f"{JSON}; charset=utf-16", "text/plain", "multipart/form-data", "", "a/b;c=\x01"]
)
METHOD = st.sampled_from(["POST"] * 6 + ["GET"] * 3 + ["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE"])
ENDS = st.sampled_from(
    ["", "", "cancel/", "payment/session/", "payment/retry/", "payment/status/", "payment/verify/", "refund/", "x"]
)
QUERY = st.dictionaries(st.sampled_from(["token", "session_id", "q"]), st.text(max_size=30), max_size=2)


@pytest.fixture
def booking():
    """A booking in a hotel that takes a match; it has expired, so that not even its guest can change anything."""
    hotel = HotelFactory(guest_verification="match")
    waiting = submitted(BookingFactory(room=RoomFactory(room_type=RoomTypeFactory(hotel=hotel))))
    with clock_at(timezone.now() + timedelta(days=2)):
        return decisions.expire(waiting).booking


@pytest.fixture
def key(booking):
    """The key of its guest, which leads past the door."""
    return key_of(booking)


@contextmanager
def watched():
    """Collect the tables that are written to; those that count strangers' tries are there for that."""
    written = set()

    def note(execute, sql, params, many, context):
        found = WRITES.match(sql)
        if found and found[1] not in TRIES:
            written.add(found[1])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield written


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_no_odd_request_is_a_5xx_or_changes_anything(booking, key, data):
    client = f"/api/booking/client/{booking.booking_id}/"
    own = address(booking, data.draw(ENDS))
    path = data.draw(st.sampled_from([own] * 5 + [client, f"{client}cancel/", f"{client}cancel/", "/api/"]))
    headers = {name: data.draw(HEADER) for name in ("Authorization", "Accept-Language", "X-Request-Id", "User-Agent")}
    headers["Content-Type"] = data.draw(KINDS)
    if data.draw(st.booleans()):
        headers["Authorization"] = f"Bearer {key}"
    method, body, query = data.draw(METHOD), data.draw(BODY), data.draw(QUERY)
    client = Client(raise_request_exception=False)
    with watched() as written:
        answer = client.generic(method, path, body, headers["Content-Type"], headers=headers, query_params=query)
    assert answer.status_code < 500
    assert written == set()
    if answer.content and answer.status_code >= 400:
        assert document.problems_of(answer) == []
        assert json.loads(answer.content)["success"] is False

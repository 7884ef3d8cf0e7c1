"""Who acts, from where."""

import pytest
from django.test import RequestFactory

from bookings import audit
from bookings.audit import Actor, ActorKind


def actor(headers=None, **meta):
    return audit.actor_of(RequestFactory().get("/", headers=headers, **meta))


def test_guest_is_whoever_has_not_signed_in():
    given = actor({"User-Agent": "Phone"}, REMOTE_ADDR="198.51.100.7")
    assert (given.kind, given.user_id, given.ip, given.user_agent) == ("guest", None, "198.51.100.7", "Phone")


@pytest.mark.parametrize("address", ["", "unix:", "not an address", "1.2.3.4.5"])
def test_what_is_no_address_is_not_stored(address):
    assert actor(REMOTE_ADDR=address).ip == ""


def test_proxy_header_counts_only_when_trusted(settings):
    headers = {"X-Forwarded-For": "203.0.113.9, 198.51.100.7"}
    settings.TRUST_PROXY = False
    assert actor(headers, REMOTE_ADDR="127.0.0.1").ip == "127.0.0.1"
    settings.TRUST_PROXY = True
    assert actor(headers, REMOTE_ADDR="127.0.0.1").ip == "198.51.100.7"


@pytest.mark.parametrize(("given", "kept"), [("abcdefgh-1234", True), ("x", False), ("a b" * 9, False)])
def test_request_id_is_taken_over_only_when_well_formed(given, kept):
    assert (actor({"X-Request-Id": given}).request_id == given) is kept


def test_nested_actors_come_back():
    with audit.acting(Actor(ActorKind.STAFF, 7, "192.0.2.1", "Desk", "request-1")):
        with audit.acting_as(ActorKind.GUEST) as guest:
            assert (guest.kind, guest.user_id, guest.ip, guest.request_id) == (
                "guest",
                None,
                "192.0.2.1",
                "request-1",
            )
        assert audit.current_actor().kind == "staff"

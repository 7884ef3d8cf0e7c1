"""Programs with a personal access token: what it opens, and what it never does."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from bookings import access_tokens, audit
from bookings.models import AccessToken, Booking, Hotel, PaymentMethod, TokenUse, User
from tests import stays
from tests.api.calls import FORBIDDEN, NOT_FOUND, Program, address
from tests.factories import HotelFactory, UserFactory
from tests.logged import logged


def booked(**fields: Any) -> Booking:
    """A booking that is paid on arrival: no call about it asks Stripe."""
    with stays.by_staff():
        return stays.submitted(payment_method=PaymentMethod.ARRIVAL, **fields)


def key_for(booking: Booking, role: str = "Front desk", **fields: Any) -> str:
    """The key of somebody who works for the booking's hotel."""
    person = UserFactory(role=role, hotels=[booking.hotel])
    return made(person, **fields)


def made(person: Any, **fields: Any) -> str:
    """The key of a fresh token."""
    given = {"name": "Website", "hotel": None, "expires_at": None, **fields}
    _token, key = access_tokens.create(person, **given)
    return key


@pytest.fixture
def booking(db: None) -> Booking:
    """One booking."""
    return booked()


def test_token_reads_and_acts_without_csrf(booking: Booking) -> None:
    program = Program(key_for(booking), strict=True)
    assert program.get(address(booking, "payment/status/")).status_code == 200
    answer = program.post(address(booking, "payment/session/"))
    assert (answer.status_code, answer.json()["error"]) == (409, "Payment method must be ONLINE")


def test_token_has_its_owners_rights_only(booking: Booking) -> None:
    program = Program(key_for(booking, "Auditor"))
    assert program.get(address(booking, "payment/status/")).status_code == 200
    assert program.post(address(booking, "payment/session/")).json() == FORBIDDEN


def test_token_finds_bookings_of_its_owners_hotels_only(booking: Booking) -> None:
    stranger = Program(made(UserFactory(role="Manager", hotels=[HotelFactory()])))
    answer = stranger.get(address(booking, "payment/status/"))
    assert (answer.status_code, answer.json()) == (404, NOT_FOUND)


def test_token_for_one_hotel_does_not_open_another_of_its_owner(booking: Booking) -> None:
    other = booked()
    for role in ("Manager", "owner"):
        person = UserFactory(role=role, hotels=[booking.hotel, other.hotel])
        program = Program(made(person, hotel=booking.hotel))
        answers = [program.get(address(each, "payment/status/")).status_code for each in (booking, other)]
        assert answers == [200, 404]


def test_revoked_expired_and_orphaned_tokens_get_one_answer(booking: Booking) -> None:
    def revoked(key: str) -> None:
        access_tokens.revoke(AccessToken.objects.get(), at=timezone.now())

    def expired(key: str) -> None:
        AccessToken.objects.update(expires_at=timezone.now())

    def left(key: str) -> None:
        User.objects.update(is_active=False)

    def no_staff(key: str) -> None:
        User.objects.update(is_staff=False)

    def needs_code(key: str) -> None:
        Hotel.objects.update(managers_need_totp=True)

    for end in (revoked, expired, left, no_staff, needs_code):
        TokenUse.objects.all().delete()
        AccessToken.objects.all().delete()
        Hotel.objects.update(managers_need_totp=False)
        key = key_for(booking, "Manager")
        program = Program(key)
        assert program.get(address(booking, "payment/status/")).status_code == 200
        end(key)
        answer = program.get(address(booking, "payment/status/"))
        assert (end.__name__, answer.status_code, answer.json()) == (end.__name__, 403, FORBIDDEN)


def test_unknown_token_is_refused_and_guesses_are_counted(booking: Booking) -> None:
    program = Program("iks_unknown")
    answers = [program.get(address(booking, "payment/status/")).status_code for _ in range(61)]
    assert (set(answers[:60]), answers[60]) == ({403}, 429)
    # A right one is never counted.
    assert Program(key_for(booking)).get(address(booking, "payment/status/")).status_code == 200


def test_token_is_not_taken_from_address_or_body(booking: Booking) -> None:
    key = key_for(booking)
    assert Program().get(f"{address(booking, 'payment/status/')}?token={key}").status_code == 401
    assert Program().post(address(booking, "payment/session/"), {"token": key}).status_code == 401


def test_token_opens_nothing_of_the_guests(booking: Booking) -> None:
    assert Program(key_for(booking)).get(address(booking)).status_code == 401


def test_last_use_is_written_once_a_minute(booking: Booking) -> None:
    program, start = Program(key_for(booking)), timezone.now()
    seen = []
    for seconds in (0, 30, 61):
        with stays.clock_at(start + timedelta(seconds=seconds)):
            program.get(address(booking, "payment/status/"))
        seen.append((TokenUse.objects.get().last_used_at - start).total_seconds())
    assert seen == [0, 0, 61]


def test_history_knows_who_acted_and_the_log_names_no_key(booking: Booking) -> None:
    person: Any = UserFactory(role="Front desk", hotels=[booking.hotel])
    key = made(person)
    with logged() as log:
        Program(key).get(address(booking, "payment/status/"))
        Program(key + "x").get(address(booking, "payment/status/"))
    assert key not in log.text
    right, wrong = log.of("http.request")
    assert (right["actor"], right["user_id"]) == (audit.ActorKind.STAFF, person.pk)
    assert (wrong["actor"], wrong["user_id"]) == (audit.ActorKind.GUEST, None)


def test_only_the_hash_is_stored_and_history_has_both_ends(db: None) -> None:
    person: Any = UserFactory(role="Front desk", hotels=[])
    with stays.by_staff(person):
        token, key = access_tokens.create(person, name="Website", hotel=None, expires_at=None)
        assert access_tokens.revoke(token, at=timezone.now())
        assert not access_tokens.revoke(token, at=timezone.now())
    row = AccessToken.objects.get()
    assert (key[:4], len(key), row.prefix) == ("iks_", 47, key[:12])
    assert key not in str(list(AccessToken.objects.values_list()))
    told = list(token.history.order_by("history_id").values_list("transition", "history_user_id"))
    assert told == [("create_token", person.pk), ("revoke_token", person.pk)]

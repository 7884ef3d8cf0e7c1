"""One address that tries many names is slowed down, and nobody who works there is kept out by it."""

from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from bookings.models import SignIn, SignInKind, SignInRelease
from site_config.lockout import DEVICE, MOST_NAMES
from tests.factories import UserFactory
from tests.site_config.test_lockout import RIGHT, attempt, bare


@pytest.fixture(autouse=True)
def nora(db: None) -> Any:
    """Somebody who can sign in."""
    return UserFactory(username="nora", role="Front desk", hotels=[])


def flood(names: int = MOST_NAMES, **more: Any) -> list[int]:
    """Try one name after the other, each once."""
    return [attempt(f"name-{number}", **more).status_code for number in range(names)]


def test_tenth_name_locks_the_address_for_a_browser_that_nobody_knows() -> None:
    assert flood() == [200] * (MOST_NAMES - 1) + [429]
    assert [attempt(password=RIGHT).status_code, attempt("nobody").status_code] == [429, 429]
    assert attempt(password=RIGHT, REMOTE_ADDR="192.0.2.9").status_code == 302
    assert SignIn.objects.filter(kind=SignInKind.LOCKED).count() >= 1


def test_names_that_exist_and_names_that_do_not_are_locked_alike() -> None:
    flood()
    known, unknown = attempt(), attempt("nemo")
    assert (known.status_code, bare(known)) == (unknown.status_code, bare(unknown))


def test_clumsy_colleagues_at_one_address_lock_nobody_out() -> None:
    colleagues = [UserFactory(username=f"name-{number}", role="Front desk") for number in range(MOST_NAMES + 5)]
    for person in colleagues:
        assert [attempt(person.username).status_code for _ in range(3)] == [200, 200, 200]
        assert attempt(person.username, RIGHT).status_code == 302
    # One name that is mistyped again and again is one name.
    for _ in range(5):
        attempt("mora")
    assert attempt(password=RIGHT).status_code == 302


def test_browser_in_which_somebody_has_signed_in_before_is_let_in() -> None:
    desk = Client()
    assert attempt(password=RIGHT, client=desk).status_code == 302
    desk.post("/admin/logout/")
    flood()
    assert attempt(password=RIGHT, client=desk).status_code == 302
    kept = desk.cookies[DEVICE]
    assert (kept["httponly"], kept["samesite"], kept["path"], kept["max-age"]) == (
        True,
        "Lax",
        "/admin/login/",
        90 * 24 * 3600,
    )
    assert "nora" not in kept.value


def test_known_browser_is_locked_by_name_all_the_same() -> None:
    desk = Client()
    attempt(password=RIGHT, client=desk)
    desk.post("/admin/logout/")
    assert [attempt(client=desk).status_code for _ in range(6)][-1] == 429


@pytest.mark.parametrize("value", ["known", "known:x:y", ""])
def test_cookie_that_we_have_not_signed_opens_nothing(value: str) -> None:
    flood()
    stranger = Client()
    stranger.cookies[DEVICE] = value
    assert attempt(password=RIGHT, client=stranger).status_code == 429


def test_wrong_password_makes_no_browser_known() -> None:
    client = Client()
    attempt(client=client)
    assert DEVICE not in client.cookies


def test_lock_of_an_address_ends_by_itself() -> None:
    flood()
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
    assert attempt(password=RIGHT).status_code == 302


def test_household_with_many_ipv6_addresses_is_one() -> None:
    for number in range(6):
        attempt(REMOTE_ADDR=f"2001:db8:1:2::{number + 1:x}")
    assert AccessAttempt.objects.get().ip_address == "2001:db8:1:2::"
    assert attempt(password=RIGHT, REMOTE_ADDR="2001:db8:1:2::ff").status_code == 429
    assert attempt(password=RIGHT, REMOTE_ADDR="2001:db8:1:3::1").status_code == 302


def test_owner_releases_the_whole_address(settings: Settings) -> None:
    flood()
    flood(2, REMOTE_ADDR="192.0.2.9")
    person, owner = UserFactory.create(role="owner"), Client()
    owner.force_login(person)
    address = f"/admin/axes/accessattempt/{AccessAttempt.objects.filter(ip_address='127.0.0.1')[0].pk}/release/"
    assert "Many names were tried from this address." in owner.get(address).content.decode()
    owner.post(address, {"reason": "Our own test"})
    assert attempt(password=RIGHT).status_code == 302
    kept = SignInRelease.objects.values_list("username", "ip_address", "failures", "released_by").get()
    assert kept == ("", "127.0.0.1", MOST_NAMES, person.pk)
    assert AccessAttempt.objects.filter(ip_address="192.0.2.9").count() == 2

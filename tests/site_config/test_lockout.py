"""Too many wrong passwords: who is locked out, for how long, and what that tells."""

import re
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from bookings.models import SignIn, SignInKind, SignInRelease, User
from tests.factories import UserFactory
from tests.logged import logged

LOGIN = "/admin/login/"
RIGHT = "innkeep-test"
LIMIT = 6


@pytest.fixture(autouse=True)
def person(db: None) -> Any:
    """Somebody who can sign in."""
    return UserFactory(username="nora", role="Front desk", hotels=[])


def attempt(name: str = "nora", password: str = "wrong", *, client: Client | None = None, **more: Any) -> Any:
    """Try to sign in from a browser."""
    return (client or Client()).post(LOGIN, {"username": name, "password": password}, **more)


def lock(name: str = "nora", **more: Any) -> list[int]:
    """Try wrongly as often as it takes."""
    return [attempt(name, **more).status_code for _ in range(LIMIT)]


def bare(response: Any) -> str:
    """A page without what differs at every request: the CSRF token, and the name that was typed."""
    page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())
    return page.replace("nora", "NAME").replace("nemo", "NAME")


def test_sixth_wrong_password_locks_even_the_right_one_out() -> None:
    assert lock() == [200, 200, 200, 200, 200, 429]
    answer = attempt(password=RIGHT)
    assert (answer.status_code, answer["Retry-After"]) == (429, "900")
    assert "Wait 15 minutes" in answer.content.decode()
    assert "_auth_user_id" not in answer.client.session


def test_lock_ends_by_itself() -> None:
    lock()
    for minutes, answer in ((14, 429), (16, 302)):
        AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=minutes))
        assert attempt(password=RIGHT).status_code == answer


def test_lock_is_of_one_name_at_one_address() -> None:
    UserFactory(username="otto", role="Front desk")
    lock()
    assert attempt("otto", RIGHT).status_code == 302
    assert attempt(password=RIGHT, REMOTE_ADDR="192.0.2.9").status_code == 302
    assert attempt(password=RIGHT).status_code == 429


def test_right_password_forgets_the_wrong_ones() -> None:
    for _ in range(3):
        assert [attempt().status_code for _ in range(LIMIT - 1)] == [200] * (LIMIT - 1)
        assert attempt(password=RIGHT).status_code == 302


def test_unknown_names_are_answered_and_locked_alike() -> None:
    known, unknown = attempt(), attempt("nemo")
    assert (known.status_code, bare(known)) == (unknown.status_code, bare(unknown))
    assert lock()[-2:] == lock("nemo")[-2:] == [429, 429]
    known, unknown = attempt(), attempt("nemo")
    assert (known.status_code, bare(known)) == (unknown.status_code, bare(unknown)) == (429, bare(known))


def test_address_is_the_one_that_the_proxy_saw(settings: Settings) -> None:
    settings.TRUST_PROXY = True
    lock(headers={"X-Forwarded-For": "203.0.113.1, 198.51.100.7"})
    assert AccessAttempt.objects.get().ip_address == "198.51.100.7"
    assert attempt(headers={"X-Forwarded-For": "198.51.100.7"}).status_code == 429
    # What the browser itself claims moves nobody out of a lock, nor anybody into one.
    assert attempt(headers={"X-Forwarded-For": "192.0.2.1, 198.51.100.7"}).status_code == 429
    assert attempt(password=RIGHT, headers={"X-Forwarded-For": "198.51.100.8"}).status_code == 302


def test_claimed_address_counts_nothing_without_a_proxy() -> None:
    for number in range(LIMIT):
        attempt(headers={"X-Forwarded-For": f"198.51.100.{number}"})
    assert attempt().status_code == 429


def test_owner_releases_a_lock_by_post_and_that_is_kept() -> None:
    lock()
    person = UserFactory.create(role="owner", first_name="Olga")
    owner = Client()
    owner.force_login(person)
    address = f"/admin/axes/accessattempt/{AccessAttempt.objects.get().pk}/release/"
    assert "Release the lock · nora · 127.0.0.1" in owner.get(address).content.decode()
    assert attempt().status_code == 429
    assert owner.post(address, {"reason": " "}).status_code == 200
    assert (attempt().status_code, SignInRelease.objects.count()) == (429, 0)
    answer = owner.post(address, {"reason": "Asked at the desk"}, REMOTE_ADDR="192.0.2.5")
    assert answer["Location"] == "/admin/axes/accessattempt/"
    assert attempt(password=RIGHT).status_code == 302
    kept = SignInRelease.objects.values_list("username", "ip_address", "failures", "released_by", "reason").get()
    assert kept == ("nora", "127.0.0.1", LIMIT + 2, person.pk, "Asked at the desk")
    row = SignInRelease.history.get()
    assert (row.transition, row.history_user_id, row.ip) == ("release", person.pk, "192.0.2.5")
    listed = owner.get("/admin/bookings/signinrelease/").content.decode()
    assert [word in listed for word in ("nora", "Olga", "Asked at the desk")] == [True] * 3


def test_sign_ins_failures_and_sign_outs_are_kept() -> None:
    client = Client()
    attempt(client=client)
    attempt(password=RIGHT, client=client)
    client.post("/admin/logout/")
    kinds = [SignInKind.FAILED, SignInKind.SIGNED_IN, SignInKind.SIGNED_OUT]
    kept = SignIn.objects.order_by("pk")
    assert [(each.kind, each.username, each.actor["ip"]) for each in kept] == [
        (kind, "nora", "127.0.0.1") for kind in kinds
    ]
    owner = Client()
    owner.force_login(UserFactory(role="owner"))
    shown = owner.get("/admin/bookings/signin/").content.decode()
    assert [str(kind.label) in shown for kind in kinds] == [True] * 3


def test_what_locks_keeps_no_second_list() -> None:
    client = Client()
    attempt(client=client)
    attempt(password=RIGHT, client=client)
    assert (AccessLog.objects.count(), AccessFailureLog.objects.count()) == (0, 0)


def test_no_password_is_stored_and_no_name_is_logged() -> None:
    with logged() as log:
        lock()
        attempt(password="very-secret-canary")
        attempt("nora", RIGHT, REMOTE_ADDR="192.0.2.77")
    kept = str([list(model.objects.values()) for model in (AccessAttempt, SignIn)])
    assert [word in kept for word in ("very-secret-canary", "wrong", RIGHT)] == [False, False, False]
    assert [word in log.text for word in ("nora", "very-secret", "192.0.2.77", "127.0.0.1")] == [False] * 4


def test_signing_in_is_no_change_of_the_person(person: User) -> None:
    before = person.history.count()
    assert attempt(password=RIGHT).status_code == 302
    person.refresh_from_db()
    assert person.last_login is not None
    assert person.history.count() == before
    assert SignIn.objects.get().kind == SignInKind.SIGNED_IN

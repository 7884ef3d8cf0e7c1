"""Access tokens at the desk: made and shown once, seen by their owner, revoked for good."""

from collections.abc import Callable

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bookings import access_tokens
from bookings.models import AccessToken, User
from tests.admin.conftest import House, signed_in
from tests.admin.pages import do, listing, page, said, text
from tests.factories import UserFactory

ADD = "/admin/bookings/accesstoken/add/"


def token_of(person: User) -> AccessToken:
    """A token of somebody."""
    token, _key = access_tokens.create(person, name=f"Of {person.username}", hotel=None, expires_at=None)
    return token


def test_key_is_shown_once(manager: Client) -> None:
    answer = manager.post(ADD, {"name": "Website", "hotel": "", "expires_at_0": "", "expires_at_1": ""})
    token = AccessToken.objects.get()
    key = answer.context["key"]
    assert (answer.status_code, access_tokens.digest(key)) == (200, token.token_hash)
    assert "no-store" in answer["Cache-Control"]
    assert key in text(answer)
    assert not any(key in text(manager.get(each)) for each in (page(token), page(token, "history"), listing(token)))


def test_token_can_be_confined_to_own_hotels_only(own: House, foreign: House, manager: Client) -> None:
    answer = manager.post(ADD, {"name": "Website", "hotel": foreign.hotel.pk})
    assert (answer.status_code, AccessToken.objects.count()) == (200, 0)
    manager.post(ADD, {"name": "Website", "hotel": own.hotel.pk})
    assert AccessToken.objects.get().hotel == own.hotel


def test_form_saves_in_one_way_and_names_both_parts_of_the_end(manager: Client) -> None:
    shown = manager.get(ADD).content.decode()
    assert ("_addanother" in shown, "_continue" in shown, "_save" in shown) == (False, False, True)
    assert ('aria-label="Works until: date"' in shown, 'aria-label="Works until: time"' in shown) == (True, True)


def test_past_end_is_refused(manager: Client) -> None:
    answer = manager.post(ADD, {"name": "Website", "expires_at_0": "2020-01-01", "expires_at_1": "10:00"})
    assert "This moment has passed" in text(answer)
    assert AccessToken.objects.count() == 0


def test_auditor_sees_tokens_of_own_hotels_and_makes_none(own: House, foreign: House, staff: Callable) -> None:
    near, far = (token_of(UserFactory(role="Manager", hotels=[each.hotel])) for each in (own, foreign))
    auditor = staff("Auditor")
    assert [auditor.get(page(each)).status_code for each in (near, far)] == [200, 404]
    assert (auditor.get(ADD).status_code, do(auditor, near, "revoke").status_code) == (403, 403)
    near.refresh_from_db()
    assert near.revoked_at is None


def test_people_see_and_revoke_their_own(own: House) -> None:
    person, colleague = (UserFactory(role="Front desk", hotels=[own.hotel]) for _ in range(2))
    mine, other = token_of(person), token_of(colleague)
    browser = signed_in(person)
    assert [browser.get(page(each)).status_code for each in (mine, other)] == [200, 404]
    assert browser.get(page(mine, "revoke")).status_code == 200
    assert do(browser, other, "revoke").status_code == 404
    assert said(do(browser, mine, "revoke")) == [("success", "The token is revoked.")]
    assert said(do(browser, mine, "revoke"))[-1] == ("info", "This token is revoked already.")
    mine.refresh_from_db()
    other.refresh_from_db()
    assert (mine.revoked_at is None, other.revoked_at) == (False, None)
    assert mine.history.first().history_user == person


def test_owner_sees_and_revokes_every_token(own: House, staff: Callable) -> None:
    token = token_of(UserFactory(role="Front desk", hotels=[own.hotel]))
    do(staff("owner"), token, "revoke")
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_list_asks_as_often_for_one_token_as_for_many(
    own: House, manager: Client, django_assert_num_queries: Callable
) -> None:
    person = User.objects.get(pk=manager.session["_auth_user_id"])
    token_of(person)
    manager.get(listing(AccessToken))
    with CaptureQueriesContext(connection) as one:
        manager.get(listing(AccessToken))
    for _ in range(5):
        token_of(person)
    with django_assert_num_queries(len(one), exact=True):
        manager.get(listing(AccessToken))

"""Who came in, who could not, from where: each leaves a record, and none of them a password."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from bookings import access_tokens, happenings
from bookings.models import Repeat, SignIn
from tests.admin.conftest import signed_in
from tests.admin.pages import listing
from tests.factories import HotelFactory, UserFactory
from tests.site_config.test_second_step import Clock, app_code, browser, set_up

LOGIN = "/admin/login/"
RIGHT = "innkeep-test"
FROM = {"REMOTE_ADDR": "192.0.2.9", "headers": {"User-Agent": "Desk/1"}}

pytestmark = pytest.mark.django_db


def told():
    """What the records say, the oldest first: kind, name, whose it was, whether they had proven it."""
    rows = SignIn.objects.order_by("pk").select_related("user")
    return [
        (row.kind, row.username, row.user and row.user.username, row.actor["user_id"] is not None) for row in rows
    ]


@pytest.fixture
def nora():
    """A receptionist."""
    return UserFactory(username="nora", role="Front desk", hotels=[HotelFactory()])


def post(client, password, name="nora"):
    """Send the form of the sign-in page."""
    return client.post(LOGIN, {"username": name, "password": password}, **FROM)


def test_in_and_out(nora):
    client = Client()
    answer = post(client, RIGHT)
    client.post("/admin/logout/", **FROM)
    assert told() == [("signed_in", "nora", "nora", True), ("signed_out", "nora", "nora", True)]
    first = SignIn.objects.order_by("pk").first()
    assert (first.actor["ip"], first.actor["user_agent"]) == ("192.0.2.9", "Desk/1")
    assert first.request_id == answer["X-Request-Id"]
    (row,) = first.history.all()
    assert (row.history_user, row.transition, row.ip) == (nora, "signed_in", "192.0.2.9")


def test_wrong_password_and_a_name_that_is_not_there(nora):
    post(Client(), "wrong-canary")
    post(Client(), "wrong-canary", name="nemo")
    assert told() == [("failed", "nora", "nora", False), ("failed", "nemo", None, False)]
    assert SignIn.history.filter(history_user=None).count() == 2
    assert "wrong-canary" not in str([row.__dict__ for row in SignIn.objects.all()])


def test_hammering_counts_and_locks(nora):
    for _ in range(8):
        post(Client(), "wrong")
    assert {row[0] for row in told()} == {"failed", "locked"}
    assert SignIn.objects.count() == 2
    failed = SignIn.objects.get(kind="failed")
    assert Repeat.objects.get(key=failed.key).times >= 5


def test_second_step(nora, monkeypatch):
    clock = Clock()
    monkeypatch.setattr(timezone, "now", clock.moment)
    monkeypatch.setattr("time.time", clock.seconds)
    set_up(nora, clock)
    SignIn.objects.all()._raw_delete("default")
    client = browser(nora)
    client.post("/admin/sign-in/code/", {"code": "000000"})
    clock.wait(minutes=2)
    client.post("/admin/sign-in/code/", {"code": app_code(nora, clock.now)})
    assert [row[0] for row in told()] == ["password", "code_failed", "signed_in"]
    assert [row[3] for row in told()] == [True, False, True]


def test_token_made_used_each_day_and_refused(nora):
    token, key = access_tokens.create(nora, name="Website", hotel=None, expires_at=None)
    now = timezone.now()
    for hours in (0, 0.1, 24, 24.1):
        assert access_tokens.user_of(key, at=now.replace(hour=1) + timedelta(hours=hours)) == nora
    access_tokens.revoke(token, at=now)
    assert access_tokens.user_of(key, at=now + timedelta(hours=48)) is None
    assert access_tokens.user_of("iks_nobody", at=now) is None
    rows = list(SignIn.objects.order_by("pk").values_list("kind", "username", "token"))
    whose = ("nora", token.prefix)
    assert rows[0] == ("token_created", *whose)
    assert rows[-2:] == [("token_refused", *whose), ("token_refused", "", "")]
    assert {row[0] for row in rows[1:-2]} == {"token_used"}
    assert key not in str([row.__dict__ for row in SignIn.objects.all()])


def test_a_record_that_breaks_locks_nobody_out(nora, monkeypatch):
    def breaks(*_, **__):
        raise RuntimeError

    monkeypatch.setattr(happenings, "write_sign_in", breaks)
    assert post(Client(), RIGHT).status_code == 302


def test_auditors_see_their_hotels_people_and_owners_everybody(nora):
    other = UserFactory(username="otto", role="Front desk", hotels=[HotelFactory()])
    auditor = signed_in(UserFactory(username="audra", role="Auditor", hotels=list(nora.hotels.all())))
    owner = signed_in(UserFactory(username="olga", role="owner"))
    for name in ("nora", other.username, "nemo"):
        post(Client(), "wrong", name=name)
    seen = [
        {row.username for row in each.get(listing(SignIn, "?kind__exact=failed")).context["cl"].result_list}
        for each in (auditor, owner)
    ]
    assert seen == [{"nora"}, {"nora", "otto", "nemo"}]
    manager = signed_in(UserFactory(role="Manager", hotels=list(nora.hotels.all())))
    assert manager.get(listing(SignIn)).status_code == 403

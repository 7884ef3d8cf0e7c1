"""Signing in with a code after the password: set up, asked for, required, replayed, lost, taken away."""

import re
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from bookings.models import Hotel, SignIn, SignInKind, User
from tests.factories import HotelFactory, UserFactory
from tests.logged import logged

LOGIN, CODE, SECURITY, TODAY = "/admin/login/", "/admin/sign-in/code/", "/admin/sign-in/security/", "/admin/"
PASSWORD = "innkeep-test"


class Clock:
    """The time of the phone and of the server, which agree."""

    def __init__(self) -> None:
        self.now = timezone.now()

    def moment(self) -> datetime:
        """For Django."""
        return self.now

    def seconds(self) -> float:
        """For Python."""
        return self.now.timestamp()

    def wait(self, **time: float) -> None:
        """Let time pass."""
        self.now += timedelta(**time)


@pytest.fixture(autouse=True)
def clock(db: None) -> Any:
    """A clock that a test moves."""
    found = Clock()
    with (
        mock.patch.object(timezone, "now", found.moment),
        mock.patch("time.time", found.seconds),
    ):
        yield found


@pytest.fixture
def nora() -> User:
    """A manager of a hotel."""
    return UserFactory(username="nora", role="Manager", hotels=[HotelFactory()])


def browser(person: User, *, page: str = TODAY) -> Client:
    """A browser in which the password was right."""
    client = Client()
    answer = client.post(f"{LOGIN}?next={page}", {"username": person.username, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def app_code(person: User, at: datetime | None = None) -> str:
    """What the person's phone shows."""
    device = TOTPDevice.objects.get(user=person)
    totp = TOTP(device.bin_key)
    totp.time = (at or timezone.now()).timestamp()
    return f"{totp.token():06d}"


def set_up(person: User, clock: Clock) -> tuple[Client, list[str]]:
    """Set up the app in a browser; return it with the backup codes."""
    client = browser(person)
    client.post(SECURITY, {"do": "begin"})
    answer = client.post(SECURITY, {"do": "confirm", "code": app_code(person)})
    person.refresh_from_db()
    clock.wait(seconds=31)
    return client, answer.context["codes"]


def test_setting_up_shows_picture_key_and_codes_once(nora: User, clock: Clock) -> None:
    client = browser(nora)
    before = client.get(SECURITY).content.decode()
    assert TOTPDevice.objects.count() == 0  # looking makes nothing
    client.post(SECURITY, {"do": "begin"})
    page = client.get(SECURITY).content.decode()
    assert ("data:image/svg+xml" in before, "data:image/svg+xml" in page) == (False, True)
    answer = client.post(SECURITY, {"do": "confirm", "code": app_code(nora)})
    codes = answer.context["codes"]
    assert (len(codes), len(set(codes)), "no-store" in answer["Cache-Control"]) == (10, 10, True)
    assert client.get(TODAY).status_code == 200
    later = client.get(SECURITY).content.decode()
    assert not any(code in later for code in codes)
    assert "10 backup codes are left" in later


def test_wrong_code_sets_nothing_up(nora: User) -> None:
    client = browser(nora)
    client.post(SECURITY, {"do": "begin"})
    client.post(SECURITY, {"do": "confirm", "code": "000000"})
    nora.refresh_from_db()
    assert (nora.totp_since, StaticToken.objects.count()) == (None, 0)


def test_password_alone_opens_nothing(nora: User, clock: Clock) -> None:
    set_up(nora, clock)
    client = browser(nora)
    assert client.get(TODAY)["Location"] == f"{LOGIN}?next=/admin/"
    assert client.get(f"{LOGIN}?next=/admin/")["Location"] == f"{CODE}?next=%2Fadmin%2F"
    assert client.get(SECURITY).status_code == 302
    assert client.post(SECURITY, {"do": "remove", "code": app_code(nora)}).status_code == 302
    hotel = nora.hotels.get()
    api = client.get(f"/api/public/hotel/{hotel.slug}/room-bookings/ABCDEFGH23/payment/status/")
    assert api.status_code == 401
    nora.refresh_from_db()
    assert nora.totp_since is not None


def test_code_of_the_app_opens_and_leads_on(nora: User, clock: Clock) -> None:
    set_up(nora, clock)
    client = browser(nora)
    key = client.session.session_key
    answer = client.post(f"{CODE}?next=/admin/bookings/booking/", {"code": app_code(nora)})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/bookings/booking/")
    assert client.get(TODAY).status_code == 200
    assert client.session.session_key != key


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_nobody_is_led_elsewhere(nora: User, clock: Clock, wanted: str) -> None:
    set_up(nora, clock)
    answer = browser(nora).post(f"{CODE}?next={wanted}", {"code": app_code(nora)})
    assert answer["Location"] == TODAY


def test_code_works_once(nora: User, clock: Clock) -> None:
    set_up(nora, clock)
    seen = app_code(nora)
    assert browser(nora).post(CODE, {"code": seen}).status_code == 302
    second = browser(nora)
    assert second.post(CODE, {"code": seen}).status_code == 200
    assert second.get(TODAY).status_code == 302


def test_backup_code_works_once_however_it_is_typed(nora: User, clock: Clock) -> None:
    _client, codes = set_up(nora, clock)
    assert browser(nora).post(CODE, {"code": f" {codes[0].upper().replace('-', '')} "}).status_code == 302
    clock.wait(minutes=1)
    assert browser(nora).post(CODE, {"code": codes[0]}).status_code == 200
    assert StaticToken.objects.count() == 9
    stored = set(StaticToken.objects.values_list("token", flat=True))
    assert not stored & {code.replace("-", "") for code in codes}


def test_guessing_is_slowed_down(nora: User, clock: Clock) -> None:
    set_up(nora, clock)
    client = browser(nora)
    client.post(CODE, {"code": "000000"})
    page = client.post(CODE, {"code": app_code(nora)})
    assert (page.status_code, "Wait a little" in page.content.decode()) == (200, True)
    clock.wait(seconds=31)
    assert client.post(CODE, {"code": app_code(nora)}).status_code == 302


def test_wrong_codes_stand_beside_the_wrong_passwords(nora: User, clock: Clock) -> None:
    set_up(nora, clock)
    client = browser(nora)
    client.post(CODE, {"code": "000000"}, headers={"User-Agent": "Some browser"})
    client.post(CODE, {"code": app_code(nora)})
    clock.wait(seconds=31)
    assert client.post(CODE, {"code": app_code(nora)}).status_code == 302
    Client().post(LOGIN, {"username": "nora", "password": "wrong"})
    wrong = SignIn.objects.filter(kind__in=(SignInKind.CODE_FAILED, SignInKind.FAILED)).order_by("pk")
    kept = [(each.kind, each.username, each.actor["ip"], each.actor["user_agent"]) for each in wrong]
    assert kept[0] == (SignInKind.CODE_FAILED, "nora", "127.0.0.1", "Some browser")
    assert (kept[-1][0], "000000" in str(list(SignIn.objects.values()))) == (SignInKind.FAILED, False)
    owner = Client()
    owner.force_login(UserFactory(role="owner"))
    shown = owner.get("/admin/bookings/signin/").content.decode()
    assert [str(kind.label) in shown for kind in (SignInKind.CODE_FAILED, SignInKind.FAILED)] == [True, True]


def test_hotel_can_require_it_of_its_managers(nora: User, clock: Clock) -> None:
    client = browser(nora)
    clerk = browser(UserFactory(role="Front desk", hotels=[nora.hotels.get()]))
    assert client.get(TODAY).status_code == 200
    Hotel.objects.update(managers_need_totp=True)
    assert [each.get(TODAY).status_code for each in (client, clerk)] == [302, 200]
    assert client.get(f"{LOGIN}?next=/admin/")["Location"] == f"{SECURITY}?next=%2Fadmin%2F"
    assert "Your hotel asks its managers" in client.get(SECURITY).content.decode()
    assert client.post("/admin/password_change/").status_code == 302
    client.post(SECURITY, {"do": "begin"})
    client.post(SECURITY, {"do": "confirm", "code": app_code(nora)})
    assert client.get(TODAY).status_code == 200


def test_asking_whether_it_is_required_costs_no_query(nora: User) -> None:
    client = browser(nora)
    with CaptureQueriesContext(connection) as found:
        assert client.get(SECURITY).status_code == 200
    about = [each["sql"] for each in found if re.search(r'WHERE \("?\w+"?\."managers_need_totp"', each["sql"])]
    assert ["is_asked_for_code" in sql for sql in about] == [True]


def test_managers_of_other_hotels_are_not_asked(nora: User) -> None:
    HotelFactory(managers_need_totp=True)
    assert browser(nora).get(TODAY).status_code == 200


def test_removing_takes_a_code(nora: User, clock: Clock) -> None:
    client, _codes = set_up(nora, clock)
    client.post(SECURITY, {"do": "remove"})
    client.post(SECURITY, {"do": "remove", "code": "000000"})
    nora.refresh_from_db()
    assert nora.totp_since is not None
    clock.wait(minutes=1)
    client.post(SECURITY, {"do": "remove", "code": app_code(nora)})
    nora.refresh_from_db()
    assert (nora.totp_since, TOTPDevice.objects.count(), StaticToken.objects.count()) == (None, 0, 0)
    assert browser(nora).get(TODAY).status_code == 200


def test_new_backup_codes_replace_the_old(nora: User, clock: Clock) -> None:
    client, old = set_up(nora, clock)
    new = client.post(SECURITY, {"do": "renew", "code": app_code(nora)}).context["codes"]
    assert browser(nora).post(CODE, {"code": old[0]}).status_code == 200
    clock.wait(minutes=1)
    assert browser(nora).post(CODE, {"code": new[0]}).status_code == 302


def test_owner_resets_a_colleague_by_post_with_a_reason(nora: User, clock: Clock) -> None:
    set_up(nora, clock)
    owner = UserFactory(role="owner")
    client, address = browser(owner), f"/admin/bookings/user/{nora.pk}/reset-code/"
    assert client.get(address).status_code == 200
    client.post(address, {"reason": ""})
    nora.refresh_from_db()
    assert nora.totp_since is not None
    client.post(address, {"reason": "Phone lost, called back."})
    nora.refresh_from_db()
    last = nora.history.first()
    assert (nora.totp_since, last.transition, last.history_change_reason) == (
        None,
        "reset_code",
        "Phone lost, called back.",
    )
    assert last.history_user == owner


def test_history_has_every_step_and_who_took_it(nora: User, clock: Clock) -> None:
    Hotel.objects.update(managers_need_totp=True)  # half signed in, and still the person's own doing
    client, _codes = set_up(nora, clock)
    client.post(SECURITY, {"do": "renew", "code": app_code(nora)})
    clock.wait(minutes=1)
    client.post(SECURITY, {"do": "remove", "code": app_code(nora)})
    told = list(nora.history.order_by("history_id").values_list("transition", "history_user_id"))
    assert told[-3:] == [("set_up_code", nora.pk), ("renew_backup_codes", nora.pk), ("remove_code", nora.pk)]


def test_leaving_forgets_the_password(nora: User, clock: Clock) -> None:
    set_up(nora, clock)
    client = browser(nora)
    assert client.post(CODE, {"leave": "1"})["Location"] == LOGIN
    assert client.get(LOGIN).status_code == 200


def test_no_secret_is_logged(nora: User, clock: Clock) -> None:
    with logged() as log:
        client, codes = set_up(nora, clock)
        code = app_code(nora)
        client.post(SECURITY, {"do": "renew", "code": code})
    key = TOTPDevice.objects.get().key
    assert not [word for word in (*codes, key, "nora") if re.search(re.escape(word), log.text)]


def test_app_of_another_person_opens_nothing(nora: User, clock: Clock) -> None:
    set_up(nora, clock)
    otto = UserFactory(username="otto", role="Manager", hotels=[])
    set_up(otto, clock)
    assert browser(nora).post(CODE, {"code": app_code(otto)}).status_code == 200

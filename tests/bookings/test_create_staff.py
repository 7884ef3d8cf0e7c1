"""`manage.py create_staff` makes people, and changes nobody who is there."""

import io
import sys
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from bookings.models import User
from tests.factories import HotelFactory, UserFactory

GOOD = "quiet-river-7781"


def create(*words: str) -> str:
    """Run the command with a password in its pipe; return what it says."""
    said = io.StringIO()
    call_command("create_staff", *words, stdout=said)
    return said.getvalue()


@pytest.fixture(autouse=True)
def pipe(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    """A pipe with a good password."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{GOOD}\n"))


def people() -> list[Any]:
    """Everybody, with everything that the command could change."""
    return list(User.objects.order_by("pk").values())


@pytest.mark.parametrize(
    ("role", "group"), [("front-desk", "Front desk"), ("manager", "Manager"), ("auditor", "Auditor")]
)
def test_person_has_role_hotels_and_password(role: str, group: str) -> None:
    one, two = HotelFactory(slug="one"), HotelFactory(slug="two")
    HotelFactory(slug="three")
    said = create("nora", "--role", role, "--hotel", "one", "--hotel", "two", "--email", "nora@hotel.example")
    user = User.objects.get(username="nora")
    assert said == f"nora may sign in as {role}.\n"
    assert [each.name for each in user.groups.all()] == [group]
    assert set(user.hotels.all()) == {one, two}
    assert (user.is_staff, user.is_superuser, user.email, user.check_password(GOOD)) == (
        True,
        False,
        "nora@hotel.example",
        True,
    )
    assert set(user.history.values_list("transition", "actor_kind")) == {("create_staff", "command")}


def test_owner_belongs_to_no_hotel() -> None:
    create("olga", "--role", "owner")
    assert User.objects.values_list("is_superuser", "is_staff").get(username="olga") == (True, True)


def test_made_up_password_is_printed_once() -> None:
    said = create("olga", "--role", "owner", "--generate")
    assert User.objects.get(username="olga").check_password(said.strip().rpartition(" ")[2])


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("taken", "--role", "owner"), "taken is there already. Nothing was changed."),
        (("nora", "--role", "manager"), "Say for which hotel: --hotel SLUG."),
        (("nora", "--role", "manager", "--hotel", "tow"), "There is no hotel tow. Hotels: one."),
        (("nora", "--role", "owner", "--hotel", "one"), "An owner sees every hotel: leave out --hotel."),
        (("nora", "--role", "owner", "--email", "nora@"), "Enter a valid email address."),
        (("no ra!", "--role", "owner"), "Enter a valid username. This value may contain only letters"),
    ],
)
def test_refusals_change_nothing(words: tuple[str, ...], why: str) -> None:
    HotelFactory(slug="one")
    UserFactory(username="taken", role="Front desk")
    before = people()
    with pytest.raises(CommandError) as refused:
        create(*words)
    assert str(refused.value).startswith(why)
    assert people() == before


def test_weak_password_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("12345\n"))
    with pytest.raises(CommandError, match="too short"):
        create("olga", "--role", "owner")
    assert people() == []

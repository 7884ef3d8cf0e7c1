"""A token from the command line: its key printed once and alone, confined as asked for, in the history."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from bookings import access_tokens
from bookings.models import AccessToken
from tests.factories import HotelFactory, UserFactory

pytestmark = pytest.mark.django_db


def created(*arguments: str, **options: object) -> str:
    """Run the command and return what it prints."""
    out = StringIO()
    call_command("create_token", *arguments, stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


def test_the_key_is_printed_alone_and_works_in_one_hotel():
    hotel = HotelFactory()
    person = UserFactory(hotels=[hotel, HotelFactory()])
    key = created(person.username, name="Website", hotel=hotel.slug, days=30).strip()
    token = AccessToken.objects.get()
    found = access_tokens.user_of(key, at=timezone.now())
    assert found is not None
    assert (found.pk, found.only_hotel_id, token.name) == (person.pk, hotel.pk, "Website")
    assert token.expires_at is not None
    assert (token.expires_at - timezone.now()).days == 29
    assert (token.history.get().transition, token.history.get().actor_kind) == ("create_token", "command")


@pytest.mark.parametrize(
    "wrong",
    [{"username": "nobody"}, {"hotel": "elsewhere"}, {"name": " "}, {"name": "x" * 500}, {"days": 0}, {"days": -1}],
)
def test_what_is_wrong_makes_no_token(wrong):
    HotelFactory(slug="elsewhere")
    said = {"username": UserFactory(hotels=[HotelFactory()]).username, "name": "Website", **wrong}
    with pytest.raises(CommandError):
        created(said.pop("username"), **said)
    assert not AccessToken.objects.exists()

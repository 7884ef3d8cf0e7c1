"""`manage.py create_token`: make a personal access token for a program, such as a hotel's website."""

from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from bookings import access_tokens, audit
from bookings.models import AccessToken, Hotel, User

LONGEST_NAME = AccessToken._meta.get_field("name").max_length


class Command(BaseCommand):
    """The key is printed alone, so that a script can keep it; it is stored nowhere and never shown again."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """In whose name, for what, where, and for how long."""
        parser.add_argument("username")
        parser.add_argument("--name", required=True, help="what it is for")
        parser.add_argument("--hotel", metavar="SLUG", help="for this hotel only; left out: all of its owner's")
        parser.add_argument("--days", type=int, help="until it expires; left out: never")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check everything before anything is written."""
        user, name = owner(options["username"]), options["name"].strip()
        if not 0 < len(name) <= (LONGEST_NAME or 0):
            raise CommandError(f"Give it a name of at most {LONGEST_NAME} characters.")
        hotel, expires_at = hotel_of(user, options["hotel"]), end(options["days"])
        with audit.acting_as(audit.ActorKind.COMMAND):
            token, key = access_tokens.create(user, name=name, hotel=hotel, expires_at=expires_at)
        self.stdout.write(key)
        self.stderr.write(f"{token.prefix}… acts as {user}. Revoke it in the admin, under Access tokens.")


def owner(username: str) -> User:
    """Return the person, who has to be staff; CommandError where nobody is."""
    user = User.objects.filter(username=username, is_active=True, is_staff=True).first()
    if user is None:
        raise CommandError(f"Nobody called {username} may sign in.")
    return user


def hotel_of(user: User, slug: str | None) -> Hotel | None:
    """Return the hotel that a token is confined to; CommandError for one that is not the person's."""
    if slug is None:
        return None
    hotel = user.visible_hotels().filter(slug=slug).first()
    if hotel is None:
        raise CommandError(f"{user} has no hotel {slug}.")
    return hotel


def end(days: int | None) -> datetime | None:
    """Return when a token ends (UTC)."""
    if days is not None and days < 1:
        raise CommandError("--days has to be 1 or more.")
    return None if days is None else timezone.now() + timedelta(days=days)

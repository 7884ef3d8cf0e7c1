"""`manage.py create_staff`: make a person with a role and hotels, who can sign in at once."""

import secrets
import sys
from getpass import getpass
from typing import Any, Final

from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from bookings import audit
from bookings.models import Hotel, User

OWNER: Final = "owner"
ROLES: Final = {"front-desk": "Front desk", "manager": "Manager", "auditor": "Auditor", OWNER: ""}


class Command(BaseCommand):
    """Nothing is changed about a person who is there already."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """Who, as what, where; the password is asked for, piped in, or made up."""
        parser.add_argument("username")
        parser.add_argument("--role", required=True, choices=sorted(ROLES))
        parser.add_argument("--hotel", action="append", default=[], metavar="SLUG", help="may be given several times")
        parser.add_argument("--email", default="")
        parser.add_argument("--generate", action="store_true", help="make up a password and print it, this once")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check everything before anything is asked for or written."""
        username, role = options["username"], options["role"]
        hotels = hotels_of(options["hotel"], role=role)
        user = checked(User(username=username, email=options["email"], is_staff=True, is_superuser=role == OWNER))
        password = secrets.token_urlsafe(15) if options["generate"] else self.typed()
        refuse_weak(password, user)
        user.set_password(password)
        save(user, role=ROLES[role], hotels=hotels)
        told = f"{username} may sign in as {role}."
        self.stdout.write(f"{told} Password: {password}" if options["generate"] else told)

    def typed(self) -> str:
        """Return the password that a person types twice, or that comes from a pipe."""
        if not sys.stdin.isatty():
            return sys.stdin.readline().rstrip("\n")
        first, second = getpass("Password: "), getpass("Again: ")
        if first != second:
            raise CommandError("These two passwords differ. Nothing was changed.")
        return first


def hotels_of(slugs: list[str], *, role: str) -> list[Hotel]:
    """Return the hotels; CommandError names those that do not exist. Owners see all, everybody else needs one."""
    if role == OWNER and slugs:
        raise CommandError("An owner sees every hotel: leave out --hotel.")
    if role != OWNER and not slugs:
        raise CommandError("Say for which hotel: --hotel SLUG.")
    found = {hotel.slug: hotel for hotel in Hotel.objects.filter(slug__in=slugs)}
    if unknown := [slug for slug in slugs if slug not in found]:
        known = ", ".join(Hotel.objects.order_by("slug").values_list("slug", flat=True)) or "none yet"
        raise CommandError(f"There is no hotel {', '.join(unknown)}. Hotels: {known}.")
    return list(found.values())


def checked(user: User) -> User:
    """Return the person, if name and e-mail will do; CommandError says what is wrong."""
    if User.objects.filter(username=user.username).exists():
        raise CommandError(f"{user.username} is there already. Nothing was changed.")
    try:
        user.full_clean(exclude=["password"])
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from None
    return user


def refuse_weak(password: str, user: User) -> None:
    """Raise CommandError for a password that the sign-in page would not take either."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from None


def save(user: User, *, role: str, hotels: list[Hotel]) -> None:
    """Write the person with role and hotels, in the history as the command's doing."""
    with transaction.atomic(), audit.acting_as(audit.ActorKind.COMMAND), audit.change("create_staff"):
        user.save()
        if role:
            user.groups.add(Group.objects.get(name=role))
        user.hotels.set(hotels)

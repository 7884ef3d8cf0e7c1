"""`manage.py booking_testdata`: make, count and take away rooms and bookings for trying things out."""

from collections import Counter
from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from bookings import audit, testdata
from bookings.models import Booking, BookingStatus, Hotel
from bookings.refusals import Refused

WORD: Final = "delete all bookings"


class Command(BaseCommand):
    """Only rows that are marked as test data are ever touched, but by `clean --all`."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """show | clean [--emails …] [--all] | create-rooms --hotel … | create-bookings --hotel … [--count N]."""
        commands = parser.add_subparsers(dest="do", required=True)
        commands.add_parser("show", help="how much test data there is")
        clean = commands.add_parser("clean", help="delete marked bookings that money had nothing to do with")
        clean.add_argument("--emails", nargs="+", default=[], help="only bookings of these guests")
        clean.add_argument("--all", action="store_true", help="unmarked bookings, too; asks first")
        rooms = commands.add_parser("create-rooms", help="make marked rooms")
        bookings = commands.add_parser("create-bookings", help="make marked bookings, and rooms for them")
        bookings.add_argument("--count", type=int, default=10, help="how many there shall be (default: 10)")
        for each in (rooms, bookings):
            each.add_argument("--hotel", required=True, help="the hotel's slug")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what was asked for, in the name of a command."""
        do: dict[str, Callable[..., None]] = {
            "show": self.show,
            "clean": self.clean,
            "create-rooms": self.create_rooms,
            "create-bookings": self.create_bookings,
        }
        with audit.acting(audit.Actor(kind=audit.ActorKind.COMMAND, request_id=audit.new_request_id())):
            do[options["do"]](**options)

    def show(self, **_: Any) -> None:
        """Say how much marked data each hotel has."""
        for hotel in Hotel.objects.order_by("name"):
            states = Counter(Booking.objects.filter(hotel=hotel, is_test_data=True).values_list("status", flat=True))
            words = [f"{number} {BookingStatus(state).label.lower()}" for state, number in sorted(states.items())]
            kinds = hotel.room_types.filter(is_test_data=True).count()
            rooms = hotel.rooms.filter(is_test_data=True).count()
            listed = f" ({', '.join(words)})" if words else ""
            self.stdout.write(
                f"{hotel} ({hotel.slug}): {kinds} room types, {rooms} rooms, {states.total()} bookings{listed}"
            )

    def clean(self, *, emails: list[str], **options: Any) -> None:
        """Delete bookings, and the marked rooms that are not needed any more; say what is kept, and why."""
        everything = options["all"]
        bookings = testdata.bookings_of(emails=emails, everything=everything)
        if everything:
            self.ask(bookings.count())
        results = list(testdata.clean(bookings))
        for kept in (each for each in results if each.why_kept):
            self.stdout.write(f"Kept {kept.reference} of {kept.email}: {kept.why_kept}")
        deleted = sum(not each.why_kept for each in results)
        self.stdout.write(f"{deleted} bookings deleted, {len(results) - deleted} kept")
        if not emails:
            gone, left = testdata.clean_rooms()
            why = ": bookings refer to them" if left else ""
            self.stdout.write(f"{gone} test rooms and room types deleted, {left} kept{why}")

    def ask(self, number: int) -> None:
        """Let a person type that all bookings may go; CommandError when they do not, or where money is real."""
        if "_live_" in settings.STRIPE_SECRET_KEY:
            raise CommandError(
                "Nothing was deleted: this installation has a live Stripe key, so its bookings are real."
            )
        self.stdout.write(f"This deletes all of {number} bookings that money had nothing to do with, real ones, too.")
        try:
            typed = input(f"Type “{WORD}” to go on: ")
        except EOFError:
            typed = ""
        if typed.strip() != WORD:
            raise CommandError("Nothing was deleted.")

    def create_rooms(self, *, hotel: str, **_: Any) -> None:
        """Make rooms."""
        made = testdata.create_rooms(hotel_by(hotel))
        self.stdout.write(f"{len(made)} test rooms made, {len(testdata.ROOMS) - len(made)} were there")

    def create_bookings(self, *, hotel: str, count: int, **_: Any) -> None:
        """Make bookings."""
        if count < 0:
            raise CommandError("Give a number of bookings that is not negative.")
        try:
            made = testdata.create_bookings(hotel_by(hotel), count)
        except Refused as refused:
            raise CommandError(refused.message) from refused
        for booking in made:
            self.stdout.write(
                f"{booking.booking_id}: {booking.guest_email}, {booking.check_in} to {booking.check_out}, "
                f"{booking.get_status_display()}"
            )
        self.stdout.write(f"{len(made)} test bookings made, {count - len(made)} were there")


def hotel_by(slug: str) -> Hotel:
    """Return a hotel, or say which ones there are."""
    found = Hotel.objects.filter(slug=slug).first()
    if found is None:
        slugs = ", ".join(Hotel.objects.order_by("slug").values_list("slug", flat=True)) or "none yet"
        raise CommandError(f"There is no hotel {slug}. There are: {slugs}.")
    return found

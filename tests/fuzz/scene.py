"""Hotels, bookings in every state, and the people who call: what odd requests are aimed at."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from django.apps import apps
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.utils import timezone

from bookings import access_tokens
from bookings.models import Booking, PaymentMethod, User
from cancellations import cancel, tokens
from payments import decisions
from tests.factories import BookingFactory, HotelFactory, RoomFactory, RoomTypeFactory, UserFactory
from tests.simulator_process import StripeSimulator
from tests.stays import by_staff, clock_at, confirmed, fresh, paid, submitted, with_page

# Strangers' tries and refusals are written down; nothing else may be where a call is refused.
NOTED: Final = frozenset(
    {"TryCount", "LinkRequest", "RefusedAttempt", "HistoricalRefusedAttempt", "Repeat", "TokenUse", "SignIn"}
    | {"HistoricalSignIn"}
)
OWN: Final = ("bookings", "payments", "cancellations")
UNKNOWN: Final = "ABCDEFGH23"
# Who calls. What each may be answered at most: see `may_act` in the test.
NOBODY, GUEST, TOKEN, SESSION, AUDITOR, FOREIGN = "nobody", "guest", "token", "session", "auditor", "foreign"
CALLERS: Final = (NOBODY, GUEST, TOKEN, SESSION, AUDITOR, FOREIGN)


@dataclass
class Scene:
    """One hotel that takes a match as proof, and the bookings in it; each is replaced when something moved it."""

    simulator: StripeSimulator
    kind: Any = field(default_factory=lambda: RoomTypeFactory(hotel=matching_hotel(), name="Double"))
    pool: dict[str, Booking] = field(default_factory=dict)
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        hotel = self.kind.hotel
        owner, manager = UserFactory(role="owner"), person(hotel)
        elsewhere, auditor = person(HotelFactory()), person(hotel, codename__startswith="view_")
        self.headers = {
            NOBODY: {},
            TOKEN: bearer(token_of(owner)),
            SESSION: session_of(manager),
            AUDITOR: session_of(auditor),
            FOREIGN: bearer(token_of(elsewhere)),
        }
        self.pool = {name: self.made(name) for name in MAKE}

    def made(self, name: str) -> Booking:
        """Make a booking in a state, in a room of its own, and the key of its guest."""
        room: Any = RoomFactory(room_type=self.kind)
        booking = MAKE[name](self.simulator, BookingFactory(room=room, total_amount=34000))
        token = tokens.issue(booking, expires_at=timezone.now() + timedelta(days=1))
        self.keys[booking.booking_id] = tokens.reveal(token)
        return booking

    def renew(self, name: str) -> None:
        """Put a fresh booking in the place of one that may have moved."""
        self.pool[name] = self.made(name)

    def headers_of(self, caller: str, booking: Booking) -> Mapping[str, str]:
        """Return how a caller shows who they are; the guest is the one of this booking."""
        return bearer(self.keys[booking.booking_id]) if caller == GUEST else self.headers[caller]


def matching_hotel() -> Any:
    """A hotel that takes a match as proof, and lets owners delete."""
    hotel: Any = HotelFactory(slug="fuzz-house", guest_verification="match", allow_admin_deletion=True)
    return hotel


def person(hotel: Any, **rights: Any) -> Any:
    """Somebody of a hotel with all of these rights; the roles themselves are gone where other tests have emptied."""
    found: Any = UserFactory(group=None, hotels=[hotel])
    found.user_permissions.set(Permission.objects.filter(content_type__app_label__in=OWN, **rights))
    return found


def bearer(key: str) -> dict[str, str]:
    """The header of a program."""
    return {"Authorization": f"Bearer {key}"}


def token_of(person: User) -> str:
    """A personal access token."""
    return access_tokens.create(person, name="Website", hotel=None, expires_at=None)[1]


def session_of(person: User) -> dict[str, str]:
    """The headers of a browser in which somebody is signed in, with its CSRF token."""
    client = Client()
    client.force_login(person)
    secret = secrets.token_hex(16)
    cookies = {"innkeep_session": client.cookies["innkeep_session"].value, "innkeep_csrf": secret}
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()), "X-CSRFToken": secret}


def on_arrival(_: StripeSimulator, booking: Booking) -> Booking:
    """Agreed, and to be paid at the desk."""
    booking.payment_method = PaymentMethod.ARRIVAL
    booking.save()
    with by_staff():
        return decisions.approve(submitted(booking)).booking


def cancelled(_: StripeSimulator, booking: Booking) -> Booking:
    """Given up before it was paid."""
    with by_staff():
        return cancel.cancel_booking(submitted(booking), reason="Ill").booking


def declined(simulator: StripeSimulator, booking: Booking) -> Booking:
    """Refused by the hotel, the hold given back."""
    waiting = paid(simulator, booking)
    with by_staff():
        return decisions.decline(waiting, reason="Full").booking


def expired(_: StripeSimulator, booking: Booking) -> Booking:
    """Nobody paid in time."""
    waiting = submitted(booking)
    with clock_at(timezone.now() + timedelta(days=2)):
        return decisions.expire(waiting).booking


def deleted(simulator: StripeSimulator, booking: Booking) -> Booking:
    """Over, and hidden."""
    over = cancelled(simulator, booking)
    with by_staff():
        return decisions.soft_delete(over, reason="Test").booking


MAKE: Final[Mapping[str, Callable[[StripeSimulator, Booking], Booking]]] = {
    "draft": lambda _, booking: booking,
    "waiting": lambda _, booking: submitted(booking),
    "with page": lambda _, booking: fresh(with_page(booking).booking),
    "held": paid,
    "confirmed": confirmed,
    "on arrival": on_arrival,
    "cancelled": cancelled,
    "declined": declined,
    "expired": expired,
    "deleted": deleted,
}


def written() -> dict[str, tuple[Any, ...]]:
    """Return, for each table that a refused call may not touch, how many rows it has and its newest change."""
    models = [each for each in apps.get_models() if each._meta.app_label in OWN and each.__name__ not in NOTED]
    tables = sorted({model._meta.db_table for model in models})
    one = "SELECT '{0}', count(*), max(xmin::text::bigint) FROM \"{0}\""
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(one.format(table) for table in tables))
        return {name: (count, newest) for name, count, newest in cursor.fetchall()}

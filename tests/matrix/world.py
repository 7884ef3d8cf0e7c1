"""Two hotels with a row of every kind, one of them deleted, and a browser for every role."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from axes.models import AccessAttempt
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from bookings import access_tokens, audit, happenings, lifecycle, uploads
from bookings.admin import import_pages
from bookings.models import (
    Booking,
    BookingImport,
    BulkRow,
    BulkRun,
    ExportRecord,
    Hotel,
    Message,
    PaymentMethod,
    RefusedAttempt,
    Room,
    SignIn,
    SignInKind,
    SignInRelease,
    User,
)
from cancellations import tokens
from payments import decisions
from payments.models import (
    Dispute,
    Drift,
    ExchangeRate,
    Payment,
    PaymentOperation,
    Refund,
    RefundRequest,
    StripeWebhookEvent,
)
from tests import stays
from tests.factories import BookingFactory, HotelFactory, RoomFactory, RoomTypeFactory, UserFactory
from tests.trail.recorded import recorded
from trail.models import Entry

OWN, FOREIGN, DELETED = "own", "foreign", "deleted"
OBJECTS: Final = (OWN, FOREIGN, DELETED)
ANONYMOUS, GUEST, FRONT_DESK, MANAGER, AUDITOR, OWNER, STRANGER = range(7)
ROLES: Final = ("anonymous", "guest", "front desk", "manager", "auditor", "owner", "manager of the other hotel")
STAFF: Final = {2: "Front desk", 3: "Manager", 4: "Auditor", 5: "owner", 6: "Manager"}
# Nothing of one hotel may stand on a page for somebody of the other: names that only its own rows have.
MARKS: Final = {OWN: "Liffeymark", FOREIGN: "Sakuramark"}
GONE: Final = 999_999


@dataclass
class World:
    """What the addresses name, and who calls."""

    rows: dict[tuple[str, str], Any]
    keys: dict[str, str]
    browsers: dict[int, Client]
    people: dict[int, User]
    cookies: dict[int, dict[str, str]]

    def values(self, on: str, kind: str) -> dict[str, str]:
        """Return what stands in the places of an address about a row."""
        row = self.rows.get((on, kind))
        pk = str(GONE) if row is None else str(row.pk)
        whole = {"object_id": pk, "pk": pk, "id": pk, "hotel": pk, "payment_id": pk, "version": version_of(row)}
        return whole | self.of_booking(kind)

    def of_booking(self, kind: str) -> dict[str, str]:
        """Return the names of a booking outside of the admin."""
        booking = self.rows["booking", kind]
        return {"slug": booking.hotel.slug, "booking_id": booking.booking_id, "key": self.keys[kind]}


def version_of(row: Any) -> str:
    """Return the number of a row's oldest version; of nothing, if there is none."""
    record = row.history.order_by("history_id").first() if hasattr(row, "history") else None
    return str(record.history_id if record else GONE)


def build() -> World:
    """Make everything once; each cell is undone after its request."""
    cache.clear()
    own, foreign = house(OWN), house(FOREIGN)
    rows: dict[tuple[str, str], Any] = {}
    for hotel, kind in ((own, OWN), (foreign, FOREIGN)):
        rows |= {(on, kind): row for on, row in rows_of(hotel, MARKS[kind]).items()}
    people = {role: person(role, foreign if role == STRANGER else own) for role in STAFF}
    for kind, role in ((OWN, MANAGER), (FOREIGN, STRANGER)):
        rows |= {(on, kind): row for on, row in by(people[role], rows["booking", kind], rows["event", kind]).items()}
    gone = rows_of(own, MARKS[OWN], deleted=True)
    rows |= {(on, DELETED): gone.get(on) for on, _kind in list(rows)}
    keys = {kind: key_of(rows["booking", kind]) for kind in OBJECTS}
    recorded()
    rows |= {("entry", kind): entry_of(rows["booking", kind]) for kind in (OWN, FOREIGN)}
    found = browsers(people)
    cookies = {role: {name: each.value for name, each in one.cookies.items()} for role, one in found.items()}
    return World(rows, keys, found, people, cookies)


def entry_of(booking: Booking) -> Entry:
    """Return the newest entry of a booking's history."""
    return Entry.objects.filter(reference=booking.booking_id).latest("pk")


def house(kind: str) -> Hotel:
    """Build a hotel with two rooms whose name is its mark."""
    other = {OWN: "USD", FOREIGN: "CHF"}[kind]
    hotel = HotelFactory(name=MARKS[kind], slug=f"the-{kind}-hotel", fallback_currency=other)
    room_type = RoomTypeFactory(hotel=hotel, name=f"{MARKS[kind]} double")
    for number in range(6):
        RoomFactory(room_type=room_type, number=f"{MARKS[kind]} {number}")
    return hotel


def person(role: int, hotel: Hotel) -> User:
    """Somebody with a role; an owner belongs to no hotel."""
    hotels = [] if role == OWNER else [hotel]
    return UserFactory(username=f"{role}-of-matrix", role=STAFF[role], hotels=hotels)


def browsers(people: dict[int, User]) -> dict[int, Client]:
    """One browser for each role. That it has its CSRF token is not what is asked here."""
    found = {role: Client(raise_request_exception=False) for role in range(len(ROLES))}
    for role, one in people.items():
        found[role].force_login(one)
    return found


def key_of(booking: Booking) -> str:
    """Return the key of a fresh link to a booking."""
    return tokens.reveal(tokens.issue(booking, expires_at=timezone.now() + timedelta(days=2)))


def rows_of(hotel: Hotel, mark: str, *, deleted: bool = False) -> dict[str, Any]:
    """One row of every kind in a hotel. Deleted: the bookings are, and so is whatever belongs to them."""
    rooms = list(Room.objects.filter(hotel=hotel).order_by("pk"))
    first = 2 if deleted else 0
    booking = made(rooms[first], mark, deleted=deleted)
    with_money = made(rooms[first + 1], mark, deleted=deleted)
    rows = {"booking": booking, "removed": removed(rooms[4], mark), **money_of(with_money, mark)}
    if deleted:
        rows["removed"] = None
        return rows | {"user": UserFactory(username=f"left {mark}", is_active=False, hotels=[hotel])}
    with stays.by_staff():
        decisions.approve(made(rooms[5], mark, deleted=False))
    rows |= sign_ins(mark)
    rate = ExchangeRate.objects.create(base="EUR", target=hotel.fallback_currency, rate="1.1", **quoted())
    rows |= {
        "rate": rate,
        "hotel": hotel,
        "room_type": rooms[0].room_type,
        "room": rooms[0],
        "policy": hotel.policies.get(),
    }
    colleague = UserFactory(username=f"colleague {mark}", role="Front desk", hotels=[hotel])
    token, _key = access_tokens.create(colleague, name=mark, hotel=None, expires_at=None)
    return rows | {"user": colleague, "token": token} | records_of(colleague, booking)


def records_of(person: User, booking: Booking) -> dict[str, Any]:
    """What somebody tried and was refused, and that they came in."""
    tried = happenings.Attempt(
        surface="desk", tried="refund", code="ERR_STATE", reference=booking.booking_id, hotel_id=booking.hotel_id
    )
    with audit.acting_as_person(person.pk):
        happenings.write_attempt(tried)
        happenings.record_sign_in(SignInKind.SIGNED_IN, username=person.username)
    return {
        "refused": RefusedAttempt.objects.get(user=person),
        "record": SignIn.objects.get(user=person, kind=SignInKind.SIGNED_IN),
    }


def by(manager: User, booking: Booking, event: Any) -> dict[str, Any]:
    """What a manager has done: begun a run, taken an export, uploaded a file. All of it is about one hotel."""
    export = ExportRecord.objects.create(what="bookings", format="csv", made_by=manager)
    export.hotels.set([booking.hotel])
    return {"run": begun(manager, [booking, event.booking]), "export": export, "upload": uploaded(manager)}


def begun(manager: User, bookings: list[Booking]) -> BulkRun:
    """A run that deletes bookings: one has failed, so that it can be tried again, and one waits."""
    made_by = {"started_by": manager, "actor": {}, "request_id": f"r{manager.pk}", "key": f"k{manager.pk}"}
    run = BulkRun.objects.create(action="soft_delete", reason="Entered twice", total=len(bookings), **made_by)
    for booking, state in zip(bookings, ("failed", "waiting"), strict=True):
        about = {"booking": booking, "reference": booking.booking_id, "hotel": booking.hotel}
        BulkRow.objects.create(run=run, state=state, currency="EUR", due_at=timezone.now(), **about)
    return run


def uploaded(manager: User) -> BookingImport:
    """The template with its one example, which names a hotel that there is not."""
    text = import_pages.template().decode("utf-8-sig")
    return uploads.keep(manager, content=text, sha256="x", row_count=1, creates="confirmed")


def quoted() -> dict[str, Any]:
    """Whose rate it is, and since when. Rates belong to no hotel."""
    return {"source": "A bank", "quoted_at": timezone.now()}


def sign_ins(mark: str) -> dict[str, Any]:
    """A name that has to wait, and one that was let in."""
    said = {"username": mark, "ip_address": "192.0.2.7", "user_agent": mark, "http_accept": "", "path_info": ""}
    return {
        "attempt": AccessAttempt.objects.create(failures_since_start=9, get_data="", post_data="", **said),
        "release": SignInRelease.objects.create(username=mark, failures=9, released_by=UserFactory(), reason=mark),
    }


def made(room: Room, mark: str, *, deleted: bool) -> Booking:
    """A booking that waits for approval and is paid on arrival: no action on it asks Stripe."""
    with stays.by_staff():
        booking = BookingFactory(room=room, guest_name=f"Ada {mark}", payment_method=PaymentMethod.ARRIVAL)
        if deleted:
            return decisions.soft_delete(booking, reason="Entered twice").booking
        return lifecycle.submit(booking).booking


def removed(room: Room, mark: str) -> Any:
    """What is left of a booking that was deleted for good: the last row of its history."""
    booking: Any = BookingFactory(room=room, guest_name=f"Ada {mark}")
    record = booking.history.order_by("history_id").last()
    # Another row: one that is written is never changed.
    record.pk, record.history_type = None, "-"
    record.save()
    return record


def money_of(booking: Booking, mark: str) -> dict[str, Any]:
    """One row of every kind that hangs on a booking. Stripe knows none of them, and none has to be asked about."""
    money = {"amount": 100, "currency": "EUR"}
    now, name = timezone.now(), f"{booking.pk}"
    payment = Payment.objects.create(booking=booking, **money)
    operation = PaymentOperation.objects.create(
        booking=booking, payment=payment, kind="refund", status="failed", idempotency_key=f"k{name}", **money
    )
    asked = {"kind": "refund", "seen_left": 100, "note": mark, "requested_by": UserFactory(role="owner")}
    at_stripe = {"stripe_dispute_id": f"dp_{name}", "opened_at": now, "seen_at": now}
    differs = {"kind": "amounts", "stripe_id": f"pi_{name}", "found_at": now, "seen_at": now}
    event = {"event_id": f"evt_{name}", "event_type": "charge.refunded", "created": now, "payload_hash": "x"}
    mail = {"kind": "approved", "to": "a@b.example", "subject": mark, "text": mark, "html": "", "next_at": now}
    return {
        "payment": payment,
        "operation": operation,
        "refund": Refund.objects.create(payment=payment, operation=operation, **money),
        "refund_request": RefundRequest.objects.create(booking=booking, **asked, **money),
        "dispute": Dispute.objects.create(payment=payment, **at_stripe, **money),
        "drift": Drift.objects.create(booking=booking, **differs),
        "event": StripeWebhookEvent.objects.create(booking=booking, payload={}, next_at=now, **event),
        "message": Message.objects.create(booking=booking, **mail),
    }

"""One guest with marks in everything, a whole life of a booking, and a look into every table for the marks."""

import re
from typing import Any

from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.utils import timezone

from bookings import audit, outbox
from bookings.models import Booking
from cancellations import links
from payments import catch_up, decisions, refund_requests, webhooks
from payments.models import Drift, StripeWebhookEvent
from tests import disputes
from tests.admin.conftest import signed_in
from tests.admin.pages import do, page, press
from tests.factories import UserFactory, days_ahead
from tests.guest.browser import link_of, quote_in
from tests.payments import two_people
from tests.site_config.deliveries import deliver_all, post_event
from tests.stays import by_staff, fresh, pay

FIRST, LAST, MAIL = "Zyxberthóra", "Quillfeather", "zyxberthora.q@canary.example"
NAME, PHONE = f"{FIRST} {LAST}", "+353 86 777 4321"
NOTES, REASON = "Brings a canaryparrot along", "The canaryaunt is ill"
AGENT, ADDRESS = "CanaryPhone/1.0", "198.51.100.77"
EARLIER = "canary.before@canary.example"
# As they are looked for: in small letters. Long enough that no random id of Stripe's holds one.
MARKS = ("zyxberth", "quillfeather", "canary", ADDRESS)
DIGITS = "867774321"


def draft() -> Booking:
    """A draft of 340.00 whose guest is marked; half is kept by policy, and more than 200.00 takes two people."""
    said = {"guest_name": NAME, "guest_email": EARLIER, "guest_phone": PHONE, "notes": NOTES}
    return two_people.draft(check_in=days_ahead(10), check_out=days_ahead(12), **said)


def turn() -> None:
    """One round of the worker's."""
    actor = audit.Actor(kind="worker", request_id=audit.new_request_id())
    with audit.acting(actor):
        for work in (outbox.deliver_due, links.answer_requests, webhooks.process_due):
            work(timezone.now())


def guest() -> Client:
    """The guest's browser."""
    return Client(REMOTE_ADDR=ADDRESS, headers={"User-Agent": AGENT})


def live(simulator: Any, booking: Booking) -> None:
    """From the draft to a closed dispute, by the pages that people use, with Stripe's events in between."""
    desk, phone = signed_in(UserFactory(role="owner")), guest()
    edit(desk, booking)
    do(desk, booking, "submit")
    pays(simulator, booking, phone)
    press(desk, booking, "approve")
    asks_for_links(booking, phone)
    refunds(booking)
    cancels(booking, phone)
    turn()
    contest(simulator, booking)
    deliver_all()
    turn()
    by_others(booking)


def edit(desk: Client, booking: Booking) -> None:
    """Staff mend the guest's address, which the admin notes."""
    values = {
        **{name: getattr(booking, name) for name in ("guest_name", "guest_phone", "guest_language", "notes")},
        **{name: getattr(booking, name) for name in ("check_in", "check_out", "payment_method")},
        **{name: getattr(booking, f"{name}_id") for name in ("hotel", "room_type", "room")},
    }
    desk.post(page(booking), {**values, "guest_email": MAIL})
    assert fresh(booking).guest_email == MAIL


def pays(simulator: Any, booking: Booking, phone: Client) -> None:
    """The guest opens the mailed link and pays; Stripe tells of it."""
    phone.get(link_of(fresh(booking), hours=24 * 30))
    phone.post("/booking/manage/pay/")
    pay(simulator, booking.payments.get())
    deliver_all()
    turn()


def asks_for_links(booking: Booking, phone: Client) -> None:
    """The guest asks for links: by e-mail, by phone, and for a booking that is not there."""
    for reference, contact in ((booking.booking_id, MAIL.upper()), (booking.booking_id, "0867774321"), ("X", MAIL)):
        phone.post("/booking/", {"reference": reference, "contact": contact})
    turn()


def refunds(booking: Booking) -> None:
    """One small refund is made, a large one is asked for and refused; the notes name the guest."""
    first, second = two_people.manager(booking), two_people.manager(booking)
    with by_staff(first):
        decisions.refund(
            fresh(booking), amount=5000, note=f"zyxberthora rang from 0867774321, {LAST.upper()} is upset"
        )
        decisions.refund(fresh(booking), amount=25000, note=f"Mr {LAST} again")
    with by_staff(second):
        refund_requests.reject(booking.refund_requests.get(), reason=f"No, {FIRST} had it all")


def cancels(booking: Booking, phone: Client) -> None:
    """The guest cancels and says why."""
    shown = phone.get("/booking/manage/cancel/")
    phone.post("/booking/manage/cancel/", {"quote": quote_in(shown), "reason": REASON})
    assert fresh(booking).status == "CANCELLED"


def contest(simulator: Any, booking: Booking) -> None:
    """The guest's bank asks, and decides for the hotel."""
    name = disputes.dispute(simulator, booking)
    disputes.refresh(booking)
    disputes.close(simulator, name, "won")
    disputes.refresh(booking)


def by_others(booking: Booking) -> None:
    """What machines and staff wrote beside: a difference, broken and uninteresting events."""
    payment = booking.payments.get()
    Drift.objects.create(
        booking=booking,
        payment=payment,
        kind="amounts",
        stripe_id=str(payment.stripe_payment_intent_id),
        theirs={"note": NAME},
        found_at=timezone.now(),
        seen_at=timezone.now(),
        resolved_at=timezone.now(),
        resolution=f"{NAME} paid twice",
    )
    post_event(stray("evt_ignored", "customer.created"))
    turn()
    for number, kind in enumerate(("payment_intent.succeeded", "charge.refunded")):
        post_event(stray(f"evt_broken_{number}", kind))
    StripeWebhookEvent.objects.filter(event_id__startswith="evt_broken").update(
        processing_result="failed", error_message=f"IntegrityError: Key (guest_email)=({MAIL}) exists for {NAME}"
    )


def stray(name: str, kind: str) -> dict[str, Any]:
    """An event that nothing says whose it is, except the guest's data in it."""
    person = {"email": MAIL, "name": NAME, "phone": PHONE, "address": {"line1": "1 Canary Row"}}
    thing = {"id": "cus_1", "object": "customer", "description": NAME, "billing_details": person, **person}
    head = {"id": name, "object": "event", "type": kind, "created": 1_790_000_000, "livemode": False}
    return {**head, "data": {"object": thing}}


def found() -> dict[str, set[str]]:
    """Return in which tables which marks are, however they are written."""
    tables = {table: marks_in(text) for table, text in every_table()}
    return {table: marks for table, marks in tables.items() if marks}


def every_table() -> Any:
    """Yield every table of the database with the text of all its values."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            yield table, "\n".join(str(value) for row in cursor.fetchall() for value in row)
    yield "sessions, read", "\n".join(str(session.get_decoded()) for session in Session.objects.all())


def marks_in(text: str) -> set[str]:
    """Return the marks in a text: in any case, escaped as in JSON, and the phone number however it is grouped."""
    plain = re.sub(r"\\+u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text).casefold()
    marks = {mark for mark in MARKS if mark in plain}
    grouped = re.sub(r"(?<=\d)[\s().\-/]{1,2}(?=\d)", "", plain)
    return marks | ({DIGITS} if DIGITS in grouped else set())


def late_news(now: Any) -> None:
    """Everything that may bring news after an erasure: all of Stripe's events once more, fetched and delivered."""
    StripeWebhookEvent.objects.all().delete()
    catch_up.fetch_missed_events(now)
    deliver_all()
    turn()

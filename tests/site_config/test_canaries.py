"""A whole life with marked personal data and secrets: none of the marks is anywhere in the log."""

import json
import logging
import os
import re
import sys
import urllib.error
import urllib.request
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import IntegrityError
from django.test import Client, override_settings
from django.utils import timezone

from bookings import lifecycle, outbox
from bookings.models import Message
from cancellations import pages, tokens
from cancellations.models import ManagementToken
from payments import webhooks
from payments.models import Payment
from site_config import logs, processes
from site_config.devtools.postgresql import free_port
from site_config.management.commands import worker
from tests.admin.pages import page, press
from tests.factories import BookingFactory, HotelFactory, RoomFactory, RoomTypeFactory, UserFactory, days_ahead
from tests.guest.browser import quote_in
from tests.logged import logged
from tests.site_config.deliveries import deliver_all, post_event
from tests.site_config.test_processes import wait_for
from tests.stays import by_staff, fresh, pay

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("stripe_simulator")]

# One mark in every field that people fill in, and in what their browsers send.
NAME, MAIL, PHONE = "Canaryname", "canarymail@guest.example", "+353 86 777 4321"
REASON, AGENT, ADDRESS, TYPED = "Canaryreason", "Canaryagent", "198.51.100.77", "CANARYTYPED"
STAFF, HOTEL, HOTEL_MAIL = "Canarystaff", "Canaryhotel", "canarydesk@hotel.example"
CARD = "4242424242424242"
MARKS = (
    *(NAME, MAIL, "canarymail", "86 777 4321", "867774321", REASON, AGENT, ADDRESS, TYPED),
    *(STAFF, HOTEL, HOTEL_MAIL, CARD),
)


@pytest.fixture
def booking():
    """A draft whose every text is marked."""
    hotel = HotelFactory(name=HOTEL, contact_email=HOTEL_MAIL)
    room = RoomFactory(room_type=RoomTypeFactory(hotel=hotel, name="Canaryroom"))
    return BookingFactory(
        room=room, check_in=days_ahead(10), guest_name=NAME, guest_email=MAIL, guest_phone=PHONE, notes=REASON
    )


@pytest.fixture
def guest():
    """The guest's browser."""
    headers = {"User-Agent": AGENT, "Referer": f"http://localhost/{TYPED}"}
    return Client(REMOTE_ADDR=ADDRESS, headers=headers, raise_request_exception=False)


@pytest.fixture
def desk():
    """A receptionist's browser."""
    person = UserFactory(
        role="owner", username=STAFF, first_name=STAFF, last_name=STAFF, email=f"{STAFF}@hotel.example"
    )
    browser = Client(headers={"User-Agent": AGENT}, REMOTE_ADDR=ADDRESS, raise_request_exception=False)
    browser.force_login(person)
    return browser


def secrets():
    """Everything that opens something: the installation's keys, each guest's link, each payment page."""
    links = [tokens.reveal(link) for link in ManagementToken.objects.all()]
    hashes = list(ManagementToken.objects.values_list("token_hash", flat=True))
    pages_of_stripe = [
        value
        for row in Payment.objects.values_list("stripe_checkout_session_id", "session_url")
        for value in row
        if value
    ]
    assert len(links) >= 3
    return [
        settings.SECRET_KEY,
        settings.STRIPE_SECRET_KEY,
        *settings.STRIPE_WEBHOOK_SECRETS,
        *links,
        *hashes,
        *pages_of_stripe,
    ]


def assert_clean(text, *more):
    """No mark and no secret in what was logged, however it is written."""
    unescaped = text.encode().decode("unicode_escape")
    found = [mark for mark in (*MARKS, *more, *secrets()) if mark.lower() in unescaped.lower()]
    assert found == []


def link_in(server):
    """The link in the newest mail, as the guest would click it."""
    body = server.messages[-1].get_body(("plain",)).get_content()
    return re.search(r"http://localhost(/booking/manage/\S+/)", body)[1]


def turn(moment=None):
    """One round of the worker's, at a moment."""
    for work in (*worker.ALWAYS, *(work for _, work in worker.PERIODIC)):
        with worker.audit.acting(worker.audit.Actor(kind="worker", request_id=worker.audit.new_request_id())):
            work(moment or timezone.now())


def live(booking, guest, desk, server, simulator):
    """From the draft to the refund, by the pages that people use, with Stripe's events in between."""
    desk.post(page(booking, "submit"), {})
    turn()
    guest.get(link_in(server))
    guest.post("/booking/manage/pay/")
    pay(simulator, booking.payments.get(), CARD)
    guest.get("/booking/pay/return/?session_id=" + TYPED)
    deliver_all()
    turn()
    desk.get("/admin/bookings/booking/", {"q": MAIL})
    press(desk, booking, "approve")
    guest.post("/booking/", {"reference": booking.booking_id, "contact": MAIL})
    guest.post("/booking/", {"reference": TYPED, "contact": PHONE})
    guest.get(f"/booking/cancel/{TYPED}/?contact={MAIL}")
    turn()
    guest.get(link_in(server))
    shown = guest.get("/booking/manage/cancel/")
    guest.post("/booking/manage/cancel/", {"quote": quote_in(shown), "reason": REASON})
    deliver_all()
    turn()


def test_a_whole_life_leaves_no_personal_data_and_no_secret(booking, guest, desk, smtp_server, stripe_simulator):
    with logged() as log, logged("console") as shown:
        live(booking, guest, desk, smtp_server, stripe_simulator)
    assert fresh(booking).status == "CANCELLED"
    happened = set(log.events)
    assert {
        *("booking.submitted", "booking.authorized", "booking.approved", "booking.cancelled"),
        *("payment.session_created", "payment.authorized", "payment.captured", "payment.refunded"),
        *("refund.created", "refund.succeeded", "cancellation.refunded"),
        *("operation.opened", "operation.settled", "stripe.call", "http.request"),
        *("webhook.received", "webhook.processed", "link.requested", "link.used", "mail.queued", "mail.sent"),
        "reconcile.round",
    } <= happened
    assert_clean(log.text)
    assert_clean(shown.text)


def test_the_products_own_lines_need_no_redaction(booking, guest, desk, smtp_server, stripe_simulator, monkeypatch):
    monkeypatch.setattr(logs, "redacted", lambda value: value)
    monkeypatch.setattr(logs, "redact", lambda text: text)
    with logged() as log:
        live(booking, guest, desk, smtp_server, stripe_simulator)
    # The mail server of this test lives in the same process, and tells what it is told.
    own = [line for line in log.text.splitlines() if json.loads(line)["logger"] != "mail.log"]
    assert len(own) > 50
    assert_clean("\n".join(own))


def refusing(message):
    """What a mail server says when it does not know the guest."""
    raise OSError(f"550 no such user: {message.to}, {NAME} at {settings.SITE_URL}/{TYPED}")


def test_a_mail_that_is_refused(booking, monkeypatch):
    with by_staff():
        lifecycle.submit(booking)
    monkeypatch.setattr(outbox, "as_mail", refusing)
    moment = timezone.now()
    with logged() as log:
        for _ in range(outbox.MAX_ATTEMPTS):
            outbox.deliver_due(moment)
            moment += timedelta(days=1)
    assert Message.objects.get().status == "failed"
    assert [line["final"] for line in log.of("mail.failed")] == [False] * 7 + [True]
    assert {line["error"] for line in log.of("mail.failed")} == {"OSError"}
    assert not any(mark in log.text for mark in MARKS)


def test_a_webhook_that_breaks(booking, monkeypatch):
    def breaks(*_):
        raise IntegrityError(f"Key (guest_email)=({MAIL}) already exists: {NAME}")

    monkeypatch.setattr(webhooks, "handle", breaks)
    event = {
        "id": "evt_1",
        "object": "event",
        "type": "payment_intent.succeeded",
        "created": 1_790_000_000,
        "livemode": False,
        "data": {"object": {"id": "pi_1", "object": "payment_intent", "receipt_email": MAIL, "description": NAME}},
    }
    with logged() as log:
        assert post_event(event).status_code == 200
        webhooks.process_due(timezone.now())
    assert log.of("webhook.broken")[0]["exception"][0]["type"] == "django.db.utils.IntegrityError"
    assert not any(mark in log.text for mark in MARKS)


def test_a_refusal_and_an_outage_of_stripe(booking, guest, desk, smtp_server, stripe_simulator):
    desk.post(page(booking, "submit"), {})
    turn()
    link = link_in(smtp_server)
    guest.get(link)
    with logged() as log:
        for kind in ("error_500", "drop_before", "error_429"):
            stripe_simulator.control("faults", match={"path_regex": "sessions"}, kind=kind, times=100)
            guest.post("/booking/manage/pay/")
        stripe_simulator._send("DELETE", "faults", None)
        with override_settings(STRIPE_SECRET_KEY="sk_test_canarykey"):
            guest.post("/booking/manage/pay/")
    assert {line["outcome"] for line in log.of("stripe.call")} == {"unknown", "declined"}
    assert not any(mark in log.text for mark in (*MARKS, "canarykey", link.split("/")[3]))


def test_a_page_that_breaks(booking, guest, desk, smtp_server, monkeypatch):
    desk.post(page(booking, "submit"), {})
    turn()
    link = link_in(smtp_server)
    guest.get(link)

    def breaks(booking, **_):
        raise RuntimeError(f"{booking.guest_name} {booking.guest_email} {link}")

    monkeypatch.setattr(pages, "manage", breaks)
    with logged() as log:
        answer = guest.get("/booking/manage/")
    assert answer.status_code == 500
    assert log.one("http.error")["exception"][0]["type"] == "builtins.RuntimeError"
    assert not any(mark in log.text for mark in (*MARKS, link.split("/")[3]))


def test_what_others_log_carelessly_is_redacted():
    """Names cannot be recognised; everything that has a form is."""
    link = f"{settings.SITE_URL}/booking/manage/ikg_{TYPED}/"
    with logged() as log:
        logging.getLogger("careless").error(
            "%s %s %s %s %s", MAIL, PHONE, CARD, link, settings.STRIPE_SECRET_KEY, exc_info=ValueError(NAME)
        )
    assert not any(mark in log.text for mark in (*MARKS, settings.STRIPE_SECRET_KEY))


def test_processes_write_objects_and_no_link(database_url, tmp_path):
    """The servers themselves, with their own way of logging, started as in production."""
    port, log = free_port(), tmp_path / "web.log"
    env = {**os.environ, "DATABASE_URL": database_url, "DEBUG": "0", "LOG_FORMAT": "json"}
    command = [sys.executable, "-m", "gunicorn", "site_config.wsgi", "--bind", f"127.0.0.1:{port}"]
    child = processes.start([*command, "--access-logfile", "-"], log=log, env=env)
    try:
        wait_for(lambda: "Listening" in log.read_text() and "Booting" in log.read_text(), seconds=30)
        for path in ("/booking/manage/ikg_CANARYLINK/", "/booking/manage/ikg_CANARYLINK/x", f"/{TYPED}"):
            with pytest.raises(urllib.error.HTTPError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}{path}?contact={MAIL}", timeout=20)
    finally:
        processes.stop(child)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert {"timestamp", "level", "event", "logger", "request_id"} <= set.intersection(*map(set, lines))
    assert [line["status"] for line in lines if line["event"] == "http.request"] == [403, 404, 404]
    assert not any(mark in log.read_text() for mark in (*MARKS, "CANARYLINK"))

"""One id leads from the click through Stripe to the webhook, its history rows, its mails and every log line."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from bookings import outbox
from bookings.models import Message
from cancellations import links
from payments import webhooks
from payments.models import PaymentOperation
from site_config.management.commands import worker
from tests.admin.pages import page
from tests.factories import UserFactory
from tests.guest.browser import link_of
from tests.logged import logged
from tests.site_config.deliveries import deliver_all
from tests.stays import fresh, paid, submitted

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("stripe_simulator")]

CLICK = "click-0123456789"


def press_approve(booking, **headers):
    """Approve in the admin, in a browser whose request has a given id."""
    browser = Client(headers={"X-Request-Id": CLICK, **headers})
    browser.force_login(UserFactory(role="owner"))
    return browser.post(page(booking, "approve"), {"seen": "34000"})


def rows_of(booking, transition):
    """The history rows of a transition: the booking's, its payments' and its operations'."""
    histories = [booking, *booking.payments.all(), *booking.operations.all()]
    return [row for each in histories for row in each.history.filter(transition=transition)]


def ids(lines, *events):
    """The request ids of all lines of some names."""
    found = [line["request_id"] for line in lines if line["event"] in events]
    assert len(found) >= len(events)
    return set(found)


def test_one_id_when_stripe_answers(stripe_simulator, smtp_server):
    booking = paid(stripe_simulator)
    with logged() as log:
        answer = press_approve(booking)
    # Signing in was a request of its own.
    lines = [line for line in log.lines if not line["event"].startswith("sign_in.")]
    operation = PaymentOperation.objects.get(kind="capture")
    assert answer["X-Request-Id"] == operation.details["actor"]["request_id"] == CLICK
    rows = [*rows_of(booking, "approve"), *rows_of(booking, "capture")]
    assert len(rows) == 4  # the operation opened and done, the booking, the payment
    assert {row.request_id for row in rows} == {CLICK}
    assert booking.messages.get(kind="approved").request_id == CLICK
    assert {line["request_id"] for line in lines} == {CLICK}
    with logged() as log:
        outbox.deliver_due(timezone.now())
    assert ids([line for line in log.lines if line.get("kind") == "approved"], "mail.sent") == {CLICK}


def test_one_id_when_the_answer_is_lost_and_the_webhook_brings_it(stripe_simulator):
    booking = paid(stripe_simulator)
    stripe_simulator.control("faults", match={"path_regex": "capture"}, kind="drop_after", times=3)
    press_approve(booking)
    deliver_all("payment_intent.succeeded")
    assert fresh(booking).status == "PENDING_APPROVAL"
    with logged() as log:
        webhooks.process_due(timezone.now())
    assert {line["request_id"] for line in log.lines} == {CLICK}
    told = ("payment.captured", "operation.settled", "booking.approved", "mail.queued", "webhook.processed")
    assert ids(log.lines, *told) == {CLICK}
    rows = [*rows_of(booking, "approve"), *rows_of(booking, "capture")]
    assert (len(rows), {row.request_id for row in rows}) == (5, {CLICK})  # one more says "unknown"
    assert webhooks.StripeWebhookEvent.objects.get().history.latest().request_id == CLICK
    assert Message.objects.get(kind="approved").request_id == CLICK
    operation = PaymentOperation.objects.get(kind="capture")
    asked = [each["request_id"] for each in stripe_simulator.look("requests") if "capture" in each["path"]]
    assert operation.stripe_request_id in asked


def test_an_event_that_no_call_of_ours_caused_has_an_id_of_its_own(stripe_simulator):
    booking = paid(stripe_simulator)
    deliver_all("checkout.session.completed")
    with logged() as log:
        webhooks.process_due(timezone.now())
    (own,) = {line["request_id"] for line in log.lines}
    assert len(own) == 32
    assert own not in {row.request_id for row in booking.history.all()}


@pytest.mark.parametrize("request_of_stripe", [None, "req_1", {}, {"idempotency_key": 1}, {"idempotency_key": "x"}])
def test_whatever_an_event_says_of_its_cause_there_is_an_id(request_of_stripe):
    event = webhooks.StripeWebhookEvent(payload={"request": request_of_stripe})
    assert len(webhooks.request_id_of(event)) == 32


def test_a_link_carries_the_id_of_the_request_for_it(smtp_server):
    booking = submitted()
    browser = Client(headers={"X-Request-Id": CLICK})
    browser.post("/booking/", {"reference": booking.booking_id, "contact": booking.guest_email})
    with logged() as log:
        links.answer_requests(timezone.now())
        outbox.deliver_due(timezone.now() + timedelta(seconds=1))
    assert booking.messages.get(kind="management_link").request_id == CLICK
    of_link = [line for line in log.lines if line.get("kind") == "management_link"]
    assert ids(of_link, "mail.queued", "mail.sent") == {CLICK}


def test_each_kind_of_work_of_a_workers_round_has_its_own_id(monkeypatch):
    seen = []
    monkeypatch.setattr(worker, "close_old_connections", lambda: None)
    works = [lambda _now: seen.append(worker.audit.current_actor()) or 0 for _ in range(2)]
    monkeypatch.setattr(worker, "ALWAYS", works)
    monkeypatch.setattr(worker, "PERIODIC", ())
    worker.turn({})
    assert [actor.kind for actor in seen] == ["worker", "worker"]
    assert len({actor.request_id for actor in seen}) == 2


def test_id_of_the_edge_is_kept_and_a_bad_one_is_not(client):
    assert client.get("/booking/", headers={"X-Request-Id": CLICK})["X-Request-Id"] == CLICK
    with logged() as log:
        given = client.get("/booking/", headers={"X-Request-Id": "ada@guest.example"})["X-Request-Id"]
    assert ids(log.lines, "http.request") == {given}
    assert len(given) == 32


def test_opening_a_link_is_told_within_its_request(client):
    booking = submitted()
    with logged() as log:
        client.get(link_of(booking), headers={"X-Request-Id": CLICK})
    assert log.one("link.used")["action"] == "open"
    assert ids(log.lines, "link.used", "http.request") == {CLICK}

"""Disputes for staff: what waits and until when, and the evidence as one download."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bookings import audit, lifecycle
from bookings.models import Booking
from cancellations import tokens
from payments import decisions, operations
from payments.models import Dispute
from tests import stays
from tests.admin.conftest import House
from tests.admin.pages import do, listing, page, said, text
from tests.factories import days_ahead
from tests.simulator_process import StripeSimulator

XSS = "<script>alert(1)</script>"


def dispute(simulator: StripeSimulator, booking: Booking, **given: Any) -> Dispute:
    """A dispute of the booking's payment that we have heard of."""
    payment = booking.payments.get()
    simulator.control(f"dashboard/payment_intents/{payment.stripe_payment_intent_id}/dispute", **given)
    with audit.acting_as(audit.ActorKind.STRIPE):
        operations.refresh(payment)
    return Dispute.objects.select_related("payment__booking__hotel").get(payment=payment)


@pytest.fixture
def open_one(own: House, stripe_simulator: StripeSimulator) -> Dispute:
    """An open dispute of the own hotel."""
    return dispute(stripe_simulator, stays.confirmed(stripe_simulator, own.booking()))


def row(booking: Booking, name: str, **fields: Any) -> Dispute:
    """A dispute as it is stored."""
    payment = booking.payments.create(attempt_number=1, amount=100, currency="EUR")
    given = {"status": "needs_response", "reason": "general", "amount": 100, "currency": "EUR"} | fields
    now = timezone.now()
    return Dispute.objects.create(payment=payment, stripe_dispute_id=name, opened_at=now, seen_at=now, **given)


def test_list_shows_open_disputes_first_and_the_nearest_date_on_top(own: House, manager: Client) -> None:
    now = timezone.now()
    bookings = [own.booking(number) for number in range(4)]
    lost = row(bookings[0], "dp_lost", status="lost", evidence_due_by=now)
    later = row(bookings[1], "dp_later", evidence_due_by=now + timedelta(days=9))
    never = row(bookings[2], "dp_never")
    soon = row(bookings[3], "dp_soon", evidence_due_by=now + timedelta(days=3, minutes=5))
    answer = manager.get(listing(Dispute))
    assert list(answer.context["cl"].result_list) == [soon, later, never, lost]
    assert "(in 3 days)" in text(answer)
    shown = [list(manager.get(listing(Dispute, f"?state={state}")).context["cl"].result_list) for state in HALVES]
    assert shown == [[soon, later, never], [lost]]


HALVES = ("open", "closed")


def test_list_takes_as_many_queries_for_three_rows_as_for_one(
    own: House, manager: Client, django_assert_max_num_queries: Any
) -> None:
    row(own.booking(0), "dp_1")
    manager.get(listing(Dispute))
    with django_assert_max_num_queries(20) as one:
        manager.get(listing(Dispute))
    for number in (1, 2):
        row(own.booking(number), f"dp_{number + 1}")
    with django_assert_max_num_queries(len(one)):
        manager.get(listing(Dispute))


@pytest.mark.parametrize("role", ["Front desk", "Manager", "Auditor"])
def test_other_hotels_disputes_do_not_exist(foreign: House, staff: Callable[[str], Client], role: str) -> None:
    theirs = row(foreign.booking(guest_name="Secret Guest"), "dp_theirs")
    client = staff(role)
    addresses = [page(theirs), page(theirs, "history"), page(theirs, "evidence")]
    assert {client.get(address).status_code for address in addresses} == {404}
    assert client.post(page(theirs, "evidence")).status_code == 404
    assert client.get(listing(Dispute)).context["cl"].result_count == 0
    assert (theirs.history.count(), worry(client)["count"]) == (1, 0)


def worry(client: Client) -> dict[str, Any]:
    """The start page's number of open disputes."""
    numbers = client.get(reverse("admin:index")).context["numbers"]
    return next(number for number in numbers if number["name"].startswith("Open disputes"))


def test_today_says_how_many_and_until_when(own: House, manager: Client) -> None:
    none = {"key": "disputes", "name": "Open disputes", "count": 0, "link": "", "urgent": False}
    assert worry(manager) | {"link": ""} == none
    row(own.booking(0), "dp_1", evidence_due_by=timezone.now() + timedelta(days=3, minutes=5))
    row(own.booking(1), "dp_2", status="under_review", evidence_due_by=timezone.now() + timedelta(days=1))
    row(own.booking(2), "dp_3", status="lost")
    found = worry(manager)
    assert (found["name"], found["count"], found["urgent"]) == (
        "Open disputes, evidence due in 3 days",
        2,
        True,
    )
    assert manager.get(found["link"]).context["cl"].result_count == 2


def test_booking_page_warns_until_the_bank_has_decided(
    own: House, manager: Client, open_one: Dispute, stripe_simulator: StripeSimulator
) -> None:
    booking = open_one.payment.booking
    answer = manager.get(page(booking))
    (alarm,) = answer.context["alarms"]
    assert alarm["meaning"].startswith(
        "The guest's bank has taken €340.00 until it has decided, so the payment cannot be refunded. Answer at Stripe"
    )
    assert (alarm["link"] in text(answer), "Open in Stripe" in str(alarm["at_stripe"])) == (True, True)
    disputes = manager.get(page(booking) + "?tab=payments").context["disputes"]
    assert [entry["reason"] for entry in disputes] == ["The cardholder says it was not them"]
    why = {action.name: reason for action, reason in answer.context["impossible"]}
    assert "disputes this payment" in why["refund"]
    stripe_simulator.control(f"dashboard/disputes/{open_one}/close", status="lost")
    operations.refresh(open_one.payment)
    answer = manager.get(page(booking))
    assert answer.context["alarms"] == []
    lines = [(name, amount) for name, amount, _ in answer.context["money_lines"]]
    assert ("Lost in a dispute", "€340.00") in lines
    assert ("Hotel keeps", "€0.00") in lines
    assert "Lost in a dispute" in str(answer.context["payment_state"])


def test_cancel_says_that_the_refund_waits(own: House, manager: Client, open_one: Dispute) -> None:
    booking = open_one.payment.booking
    assert "once their bank has decided the dispute" in text(manager.get(page(booking, "cancel")))
    typed = {"reason": "The guest asked for it", "fee": "policy", "seen": "0-34000-0"}
    assert said(do(manager, booking, "cancel", **typed)) == [
        (
            "success",
            "The booking is cancelled. €340.00 goes back to the guest, once their bank has decided the dispute.",
        )
    ]
    lines = manager.get(page(booking)).context["money_lines"]
    assert ("To pay out by hand", "€340.00") in [(name, amount) for name, amount, _ in lines]


def test_dispute_page_says_what_it_means_in_words(manager: Client, open_one: Dispute) -> None:
    shown = text(manager.get(page(open_one)))
    assert "The guest&#x27;s bank has taken €340.00" in shown
    assert f'action="{page(open_one, "evidence")}"' in shown
    assert manager.post(page(open_one), {"status": "won"}).status_code == 403


@pytest.mark.parametrize(("role", "code"), [("Front desk", 403), ("Manager", 200), ("Auditor", 200), ("owner", 200)])
def test_evidence_is_for_those_who_may_export_and_each_export_is_recorded(
    open_one: Dispute, staff: Callable[[str], Client], role: str, code: int
) -> None:
    client = staff(role)
    assert ("Download evidence" in text(client.get(page(open_one)))) is (code == 200)
    answer = client.post(page(open_one, "evidence"))
    assert answer.status_code == code
    exports = open_one.history.filter(transition="evidence_exported")
    assert exports.count() == (code == 200)
    if code == 200:
        assert (exports.get().actor_kind, exports.get().history_user) == ("staff", answer.wsgi_request.user)


def test_evidence_is_a_post_with_a_token(open_one: Dispute, own: House, manager: Client) -> None:
    assert manager.get(page(open_one, "evidence")).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(manager.get(page(open_one)).wsgi_request.user)
    assert strict.post(page(open_one, "evidence")).status_code == 403
    assert open_one.history.count() == 1


def files_of(answer: Any) -> dict[str, str]:
    """What is in a downloaded archive."""
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


@pytest.fixture
def rich(own: House, stripe_simulator: StripeSimulator) -> Dispute:
    """A dispute of a booking with a life: refunded in part, disputed, cancelled by its guest."""
    draft = own.booking(
        guest_name=XSS, guest_phone="=1+1", notes="Inner note", check_in=days_ahead(10), check_out=days_ahead(12)
    )
    booking = stays.confirmed(stripe_simulator, draft)
    with stays.by_staff():
        decisions.refund(booking, amount=5000, note="@SUM(A1)")
    found = dispute(stripe_simulator, booking)
    stays.guest_cancels(booking)
    return found


def test_evidence_holds_everything_and_its_sums(manager: Client, rich: Dispute) -> None:
    answer = manager.post(page(rich, "evidence"))
    reference = rich.payment.booking.booking_id
    assert answer["Content-Type"] == "application/zip"
    assert answer["Content-Disposition"] == f'attachment; filename="evidence-{reference}-{rich.pk}.zip"'
    assert "no-store" in answer["Cache-Control"]
    files = files_of(answer)
    assert list(files) == [
        "ledger.csv",
        "mails/01-pay-link.txt",
        "mails/02-authorized.txt",
        "mails/03-approved.txt",
        "mails/04-refund-sent.txt",
        "mails/05-cancelled-by-guest.txt",
        "summary.html",
        "summary.txt",
        "terms.json",
        "timeline.csv",
        "manifest.json",
    ]
    manifest = json.loads(files.pop("manifest.json"))
    assert manifest == {
        "booking": reference,
        "dispute": rich.stripe_dispute_id,
        "sha256": {name: hashlib.sha256(content.encode()).hexdigest() for name, content in files.items()},
    }
    assert json.loads(files["terms.json"]) == stays.fresh(rich.payment.booking).terms


def test_evidence_tells_who_agreed_to_what_and_from_where(manager: Client, rich: Dispute) -> None:
    files = files_of(manager.post(page(rich, "evidence")))
    summary = files["summary.txt"]
    for words in (
        "Disputed: 290.00 EUR",
        "The bank's reason: The cardholder says it was not them",
        "Time zone: Europe/Dublin; all times below are the hotel's own",
        "Price agreed: 340.00 EUR",
        "At least 7 days before check-in: 50 % of the price is kept.",
        "Fee by the agreed terms: 170.00 EUR",
        "Refund by the agreed terms: 120.00 EUR",
        "By: The guest",
        "What: opened the payment page; IP address: 198.51.100.7; Browser: Phone",
        "What: cancel; IP address: 198.51.100.7; Browser: Phone",
        "What: Refund of payment 1, Stripe; Amount: 50.00 EUR; State: Refunded",
        "Who: Hotel staff; What: booking: refund",
    ):
        assert words in summary
    assert "Booking Confirmed" in files["mails/03-approved.txt"]
    assert "Sent: not sent\nState: Queued" in files["mails/03-approved.txt"]


def test_evidence_hides_keys_inner_notes_and_staff(manager: Client, rich: Dispute) -> None:
    booking = rich.payment.booking
    token = tokens.issue(booking, expires_at=timezone.now() + timedelta(days=1))
    key = tokens.reveal(token)
    mail = booking.messages.get(kind="approved")
    mail.text += f"\nhttp://localhost/booking/manage/{key}/ or {key}"
    mail.save()
    everything = "\n".join(files_of(manager.post(page(rich, "evidence"))).values())
    hidden = (key, "innkeep:personal-link", "cs_test_", "Inner note", "192.0.2.1", "Desk")
    assert [secret for secret in hidden if secret in everything] == []
    assert everything.count("[personal link]") >= 5
    assert not any(each.session_url and each.session_url in everything for each in booking.payments.all())


def test_evidence_runs_nowhere(manager: Client, rich: Dispute) -> None:
    files = files_of(manager.post(page(rich, "evidence")))
    assert (XSS in files["summary.html"], "&lt;script&gt;alert(1)" in files["summary.html"]) == (False, True)
    assert "default-src 'none'" in files["summary.html"]
    assert "'@SUM(A1)" in files["timeline.csv"]
    cells = [cell for name in ("timeline.csv", "ledger.csv") for cell in files[name].replace("\r\n", ",").split(",")]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", '"=', '"@'))] == []


def test_evidence_is_the_same_for_the_same_data(manager: Client, rich: Dispute) -> None:
    first = manager.post(page(rich, "evidence"))
    with stays.clock_at(timezone.now() + timedelta(hours=9)):
        second = manager.post(page(rich, "evidence"))
    assert (first.content == second.content, rich.history.filter(transition="evidence_exported").count()) == (True, 2)


def test_evidence_of_a_stay_paid_and_completed_has_no_cancellation(
    manager: Client, own: House, stripe_simulator: StripeSimulator
) -> None:
    booking = stays.confirmed(stripe_simulator, own.booking())
    with stays.clock_at(booking.hotel.check_out_moment(booking.check_out)), stays.by_staff():
        lifecycle.complete(booking)
    found = dispute(stripe_simulator, booking, reason="product_unacceptable")
    summary = files_of(manager.post(page(found, "evidence")))["summary.txt"]
    assert "This booking was not cancelled." in summary
    assert "State now: Completed" in summary

"""The Timeline tab: everything that happened to one booking, in words, with the same number of queries always."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bookings import audit
from bookings.audit import Actor, ActorKind
from bookings.models import Booking, Message
from cancellations.erasure import anonymise_guest
from payments import decisions
from payments.models import StripeWebhookEvent
from tests import stays
from tests.admin.conftest import House, signed_in
from tests.admin.pages import do, page, text
from tests.factories import UserFactory
from tests.payments import moving
from tests.simulator_process import StripeSimulator


def timeline(client: Client, booking: Booking, query: str = "") -> list[tuple[str, list[str]]]:
    """What the tab tells, newest first: of each thread its lead and what followed."""
    days = client.get(f"{page(booking)}?tab=timeline{query}").context["timeline"]
    threads = [thread for _day, threads in days for thread in threads]
    return [(each.lead.told.what, [more.told.what for more in each.followed]) for each in threads]


@pytest.fixture
def refunded(own: House, manager: Client, stripe_simulator: StripeSimulator) -> Booking:
    """A booking that was paid, approved, and partly refunded by a manager."""
    booking = stays.confirmed(stripe_simulator, own.booking())
    typed = {"amount": "100.00", "stripe_reason": "duplicate", "note": "Cold shower", "seen_left": "34000"}
    do(manager, booking, "refund", **typed)
    return stays.fresh(booking)


def test_one_click_leads_and_what_followed_stands_below(refunded: Booking, manager: Client) -> None:
    told = timeline(manager, refunded)
    assert told[0] == (
        "Refunded",
        [
            "Stripe was asked: refund, €100.00",
            "Refund of €100.00: Refunded",
            "Payment no. 1: refund arrived",
            "Stripe has done it: refund, €100.00",
            f"Mail written: Your refund ({refunded})",
        ],
    )
    assert [lead for lead, _ in told if not lead.startswith(("Mail", "Payment"))] == [
        "Refunded",
        "Approved",
        "Money authorized",
        "Submitted",
        "Created",
    ]


def test_timeline_says_who_why_from_where_and_old_to_new(
    refunded: Booking, manager: Client, staff: Callable[[str], Client]
) -> None:
    answer = manager.get(f"{page(refunded)}?tab=timeline")
    lead = answer.context["timeline"][0][1][0].lead.told
    assert (lead.who.startswith("Nora Byrne"), lead.reason, lead.ip) == (True, "Cold shower", "127.0.0.1")
    followed = answer.context["timeline"][0][1][0].followed[2].told
    assert [(c.label, c.old, c.new) for c in followed.changes] == [
        ("Status", "Paid", "Partly refunded"),
        ("Amount refunded", "€0.00", "€100.00"),
    ]
    assert "from 127.0.0.1" in text(answer)
    assert "from 127.0.0.1" not in text(staff("Front desk").get(f"{page(refunded)}?tab=timeline"))
    assert "Newest first, Dublin time" in text(answer)


def test_timeline_filters(refunded: Booking, manager: Client) -> None:
    (request,) = set(refunded.history.filter(transition="refund").values_list("request_id", flat=True))
    assert timeline(manager, refunded, f"&request={request}") == timeline(manager, refunded)[:1]
    assert all(lead.startswith("Mail") for lead, _ in timeline(manager, refunded, "&show=mail"))
    assert [lead for lead, _ in timeline(manager, refunded, "&show=status")][:2] == ["Refunded", "Approved"]
    money = timeline(manager, refunded, "&show=money")
    assert money[0][0] == "Stripe was asked: refund, €100.00"
    assert "Refunded" not in [lead for lead, _ in money]


def test_timeline_holds_webhooks_sent_mails_and_links(own: House, staff: Callable[[str], Client]) -> None:
    booking = stays.submitted(own.booking())
    now = timezone.now()
    event = StripeWebhookEvent(
        event_id="evt_1", event_type="charge.refunded", created=now, payload={"secret": "canary"}, next_at=now
    )
    event.booking, event.processing_result = booking, "processed"
    with audit.acting(Actor(ActorKind.STRIPE, request_id="from-stripe")):
        event.save()
    Message.objects.filter(booking=booking).update(status="sent", sent_at=now)
    shown = text(staff("Front desk").get(f"{page(booking)}?tab=timeline"))
    assert "Stripe reported charge.refunded: Processed" in shown
    assert f"Mail sent: Please pay for your booking ({booking})" in shown
    assert "canary" not in shown
    # The inbox is for those who may see it.
    assert f"/stripewebhookevent/{event.pk}/" not in shown
    assert f"/stripewebhookevent/{event.pk}/" in text(staff("Manager").get(f"{page(booking)}?tab=timeline"))


def test_timeline_of_a_deleted_booking_and_an_erased_guest(own: House, manager: Client) -> None:
    booking = own.booking(guest_name="Grace Canary", guest_email="canary@guest.example")
    decisions.soft_delete(booking, reason="Typed twice")
    assert timeline(manager, booking) == [("Deleted", []), ("Created", [])]
    anonymise_guest(stays.fresh(booking), typed=booking.booking_id, reason="Asked for", others=())
    answer = manager.get(f"{page(booking)}?tab=timeline")
    assert timeline(manager, booking)[0][0] == "Guest's data erased"
    assert "canary" not in text(answer).lower()


def test_timeline_names_what_happens_by_itself(own: House, manager: Client) -> None:
    booking = stays.submitted(own.booking())
    ((at, words),) = manager.get(f"{page(booking)}?tab=timeline").context["coming"]
    assert (at.endswith("Dublin"), words) == (True, "The room is given back unless the guest has paid.")


def test_own_reasons_are_told_in_the_persons_language_and_typed_ones_as_they_are(own: House) -> None:
    german = signed_in(UserFactory(role="Manager", hotels=[own.hotel], language="de"))
    booking = stays.submitted(own.booking())
    with audit.acting_as(ActorKind.WORKER), stays.clock_at(timezone.now() + timedelta(days=2)):
        decisions.expire(booking)
    answer = text(german.get(f"{page(booking)}?tab=timeline"))
    assert "Die Reservierungsfrist lief ab, bevor der Gast bezahlt hat." in answer
    assert booking.history.latest("history_id").history_change_reason == "The hold ran out before the guest paid."
    typed = stays.submitted(own.booking(1))
    moving.press(typed, moving.wish_for(typed, days=1), reason="Cold shower")
    assert "Cold shower" in text(german.get(f"{page(typed)}?tab=timeline"))


def test_timeline_is_of_this_booking_alone(own: House, foreign: House, manager: Client) -> None:
    booking, other = own.booking(0), stays.submitted(own.booking(1, guest_name="Somebody Else"))
    assert timeline(manager, booking) == [("Created", [])]
    assert "Somebody Else" not in text(manager.get(f"{page(booking)}?tab=timeline"))
    assert manager.get(f"{page(foreign.booking())}?tab=timeline").status_code == 404
    assert other.history.count() == 2


def many(booking: Booking, number: int) -> None:
    """Let something happen to a booking and its mails, each in a request of its own."""
    (record,) = booking.history.all()[:1]
    model = type(record)
    base = {f.attname: getattr(record, f.attname) for f in model._meta.concrete_fields if f.name != "history_id"}
    rows = []
    for each in range(number):
        moment = record.history_date + timedelta(minutes=each)
        own = {"history_date": moment, "request_id": f"request-{each:05}", "notes": f"Note {each}", "transition": ""}
        rows.append(model(**{**base, **own}))
    model.objects.bulk_create(rows)


def test_timeline_queries_are_the_same_at_5_and_500_entries(own: House, manager: Client) -> None:
    counts = []
    for number, entries in enumerate((5, 500)):
        booking = stays.submitted(own.booking(number))
        many(booking, entries)
        manager.get(f"{page(booking)}?tab=timeline&show=status")
        with CaptureQueriesContext(connection) as queries:
            answer = manager.get(f"{page(booking)}?tab=timeline&show=status")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 30
    page_of_many = answer.context["timeline_page"]
    assert (page_of_many.paginator.num_pages, len(page_of_many.object_list)) == (11, 50)
    oldest = timeline(manager, booking, "&show=status&p=11")
    assert oldest[-1] == ("Created", [])


def test_whole_timeline_stays_within_thirty_queries(refunded: Booking, manager: Client) -> None:
    manager.get(f"{page(refunded)}?tab=timeline")
    with CaptureQueriesContext(connection) as queries:
        manager.get(f"{page(refunded)}?tab=timeline")
    assert len(queries) <= 30

"""The bookings list: filters, search, order, and a query count that rows do not change."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bookings.models import Booking
from payments import decisions
from payments.models import Payment, PaymentOperation, Refund
from tests import stays
from tests.admin.conftest import House
from tests.admin.pages import listing, page, text
from tests.factories import days_ahead


def found(client: Client, query: str = "") -> list[Booking]:
    """The bookings that the list shows, in order."""
    return list(client.get(listing(Booking, query)).context["cl"].result_list)


def with_money(house: House, number: int) -> Booking:
    """A booking with a payment and an open operation."""
    booking = house.booking(number)
    payment = Payment.objects.create(
        booking=booking, amount=100, currency="EUR", stripe_payment_intent_id=f"pi_{number}"
    )
    PaymentOperation.objects.create(
        booking=booking, payment=payment, kind="refund", idempotency_key=f"k{number}", currency="EUR"
    )
    return booking


def test_list_query_count_is_the_same_for_one_and_three_rows(own: House, manager: Client) -> None:
    counts = []
    for number in range(3):
        with_money(own, number)
        manager.get(listing(Booking))
        with CaptureQueriesContext(connection) as queries:
            manager.get(listing(Booking))
        counts.append(len(queries))
    assert counts[0] == counts[2]
    assert counts[0] <= 15


def test_list_hides_deleted_unless_asked(own: House, manager: Client) -> None:
    live, deleted = own.booking(0), own.booking(1)
    decisions.soft_delete(deleted, reason="x")
    assert found(manager) == [live]
    assert found(manager, "?deleted=include") == [deleted, live]
    assert found(manager, "?deleted=only") == [deleted]


@pytest.mark.parametrize("term", ["Grace", "grace@", "998877", "pi_known"])
def test_search_finds_what_people_know(own: House, manager: Client, term: str) -> None:
    wanted = own.booking(guest_name="Grace Hopper", guest_email="grace@navy.example", guest_phone="+1 998877")
    own.booking(1)
    Payment.objects.create(booking=wanted, amount=1, currency="EUR", stripe_payment_intent_id="pi_known")
    assert found(manager, f"?q={term}") == [wanted]
    assert found(manager, f"?q={wanted.booking_id}") == [wanted]


@pytest.mark.parametrize(
    "typed", ["0865550177", "086 555-0177", "+353 86 555 0177", "353865550177", "00353 86 5550177", "5550177"]
)
def test_search_finds_a_number_however_it_is_written(own: House, manager: Client, typed: str) -> None:
    wanted = own.booking(guest_phone="+353 (86) 555-0177")
    own.booking(1, guest_phone="+353 86 555 0188")
    assert list(manager.get(listing(Booking), {"q": typed}).context["cl"].result_list) == [wanted]


@pytest.mark.parametrize("term", ["cs_1", "ch_1", "re_1"])
def test_search_finds_ids_of_stripes(own: House, foreign: House, manager: Client, term: str) -> None:
    wanted, other = own.booking(), foreign.booking()
    for booking, number in ((wanted, "1"), (other, "2")):
        ids = {"stripe_checkout_session_id": f"cs_{number}", "stripe_charge_id": f"ch_{number}"}
        payment = Payment.objects.create(booking=booking, amount=1, currency="EUR", **ids)
        Refund.objects.create(payment=payment, amount=1, currency="EUR", stripe_refund_id=f"re_{number}")
    assert found(manager, f"?q={term}") == [wanted]
    assert found(manager, f"?q={term.replace('1', '2')}") == []


def test_needs_approval_is_ordered_by_what_expires_first(own: House, manager: Client) -> None:
    rows = []
    for number, hours in enumerate((30, 9, None)):
        booking = stays.submitted(own.booking(number, payment_method="ARRIVAL"))
        rows.append(booking)
        if hours:
            payment = Payment(booking=booking, amount=1, currency="EUR")
            ends = timezone.now() + timedelta(hours=hours, minutes=1)
            payment.authorize(amount=1, at=timezone.now(), capture_before=ends)
            payment.save()
    assert found(manager, "?status__exact=PENDING_APPROVAL") == [rows[1], rows[0], rows[2]]
    assert "hold ends in 9 h" in text(manager.get(listing(Booking)))


def test_stay_filters_use_the_hotels_own_day(own: House, manager: Client) -> None:
    today = own.hotel.today(timezone.now())
    arriving = own.booking(0, check_in=today, check_out=today + timedelta(1), payment_method="ARRIVAL")
    later = own.booking(1, check_in=days_ahead(20), check_out=days_ahead(21), payment_method="ARRIVAL")
    for booking in (arriving, later):
        decisions.approve(stays.submitted(booking))
    for moment in ("arriving_today", "arriving", "in_house"):
        assert found(manager, f"?stay={moment}") == [arriving]
    assert found(manager, "?stay=leaving_today") == []


def test_list_offers_no_bulk_delete(own: House, manager: Client) -> None:
    booking = own.booking()
    assert "delete_selected" not in text(manager.get(listing(Booking)))
    manager.post(listing(Booking), {"action": "delete_selected", "_selected_action": booking.pk, "post": "yes"})
    assert Booking.objects.filter(pk=booking.pk).exists()


def test_empty_list_says_so(own: House, manager: Client) -> None:
    assert "Nothing here yet" in text(manager.get(listing(Booking)))
    assert "Nothing matches" in text(manager.get(listing(Booking, "?q=zzz")))


@pytest.mark.parametrize(
    ("tab", "words"),
    [
        ("status__exact=PENDING_APPROVAL", "No request waits for an answer."),
        ("stay=arriving", "Nobody arrives within the next 7 days."),
        ("stay=in_house", "Nobody is in the house."),
        ("status__exact=CANCELLED", "No booking was cancelled."),
        ("deleted=only", "No booking was deleted."),
    ],
)
def test_empty_tab_says_what_there_is_none_of(own: House, manager: Client, tab: str, words: str) -> None:
    own.booking()
    assert f"<h2>{words}</h2>" in text(manager.get(listing(Booking, f"?{tab}")))
    assert "Nothing matches" in text(manager.get(listing(Booking, f"?{tab}&q=zzz")))


def test_test_data_is_marked(own: House, manager: Client) -> None:
    booking = own.booking()
    assert "Test data" not in text(manager.get(listing(Booking)))
    booking.is_test_data = True
    booking.save()
    assert "Test data" in text(manager.get(listing(Booking)))
    assert "Test data" in text(manager.get(page(booking)))

"""Other hotels' data is 404, and no page, choice or count hints at it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bookings.models import Booking, Message
from cancellations.models import CancellationPolicy
from payments.models import Dispute, Drift, Payment, PaymentOperation, Refund, RefundRequest, StripeWebhookEvent
from tests.admin.conftest import House, signed_in
from tests.admin.pages import listing, page, text
from tests.factories import HotelFactory, UserFactory

ROWS = (
    "hotel",
    "room_type",
    "room",
    "booking",
    "policy",
    "payment",
    "operation",
    "refund",
    "refund_request",
    "dispute",
    "drift",
    "event",
    "message",
)


@pytest.fixture
def rows(foreign: House) -> dict[str, Any]:
    """One row of every kind in the other hotel."""
    return rows_of(foreign)


def rows_of(house: House) -> dict[str, Any]:
    """One row of every kind in a hotel."""
    booking = house.booking(guest_name="Secret Guest")
    money = {"amount": 100, "currency": "EUR"}
    payment = Payment.objects.create(booking=booking, **money)
    operation = PaymentOperation.objects.create(
        booking=booking, payment=payment, kind="refund", idempotency_key=f"k{booking.pk}", **money
    )
    now = timezone.now()
    return {
        "hotel": house.hotel,
        "room_type": house.rooms[0].room_type,
        "room": house.rooms[0],
        "booking": booking,
        "policy": house.hotel.policies.get(),
        "payment": payment,
        "operation": operation,
        "refund": Refund.objects.create(payment=payment, operation=operation, **money),
        "refund_request": RefundRequest.objects.create(
            booking=booking, kind="refund", seen_left=100, note="x", requested_by=UserFactory(role="owner"), **money
        ),
        "dispute": Dispute.objects.create(
            payment=payment, stripe_dispute_id=f"dp_{booking.pk}", opened_at=now, seen_at=now, **money
        ),
        "drift": Drift.objects.create(
            booking=booking, kind="amounts", stripe_id=f"pi_{booking.pk}", found_at=now, seen_at=now
        ),
        "event": StripeWebhookEvent.objects.create(
            event_id=f"evt_{booking.pk}",
            event_type="charge.refunded",
            created=timezone.now(),
            payload={"data": {"object": {"email": "secret@guest.example", "id": "ch_1"}}},
            payload_hash="x",
            booking=booking,
            next_at=timezone.now(),
        ),
        "message": Message.objects.create(
            booking=booking, kind="x", to="a@b.example", subject="S", text="T", html="", next_at=timezone.now()
        ),
    }


@pytest.mark.parametrize("role", ["Front desk", "Manager", "Auditor"])
@pytest.mark.parametrize("kind", ROWS)
def test_foreign_rows_are_not_found(
    rows: dict[str, Any], staff: Callable[[str], Client], kind: str, role: str
) -> None:
    client, row = staff(role), rows[kind]
    addresses = [page(row), page(row, "history"), page(row, "delete")]
    if hasattr(row, "history"):
        addresses.append(page(row, "simple_history", row.history.first().pk))
    if role == "Front desk" and kind == "event":
        addresses = addresses[:2]  # no right to see events at all; the answer is the same
    assert {client.get(address).status_code for address in addresses} == {404}
    assert {client.post(address).status_code for address in addresses} <= {403, 404, 405}


@pytest.mark.parametrize("kind", ROWS)
def test_lists_hold_own_rows_only(own: House, rows: dict[str, Any], manager: Client, kind: str) -> None:
    mine = rows_of(own)[kind]
    answer = manager.get(listing(mine))
    shown = set(answer.context["cl"].queryset.values_list("pk", flat=True))
    assert (mine.pk in shown, rows[kind].pk in shown) == (True, False)


@pytest.mark.parametrize("kind", ROWS)
def test_owner_sees_every_page(rows: dict[str, Any], staff: Callable[[str], Client], kind: str) -> None:
    client, row = staff("owner"), rows[kind]
    pages = [listing(row), page(row), page(row, "history")]
    if hasattr(row, "history"):
        pages.append(page(row, "simple_history", row.history.first().pk))
    assert {client.get(address).status_code for address in pages} == {200}


@pytest.mark.parametrize("kind", ["event", "booking"])
def test_payload_and_markup_of_guests_is_not_shown_raw(own: House, staff: Callable[[str], Client], kind: str) -> None:
    rows = rows_of(own)
    rows["booking"].guest_name = "<b>Bold</b>"
    rows["booking"].save()
    shown = text(staff("Manager").get(page(rows[kind])))
    assert ("secret@guest.example" in shown, "<b>Bold</b>" in shown) == (False, False)


def test_view_on_site_does_not_exist(rows: dict[str, Any], staff: Callable[[str], Client]) -> None:
    content_type = ContentType.objects.get_for_model(Booking)
    client = staff("Manager")
    answers = [client.get(f"/admin/r/{content_type.pk}/{pk}/").status_code for pk in (rows["booking"].pk, 999999)]
    assert answers == [404, 404]


@pytest.mark.parametrize(
    "query",
    [
        "hotel__staff__password__startswith=pbkdf2",
        "management_tokens__token_hash__startswith=a",
        "guest_email__startswith=a",
        "hotel__name=Sakura",
        "payments__note__contains=x",
    ],
)
def test_lookups_that_no_filter_offers_are_refused(own: House, manager: Client, query: str) -> None:
    assert manager.get(listing(Booking, f"?{query}")).status_code == 400


def test_hotel_filter_offers_own_hotels_only(own: House, foreign: House) -> None:
    person = UserFactory(role="Manager", hotels=[own.hotel, HotelFactory(name="Second Own")])
    shown = text(signed_in(person).get(listing(Booking)))
    assert ("Second Own" in shown, "Sakura Inn" in shown) == (True, False)


def test_hotel_filter_with_foreign_id_is_empty(own: House, foreign: House, manager: Client) -> None:
    own.booking()
    foreign.booking()
    answer = manager.get(listing(Booking, f"?hotel={foreign.hotel.pk}"))
    assert answer.context["cl"].result_count == 0


def test_search_does_not_reach_other_hotels(rows: dict[str, Any], manager: Client) -> None:
    rows["payment"].stripe_payment_intent_id = "pi_secret"
    rows["payment"].save()
    for term in ("Secret", rows["booking"].booking_id, "pi_secret"):
        assert manager.get(listing(Booking, f"?q={term}")).context["cl"].result_count == 0


def test_autocomplete_does_not_reach_other_hotels(rows: dict[str, Any], manager: Client) -> None:
    query = {"app_label": "payments", "model_name": "payment", "field_name": "booking", "term": ""}
    assert manager.get(reverse("admin:autocomplete"), query).json()["results"] == []


def test_add_form_offers_own_rooms_only(own: House, foreign: House, manager: Client) -> None:
    shown = text(manager.get(reverse("admin:bookings_booking_add")))
    assert ("Hotel Liffey" in shown, "Sakura Inn" in shown) == (True, False)


@pytest.mark.parametrize("field", ["hotel", "room_type", "room"])
def test_posted_foreign_ids_are_refused(own: House, foreign: House, manager: Client, field: str) -> None:
    theirs = {"hotel": foreign.hotel, "room_type": foreign.rooms[0].room_type, "room": foreign.rooms[0]}
    data = draft(own) | {field: theirs[field].pk}
    answer = manager.post(reverse("admin:bookings_booking_add"), data)
    assert (answer.status_code, Booking.objects.count()) == (200, 0)
    assert field in answer.context["adminform"].form.errors


def draft(house: House, **fields: Any) -> dict[str, Any]:
    """What the form for a new booking posts."""
    return {
        "hotel": house.hotel.pk,
        "room_type": house.rooms[0].room_type_id,
        "room": house.rooms[0].pk,
        "check_in": "2031-03-03",
        "check_out": "2031-03-05",
        "payment_method": "ONLINE",
        "guest_name": "Ada",
        "guest_email": "ada@guest.example",
        "guest_language": "en",
        "total": "",
        **fields,
    }


def test_policy_of_foreign_hotel_cannot_be_added(own: House, foreign: House, manager: Client) -> None:
    data = {
        "hotel": foreign.hotel.pk,
        "name": "Mine",
        "description": "x",
        "tiers-TOTAL_FORMS": 1,
        "tiers-INITIAL_FORMS": 0,
        "tiers-0-at_least": 0,
        "tiers-0-unit": "days",
        "tiers-0-fee_kind": "percent",
        "tiers-0-fee": "10",
    }
    manager.post(reverse("admin:cancellations_cancellationpolicy_add"), data)
    assert not CancellationPolicy.objects.filter(name="Mine").exists()


def test_staff_list_is_closed_to_managers(own: House, manager: Client) -> None:
    person = UserFactory(role="Front desk", hotels=[own.hotel])
    assert [manager.get(listing(person)).status_code, manager.get(page(person)).status_code] == [403, 403]


def test_auditor_sees_colleagues_without_changing_them(
    own: House, foreign: House, staff: Callable[[str], Client]
) -> None:
    colleague = UserFactory(role="Front desk", hotels=[own.hotel])
    stranger = UserFactory(role="Front desk", hotels=[foreign.hotel])
    auditor = staff("Auditor")
    assert [auditor.get(page(person)).status_code for person in (colleague, stranger)] == [200, 404]
    assert auditor.post(page(colleague), {"username": "changed"}).status_code == 403
    assert "pbkdf2" not in text(auditor.get(page(colleague)))

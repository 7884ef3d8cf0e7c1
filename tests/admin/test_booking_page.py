"""The booking's page: its tabs, its buttons, its balance, and how little it asks the database."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bookings.admin.booking_page import TABS
from bookings.models import Booking, KeptStay
from payments import decisions
from payments.models import Payment, Refund
from tests import stays
from tests.admin.conftest import House, signed_in
from tests.admin.pages import do, listing, page, press, said, text
from tests.factories import UserFactory
from tests.simulator_process import StripeSimulator
from tests.unguarded import rewriting


@pytest.mark.parametrize("tab", TABS)
def test_tab_of_the_address_is_shown_and_linked(own: House, manager: Client, tab: str) -> None:
    answer = manager.get(f"{page(own.booking())}?tab={tab}")
    assert [each["name"] for each in answer.context["tabs"] if each["is_on"]] == [tab]
    shown = text(answer)
    assert f'data-panel="{tab}">' in shown
    assert shown.count(" hidden>") >= len(TABS) - 1


def test_unknown_tab_is_the_first_one(own: House, manager: Client) -> None:
    assert manager.get(f"{page(own.booking())}?tab=%3Cscript%3E").context["tab"] == "stay"


def test_tabs_keep_the_way_back_to_the_list(own: House, manager: Client) -> None:
    answer = manager.get(f"{page(own.booking())}?tab=guest&_changelist_filters=stay%3Darriving")
    assert answer.context["tabs"][4]["link"] == "?tab=timeline&_changelist_filters=stay%3Darriving"


def test_saving_stays_on_the_tab(own: House, manager: Client) -> None:
    booking = stays.submitted(own.booking())
    guest = {"guest_name": "Grace", "guest_email": "grace@guest.example", "guest_language": "en"}
    answer = manager.post(f"{page(booking)}?tab=guest", guest)
    assert (answer.status_code, answer["Location"]) == (302, f"{page(booking)}?tab=guest")
    assert stays.fresh(booking).guest_name == "Grace"


def test_wrong_input_opens_the_tab_that_it_stands_on(own: House, manager: Client) -> None:
    booking = stays.submitted(own.booking())
    answer = manager.post(f"{page(booking)}?tab=timeline", {"guest_name": "", "guest_email": "x"})
    assert (answer.status_code, answer.context["tab"]) == (200, "guest")
    assert stays.fresh(booking).guest_name == "Ada Guest"


def test_dialog_leads_back_to_the_tab_that_it_was_opened_from(own: House, manager: Client) -> None:
    booking = own.booking()
    at = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{page(booking)}?tab=messages"}
    assert manager.post(page(booking, "submit"), headers=at)["HX-Redirect"] == f"{page(booking)}?tab=messages"


def test_guest_tab_shows_own_hotels_other_bookings_alone(own: House, foreign: House, manager: Client) -> None:
    booking, other = own.booking(0), own.booking(1, guest_email="ADA@guest.example")
    foreign.booking()
    own.booking(2, guest_email="else@guest.example")
    rows = manager.get(f"{page(booking)}?tab=guest").context["others"]
    assert [row["reference"] for row in rows] == [other.booking_id]


def test_messages_tab_shows_text_without_the_personal_link(own: House, manager: Client) -> None:
    booking = stays.submitted(own.booking())
    (mail,) = manager.get(f"{page(booking)}?tab=messages").context["mails"]
    assert (mail["subject"], mail["to"]) == (f"Please pay for your booking ({booking})", "ada@guest.example")
    assert "[personal link]" in mail["text"]
    assert "innkeep:personal-link" not in mail["text"]


def balance(client: Client, booking: Booking) -> list[tuple[str, str]]:
    """What the header says is open, and that the list says the same."""
    shown = [(amount, who) for amount, who, _kind in client.get(page(booking)).context["balance"]]
    row = text(client.get(listing(Booking, f"?q={booking}&deleted=include")))
    assert all(f'<span class="desk-amount">{amount}</span>' in row for amount, _ in shown)
    return shown


def test_balance_is_what_guest_or_hotel_owes(own: House, manager: Client) -> None:
    draft, waiting = own.booking(0), stays.submitted(own.booking(1))
    assert balance(manager, draft) == [("€0.00", "nothing open")]
    assert balance(manager, waiting) == [("€340.00", "guest owes")]
    arrival = stays.submitted(own.booking(2, payment_method="ARRIVAL"))
    decisions.approve(arrival)
    assert balance(manager, arrival) == [("€340.00", "guest owes")]
    decisions.mark_paid(stays.fresh(arrival), method="Cash")
    assert balance(manager, arrival) == [("€0.00", "nothing open")]
    Refund.objects.create(payment=Payment.objects.get(), provider="manual", amount=5000, currency="EUR")
    assert balance(manager, arrival) == [("€50.00", "hotel owes")]


def test_pill_does_not_say_paid_while_a_difference_is_due(
    own: House, manager: Client, stripe_simulator: StripeSimulator
) -> None:
    booking = stays.confirmed(stripe_simulator, own.booking())
    assert "Paid" in manager.get(page(booking)).context["payment_state"]
    stay = {name: getattr(booking, name) for name in ("room_type", "room", "check_in", "check_out", "terms")}
    KeptStay.objects.create(booking=booking, total_amount=34000, due_at=timezone.now() + timedelta(1), **stay)
    booking.total_amount = 40000
    booking.save()
    assert "Difference due" in manager.get(page(booking)).context["payment_state"]
    assert "Difference due" in text(manager.get(listing(Booking)))
    assert balance(manager, booking) == [("€60.00", "guest owes")]


def test_refusal_says_who_got_there_first(own: House, manager: Client) -> None:
    booking = stays.submitted(own.booking(payment_method="ARRIVAL"))
    anna = signed_in(UserFactory(role="Manager", hotels=[own.hotel], first_name="Anna", last_name="Moran"))
    press(anna, booking, "approve")
    (late,) = said(do(manager, booking, "decline", reason="No room available"))
    assert late[0] == "error"
    assert "by Anna Moran" in late[1]
    press(anna, booking, "mark_paid", method="Cash")
    assert said(do(manager, booking, "mark_paid", method="Cash"))[-1] == (
        "info",
        "This booking is marked as paid already. Anna Moran marked it as paid just now.",
    )
    # A second click of one's own is told without it.
    assert said(do(anna, booking, "mark_paid", method="Cash"))[-1] == (
        "info",
        "This booking is marked as paid already.",
    )


def test_late_dialog_says_who_got_there_first(own: House, manager: Client, stripe_simulator: StripeSimulator) -> None:
    booking = stays.confirmed(stripe_simulator, own.booking())
    anna = signed_in(UserFactory(role="Manager", hotels=[own.hotel], first_name="Anna", last_name="Moran"))
    typed = {"amount": "340.00", "stripe_reason": "duplicate", "note": "x", "seen_left": "34000"}
    do(anna, booking, "refund", **typed)
    assert "Anna Moran made a refund just now." in text(manager.get(page(booking, "refund")))
    assert said(do(manager, booking, "refund", **typed))[-1] == (
        "error",
        "Everything that was paid has been refunded already. Anna Moran made a refund just now.",
    )
    with rewriting():
        booking.history.update(history_date=timezone.now() - timedelta(minutes=5))
    assert "Anna Moran made a refund 5 minutes ago." in text(manager.get(page(booking, "refund")))
    with rewriting():
        booking.history.update(history_date=timezone.now() - timedelta(minutes=61))
    assert "Anna Moran" not in text(manager.get(page(booking, "refund")))


def test_auditor_sees_every_tab_and_nothing_to_press(own: House, staff: Callable[[str], Client]) -> None:
    booking = stays.submitted(own.booking())
    auditor = staff("Auditor")
    for tab in TABS:
        shown = text(auditor.get(f"{page(booking)}?tab={tab}"))
        assert "desk-deeds" not in shown
        assert 'name="_save"' not in shown


@pytest.mark.parametrize("tab", TABS)
def test_page_stays_within_thirty_queries(
    own: House, manager: Client, stripe_simulator: StripeSimulator, tab: str
) -> None:
    booking = stays.confirmed(stripe_simulator, own.booking())
    typed = {"amount": "100.00", "stripe_reason": "duplicate", "note": "x", "seen_left": "34000"}
    do(manager, booking, "refund", **typed)
    manager.get(f"{page(booking)}?tab={tab}")
    with CaptureQueriesContext(connection) as queries:
        manager.get(f"{page(booking)}?tab={tab}")
    assert len(queries) <= 30

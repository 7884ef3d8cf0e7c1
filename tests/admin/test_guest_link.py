"""What staff do for a guest's link: mail a fresh one that revokes the rest, and look at the guest's page."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone, translation

from bookings import outbox
from bookings.models import Message
from cancellations import guest_words
from cancellations.models import ManagementToken
from payments import ledger
from tests import stays
from tests.admin.conftest import House, signed_in
from tests.admin.pages import do, page, said, text
from tests.factories import UserFactory, days_ahead
from tests.guest.browser import link_of, rows
from tests.simulator_process import StripeSimulator


def test_fresh_link_replaces_all_others_and_is_in_the_history(own: House, staff: Callable[[str], Client]) -> None:
    booking = stays.submitted(own.booking())
    old, dead = link_of(booking), link_of(booking, hours=-1)
    answer = do(staff("Front desk"), booking, "fresh_link", note="Forwarded by mistake")
    assert said(answer) == [
        ("success", "A fresh link is on its way to the guest. Earlier links no longer work."),
    ]
    assert stays.mails(booking) == ["pay_link", "fresh_link"]
    token = Message.objects.get(kind="fresh_link").token
    fresh_link = outbox.personal_link(token).removeprefix("http://localhost")
    assert [Client().get(link).status_code for link in (old, dead, fresh_link)] == [403, 403, 302]
    row = booking.history.first()
    assert (row.transition, row.history_change_reason, row.actor_kind) == (
        "fresh_link",
        "Forwarded by mistake",
        "staff",
    )
    revoked = ManagementToken.history.filter(transition="fresh_link", revoked_at__isnull=False)
    assert {each.history_user for each in revoked} == {row.history_user}
    assert revoked.count() == ManagementToken.objects.filter(revoked_at__isnull=False).count() == 2
    assert token.expires_at > timezone.now() + timedelta(days=20)


def test_fresh_link_twice_is_mailed_once_a_minute(own: House, manager: Client) -> None:
    booking = stays.submitted(own.booking())
    do(manager, booking, "fresh_link")
    before = rows()
    assert said(do(manager, booking, "fresh_link"))[-1] == ("info", "A fresh link was mailed less than a minute ago.")
    assert rows() == before


def test_drafts_and_deleted_bookings_get_no_link(own: House, manager: Client) -> None:
    draft = own.booking()
    before = rows()
    assert said(do(manager, draft, "fresh_link")) == [("error", "This booking is still a draft.")]
    assert rows() == before


def test_fresh_link_leaves_other_bookings_alone(own: House, manager: Client) -> None:
    booking, other = stays.submitted(own.booking()), stays.submitted(own.booking(1))
    link = link_of(other)
    do(manager, booking, "fresh_link")
    assert Client().get(link).status_code == 302


@pytest.mark.parametrize("role", ["Front desk", "Manager", "Auditor", "owner"])
def test_staff_see_the_guest_s_page_with_nothing_to_press(
    own: House, staff: Callable[[str], Client], stripe_simulator: StripeSimulator, role: str
) -> None:
    booking = stays.confirmed(stripe_simulator, own.booking(check_in=days_ahead(10)))
    client = staff(role)
    assert page(booking, "guest_view") in text(client.get(page(booking)))
    before = rows()
    answer = client.get(page(booking, "guest_view"))
    assert (answer.status_code, "no-store" in answer["Cache-Control"]) == (200, True)
    shown = " ".join(text(answer).split())
    for words in ("This is what the guest sees now. Nothing can be changed here.", "You get back</th><td>€170.00"):
        assert words in shown
    for pressable in ("<form", 'href="/booking/', 'href="#kept"', "<script"):
        assert pressable not in shown
    assert [
        client.post(page(booking, "guest_view")).status_code,
        client.put(page(booking, "guest_view")).status_code,
    ] == [
        405,
        405,
    ]
    assert rows() == before


def test_preview_follows_the_booking(own: House, manager: Client, stripe_simulator: StripeSimulator) -> None:
    draft, unpaid = own.booking(), stays.submitted(own.booking(1))
    cancelled = stays.guest_cancels(stays.paid(stripe_simulator, own.booking(2))).booking
    for booking, words in (
        (draft, "This link does not work"),
        (unpaid, "Pay €340.00</button>"),
        (cancelled, "Your booking is cancelled"),
    ):
        shown = text(manager.get(page(booking, "guest_view")))
        assert words in shown
        assert "<form" not in shown
        assert 'href="/booking/' not in shown


def test_preview_speaks_the_guests_language_throughout(own: House, manager: Client) -> None:
    booking = stays.submitted(own.booking(guest_language="de"))
    with translation.override("de"):
        title = guest_words.state(booking, ledger.balance(booking)).title
    shown = text(manager.get(page(booking, "guest_view")))
    assert title in shown
    assert "Waiting for your payment" not in shown


def test_preview_of_another_hotel_is_not_there(foreign: House, staff: Callable[[str], Client]) -> None:
    booking = stays.submitted(foreign.booking())
    assert staff("Manager").get(page(booking, "guest_view")).status_code == 404
    assert Client().get(page(booking, "guest_view")).status_code == 302


def test_preview_is_for_people_who_may_see_bookings(own: House) -> None:
    booking = stays.submitted(own.booking())
    client = signed_in(UserFactory(group=None, hotels=[own.hotel]))
    assert client.get(page(booking, "guest_view")).status_code == 403

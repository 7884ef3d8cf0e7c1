"""The mail log: what arrived, what did not, and what staff can do about it."""

from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from bookings import outbox, resend
from bookings.models import Booking, Message
from bookings.refusals import Refused
from site_config.dashboard import mails_badge
from tests import stays
from tests.admin.conftest import House, signed_in
from tests.admin.pages import do, listing, page, said, text
from tests.factories import UserFactory
from tests.simulator_process import StripeSimulator


def mail_of(booking: Booking, **fields: object) -> Message:
    """The booking's newest mail to its guest, as if it had left."""
    message = booking.messages.exclude(token=None).latest("pk")
    Message.objects.filter(pk=message.pk).update(**{"status": "sent", **fields})
    message.refresh_from_db()
    return message


@pytest.fixture
def bounced(own: House) -> Message:
    """A pay link that came back."""
    return mail_of(stays.submitted(own.booking()), status="bounced", last_error="bounced: no such user")


def numbers(client: Client) -> dict[str, int]:
    """The numbers on the Today page."""
    found = client.get(reverse("admin:index")).context["numbers"]
    return {number["name"]: number["count"] for number in found}


def test_history_is_offered_where_there_is_one(bounced: Message, manager: Client) -> None:
    assert reverse("admin:bookings_message_history", args=[bounced.pk]) not in text(manager.get(page(bounced)))
    booking = bounced.booking
    assert reverse("admin:bookings_booking_history", args=[booking.pk]) in text(manager.get(page(booking)))


def test_what_came_back_is_on_today_and_on_the_booking(
    own: House, foreign: House, manager: Client, bounced: Message
) -> None:
    mail_of(stays.submitted(foreign.booking()), status="bounced")
    name = "Mails that did not arrive"
    assert numbers(manager)[name] == 1
    answer = manager.get(listing(Message, "?waiting=unread"))
    assert list(answer.context["cl"].queryset) == [bounced]
    assert f"The mail “{bounced.subject}” to ada@guest.example" in text(manager.get(page(bounced.booking)))


@pytest.mark.parametrize(("status", "counted"), [("failed", 1), ("complained", 1), ("delivered", 0), ("sent", 0)])
def test_only_what_nobody_has_read_needs_somebody(own: House, manager: Client, status: str, counted: int) -> None:
    mail_of(stays.submitted(own.booking()), status=status)
    assert numbers(manager)["Mails that did not arrive"] == counted


def test_mails_of_erased_guests_need_nobody(own: House, manager: Client, bounced: Message) -> None:
    Message.objects.update(to="")
    assert numbers(manager)["Mails that did not arrive"] == 0


def test_broken_template_is_on_today(own: House, manager: Client) -> None:
    message = mail_of(stays.submitted(own.booking()), is_fallback=True)
    assert numbers(manager)["Mails with a broken template"] == 1
    assert "template is broken" in text(manager.get(page(message)))
    do(manager, message, "handle", note="Mended")
    assert numbers(manager)["Mails with a broken template"] == 0


def test_front_desk_sends_it_again(staff: Callable[[str], Client], bounced: Message) -> None:
    client = staff("Front desk")
    answer = do(client, bounced, "resend", note="Right address now")
    assert said(answer) == [("success", "The mail is on its way once more.")]
    copy = Message.objects.get(resent_from=bounced)
    assert (copy.to, copy.text) == ("ada@guest.example", bounced.text)
    assert numbers(client)["Mails that did not arrive"] == 0
    again = do(client, bounced, "resend", note="Right address now")
    assert said(again) == [("info", "This mail was sent again less than a minute ago.")]
    assert Message.objects.filter(resent_from=bounced).count() == 1


def test_dialog_offers_the_corrected_address_first(manager: Client, bounced: Message) -> None:
    bounced.booking.guest_email = "right@guest.example"
    bounced.booking.save()
    shown = text(manager.get(page(bounced, "resend")))
    assert "right@guest.example, as it is now" in shown
    assert "ada@guest.example, as it was then" in shown
    do(manager, bounced, "resend", note="x", to="right@guest.example")
    assert Message.objects.get(resent_from=bounced).to == "right@guest.example"


def test_posted_address_of_somebody_else_is_refused(manager: Client, bounced: Message) -> None:
    bounced.booking.guest_email = "right@guest.example"
    bounced.booking.save()
    answer: Any = do(manager, bounced, "resend", note="x", to="thief@guest.example")
    assert (answer.status_code, "to" in answer.context["form"].errors) == (200, True)
    assert Message.objects.count() == 1


@pytest.mark.parametrize("action", ["resend", "retry", "handle"])
@pytest.mark.parametrize(("role", "status"), [("Auditor", 403), ("Front desk", 302), ("Manager", 302)])
def test_who_may_act(staff: Callable[[str], Client], bounced: Message, action: str, role: str, status: int) -> None:
    assert do(staff(role), bounced, action, note="x").status_code == status


@pytest.mark.parametrize("action", ["resend", "retry", "handle"])
def test_mails_of_other_hotels_are_not_found(foreign: House, manager: Client, action: str) -> None:
    message = mail_of(stays.submitted(foreign.booking()), status="bounced")
    assert (manager.get(page(message, action)).status_code, do(manager, message, action).status_code) == (404, 404)


def test_link_changes_nothing_when_it_is_opened(manager: Client, bounced: Message) -> None:
    for action in ("resend", "retry", "handle"):
        assert manager.get(page(bounced, action)).status_code == 200
    assert (Message.objects.count(), Message.objects.get().handled_at) == (1, None)


def test_page_shows_the_mail_as_it_was_read_without_its_key(
    own: House, manager: Client, stripe_simulator: StripeSimulator
) -> None:
    booking = stays.confirmed(stripe_simulator, own.booking(guest_name="<script>alert(1)</script>"))
    message = mail_of(booking, delivered_at=timezone.now(), status="delivered")
    shown = text(manager.get(page(message)))
    assert outbox.PERSONAL_LINK not in shown
    assert "<script>alert" not in shown
    (frame,) = shown.split("<iframe")[1:]
    assert 'sandbox=""' in frame
    assert "Your booking is confirmed" in unescape(frame.split('srcdoc="')[1].split('"')[0])
    assert 'download="booking.ics"' in shown


def test_copy_and_first_lead_to_each_other(manager: Client, bounced: Message) -> None:
    do(manager, bounced, "resend", note="x")
    copy = Message.objects.get(resent_from=bounced)
    assert page(copy) in text(manager.get(page(bounced)))
    shown = text(manager.get(page(copy)))
    assert page(bounced) in shown
    assert "sent again by Nora Byrne" in shown


def test_list_needs_the_same_number_of_queries_for_many_rows(own: House, manager: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert manager.get(listing(Message)).status_code == 200
        return len(captured)

    stays.submitted(own.booking(0))
    manager.get(listing(Message))
    one = queries()
    for number in (1, 2, 3):
        mail_of(stays.submitted(own.booking(number)), status="bounced")
    assert queries() == one


def test_filters(own: House, manager: Client, bounced: Message) -> None:
    other = mail_of(
        stays.submitted(own.booking(1, payment_method="ONLINE")), created_at=timezone.now() - timedelta(days=9)
    )

    def found(query: str) -> set[Message]:
        return set(manager.get(listing(Message, query)).context["cl"].queryset)

    day = timezone.now().date()
    assert found("?status__exact=bounced") == {bounced}
    assert found("?kind=pay_link") == {bounced, other}
    assert found("?kind=approved") == set()
    assert found(f"?created_at_from={day}&created_at_to={day}") == {bounced}
    assert found(f"?created_at_to={day - timedelta(days=1)}") == {other}
    assert found("?created_at_from=x&created_at_to=9999-12-31") == {bounced, other}
    assert found(f"?q={other.booking.booking_id}") == {other}


def test_sidebar_counts_what_did_not_arrive(own: House, bounced: Message) -> None:
    client = signed_in(UserFactory(role="Front desk", hotels=[own.hotel]))

    def badge() -> str:
        answer: Any = client.get(listing(own.hotel))
        return mails_badge(answer.wsgi_request)

    assert badge() == "1"
    do(client, bounced, "handle", note="Told by phone")
    assert badge() == ""


def test_nothing_to_deal_with_is_said(own: House) -> None:
    with pytest.raises(Refused, match="nothing to deal with"):
        resend.mark_handled(mail_of(stays.submitted(own.booking())), reason="x")

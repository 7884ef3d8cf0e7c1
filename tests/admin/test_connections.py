"""Hotel settings in tabs, and the page that says whether Stripe, mail and worker are there."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as product
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from payments import heartbeat
from payments.webhooks import HANDLED
from site_config.management.commands import worker
from tests.admin.conftest import House
from tests.admin.pages import page, said, text
from tests.conftest import SmtpServer
from tests.logged import logged
from tests.simulator_process import StripeSimulator

ROLES = ("Front desk", "Manager", "Auditor", "owner")
PAGE = "admin:bookings_hotel_connections"
OURS = "http://localhost/api/public/hotel/room-bookings/stripe-webhook/"


def press(client: Client, name: str, **data: str) -> list[tuple[str, str]]:
    """Press a button of the page; what it says."""
    answer: Any = client.post(reverse(f"{PAGE}_{name}"), data)
    assert answer.status_code == 302
    return [(level, words.rpartition(" (")[0]) for level, words in said(client.get(answer.url))]


def test_settings_are_in_tabs(own: House, manager: Client) -> None:
    shown = text(manager.get(page(own.hotel)))
    tabs = ("Hotel", "Booking and holds", "Cancellation and guests", "Money", "Mail and notifications")
    for name in (*tabs, "Data protection"):
        assert f">{name}</button>" in shown
    assert "Cancellation tiers are counted back from this moment." in shown


def test_every_setting_of_a_hotel_has_its_tab(own: House, staff: Callable[[str], Client]) -> None:
    form = staff("owner").get(page(own.hotel)).context["adminform"]
    fields = [name for fieldset in form.fieldsets for name in fieldset[1]["fields"]]
    stored = {field.name for field in own.hotel._meta.fields} - {"id"}
    assert (len(fields), set(fields)) == (len(stored), stored)


@pytest.mark.parametrize("role", ROLES)
def test_everybody_at_the_desk_may_read_the_page(own: House, staff: Callable[[str], Client], role: str) -> None:
    shown = text(staff(role).get(reverse(PAGE)))
    assert "Test: no money moves · … keep" in shown
    assert product.STRIPE_SECRET_KEY not in shown
    assert ("Send a test mail" in shown) is (role in ("Manager", "owner"))


@pytest.mark.parametrize("name", ["stripe", "webhook", "mail"])
@pytest.mark.parametrize("role", ["Front desk", "Auditor"])
def test_only_managers_may_try(own: House, staff: Callable[[str], Client], role: str, name: str) -> None:
    client = staff(role)
    address = reverse(f"{PAGE}_{name}")
    assert (client.post(address).status_code, client.get(address).status_code) == (403, 403)


def test_trying_is_a_post(own: House, manager: Client) -> None:
    assert {manager.get(reverse(f"{PAGE}_{name}")).status_code for name in ("stripe", "webhook", "mail")} == {405}
    assert manager.post(reverse(PAGE)).status_code == 405


def test_stripe_answers(own: House, manager: Client, stripe_simulator: StripeSimulator) -> None:
    ((level, words),) = press(manager, "stripe")
    assert (level, words[:21]) == ("success", "Stripe answered in 0.")
    assert words.endswith("Innkeep (simulated). Guests can pay.")


def test_stripe_out_of_reach_is_said(own: House, manager: Client, settings: Settings) -> None:
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    assert press(manager, "stripe") == [("error", "Stripe did not answer. Try again in a minute.")]


def test_wrong_key_is_said(
    own: House, manager: Client, stripe_simulator: StripeSimulator, settings: Settings
) -> None:
    settings.STRIPE_SECRET_KEY = "sk_test_wrong"
    words = "Stripe refused the hotel's key. Whoever runs this site must correct it."
    assert press(manager, "stripe") == [("error", words)]


@pytest.mark.parametrize(
    ("url", "events", "level", "words"),
    [
        (None, [], "error", f"Stripe does not know our address {OURS}; it knows 0 others."),
        ("http://localhost/other/", ["*"], "error", f"Stripe does not know our address {OURS}; it knows 1 others."),
        (OURS, ["*"], "success", "Stripe sends every event that is needed to our address."),
        (OURS, sorted(HANDLED), "success", "Stripe sends every event that is needed to our address."),
        (
            OURS,
            sorted(set(HANDLED) - {"refund.failed", "charge.expired"}),
            "error",
            "Stripe sends us events, but not these: charge.expired, refund.failed.",
        ),
    ],
)
def test_webhook_check(
    own: House,
    manager: Client,
    stripe_simulator: StripeSimulator,
    url: str,
    events: list[str],
    level: str,
    words: str,
) -> None:
    stripe_simulator.control("webhook", url=url, enabled_events=events)
    assert press(manager, "webhook") == [(level, words)]


def test_test_mail_leaves(own: House, manager: Client, smtp_server: SmtpServer) -> None:
    ((level, words),) = press(manager, "mail", to="me@hotel.example")
    assert (level, words.startswith("The mail server took a mail to me@hotel.example in 0.")) == ("success", True)
    (mail,) = smtp_server.messages
    assert (mail["To"], mail["Subject"]) == ("me@hotel.example", "Test mail from the booking desk")


def test_test_mail_that_does_not_leave_is_explained(own: House, manager: Client, settings: Settings) -> None:
    options = {"host": "127.0.0.1", "port": 9, "timeout": 1}
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}
    with logged() as log:
        ((level, words),) = press(manager, "mail", to="me@hotel.example")
    assert (level, "ConnectionRefusedError" in words) == ("error", True)
    assert log.of("mail.test_failed")
    assert "me@hotel" not in log.text


def test_test_mails_are_few(own: House, manager: Client, smtp_server: SmtpServer) -> None:
    told = [press(manager, "mail", to="me@hotel.example")[0] for _ in range(6)]
    assert [level for level, _ in told] == ["success"] * 5 + ["error"]
    assert told[-1][1].startswith("These were many test mails. Try again in ")
    assert len(smtp_server.messages) == 5


@pytest.mark.parametrize("to", ["", "x", "a@b.example, c@d.example", "a@b.example\nBcc: c@d.example"])
def test_no_address_no_mail(own: House, manager: Client, smtp_server: SmtpServer, to: str) -> None:
    assert press(manager, "mail", to=to) == [("error", "This is not an e-mail address, so nothing was sent.")]
    assert smtp_server.messages == []


def test_worker_is_seen_while_it_turns(own: House, manager: Client) -> None:
    assert "never" in text(manager.get(reverse(PAGE)))
    assert not heartbeat.is_alive(timezone.now())
    assert heartbeat.beat in [work for _, work in worker.PERIODIC]
    assert heartbeat.beat(timezone.now()) == 0
    assert heartbeat.is_alive(timezone.now())
    assert not heartbeat.is_alive(timezone.now() + heartbeat.SILENT)
    assert "0 s ago" in text(manager.get(reverse(PAGE)))

"""The whole product around a browser test: web server, worker process, simulated Stripe and mail server."""

import importlib
import os
import pkgutil
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from django.apps import apps
from playwright.sync_api import Page, expect

from bookings.models import Booking
from site_config import migrations, processes
from tests.conftest import SmtpServer
from tests.simulator_process import StripeSimulator

WEBHOOK = "/api/public/hotel/room-bookings/stripe-webhook/"
PATIENCE = 15


@contextmanager
def worker(folder: Path, *, site_url: str, database_url: str, stripe: str, smtp: int) -> Iterator[None]:
    """Run `manage.py worker` as a process of its own against the test's database."""
    env = os.environ | {
        "DATABASE_URL": database_url,
        "DJANGO_SETTINGS_MODULE": "site_config.settings",
        "EMAIL_URL": f"smtp://127.0.0.1:{smtp}",
        "SITE_URL": site_url,
        "STRIPE_API_BASE": stripe,
    }
    child = processes.start([sys.executable, "manage.py", "worker"], log=folder / "worker.log", env=env)
    try:
        yield
        assert child.poll() is None, (folder / "worker.log").read_text()
    finally:
        processes.stop(child)


def make_roles() -> None:
    """Make the roles again: a test that commits empties every table after itself, what migrations made too."""
    importlib.import_module("site_config.migrations.0001_roles").create_roles(apps, None)
    for _finder, name, _is_package in pkgutil.iter_modules(migrations.__path__):
        if name.endswith("_rights"):
            importlib.import_module(f"{migrations.__name__}.{name}").grant(apps, None)


def point_webhooks_at(simulator: StripeSimulator, site_url: str) -> None:
    """Let the simulated Stripe deliver its events to the product."""
    secret = os.environ["STRIPE_WEBHOOK_SECRET"]
    simulator.control("webhook", url=f"{site_url}{WEBHOOK}", secrets=[secret])


def sign_in(page: Page, site_url: str, username: str) -> None:
    """Sign in as a member of staff."""
    page.goto(f"{site_url}/admin/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill("innkeep-test")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Today")).to_be_visible()


def wait_until(ready: Callable[[], Any], what: str) -> Any:
    """Wait for what another process does; return it."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := ready():
            return found
        time.sleep(0.1)
    raise AssertionError(f"waited in vain for {what}")


def wait_for_status(booking: Booking, status: str) -> None:
    """Wait until the worker has brought the booking to a status."""

    def arrived() -> bool:
        return Booking.objects.values_list("status", flat=True).get(pk=booking.pk) == status

    wait_until(arrived, f"{booking.booking_id} to become {status}")


def mail_with(server: SmtpServer, subject: str) -> EmailMessage:
    """Wait for a mail by the beginning of its subject."""

    def arrived() -> EmailMessage | None:
        return next((mail for mail in server.messages if mail["Subject"].startswith(subject)), None)

    found: EmailMessage = wait_until(arrived, f"a mail about {subject!r}")
    return found


def link_in(mail: EmailMessage) -> str:
    """The guest's personal link, from the text of a mail."""
    body = mail.get_body(("plain",))
    assert body is not None
    found = re.search(r"http://\S+/booking/manage/\S+/", body.get_content())
    assert found is not None
    return found[0]

"""A guest's browser, and everything that must not move behind it."""

import re
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.test import Client
from django.utils import timezone

from bookings.models import Booking
from cancellations import tokens


def link_of(booking: Booking, hours: int = 24) -> str:
    """A fresh link's address; `hours` says how long it works."""
    expires_at = timezone.now() + timedelta(hours=hours)
    return f"/booking/manage/{tokens.reveal(tokens.issue(booking, expires_at=expires_at))}/"


# That something was refused is written down, and changes nothing.
RECORDS = ("RefusedAttempt", "HistoricalRefusedAttempt", "Repeat")


def rows() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table of the product's own, as values."""
    own = (each for each in told_of() if each._meta.app_label in ("bookings", "payments", "cancellations"))
    return {model._meta.label: list(model._base_manager.order_by("pk").values()) for model in own}


def everything() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, Django's own ones, too."""
    return {model._meta.label: list(model._base_manager.order_by("pk").values()) for model in told_of()}


def told_of() -> list[Any]:
    """Every model but the records of what was refused."""
    return [model for model in apps.get_models() if model.__name__ not in RECORDS]


def opened(booking: Booking, hours: int = 24) -> Client:
    """Open a booking's link in a browser of its own."""
    browser = Client(headers={"user-agent": "Phone"})
    answer = browser.get(link_of(booking, hours))
    assert (answer.status_code, answer["Location"]) == (302, "/booking/manage/")
    return browser


def text_of(answer: Any) -> str:
    """A page's text with its white space folded, as a person reads it."""
    return " ".join(answer.content.decode().split())


def same_bytes(answer: Any) -> bytes:
    """A page without the switch of the languages, whose secret Django masks anew each time."""
    return re.sub(rb'<form class="languages".*?</form>', b"", answer.content, flags=re.DOTALL)


def quote_in(answer: Any) -> str:
    """The signed quote that a page carries."""
    return str(answer.context["form"]["quote"].value())

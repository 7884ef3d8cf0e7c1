"""One name for a page: in the sidebar, above it, in its title, in the way to what is below it, in the palette."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.utils import translation

from bookings.models import Booking, Message, User
from payments.models import Payment, PaymentOperation
from site_config.sidebar import NAVIGATION
from tests import stays
from tests.admin.conftest import House, signed_in
from tests.admin.pages import page, text
from tests.factories import UserFactory

ROLES = ("Front desk", "Manager", "Auditor", "owner")
ENTRIES = [entry for group in NAVIGATION for entry in group["items"]]
HEADING = re.compile(r"<h1.*?</h1>", re.DOTALL)
PARTS = re.compile(r'<span class="[^"]*material-symbols[^>]*>.*?</span>|<[^>]+>', re.DOTALL)
TITLE = re.compile(r"<title>\s*(.*?)\s*\| Innkeep\s*</title>", re.DOTALL)


def way(shown: str) -> list[str]:
    """The steps that stand above a page, from the list to the page itself."""
    return [unescape(each.strip()) for each in PARTS.sub("\n", HEADING.findall(shown)[0]).split("\n") if each.strip()]


def names(shown: str) -> tuple[list[str], str]:
    """What stands above a page, and what the browser's tab says."""
    return way(shown), unescape(TITLE.findall(shown)[0])


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("role", ROLES)
def test_every_entry_of_the_sidebar_leads_to_a_page_of_its_name(own: House, role: str, language: str) -> None:
    person = UserFactory(role=role, hotels=[] if role == "owner" else [own.hotel], language=language)
    client, wrong, seen = signed_in(person), {}, 0
    sidebar = text(client.get("/admin/"))
    with translation.override(language):
        entries = [(str(entry["title"]), str(entry["link"])) for entry in ENTRIES]
    for title, link in entries:
        if f'href="{link}"' not in sidebar:
            continue
        answer, seen = client.get(link), seen + 1
        if answer.status_code != 200 or names(text(answer)) != ([title], title):
            wrong[title] = (answer.status_code, names(text(answer)))
    assert wrong == {}
    assert seen == {"Front desk": 20, "Manager": 29, "Auditor": 30, "owner": len(ENTRIES)}[role]


@pytest.mark.parametrize(
    ("model", "name"),
    [(Message, "Mail log"), (PaymentOperation, "Operations"), (User, "Staff"), (Booking, "Bookings")],
)
def test_the_way_to_a_row_names_its_list_as_the_sidebar_does(
    own: House, staff: Callable[[str], Client], model: Any, name: str
) -> None:
    booking = stays.submitted(own.booking(payment_method="ARRIVAL"))
    payment = Payment.objects.create(booking=booking, price=1, amount=1, currency="EUR")
    PaymentOperation.objects.create(
        booking=booking, payment=payment, kind="refund", idempotency_key="k", currency="EUR"
    )
    client, row = staff("owner"), model.objects.all()[0]
    pages = (page(row), page(row, "history")) if hasattr(model, "history") else (page(row),)
    assert [way(text(client.get(address)))[0] for address in pages] == [name] * len(pages)


@pytest.mark.parametrize(("typed", "name"), [("mail log", "Mail log"), ("oper", "Operations"), ("staff", "Staff")])
def test_the_palette_finds_a_list_by_the_same_name(
    own: House, staff: Callable[[str], Client], typed: str, name: str
) -> None:
    assert f">{name}<" in re.sub(r"\s*([<>])\s*", r"\1", text(staff("owner").get("/admin/search/", {"s": typed})))


def test_a_bookings_messages_and_the_mail_log_lead_to_each_other(own: House, manager: Client) -> None:
    booking = stays.submitted(own.booking(payment_method="ARRIVAL"))
    mail = Message.objects.filter(booking=booking)[0]
    tab, log = f"{page(booking)}?tab=messages", "/admin/bookings/message/"
    shown = text(manager.get(tab))
    assert f'href="{log}">mail log</a>' in shown
    assert f'href="{tab}">Messages of {booking}</a>' in text(manager.get(page(mail)))


def test_no_german_plural_is_an_english_one() -> None:
    with translation.override("de"):
        every = {
            str(model._meta.verbose_name): str(model._meta.verbose_name_plural) for model in admin.site._registry
        }
    same_in_german = {"Hotel", "E-Mail", "Export", "Zugriffstoken"}
    assert {one for one, many in every.items() if many == f"{one}s"} <= same_in_german
    assert (every["Sammellauf"], every["Export"]) == ("Sammelläufe", "Exporte")

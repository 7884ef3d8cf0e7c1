"""What is worked out once for many pages shows on each what that page alone would have shown."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from unfold.templatetags.unfold_list import items_for_result

from bookings.admin.rows import ROW, STRIPES
from bookings.models import Booking, Hotel, Message, Room, RoomType, User
from cancellations.models import CancellationPolicy
from payments.models import ExchangeRate, Payment
from site_config.today.badges import Asker, statement
from tests import stays
from tests.admin.conftest import House, signed_in
from tests.admin.pages import listing, page, text
from tests.factories import UserFactory

OF_HOTELS = (Booking, Message, Payment, Room, RoomType)
LISTS = (*OF_HOTELS, CancellationPolicy, ExchangeRate, Hotel, User)


def of_unfold(found: Any) -> str:
    """A page's rows as Unfold's own tag draws them."""
    rows = ("".join(items_for_result(found, row, None)) for row in found.result_list)
    return "".join(ROW.format(STRIPES[number % 2], row) for number, row in enumerate(rows))


@pytest.mark.parametrize("query", ["?o=-1", "?hotel={hotel}", "?_popup=1"])
def test_rows_are_drawn_as_unfold_draws_them(own: House, staff: Callable[[str], Client], query: str) -> None:
    for number in range(3):
        booking = own.booking(number, guest_name="Ada <b>O’Neill</b>", payment_method="ARRIVAL")
        Payment.objects.create(booking=stays.submitted(booking), amount=100, currency="EUR")
    client, shown = staff("owner"), {}
    for model in OF_HOTELS if "hotel" in query else LISTS:
        found = client.get(listing(model, query.format(hotel=own.hotel.pk))).context["cl"]
        assert found.drawn() == of_unfold(found), model
        shown[model] = len(found.result_list)
    assert (shown[Booking], shown[Payment], shown[Room]) == (3, 3, 4)


def test_the_sidebar_of_one_person_is_not_shown_to_another(own: House, staff: Callable[[str], Client]) -> None:
    start, sign_ins = reverse("admin:index"), reverse("admin:axes_accessattempt_changelist")
    entries = {role: f'href="{sign_ins}"' in text(staff(role).get(start)) for role in ("owner", "Front desk")}
    assert entries == {"owner": True, "Front desk": False}


def test_the_sidebar_marks_the_open_page_in_the_persons_language(own: House, manager: Client) -> None:
    def marked() -> list[str]:
        return re.findall(r'500 active"\s*>.*?<span>([^<]*)</span>', text(manager.get(listing(Booking))), re.DOTALL)

    assert marked() == ["Bookings"]
    User.objects.filter(pk=manager.session["_auth_user_id"]).update(language="de")
    assert marked() == ["Buchungen"]


def test_numbers_and_rights_show_at_once(own: House) -> None:
    person: User = UserFactory.create(role="Front desk", hotels=[own.hotel])
    client = signed_in(person)

    def told() -> dict[str, int]:
        numbers: dict[str, int] = client.get(reverse("live")).json()["badges"]
        return numbers

    assert told()["approvals"] == 0
    assert 'data-badge="approvals" hidden' in text(client.get(reverse("admin:index")))
    booking = stays.submitted(own.booking(payment_method="ARRIVAL"))
    assert told()["approvals"] == 1
    assert 'data-badge="approvals" hidden' not in text(client.get(page(booking)))
    person.hotels.clear()
    assert told()["approvals"] == 0
    person.hotels.add(own.hotel)
    person.groups.clear()
    assert told() == {}
    person.user_permissions.add(Permission.objects.get(codename="view_booking"))
    assert told()["approvals"] == 1


def test_what_asks_for_the_numbers_does_not_depend_on_the_time(own: House) -> None:
    people: list[User] = [UserFactory.create(role="owner"), UserFactory.create(role="Manager", hotels=[own.hotel])]
    for person in people:
        asked = []
        for year in (2026, 2031):
            with stays.clock_at(datetime(year, 5, year % 28 + 1, 12, tzinfo=UTC)):
                asked.append(statement.__wrapped__(Asker(person.pk, None, person)))
        assert asked[0] == asked[1]


def test_the_list_of_keys_is_drawn_once_for_each_language(own: House, manager: Client) -> None:
    shown = text(manager.get(reverse("admin:index")))
    assert (shown.count('id="desk-keys-title"'), 'id="search-input-command"' in shown) == (1, True)


def test_nobody_is_offered_the_palette_before_signing_in(client: Client, db: None) -> None:
    assert 'id="search-input-command"' not in text(client.get(reverse("admin:login")))

"""Reports: every figure is the sum of the bookings that it leads to, of the person's own hotels, to the last cent."""

import re
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from bookings.admin.report_pages import REPORTS
from bookings.admin.reports import cancelled, drawing, figures
from bookings.admin.reports.scope import Scope
from bookings.models import Booking, Hotel
from cancellations.recorded import rule_of
from payments import ledger
from payments.money import display
from tests import stays
from tests.admin.conftest import House, signed_in
from tests.admin.pages import text
from tests.admin.report_scene import Scene, draft, play
from tests.simulator_process import StripeSimulator

TODAY = datetime.now(UTC).date()
LINK = re.compile(r'<a class="desk-link" href="([^"]*/figure/\?[^"]*)">([^<]*)</a>')
HEADING = re.compile(r"<h2 class=\"desk-heading\">[^<]*: ([^:<]*)</h2>")


@pytest.fixture
def scene(stripe_simulator: StripeSimulator, own: House, foreign: House) -> Scene:
    """Everything that can happen to money and stays."""
    return play(stripe_simulator, own, foreign)


def address(report: str, query: str = "", page: str = "") -> str:
    """A report's address; its days reach far enough for every stay."""
    name = f"admin:bookings_booking_report{f'_{page}' if page else ''}"
    reach = f"?from={TODAY - timedelta(days=30)}&to={TODAY + timedelta(days=80)}"
    return reverse(name, args=[report]) + reach + query


def scope_of(scene: Scene) -> Scope:
    """The same choice, for functions."""
    hotels = tuple(scene.manager.visible_hotels())
    return Scope(hotels, TODAY - timedelta(days=30), TODAY + timedelta(days=80))


def column_of(scene: Scene, table: str) -> dict[str, int]:
    """How many cancellations each row of a table has."""
    found = figures.sums(cancelled.parts(scope_of(scene)))
    return {row: count for (name, row, column), count in found.items() if (name, column) == (table, "count")}


@pytest.mark.parametrize("report", sorted(REPORTS))
def test_every_figure_leads_to_exactly_its_bookings(scene: Scene, report: str) -> None:
    client = signed_in(scene.manager)
    links = LINK.findall(text(client.get(address(report))))
    assert len(links) > 5
    own = {row.booking_id for name, row in scene.bookings.items() if name != "foreign"}
    for link, shown in links:
        page = client.get(link.replace("&amp;", "&"))
        assert HEADING.search(text(page))[1] == shown
        lines = page.context["lines"]
        assert {line["booking"].booking_id for line in lines} <= own
        if page.context["kind"] == "count" and "column=n" not in link:
            assert len(lines) == int(shown)
        assert page.context["bookings"] == len({line["booking"].pk for line in lines})


def test_cancellations_are_counted_by_each_question(scene: Scene) -> None:
    assert column_of(scene, cancelled.WHO) == {"guest": 4, "staff": 2, "total": 6}
    assert column_of(scene, cancelled.REASON) == {
        "Double booking": 2,
        "Guest cancellation via management link": 4,
        "total": 6,
    }
    assert column_of(scene, cancelled.TIER) == {
        "from 14 days: 0 percent": 1,
        "from 7 days: 50 percent": 2,
        "from 0 days: 100 percent": 1,
        "not confirmed": 1,
        "by agreement": 1,
        "total": 6,
    }
    assert sum(column_of(scene, cancelled.BEFORE).values()) == 12
    assert sum(column_of(scene, cancelled.MONTH).values()) == 12


def test_tier_is_the_one_that_a_single_booking_tells(scene: Scene) -> None:
    rows = {row.pk: cancelled.tier_of(row) for row in cancelled.cancelled(scope_of(scene))}
    assert rows == {pk: rule_of(Booking.objects.get(pk=pk))[0] for pk in rows}
    assert len(rows) == 6


def test_kept_and_returned_are_the_bookings_own_decisions(scene: Scene) -> None:
    found = figures.sums(cancelled.parts(scope_of(scene)))
    table = {column: amount for (name, row, column), amount in found.items() if (name, row) == ("who", "total")}
    assert table == {
        "count": 6,
        "kept EUR": 17000 + 34000 + 1000,
        "refunded EUR": 34000 + 17000 + 33000,
        "kept JPY": 18000,
        "refunded JPY": 18000,
    }


def test_money_is_the_ledgers_and_stripes(scene: Scene, stripe_simulator: StripeSimulator) -> None:
    found = figures.sums(REPORTS["money"].parts(scope_of(scene)))
    told = {(table, column): amount for (table, row, column), amount in found.items() if row == "total"}
    expected: defaultdict[tuple[str, str], int] = defaultdict(int)
    for booking in Booking.objects.filter(hotel__in=scene.manager.visible_hotels()):
        for sums in ledger.balances(booking):
            purse = f"{booking.hotel_id}-{sums.currency}"
            expected[purse, "captured"] += sums.captured
            expected[purse, "refunded"] += sums.refunded
            expected[purse, "lost"] += sums.lost
            expected[purse, "net"] += sums.net
    kept = {key: amount for key, amount in told.items() if key[1] == "kept"}
    assert {key: amount for key, amount in told.items() if key[1] != "kept"} == {
        k: v for k, v in expected.items() if v
    }
    assert sorted(kept.values()) == [18000, 52000]
    at_stripe = [stays.at_stripe(stripe_simulator, row) for name, row in scene.bookings.items() if name != "foreign"]
    assert sum(row.captured for row in at_stripe) == sum(v for (_p, c), v in told.items() if c == "captured")
    assert sum(row.refunded for row in at_stripe) == sum(v for (_p, c), v in told.items() if c == "refunded")


def test_months_are_the_hotels_own(scene: Scene) -> None:
    booking = scene.bookings["yen"]
    # Half past four in the afternoon in UTC on the last of March is April in Tokyo, and March in Dublin.
    moment = datetime(2026, 3, 31, 16, 30, tzinfo=UTC)
    for each in (booking, scene.bookings["early"]):
        type(each)._base_manager.filter(pk=each.pk).update(cancelled_at=moment)
    march = Scope(tuple(scene.manager.visible_hotels()), moment.date().replace(day=1), moment.date())
    assert [row.pk for row in cancelled.cancelled(march)] == [scene.bookings["early"].pk]


def test_stays_fill_their_nights(scene: Scene, own: House) -> None:
    found = figures.sums(REPORTS["stays"].parts(scope_of(scene)))
    total = {column: value for (_table, row, column), value in found.items() if row == "total"}
    # What was not cancelled: the stay that was partly refunded, and the one whose payment was lost.
    assert total == {"arrivals": 2, "nights": 4, "priced EUR": 4, "revenue EUR": 68000}
    page = signed_in(scene.manager).get(address("stays", f"&hotel={own.hotel.pk}"))
    cells = {cell.column.key: cell.text for cell in page.context["tables"][0].lines[-1].cells}
    assert cells["rate EUR"] == display(17000, "EUR")
    assert (cells["nights"], cells["available"]) == ("4", str(111 * 4))


def test_a_price_is_spread_over_nights_to_the_last_cent(own: House) -> None:
    booking = draft(own, 0, 1, total_amount=10001)
    stayed = REPORTS["stays"]
    Booking._base_manager.filter(pk=booking.pk).update(
        status="CONFIRMED", check_in="2026-01-30", check_out="2026-02-02"
    )
    scope = Scope((own.hotel,), datetime(2026, 1, 1, tzinfo=UTC).date(), datetime(2026, 2, 28, tzinfo=UTC).date())
    found = {key[1:]: value for key, value in figures.sums(stayed.parts(scope)).items()}
    assert found["2026-01", "revenue EUR"] + found["2026-02", "revenue EUR"] == 10001
    assert (found["2026-01", "nights"], found["2026-02", "nights"]) == (2, 1)
    assert ("2026-02", "arrivals") not in found


def test_choices_narrow_the_report(scene: Scene) -> None:
    client = signed_in(scene.manager)
    for query, count in {"": 6, "&currency=JPY": 1, "&method=ARRIVAL": 1, "&method=x&currency=y": 6}.items():
        page = client.get(address("cancellations", query))
        who = next(shown for shown in page.context["tables"] if shown.table.name == "who")
        assert who.lines[-1].cells[0].text == str(count)


@pytest.mark.parametrize(
    "query", ["?from=x&to=y", "?from=0001-01-01", "?to=9999-12-31", "?from=2026-05-01&to=2020-01-01"]
)
def test_odd_days_show_a_report_all_the_same(own: House, manager: Client, query: str) -> None:
    for report in REPORTS:
        link = reverse("admin:bookings_booking_report", args=[report])
        page = manager.get(link + query)
        assert page.status_code == 200
        assert page.context["scope"].first <= page.context["scope"].last


def test_foreign_hotels_are_not_there(scene: Scene, foreign: House) -> None:
    client, place = signed_in(scene.manager), "&table=who&row=total&column=count"
    for report in REPORTS:
        assert "Sakura" not in text(client.get(address(report)))
        assert client.get(address(report, f"&hotel={foreign.hotel.pk}")).status_code == 404
        assert client.get(address(report, f"&hotel={foreign.hotel.pk}{place}", "figure")).status_code == 404
        assert client.post(address(report, f"&hotel={foreign.hotel.pk}", "export")).status_code == 404
    assert "Foreigner" not in text(client.get(address("cancellations", place, "figure")))


@pytest.mark.parametrize(
    ("role", "status"), [("Front desk", 403), ("Manager", 200), ("Auditor", 200), ("owner", 200)]
)
def test_who_sees_reports(staff: Callable[[str], Client], role: str, status: int) -> None:
    client = staff(role)
    assert {client.get(address(report)).status_code for report in REPORTS} == {status}
    shown = text(client.get(reverse("admin:index")))
    assert ("/reports/cancellations/" in shown) is (status == 200)
    assert Client().get(address("money")).status_code == 302


def test_what_is_no_figure_is_not_found(manager: Client) -> None:
    assert manager.get(address("cancellations", "&table=x&row=y&column=z", "figure")).status_code == 404
    assert manager.get(address("nothing")).status_code == 404


def reads(client: Client, link: str) -> int:
    """How many queries a page takes."""
    with CaptureQueriesContext(connection) as seen:
        assert client.get(link).status_code == 200
    return len(seen)


def test_as_many_queries_for_one_booking_as_for_many(own: House, manager: Client) -> None:
    def stay(number: int) -> None:
        booking = draft(own, 0, 5 + number, payment_method="ARRIVAL")
        moment = datetime.now(UTC)
        Booking._base_manager.filter(pk=booking.pk).update(
            status="CANCELLED" if number % 2 else "CONFIRMED", cancelled_at=moment if number % 2 else None
        )

    stay(0)
    stay(1)
    links = [address(report) for report in REPORTS]
    links.append(address("cancellations", "&table=who&row=total&column=count", "figure"))
    few = [reads(manager, link) for link in links]
    for number in range(2, 60):
        stay(number)
    assert [reads(manager, link) for link in links] == few
    assert max(few) <= 12


def test_charts_say_in_words_what_they_show(scene: Scene) -> None:
    shown: Any = text(signed_in(scene.manager).get(address("cancellations")))
    assert '<svg role="img" aria-label="' in shown
    assert f"{TODAY:%b %Y}: " in shown


@pytest.mark.parametrize(
    ("rule", "language", "words"),
    [
        (
            "from 14 days: 0 percent",
            "en",
            "At least 14 days before check-in: Free cancellation: everything you paid is returned.",
        ),
        (
            "from 14 days: 0 percent",
            "de",
            "Mindestens 14 Tage vor Anreise: Kostenlose Stornierung: "
            "Sie erhalten alles zurück, was Sie bezahlt haben.",
        ),
        (
            "from 48 hours: 50 percent",
            "de",
            "Mindestens 48 Stunden vor Anreise: 50 % des Preises werden einbehalten.",
        ),
        ("from 0 days: 100 percent", "en", "The full price is kept."),
        ("from 7 days: 2 nights", "en", "At least 7 days before check-in: The price of the first 2 nights is kept."),
        (
            "from 7 days: 5000 fixed",
            "en",
            "At least 7 days before check-in: A fee of €50.00 is kept. / A fee of ¥5,000 is kept.",
        ),
        ("not confirmed", "en", "Not confirmed yet: free"),
    ],
)
def test_tiers_are_told_in_words_of_the_language(rule: str, language: str, words: str) -> None:
    hotels = tuple(Hotel(currency=each) for each in ("JPY", "EUR", "EUR"))
    with translation.override(language):
        assert cancelled.tier_name(rule, Scope(hotels, TODAY, TODAY)) == words


@pytest.mark.parametrize(("language", "shown"), [("en", "26.7 %"), ("de", "26,7 %")])
def test_shares_are_written_as_the_language_writes_them(language: str, shown: str) -> None:
    column = figures.Column("share", "Share", figures.PERCENT)
    with translation.override(language):
        assert drawing.words(267, figures.Row("x", "x"), column) == shown

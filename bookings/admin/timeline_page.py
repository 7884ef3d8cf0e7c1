"""The Timeline tab of a booking's page: filters, days, pages."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.core.paginator import Page, Paginator
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.admin import timeline as line
from bookings.admin import timeline_sources
from bookings.admin.facts import Facts
from bookings.admin.timeline import Group
from bookings.admin.timeline_sources import Told
from bookings.admin.words import day, moment
from bookings.models import Booking, BookingStatus
from bookings.refusals import stay_words
from payments import ledger
from payments.models import PaymentStatus

PER_PAGE: Final = 50
EXPLORER_RIGHT: Final = "trail.view_entry"
FILTERS: Final = (
    ("", gettext_lazy("Everything")),
    (line.STATUS, gettext_lazy("Status")),
    (line.MONEY, gettext_lazy("Money")),
    (line.MAIL, gettext_lazy("Mails")),
)
PAGES: Final = {
    line.PAYMENT: ("payments", "payment"),
    line.OPERATION: ("payments", "paymentoperation"),
    line.REFUND: ("payments", "refund"),
    line.REQUEST: ("payments", "refundrequest"),
    line.DISPUTE: ("payments", "dispute"),
    line.DRIFT: ("payments", "drift"),
    line.EVENT: ("payments", "stripewebhookevent"),
    line.QUEUED: ("bookings", "message"),
    line.SENT: ("bookings", "message"),
    line.ATTEMPT: ("bookings", "refusedattempt"),
}


@dataclass(frozen=True)
class Shown:
    """One record as the page draws it."""

    told: Told
    clock: str
    link: str


@dataclass(frozen=True)
class Thread:
    """One click and what followed, as the page draws it."""

    lead: Shown
    followed: list[Shown]
    request_id: str


def timeline_context(facts: Facts, *, query: QueryDict, user: Any) -> dict[str, Any]:
    """Return what the tab draws: the same number of queries for any number of records."""
    booking = facts.booking
    topic, request_id = query.get("show", ""), query.get("request", "")[:64]
    keys = timeline_sources.keys_of(booking)
    groups = line.grouped(line.wanted(keys, topic=topic, request_id=request_id), zone=booking.hotel.zone)
    page = Paginator(groups, PER_PAGE).get_page(query.get("p"))
    shown = [key for group in page.object_list for key in group.keys]
    told = timeline_sources.told(booking, shown, line.predecessors(keys))
    return {
        "timeline": days(booking, page, told, user),
        "timeline_page": page,
        "timeline_zone": booking.hotel.city,
        "timeline_filters": filters(query, topic),
        "timeline_request": request_id,
        "timeline_more": address(query, p=""),
        "coming": coming(facts),
        # Where somebody was when they did something is about a person.
        "shows_addresses": user.has_perm("bookings.export_guest"),
        **explorer(booking, user),
    }


def explorer(booking: Booking, user: Any) -> dict[str, str]:
    """Return the ways to everything about the booking in the auditor's explorer, for whoever may open it."""
    if not user.has_perm(EXPLORER_RIGHT):
        return {}
    return {
        "explorer": f"{reverse('admin:trail_entry_changelist')}?reference={booking.booking_id}",
        "as_it_was": reverse("admin:trail_entry_as_it_was", args=[booking.pk]),
    }


def days(booking: Booking, page: Page[Group], told: dict[Any, Told], user: Any) -> list[tuple[str, list[Thread]]]:
    """Return the threads of a page below the hotel's own days."""
    found: dict[str, list[Thread]] = {}
    rights = {source: user.has_perm(f"{app}.view_{model}") for source, (app, model) in PAGES.items()}
    for group in page.object_list:
        lead, *followed = [
            Shown(told[key], f"{booking.hotel.local(key.at):%H:%M:%S}", link(key, rights)) for key in group.keys
        ]
        found.setdefault(day(group.day), []).append(Thread(lead, followed, group.lead.request_id))
    return list(found.items())


def link(key: line.Key, rights: dict[str, bool]) -> str:
    """Return the page of the row that a record is of, for whoever may see it."""
    if not rights.get(key.source):
        return ""
    app, model = PAGES[key.source]
    return reverse(f"admin:{app}_{model}_change", args=[key.row])


def filters(query: QueryDict, topic: str) -> Iterable[dict[str, Any]]:
    """Return the filters that can be chosen, and which one is."""
    return [
        {"name": name, "link": address(query, show=value, p=""), "is_on": value == topic} for value, name in FILTERS
    ]


def address(query: QueryDict, **changed: str) -> str:
    """Return this page's address with other filters, from nothing but what is known here."""
    said = QueryDict(mutable=True)
    said["tab"] = "timeline"
    for name in ("show", "request", "p"):
        if value := changed.get(name, query.get(name, "")):
            said[name] = value
    return f"?{said.urlencode()}"


def coming(facts: Facts) -> list[tuple[str, str]]:
    """Return what happens by itself, and when, in hotel-local time."""
    booking, payment = facts.booking, facts.payment
    waits = booking.status == BookingStatus.PENDING_PAYMENT and booking.hold_expires_at
    held = payment.capture_before if payment and payment.status == PaymentStatus.AUTHORIZED else None
    kept = ledger.unpaid_change(booking)
    told = [
        (booking.hold_expires_at if waits else None, _("The room is given back unless the guest has paid.")),
        (held, _("The authorization ends; the money can no longer be captured.")),
        (
            kept.due_at if kept else None,
            _("The booking goes back to its stay of %(dates)s unless the difference is paid.")
            % {"dates": stay_words(kept.check_in, kept.check_out) if kept else ""},
        ),
    ]
    return [(moment(booking.hotel, at), words) for at, words in told if at]

"""The bookings list: its columns, its search, its order."""

from typing import Any, Final

from django.db.models import Exists, OuterRef, QuerySet, prefetch_related_objects
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from bookings.admin import words
from bookings.admin.booking_filters import ARRIVING, ARRIVING_TODAY, IN_HOUSE, LEAVING_TODAY
from bookings.admin.booking_search import BookingSearchAdmin
from bookings.drawn_once import drawn_once
from bookings.models import Booking, BookingStatus
from payments.ending_authorizations import soonest_end
from payments.models import OperationStatus, Payment, PaymentOperation, PaymentStatus, Refund
from payments.owed import OWED

# What an empty tab says, by the filter that makes the tab.
NOTHING: Final = {
    ("status__exact", BookingStatus.PENDING_APPROVAL.value): _("No request waits for an answer."),
    ("stay", ARRIVING): _("Nobody arrives within the next 7 days."),
    ("stay", ARRIVING_TODAY): _("Nobody arrives today."),
    ("stay", LEAVING_TODAY): _("Nobody leaves today."),
    ("stay", IN_HOUSE): _("Nobody is in the house."),
    ("status__exact", BookingStatus.CANCELLED.value): _("No booking was cancelled."),
    ("deleted", "only"): _("No booking was deleted."),
}


class BookingListAdmin(BookingSearchAdmin):
    """What the list shows of each booking, with the same number of queries for any number of rows."""

    list_display = ("guest", "stay", "state", "payment", "total", "balance")
    list_display_links = ("guest",)
    list_per_page = 50
    list_filter_submit = True
    search_help_text = _("Reference, guest, e-mail, phone, or an id of Stripe’s")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the bookings, for the list with what its columns need."""
        rows = super().get_queryset(request).select_related("hotel", "room", "room_type", "kept_stay")
        if request.resolver_match is None or request.resolver_match.url_name != "bookings_booking_changelist":
            return rows
        waiting = PaymentOperation.objects.filter(booking=OuterRef("pk"), status=OperationStatus.PENDING)
        return rows.annotate(is_waiting=Exists(waiting))

    def for_rows(self, rows: list[Booking]) -> None:
        """Read the payments of the rows, what is owed on them, and the disputes of those few that had one.

        Django's own prefetching does the same in twice the time: it makes a manager for every row and payment.
        """
        found = {row.pk: row for row in rows}
        for row in rows:
            row.__dict__["shown_payments"], row.__dict__["owed_refunds"] = [], []
        payments = {payment.pk: payment for payment in Payment.objects.filter(booking_id__in=found)}
        for payment in payments.values():
            payment.booking = found[payment.booking_id]
            payments_of(payment.booking).append(payment)
        for refund in Refund.objects.filter(OWED, payment_id__in=payments):
            owed_refunds_of(payments[refund.payment_id].booking).append(refund)
        closed = [each for row in rows for each in payments_of(row) if each.dispute_closed_at]
        prefetch_related_objects(closed, "disputes", "refunds")

    def get_ordering(self, request: HttpRequest) -> tuple[Any, ...]:
        """Put what expires first on top of the approvals, and the next arrivals on top of the stays."""
        if request.GET.get("status__exact") == BookingStatus.PENDING_APPROVAL:
            return (soonest_end().asc(nulls_last=True), "id")
        return ("check_in", "id") if request.GET.get("stay") == ARRIVING else ("-id",)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Say on an empty tab what there is none of; with more filters, that nothing matches."""
        found: Any = super().get_changelist_instance(request)
        chosen = [(name, request.GET[name]) for name in request.GET if request.GET[name]]
        found.nothing = NOTHING.get(chosen[0], "") if len(chosen) == 1 else ""
        return found

    @display(description=_("Booking"), ordering="guest_name")
    def guest(self, booking: Booking) -> SafeString:
        """Show reference and guest, and that a booking is none of a real guest's."""
        shown = '<strong class="desk-ref">{}</strong>{}<span class="desk-second">{}</span>'
        mark = format_html(" {}", words.pill(str(_("Test data")))) if booking.is_test_data else ""
        return format_html(shown, booking.booking_id, mark, booking.guest_name)

    @display(description=_("Stay"), ordering="check_in")
    def stay(self, booking: Booking) -> SafeString:
        """Show dates, nights, room and hotel."""
        return format_html(
            '{} · {}<span class="desk-second">{} · {}</span>',
            words.dates(booking),
            words.nights(booking),
            words.place(booking),
            booking.hotel,
        )

    @display(description=_("Status"), ordering="status")
    def state(self, booking: Booking) -> SafeString:
        """Show the status, and how long the guest's money is still held."""
        held = [p.capture_before for p in payments_of(booking) if p.status == PaymentStatus.AUTHORIZED]
        soonest = min((moment for moment in held if moment), default=None)
        if booking.status != BookingStatus.PENDING_APPROVAL or soonest is None:
            return words.status_pill(booking)
        left = words.until(soonest, timezone.now())
        ends = _("hold ends %(left)s") % {"left": left}
        return format_html('{}<span class="desk-second">{}</span>', words.status_pill(booking), ends)

    @display(description=_("Payment"))
    def payment(self, booking: Booking) -> SafeString:
        """Show how far the money is, and whether Stripe's answer is awaited."""
        shown = words.money_pill(booking, payments_of(booking))
        waits = booking.__dict__["is_waiting"]
        return format_html("{} {}", shown, words.pill(_("Waiting for Stripe"), words.WAIT)) if waits else shown

    @display(description=_("Total"), ordering="total_amount")
    def total(self, booking: Booking) -> SafeString:
        """Show the price with its currency."""
        shown = words.money(booking.total_amount, booking.currency)
        return format_html('<span class="desk-amount">{}</span>', shown)

    @display(description=_("Balance"))
    def balance(self, booking: Booking) -> SafeString:
        """Show what is open, and who owes it."""
        lines = words.balance(booking, payments_of(booking), owed_refunds_of(booking))
        return drawn_balance(tuple((amount, "" if kind == words.QUIET else who) for amount, who, kind in lines))


@drawn_once(512)
def drawn_balance(lines: tuple[tuple[str, str], ...]) -> SafeString:
    """Draw amounts and who owes them; most rows say the same."""
    rows = format_html_join("", '<span class="desk-amount">{}</span><span class="desk-second">{}</span>', lines)
    return format_html('<span class="desk-phone-label">{}</span>{}', _("Balance"), rows)


def payments_of(booking: Booking) -> list[Payment]:
    """Return the payments of a row of the list, the newest first."""
    found: list[Payment] = booking.__dict__["shown_payments"]
    return found


def owed_refunds_of(booking: Booking) -> list[Refund]:
    """Return the refunds of a row of the list that the hotel still has to pay out."""
    found: list[Refund] = booking.__dict__["owed_refunds"]
    return found

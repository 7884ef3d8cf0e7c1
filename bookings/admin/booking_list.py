"""The bookings list: its columns, its search, its order."""

from typing import Any

from django.db.models import Min, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from bookings.admin import words
from bookings.admin.booking_filters import ARRIVING
from bookings.admin.scoping import HotelScopedAdmin
from bookings.models import Booking, BookingStatus
from payments.models import OperationStatus, Payment, PaymentOperation, PaymentStatus, Refund

STRIPE_IDS = {
    "pi_": "stripe_payment_intent_id",
    "cs_": "stripe_checkout_session_id",
    "ch_": "stripe_charge_id",
}


class BookingListAdmin(HotelScopedAdmin):
    """What the list shows of each booking, with the same number of queries for any number of rows."""

    list_display = ("guest", "stay", "state", "payment", "total", "balance")
    list_display_links = ("guest",)
    list_per_page = 50
    list_filter_submit = True
    search_fields = ("booking_id", "guest_name", "guest_email", "guest_phone")
    search_help_text = "Reference, guest, e-mail, phone or pi_…"
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the bookings, for the list with what its columns need."""
        rows = super().get_queryset(request).select_related("hotel", "room", "room_type", "kept_stay")
        if request.resolver_match is None or request.resolver_match.url_name != "bookings_booking_changelist":
            return rows
        waiting = PaymentOperation.objects.filter(status=OperationStatus.PENDING)
        money = ("payments", "payments__refunds", "payments__disputes")
        return rows.prefetch_related(*money, Prefetch("operations", queryset=waiting, to_attr="waiting"))

    def get_ordering(self, request: HttpRequest) -> tuple[Any, ...]:
        """Put what expires first on top of the approvals, and the next arrivals on top of the stays."""
        if request.GET.get("status__exact") == BookingStatus.PENDING_APPROVAL:
            held = Payment.objects.filter(booking=OuterRef("pk"), status=PaymentStatus.AUTHORIZED)
            soonest = held.order_by().values("booking").annotate(at=Min("capture_before")).values("at")
            return (Subquery(soonest).asc(nulls_last=True), "id")
        return ("check_in", "id") if request.GET.get("stay") == ARRIVING else ("-id",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Search by what people know; ids of Stripe's are matched exactly."""
        found = by_stripe_id(queryset, search_term.strip())
        return (found, False) if found is not None else super().get_search_results(request, queryset, search_term)

    @display(description="Booking", ordering="guest_name")
    def guest(self, booking: Booking) -> SafeString:
        """Show reference and guest."""
        return format_html(
            '<strong class="desk-ref">{}</strong><span class="desk-second">{}</span>',
            booking.booking_id,
            booking.guest_name,
        )

    @display(description="Stay", ordering="check_in")
    def stay(self, booking: Booking) -> SafeString:
        """Show dates, nights, room and hotel."""
        return format_html(
            '{} · {}<span class="desk-second">{} · {}</span>',
            words.dates(booking),
            words.nights(booking),
            words.place(booking),
            booking.hotel,
        )

    @display(description="Status", ordering="status")
    def state(self, booking: Booking) -> SafeString:
        """Show the status, and how long the guest's money is still held."""
        held = [p.capture_before for p in booking.payments.all() if p.status == PaymentStatus.AUTHORIZED]
        soonest = min((moment for moment in held if moment), default=None)
        if booking.status != BookingStatus.PENDING_APPROVAL or soonest is None:
            return words.status_pill(booking)
        left = words.until(soonest, timezone.now())
        return format_html('{}<span class="desk-second">hold ends {}</span>', words.status_pill(booking), left)

    @display(description="Payment")
    def payment(self, booking: Booking) -> SafeString:
        """Show how far the money is, and whether Stripe's answer is awaited."""
        shown = words.money_pill(booking, list(booking.payments.all()))
        waiting = getattr(booking, "waiting", ())
        return format_html("{} {}", shown, words.pill("Waiting for Stripe", words.WAIT)) if waiting else shown

    @display(description="Total", ordering="total_amount")
    def total(self, booking: Booking) -> SafeString:
        """Show the price with its currency."""
        shown = words.money(booking.total_amount, booking.currency)
        return format_html('<span class="desk-amount">{}</span>', shown)

    @display(description=_("Balance"))
    def balance(self, booking: Booking) -> SafeString:
        """Show what is open, and who owes it."""
        lines = words.balance(booking, list(booking.payments.all()))
        shown = [(amount, "" if kind == words.QUIET else who) for amount, who, kind in lines]
        return format_html_join("", '<span class="desk-amount">{}</span><span class="desk-second">{}</span>', shown)


def by_stripe_id(rows: QuerySet[Any], term: str) -> QuerySet[Any] | None:
    """Return the bookings of a payment or refund at Stripe; None for words that are no such id."""
    if term[:3] in STRIPE_IDS:
        payments = Payment.objects.filter(**{STRIPE_IDS[term[:3]]: term})
        return rows.filter(Q(pk__in=payments.values("booking")) | Q(payment_reference=term))
    if term.startswith("re_"):
        return rows.filter(pk__in=Refund.objects.filter(stripe_refund_id=term).values("payment__booking"))
    return None

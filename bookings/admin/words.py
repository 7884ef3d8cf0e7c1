"""How staff read moments, amounts and states."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from babel.dates import format_interval
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bookings.admin.standing import is_lost, standing, telling
from bookings.models import UNREAD, Booking, BookingStatus, Hotel, Message, PaymentMethod, User
from bookings.retold import retold
from bookings.spoken import ENGLISH, formatted, locale, text_language
from cancellations.wording import BRANDS
from payments import ledger
from payments.models import (
    OperationStatus,
    Payment,
    PaymentProvider,
    PaymentStatus,
    ProcessingResult,
    Refund,
    RefundStatus,
)
from payments.money import spoken
from payments.rates import rate_of

EMPTY = "–"
GOOD, BAD, WAIT, INFO, QUIET = "good", "bad", "wait", "info", "quiet"
S, P = BookingStatus, PaymentStatus
KINDS = {
    S.DRAFT: QUIET,
    S.PENDING_PAYMENT: INFO,
    S.PENDING_APPROVAL: WAIT,
    S.CONFIRMED: GOOD,
    S.COMPLETED: QUIET,
    S.DECLINED: BAD,
    S.CANCELLED: BAD,
    S.EXPIRED: QUIET,
    S.NO_SHOW: BAD,
}
PAYMENT_KINDS = {
    P.NOT_INITIATED: QUIET,
    P.PROCESSING: INFO,
    P.AUTHORIZED: WAIT,
    P.SUCCEEDED: GOOD,
    P.PARTIALLY_REFUNDED: INFO,
    P.REFUNDED: QUIET,
    P.FAILED: BAD,
    P.VOIDED: QUIET,
    P.EXPIRED: QUIET,
}
STRIPE_REASONS = {
    "requested_by_customer": gettext_lazy("Requested by the guest"),
    "duplicate": gettext_lazy("Paid twice"),
    "fraudulent": gettext_lazy("Fraud"),
}
OTHER_KINDS = {
    OperationStatus.PENDING: WAIT,
    OperationStatus.SUCCEEDED: GOOD,
    OperationStatus.FAILED: BAD,
    RefundStatus.PENDING: WAIT,
    RefundStatus.REQUIRES_ACTION: BAD,
    RefundStatus.CANCELED: BAD,
    ProcessingResult.RECEIVED: WAIT,
    ProcessingResult.PROCESSED: GOOD,
    ProcessingResult.IGNORED: QUIET,
    "queued": WAIT,
    "sent": INFO,
    "delivered": GOOD,
    "bounced": BAD,
    "complained": BAD,
}

# What the parameters of lists and reports are called where an export says what was chosen.
FILTERS = {
    "booking": gettext_lazy("Booking"),
    "by": gettext_lazy("By"),
    "check_in_from": gettext_lazy("Check-in from"),
    "check_in_to": gettext_lazy("Check-in until"),
    "currency": gettext_lazy("Currency"),
    "deleted": gettext_lazy("Deleted"),
    "hotel": gettext_lazy("Hotel"),
    "model": gettext_lazy("Kind of record"),
    "money": gettext_lazy("Money"),
    "o": gettext_lazy("Order"),
    "p": gettext_lazy("Page"),
    "payment_method": gettext_lazy("Payment method"),
    "q": gettext_lazy("Search"),
    "since": gettext_lazy("From"),
    "status": gettext_lazy("Status"),
    "stay": gettext_lazy("Stay"),
    "step": gettext_lazy("Transition"),
    "table": gettext_lazy("Table"),
    "until": gettext_lazy("Until"),
}
# How a refund by hand stands.
BY_HAND = {
    RefundStatus.PENDING: (gettext_lazy("Owed: pay out by hand"), BAD),
    RefundStatus.REQUIRES_ACTION: (gettext_lazy("Owed: pay out by hand"), BAD),
    RefundStatus.SUCCEEDED: (gettext_lazy("Paid out by hand"), GOOD),
    RefundStatus.FAILED: (gettext_lazy("Not owed any more"), QUIET),
    RefundStatus.CANCELED: (gettext_lazy("Not owed any more"), QUIET),
}


# A list draws the same few again and again. Marked as safe or not, the same words are two different ones.
@lru_cache(maxsize=512, typed=True)
def drawn(text: str, kind: str) -> SafeString:
    """Return a coloured label for words that are known in one language."""
    return format_html('<span class="desk-pill desk-{}">{}</span>', kind, text)


def pill(text: Any, kind: str = QUIET) -> SafeString:
    """Return a coloured label; the text alone says everything."""
    return drawn(str(text), kind)


def kind_of(state: str) -> str:
    """Return the colour of a state of an operation, refund, event or mail."""
    return OTHER_KINDS.get(state, QUIET)


def status_pill(booking: Booking) -> SafeString:
    """Return the booking's status; for a deleted one, that too."""
    status = BookingStatus(booking.status)
    shown = pill(status.label, KINDS[status])
    return format_html("{} {}", shown, pill(_("Deleted"), BAD)) if booking.is_deleted else shown


def payment_pill(booking: Booking, payment: Payment | None) -> SafeString:
    """Return how far the money is: of the newest attempt, or that it is paid on arrival."""
    if payment is None:
        on_arrival = booking.payment_method == PaymentMethod.ARRIVAL
        return pill(_("On arrival") if on_arrival else _("Not started"), QUIET)
    if payment.is_disputed:
        return pill(_("Disputed"), BAD)
    if is_lost(payment):
        return pill(_("Lost in a dispute"), BAD)
    status = PaymentStatus(payment.status)
    text = str(status.label)
    if payment.provider == PaymentProvider.MANUAL:
        text = _("%(text)s by hand") % {"text": text}
    return pill(text, PAYMENT_KINDS[status])


def money_pill(booking: Booking, payments: list[Payment]) -> SafeString:
    """Return how far the money of a booking is: not "Paid" while a part of its price is not."""
    if ledger.unpaid_change(booking) is not None:
        return pill(_("Difference due"), WAIT)
    return payment_pill(booking, telling(booking, payments))


def balance(booking: Booking, payments: list[Payment], refunds: Iterable[Refund]) -> list[tuple[str, str, str]]:
    """Return what is open: an amount, who owes it, and its colour; where nothing is, one line that says so."""
    found = standing(booking, payments, refunds)
    lines = [(money(found.due, booking.currency), _("guest owes"), WAIT)] if found.due else []
    lines += [(money(amount, currency), _("hotel owes"), BAD) for currency, amount in found.owed]
    return lines or [(money(0, booking.currency), _("nothing open"), QUIET)]


def mail_pill(message: Message) -> SafeString:
    """Return how far a mail is, and that it had to do without its template."""
    failed = message.status in UNREAD and (message.handled_at is None)
    shown = pill(message.get_status_display(), BAD if failed else kind_of(message.status))
    return format_html("{} {}", shown, pill(_("In plain words"), WAIT)) if message.is_fallback else shown


def refund_pill(refund: Refund) -> SafeString:
    """Return how far a refund is, through Stripe or by hand, and whether it waits for somebody."""
    if refund.provider == PaymentProvider.MANUAL:
        text, kind = BY_HAND[RefundStatus(refund.status)]
        return pill(text, kind)
    shown = pill(str(refund.get_status_display()), kind_of(refund.status))
    waits = refund.is_external and refund.reviewed_at is None
    return format_html("{} {}", shown, pill(_("Made at Stripe: answer needed"), WAIT)) if waits else shown


def money(amount: int | None, currency: str) -> str:
    """Return minor units as staff read them; a dash for nothing decided."""
    return EMPTY if amount is None else spoken(amount, currency)


def conversion(payment: Payment) -> str:
    """Return what of the price is charged as what, at whose rate and since when; nothing without another currency."""
    rate = rate_of(payment)
    if rate is None:
        return ""
    price, charged = spoken(payment.price, rate.base), spoken(ledger.amount_of(payment), rate.target)
    said = {"price": price, "charged": charged, "rate": rate.words(text_language()), "source": rate.source}
    at = moment(payment.booking.hotel, rate.at)
    return _("%(price)s as %(charged)s: %(rate)s, %(source)s, %(at)s") % {**said, "at": at}


def card(payment: Payment) -> str:
    """Return "Visa •••• 4242"; nothing while no card is known."""
    if not payment.card_last4:
        return ""
    brand = BRANDS.get(payment.card_brand, payment.card_brand.replace("_", " ").title())
    return f"{brand or _('Card')} •••• {payment.card_last4}"


def refund_reason(refund: Refund) -> str:
    """Return why a refund was made: the note, the decision's own reason, or the one that Stripe was told."""
    decided = refund.operation.details.get("reason", "") if refund.operation else ""
    said = retold(refund.note or str(decided))
    return said or str(STRIPE_REASONS.get(refund.reason, refund.reason.replace("_", " ")))


def moment(hotel: Hotel | None, value: datetime | None, *, seconds: bool = False) -> str:
    """Return a moment in hotel-local time with the zone's city: "3 Mar 2026, 14:05 Dublin"; UTC without hotel."""
    if value is None:
        return EMPTY
    local = hotel.local(value) if hotel else value
    clock = f"{local:%H:%M:%S}" if seconds else f"{local:%H:%M}"
    return f"{formatted(local.date(), 'd MMM y', 'yMMdd')}, {clock} {hotel.city if hotel else 'UTC'}"


def day(value: date) -> str:
    """Return "Tue 3 Mar 2026"."""
    return formatted(value, "EEE d MMM y", "yMMMEd")


def nights(booking: Booking) -> str:
    """Return "1 night" or "2 nights"."""
    return ngettext("%(number)s night", "%(number)s nights", booking.nights) % {"number": booking.nights}


def dates(booking: Booking) -> str:
    """Return "3 – 5 Mar 2026", with both months or years where they differ."""
    return between(booking.check_in, booking.check_out, text_language())


@lru_cache(maxsize=512)
def between(start: date, end: date, language: str) -> str:
    """Return two days as the active language, which is named for the memory's sake, puts them together."""
    if language != ENGLISH:
        return str(format_interval(start, end, "yMMMd", locale=locale()))
    if (start.month, start.year) == (end.month, end.year):
        return f"{start.day} – {end.day} {end:%b %Y}"
    if start.year == end.year:
        return f"{start.day} {start:%b} – {end.day} {end:%b %Y}"
    return f"{start.day} {start:%b %Y} – {end.day} {end:%b %Y}"


def place(booking: Booking) -> str:
    """Return the room and its type, or the type alone while no room is assigned."""
    if booking.room is None:
        return _("%(room_type)s, no room yet") % {"room_type": booking.room_type}
    return _("Room %(room)s, %(room_type)s") % {"room": booking.room, "room_type": booking.room_type}


def until(value: datetime, now: datetime) -> str:
    """Return how long is left: "in 9 h", "in 25 min", "overdue"."""
    minutes = int((value - now).total_seconds() // 60)
    if minutes < 0:
        return _("overdue")
    if minutes < 60:
        return _("in %(number)s min") % {"number": minutes}
    if minutes < 48 * 60:
        return _("in %(number)s h") % {"number": minutes // 60}
    return _("in %(number)s days") % {"number": minutes // (24 * 60)}


def chosen_words(filters: Mapping[str, Any]) -> str:
    """Return the filters of a list as an export keeps them, by their names: "Search: Byrne, Status: Cancelled"."""
    # PostgreSQL keeps a JSON object's names in an order of its own.
    return ", ".join(sorted(f"{filter_name(name)}: {filter_value(name, value)}" for name, value in filters.items()))


def filter_name(name: str) -> str:
    """Return what a filter's parameter is called."""
    bare = name.partition("__")[0]
    return str(FILTERS.get(bare) or capfirst(bare.replace("_", " ")))


def filter_value(name: str, value: Any) -> str:
    """Return what a filter is set to; choices by their names."""
    choices = {"status": BookingStatus, "payment_method": PaymentMethod}.get(name.partition("__")[0])
    return str(dict(choices.choices).get(value, value) if choices else value)


def name_of(found: Any) -> str:
    """Return a person's name, or the words that stand for anything else."""
    return str((found.get_full_name() or found.get_username()) if isinstance(found, User) else found)

"""Dates, times and cards as guests read them: in a language that the texts exist in, on the hotel's clock."""

from datetime import date, datetime, time, timedelta
from typing import Final

from babel.dates import format_time
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from bookings.models import Hotel
from bookings.spoken import formatted, locale
from payments.ledger import amount_of
from payments.models import Payment, PaymentStatus
from payments.money import display
from payments.rates import rate_of

BRANDS: Final = {
    "amex": "American Express",
    "cartes_bancaires": "Cartes Bancaires",
    "diners": "Diners Club",
    "eftpos_au": "eftpos",
    "jcb": "JCB",
    "unionpay": "UnionPay",
}
# What staff choose from when they cancel. Stored in English, and mailed to the guest.
CANCEL_REASONS: Final = (
    gettext_noop("The guest asked for it"),
    gettext_noop("Double booking"),
    gettext_noop("Room out of order"),
    gettext_noop("Hotel closed"),
)


def day(value: date) -> str:
    """Return "Tue 1 Dec 2026"."""
    return formatted(value, "EEE d MMM y", "yMMMEd")


def moment(value: datetime, hotel: Hotel) -> str:
    """Return "Tue 1 Dec, 15:00 (Dublin)" on the hotel's clock; with its year unless it is this one."""
    local = hotel.local(value)
    return timed(near_day(local.date(), hotel), local.time(), hotel)


def end_of_period(value: datetime, hotel: Hotel) -> str:
    """Return the moment at which something ends. Midnight reads as the last minute of the day before."""
    local = hotel.local(value)
    if local.time() == time(0):
        return timed(near_day(local.date() - timedelta(days=1), hotel), time(23, 59), hotel)
    return moment(value, hotel)


def dated(value: datetime, hotel: Hotel) -> str:
    """Return "Tue 1 Dec 2026, 15:00 (Dublin)", whatever the year."""
    local = hotel.local(value)
    return timed(day(local.date()), local.time(), hotel)


def timed(words: str, at: time, hotel: Hotel) -> str:
    """Return a day with its time and the hotel's city."""
    return _("%(day)s, %(time)s (%(city)s)") % {"day": words, "time": clock(at), "city": hotel.city}


def near_day(value: date, hotel: Hotel) -> str:
    """Return "Tue 1 Dec"; with its year unless it is this one."""
    if value.year != hotel.today(timezone.now()).year:
        return day(value)
    return formatted(value, "EEE d MMM", "MMMEd")


def clock(value: time) -> str:
    """Return "15:00"."""
    return str(format_time(value, "HH:mm", locale=locale()))


def card(payment: Payment | None) -> str:
    """Return "Visa ending in 4242", or nothing when no card is known."""
    if payment is None or not payment.card_last4:
        return ""
    brand = BRANDS.get(payment.card_brand, payment.card_brand.replace("_", " ").title())
    return _("%(brand)s ending in %(digits)s") % {"brand": brand or _("Card"), "digits": payment.card_last4}


def reason(stored: str) -> str:
    """Return why staff cancelled, from the list, in the guest's language; what they typed is for the history."""
    known = next((each for each in CANCEL_REASONS if stored == each or stored.startswith(f"{each}: ")), "")
    return _(known) if known else ""


def conversion(payment: Payment) -> str:
    """Return how a price was turned into what Stripe charges, in the guest's language; nothing where it was not."""
    rate = rate_of(payment)
    if rate is None or (payment.status == PaymentStatus.EXPIRED and not payment.amount_authorized):
        return ""
    language, hotel = payment.booking.guest_language, payment.booking.hotel
    return conversion_sentence(payment) % {
        "price": display(payment.price, rate.base, language),
        "amount": display(amount_of(payment), rate.target, language),
        "rate": rate.words(language),
        "source": rate.source,
        "day": day(hotel.local(rate.at).date()),
    }


def conversion_sentence(payment: Payment) -> str:
    """Return the sentence about a converted price, by how far the payment is."""
    if payment.is_captured:
        return _("%(price)s was charged as %(amount)s, at %(rate)s (%(source)s, %(day)s).")
    if payment.status == PaymentStatus.AUTHORIZED:
        return _("%(price)s is held as %(amount)s, at %(rate)s (%(source)s, %(day)s).")
    if payment.amount_authorized:
        return _("%(price)s was held as %(amount)s, at %(rate)s (%(source)s, %(day)s).")
    return _("%(price)s will be charged as %(amount)s, at %(rate)s (%(source)s, %(day)s).")


def masked_email(address: str) -> str:
    """Return "a***@guest.example": enough to recognise, too little to learn."""
    name, _at, host = address.partition("@")
    return f"{name[:1]}***@{host}"

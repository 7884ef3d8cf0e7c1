"""Filters of the guest's pages and mails: amounts with their currency, times with the hotel's city."""

from datetime import date, datetime
from typing import Any

from django import template
from django.conf import settings

from bookings import spoken
from bookings.models import Booking, Hotel
from cancellations import wording
from cancellations.guest_access import COOKIE
from cancellations.language import way_back
from payments.money import display

register = template.Library()


@register.filter
def money(amount: int, booking: Booking) -> str:
    """Return a price in minor units of the booking's own currency, as its guest reads it."""
    return display(amount, booking.currency, booking.guest_language)


@register.filter
def paid(amount: int, booking: Booking) -> str:
    """Return an amount in minor units of the money that moved, which Stripe may have charged in another currency."""
    return display(amount, booking.money_currency, booking.guest_language)


@register.simple_tag
def amount_in(currency: str, amount: int, booking: Booking) -> str:
    """Return an amount in minor units of any currency, as the booking's guest reads it."""
    return display(amount, currency, booking.guest_language)


@register.filter
def day(value: date) -> str:
    """Return "Tue 1 Dec 2026"."""
    return wording.day(value)


@register.filter
def clock(value: datetime) -> str:
    """Return the time of an hotel-local moment: "15:00"."""
    return wording.clock(value.time())


@register.filter
def moment(value: datetime, hotel: Hotel) -> str:
    """Return "Tue 1 Dec, 15:00 (Dublin)"."""
    return wording.moment(value, hotel)


@register.filter
def dated(value: datetime, hotel: Hotel) -> str:
    """Return "Tue 1 Dec 2026, 15:00 (Dublin)"."""
    return wording.dated(value, hotel)


@register.filter
def end_of_period(value: datetime, hotel: Hotel) -> str:
    """Return the last minute of a period: "Mon 30 Nov, 23:59 (Dublin)"."""
    return wording.end_of_period(value, hotel)


@register.simple_tag
def text_language() -> str:
    """Return the language of the page's texts, for its `lang`."""
    return spoken.text_language()


@register.inclusion_tag("guest/_language.html", takes_context=True)
def language_switch(context: template.Context) -> dict[str, Any]:
    """Offer the other languages. Only with a link open does the form carry a secret, which makes each page differ."""
    request = context["request"]
    language = spoken.text_language()
    return {
        "others": [(code, name) for code, name in settings.LANGUAGES if code != language],
        "back": way_back(request.path),
        "has_link": COOKIE in request.COOKIES,
    }


@register.filter
def masked(address: str) -> str:
    """Return "a***@guest.example"."""
    return wording.masked_email(address)


@register.filter
def tel(number: str) -> str:
    """Return a phone number as a `tel:` link needs it."""
    return "".join(sign for sign in number if sign.isdigit() or sign == "+")

"""Exchange rates: the stored one for a new payment, and the frozen one that a payment was made at.

Only the pair that is asked for counts. A rate the other way round is never turned over: hotels and banks quote
both, and they differ.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils.translation import gettext_noop

from bookings.models import Hotel
from payments.models import ExchangeRate, Payment
from payments.money import Rate

WHAT_TO_DO = gettext_noop("Enter a new one under Money, Exchange rates.")


class NoRate(Exception):
    """There is no rate to charge at. `code` is stable; `message` tells staff which rate to enter, and where."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def rate_for(base: str, target: str, *, now: datetime, max_age: timedelta) -> Rate:
    """Return the stored rate from one currency to another; NoRate when it is missing or too old."""
    row = ExchangeRate.objects.filter(base=base, target=target).first()
    if row is None:
        missing = gettext_noop("There is no exchange rate from %(base)s to %(target)s.") % {
            "base": base,
            "target": target,
        }
        raise NoRate("rate_missing", f"{missing} {WHAT_TO_DO}")
    if not counts(row, now=now, max_age=max_age):
        raise NoRate("rate_too_old", f"{why_not(row, now=now, max_age=max_age)} {WHAT_TO_DO}")
    return rate_from(row)


def rate_from(row: ExchangeRate) -> Rate:
    """Return a stored rate as a plain value."""
    return Rate(base=row.base, target=row.target, value=row.rate, source=row.source, at=row.quoted_at)


def counts(row: ExchangeRate, *, now: datetime, max_age: timedelta) -> bool:
    """Whether a stored rate may be charged at: not older than allowed, to the second, and not of the future."""
    return now - max_age <= row.quoted_at <= now


def why_not(row: ExchangeRate, *, now: datetime, max_age: timedelta) -> str:
    """Return why a stored rate does not count, in a receptionist's words."""
    said = {"base": row.base, "target": row.target}
    if row.quoted_at > now:
        return gettext_noop("The exchange rate from %(base)s to %(target)s is dated in the future.") % said
    hours = int(max_age.total_seconds() // 3600)
    quoted = f"{row.quoted_at.day} {row.quoted_at:%B %Y, %H:%M} UTC"
    words = gettext_noop(
        "The exchange rate from %(base)s to %(target)s is of %(quoted)s, older than the %(hours)s hours that the "
        "hotel allows."
    )
    return words % {**said, "quoted": quoted, "hours": hours}


def oldest_of(hotel: Hotel) -> timedelta:
    """Return how old a rate a hotel charges at."""
    return timedelta(hours=hotel.rate_max_age_hours)


def users_of(row: ExchangeRate, hotels: Iterable[Hotel]) -> list[Hotel]:
    """Return the hotels, among some, that charge at a stored rate where Stripe refuses their own currency."""
    return [hotel for hotel in hotels if (hotel.currency, hotel.fallback_currency) == (row.base, row.target)]


def charged(payment: Payment, price: int) -> int:
    """Return what a price (minor units of the booking's currency) comes to in a payment's, at its own rate."""
    rate = rate_of(payment)
    return price if rate is None else rate.convert(price)


def to_capture(payment: Payment) -> int:
    """Return what an approval takes of held money: the price of the stay, which may have sunk since; minor units."""
    return min(payment.amount_authorized, charged(payment, payment.booking.total_amount))


def price_of(payment: Payment) -> int:
    """Return what of the stay's price captured money pays for, in minor units of the booking's currency.

    Less than was asked for where the price had sunk since the money was held.
    """
    taken, asked, total = payment.amount_captured, payment.amount, payment.booking.total_amount
    if taken == asked:
        return int(payment.price)
    return int(total if taken == charged(payment, total) else (2 * payment.price * taken + asked) // (2 * asked))


def rate_of(payment: Payment | None) -> Rate | None:
    """Return the rate that a payment was made at; None where it is in the booking's own currency."""
    if payment is None or payment.exchange_rate is None or payment.rate_at is None:
        return None
    return Rate(
        base=payment.booking.currency,
        target=payment.currency,
        value=payment.exchange_rate,
        source=payment.rate_source,
        at=payment.rate_at,
    )

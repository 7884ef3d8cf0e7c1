"""Where Stripe refuses a booking's currency: charge in the hotel's fallback currency, at the stored rate.

Stripe is asked in the booking's own currency each time. That costs one refused call where it does not take it,
and heals by itself as soon as it does. The caller holds the booking's lock.
"""

from typing import Any, Final

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext_noop

from bookings import audit
from bookings.models import BookingStatus
from payments import rates
from payments.gateway import CURRENCY_REFUSED, Declined
from payments.models import OperationKind, Payment, PaymentOperation
from payments.money import Rate, display
from payments.opening import open_next

# Why there is no payment page although Stripe would take the money in some currency.
NO_FALLBACK, FALLBACK_REFUSED, TOO_LITTLE = "fallback_missing", "fallback_refused", "too_little_to_convert"
CODES: Final = (CURRENCY_REFUSED, NO_FALLBACK, FALLBACK_REFUSED, TOO_LITTLE, "rate_missing", "rate_too_old")


def rate_after(operation: PaymentOperation, refusal: Declined) -> Rate:
    """Return the rate at which to ask again for a payment page that Stripe refused.

    Raises the refusal itself where it is not about the currency, or Declined with what staff can do about it.
    """
    if refusal.code != CURRENCY_REFUSED:
        raise refusal
    payment, hotel = operation.payment, operation.booking.hotel
    said = {"currency": payment.currency, "hotel": hotel}
    if payment.exchange_rate is not None:
        raise Declined(FALLBACK_REFUSED, f"{BOTH_REFUSED % said} {CHOOSE_ANOTHER}")
    if hotel.fallback_currency in ("", payment.currency):
        raise Declined(NO_FALLBACK, f"{NONE_LEFT % said} {CHOOSE_ANOTHER}")
    try:
        return checked(payment, stored_rate(payment))
    except rates.NoRate as missing:
        raise Declined(missing.code, f"{ONE_REFUSED % said} {missing.message}") from missing


# Stored in English with the operation, and told again to whoever reads it.
ONE_REFUSED: Final = gettext_noop("Stripe refused the currency %(currency)s.")
BOTH_REFUSED: Final = gettext_noop(
    "Stripe refused the currency %(currency)s, too, which %(hotel)s has as its fallback."
)
NONE_LEFT: Final = gettext_noop("Stripe refused the currency %(currency)s, and %(hotel)s has no fallback currency.")
CHOOSE_ANOTHER: Final = gettext_noop("A manager can choose one in the hotel's settings.")


def stored_rate(payment: Payment) -> Rate:
    """Return the rate from the booking's currency to the hotel's fallback; raises NoRate."""
    hotel = payment.booking.hotel
    max_age = rates.oldest_of(hotel)
    return rates.rate_for(payment.currency, hotel.fallback_currency, now=timezone.now(), max_age=max_age)


def checked(payment: Payment, rate: Rate) -> Rate:
    """Return a rate that leads to more than nothing; raises NoRate for a price too small for it."""
    if rate.convert(payment.price) <= 0:
        price = display(payment.price, rate.base)
        words = gettext_noop("%(price)s is too little to be charged in %(currency)s.")
        raise rates.NoRate(TOO_LITTLE, words % {"price": price, "currency": rate.target})
    return rate


def open_page(refused: PaymentOperation, rate: Rate) -> PaymentOperation:
    """Return the operation that asks for the page in the fallback currency, in the name of whoever asked first."""
    payment = refused.payment
    with audit.acting(audit.Actor(**refused.details["actor"])):
        convert(payment, rate)
        details = {"request": converted(refused.details["request"], payment), "reason": words_for(payment, rate)}
        return open_next(payment, OperationKind.CREATE_SESSION, amount=payment.amount, details=details)


def convert(payment: Payment, rate: Rate) -> None:
    """Freeze on the payment what is charged instead of its price, and at which rate."""
    payment.amount, payment.currency = rate.convert(payment.price), rate.target
    payment.exchange_rate, payment.rate_source, payment.rate_at = rate.value, rate.source, rate.at
    with audit.change("fall_back", words_for(payment, rate)):
        payment.save()


def converted(request: dict[str, Any], payment: Payment) -> dict[str, Any]:
    """Return the frozen request for a page, with another amount and currency and nothing else changed."""
    (item,) = request["line_items"]
    price = {**item["price_data"], "currency": payment.currency.lower(), "unit_amount": payment.amount}
    return {**request, "line_items": [{**item, "price_data": price}]}


def words_for(payment: Payment, rate: Rate) -> str:
    """Return "Stripe does not take PKR: Rs. 10,000 is charged as $35.71 …" for the history."""
    price, charged = display(payment.price, rate.base), display(payment.amount, rate.target)
    return f"Stripe does not take {rate.base}: {price} is charged as {charged}, at {rate.words()} ({rate.source})."


def cannot_pay(bookings: QuerySet[Any]) -> QuerySet[Any]:
    """Keep the bookings whose guests wait for a rate or a setting: their last try to pay ended at the currency."""
    newest = PaymentOperation.objects.filter(booking=OuterRef("pk")).order_by("-pk")
    waiting = bookings.filter(status=BookingStatus.PENDING_PAYMENT)
    return waiting.alias(ended_by=Subquery(newest.values("error_code")[:1])).filter(ended_by__in=CODES)


def back_to_own(payment: Payment, *, price: int, currency: str) -> None:
    """Let an attempt that never began ask in the booking's own currency again, at today's price in minor units."""
    payment.price = payment.amount = price
    payment.currency = currency
    payment.exchange_rate, payment.rate_source, payment.rate_at = None, "", None

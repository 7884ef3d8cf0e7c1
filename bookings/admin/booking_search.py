"""The search over bookings: by what people know, by Stripe's ids, and by a number as it is read out."""

import re
from typing import Any, Final

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Replace
from django.http import HttpRequest

from bookings.admin.scoping import HotelScopedAdmin
from payments.models import Payment, Refund

STRIPE_IDS: Final = {
    "pi_": "stripe_payment_intent_id",
    "cs_": "stripe_checkout_session_id",
    "ch_": "stripe_charge_id",
}
# What people put between the digits of a number; as digits only, it is found however it was written.
BETWEEN: Final = " -()./"
NUMBER: Final = re.compile(r"[+\d][\d ().\/-]{4,}")


class BookingSearchAdmin(HotelScopedAdmin):
    """An admin of bookings that finds them by what people know."""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Search by what people know; ids of Stripe's are matched exactly, phone numbers by their digits."""
        term = search_term.strip()
        found = by_stripe_id(queryset, term)
        if found is not None:
            return found, False
        by_words, may_repeat = super().get_search_results(request, queryset, search_term)
        if NUMBER.fullmatch(term):
            return by_words | queryset.filter(pk__in=by_phone(queryset.order_by(), term).values("pk")), may_repeat
        return by_words, may_repeat


def by_stripe_id(rows: QuerySet[Any], term: str) -> QuerySet[Any] | None:
    """Return the bookings of a payment or refund at Stripe; None for words that are no such id."""
    if term[:3] in STRIPE_IDS:
        payments = Payment.objects.filter(**{STRIPE_IDS[term[:3]]: term})
        return rows.filter(Q(pk__in=payments.values("booking")) | Q(payment_reference=term))
    if term.startswith("re_"):
        return rows.filter(pk__in=Refund.objects.filter(stripe_refund_id=term).values("payment__booking"))
    return None


def by_phone(rows: QuerySet[Any], term: str) -> QuerySet[Any]:
    """Return the bookings whose phone number has these digits in a row.

    A number that begins with one zero is also looked for without it: "086 555" is "+353 86 555" from abroad.
    """
    bare: Any = F("guest_phone")
    for mark in BETWEEN:
        bare = Replace(bare, Value(mark), Value(""))
    digits = re.sub(r"\D", "", term)
    national = digits[1:] if digits.startswith("0") and not digits.startswith("00") else digits.removeprefix("00")
    return rows.alias(bare_phone=bare).filter(bare_phone__contains=national)

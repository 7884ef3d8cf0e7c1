"""The search over bookings: by what people know, and by Stripe's ids."""

from typing import Any, Final

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from bookings import search
from bookings.admin.scoping import HotelScopedAdmin
from payments.models import Payment, Refund

STRIPE_IDS: Final = {
    "pi_": "stripe_payment_intent_id",
    "cs_": "stripe_checkout_session_id",
    "ch_": "stripe_charge_id",
}


class BookingSearchAdmin(HotelScopedAdmin):
    """An admin of bookings that finds them by what people know."""

    # What these hold is searched together, in one way for all of them: see `bookings.search`.
    search_fields = search.FIELDS

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Search by what people know; ids of Stripe's are matched exactly. No booking is found twice."""
        term = search_term.strip()
        found = by_stripe_id(queryset, term)
        return search.find(queryset, term) if found is None else found, False


def by_stripe_id(rows: QuerySet[Any], term: str) -> QuerySet[Any] | None:
    """Return the bookings of a payment or refund at Stripe; None for words that are no such id."""
    if term[:3] in STRIPE_IDS:
        payments = Payment.objects.filter(**{STRIPE_IDS[term[:3]]: term})
        paid = [*payments.values_list("booking", flat=True)]
        return rows.filter(Q(pk__in=paid) | Q(payment_reference=term))
    if term.startswith("re_"):
        return rows.filter(pk__in=Refund.objects.filter(stripe_refund_id=term).values("payment__booking"))
    return None

"""The cancellation terms that a booking was agreed on, put into words for its page and its history."""

from datetime import date
from typing import Any, Final

from django.utils.translation import gettext as _

from bookings.admin import words
from bookings.models import Booking
from cancellations import calculator
from cancellations.models import TierUnit

# Terms of a history row come without their date. It tells the order only where clocks change between two tiers.
ANY_DAY: Final = date(2026, 1, 15)


def agreed_terms(booking: Booking) -> dict[str, Any]:
    """Return the cancellation terms as agreed, one line for each tier."""
    terms: Any = booking.terms
    return {
        "policy": terms["policy"],
        "description": terms["description"],
        "tiers": [tier_words(tier, terms) for tier in calculator.in_order(terms, booking.check_in)],
        "price": words.money(terms["price"], terms["currency"]),
        "deadline": words.moment(booking.hotel, calculator.deadline(terms, booking.check_in)),
    }


def terms_words(terms: Any) -> str:
    """Return agreed terms as the lines of a history: the policy, its tiers, the price they were agreed on."""
    tiers = [tier_words(tier, terms) for tier in calculator.in_order(terms, ANY_DAY)]
    return "\n".join(
        [
            terms["policy"],
            *tiers,
            _("Price agreed: %(amount)s") % {"amount": words.money(terms["price"], terms["currency"])},
        ]
    )


def tier_words(tier: Any, terms: Any) -> str:
    """Return "At least 14 days before check-in: Free cancellation …"; "Always: …" for the only tier."""
    fee = calculator.describe(tier, terms)
    if not tier["at_least"]:
        return _("Later: %(fee)s") % {"fee": fee} if len(terms["tiers"]) > 1 else _("Always: %(fee)s") % {"fee": fee}
    return at_least(tier, fee)


def at_least(tier: Any, fee: str) -> str:
    """Return from when on before check-in a tier counts, and what it keeps."""
    words = {
        TierUnit.DAYS: _("At least %(number)s days before check-in: %(fee)s"),
        TierUnit.HOURS: _("At least %(number)s hours before check-in: %(fee)s"),
    }[TierUnit(tier["unit"])]
    return words % {"number": tier["at_least"], "fee": fee}

"""What a person has chosen above a report, from the address: odd words choose nothing, foreign hotels are 404."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final
from urllib.parse import urlencode

from django import forms
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bookings.admin.reports.scope import Scope
from bookings.models import Hotel, PaymentMethod

# A report is drawn month by month.
MOST: Final = timedelta(days=10 * 366)
# What a field of the kind "date" takes, whatever the language.
ISO: Final = "%Y-%m-%d"


def chosen(given: Mapping[str, str], hotels: Sequence[Hotel]) -> Scope:
    """Return what the report is about: by default all of a person's hotels and the last twelve months."""
    own = hotels_of(given.get("hotel", ""), hotels)
    today = max((hotel.today(timezone.now()) for hotel in own), default=timezone.now().date())
    last = day(given.get("to", "")) or today
    first = day(given.get("from", "")) or year_before(last)
    first, last = min(first, last), max(first, last)
    method = given.get("method", "")
    return Scope(
        hotels=own,
        first=max(first, last - MOST),
        last=last,
        currency=next((each for each in currencies(hotels) if each == given.get("currency")), ""),
        method=method if method in PaymentMethod.values else "",
    )


def hotels_of(wanted: str, hotels: Sequence[Hotel]) -> tuple[Hotel, ...]:
    """Return the hotel that is asked for, or all; 404 for one that is not the person's."""
    own = tuple(hotel for hotel in hotels if not wanted or str(hotel.pk) == wanted)
    if wanted and not own:
        raise Http404
    return own


def day(text: str) -> date | None:
    """Return a day as the browser writes it; None for anything else, and where the calendar ends."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1990 <= found.year <= 2200 else None


def year_before(last: date) -> date:
    """Return the first day of the eleventh month before a day's: with its own, that is twelve."""
    number = last.year * 12 + last.month - 12
    return date(number // 12, number % 12 + 1, 1)


def currencies(hotels: Sequence[Hotel]) -> list[str]:
    """Return the currencies in which the hotels take money."""
    return sorted({code for hotel in hotels for code in (hotel.currency, hotel.fallback_currency) if code})


def query(scope: Scope, given: Mapping[str, str], **more: str) -> str:
    """Return the address's words for the same choice, and more."""
    said = {
        "hotel": given.get("hotel", ""),
        "from": scope.first.isoformat(),
        "to": scope.last.isoformat(),
        "currency": scope.currency,
        "method": scope.method,
        **more,
    }
    return urlencode({name: value for name, value in said.items() if value})


def form(scope: Scope, given: Mapping[str, str], hotels: Sequence[Hotel]) -> forms.Form:
    """Return the fields above the report."""
    fields: dict[str, forms.Field] = {}
    if len(hotels) > 1:
        names = [("", _("All hotels")), *((str(hotel.pk), str(hotel)) for hotel in hotels)]
        fields["hotel"] = forms.ChoiceField(label=_("Hotel"), choices=names, required=False)
    fields["from"] = forms.CharField(
        label=pgettext_lazy("first day", "From"), widget=forms.DateInput(attrs={"type": "date"}, format=ISO)
    )
    fields["to"] = forms.CharField(
        label=pgettext_lazy("last day", "To"), widget=forms.DateInput(attrs={"type": "date"}, format=ISO)
    )
    codes = currencies(hotels)
    if len(codes) > 1:
        every = [("", _("All currencies")), *((code, code) for code in codes)]
        fields["currency"] = forms.ChoiceField(label=_("Currency"), choices=every, required=False)
    methods = [("", _("All")), *PaymentMethod.choices]
    fields["method"] = forms.ChoiceField(label=_("Paid"), choices=methods, required=False)
    shown = {"hotel": given.get("hotel", ""), "from": scope.first, "to": scope.last}
    kind = type("ChoiceForm", (forms.Form,), fields)
    made: forms.Form = kind(initial={**shown, "currency": scope.currency, "method": scope.method})
    return made

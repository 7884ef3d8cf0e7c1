"""The exchange rates at which hotels charge where Stripe refuses their own currency."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.decorators import display

from bookings.admin.history import ReadableHistoryAdmin
from bookings.admin.words import BAD, EMPTY, GOOD, moment, pill
from bookings.models import Hotel
from payments import rates
from payments.models import ExchangeRate
from payments.money import known_currencies


class ExchangeRateForm(forms.ModelForm):
    """Checks a rate that a person types."""

    class Meta:
        model = ExchangeRate
        fields = ("base", "target", "rate", "source", "quoted_at")
        labels = {"quoted_at": gettext_lazy("Quoted at (UTC)")}
        help_texts = {
            "rate": gettext_lazy("What one unit of the first currency is worth in the second, such as 0.003571."),
            "source": gettext_lazy("Whose rate it is, such as a bank's name. Guests read it, too."),
            "quoted_at": gettext_lazy("Hotels refuse to charge at a rate that is older than they allow."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["rate"] = f"{self.instance.rate.normalize():f}"
        if "quoted_at" in self.fields:
            both: Any = self.fields["quoted_at"].widget
            # Two inputs share one label; a placeholder names neither of them to a screen reader.
            for part, name in zip(both.widgets, (_("Quoted on (UTC)"), _("Quoted at (UTC)")), strict=True):
                part.attrs["aria-label"] = name

    def clean_base(self) -> str:
        """Write currencies in capitals."""
        return known(self.cleaned_data["base"])

    def clean_target(self) -> str:
        """Write currencies in capitals."""
        return known(self.cleaned_data["target"])

    def clean_rate(self) -> Decimal:
        """Refuse a rate that would make every price nothing."""
        rate: Decimal = self.cleaned_data["rate"]
        if rate <= 0:
            raise forms.ValidationError(_("A rate has to be above zero."))
        return rate

    def clean_quoted_at(self) -> datetime:
        """Refuse a rate that is not valid yet."""
        quoted: datetime = self.cleaned_data["quoted_at"]
        if quoted > timezone.now():
            raise forms.ValidationError(_("This moment lies in the future. Times here are UTC."))
        return quoted

    def clean(self) -> dict[str, Any]:
        """Refuse a rate from a currency to itself."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("base") and cleaned.get("base") == cleaned.get("target"):
            self.add_error("target", _("Choose two different currencies."))
        return cleaned


def known(text: str) -> str:
    """Return a currency's code in capitals; ValidationError when there is no such currency."""
    code = text.strip().upper()
    if code not in known_currencies():
        raise forms.ValidationError(_("Use the three letters of a currency, such as USD."))
    return code


@admin.register(ExchangeRate)
class ExchangeRateAdmin(ReadableHistoryAdmin):
    """Rates belong to no hotel: whoever may see rates sees all of them, but of hotels only the own."""

    form = ExchangeRateForm
    actions = None
    search_fields = ("base", "target", "source")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return all rates."""
        return ModelAdmin.get_queryset(self, request)

    def get_list_display(self, request: HttpRequest) -> Any:
        """Show each rate, how old it is, and for which of the person's hotels it is too old."""
        return ("pair", "shown_rate", "source", "quoted", "age", used_by(request))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show the same below the form of a stored rate."""
        typed = ("base", "target", "rate", "source", "quoted_at")
        return (*typed, "age", used_by(request)) if obj else typed

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keep the pair of a stored rate: another pair is another rate."""
        return ("base", "target", "age", used_by(request)) if obj else ()

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Propose that the rate is quoted now."""
        return {"quoted_at": timezone.now().replace(second=0, microsecond=0)}

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only an owner may remove a rate. Payments keep their own; a hotel that needs it can no longer charge."""
        return bool(getattr(request.user, "is_superuser", False))

    @display(description=gettext_lazy("Rate"), ordering="base")
    def pair(self, rate: ExchangeRate) -> str:
        """Show both currencies."""
        return str(rate)

    @display(description=gettext_lazy("Worth"))
    def shown_rate(self, rate: ExchangeRate) -> str:
        """Show what one unit is worth."""
        return rates.rate_from(rate).words()

    @display(description=gettext_lazy("Quoted"), ordering="quoted_at")
    def quoted(self, rate: ExchangeRate) -> str:
        """Show since when it is valid."""
        return moment(None, rate.quoted_at)

    @display(description=gettext_lazy("Age"))
    def age(self, rate: ExchangeRate) -> str:
        """Show how old it is."""
        hours = int((timezone.now() - rate.quoted_at).total_seconds() // 3600)
        return f"{hours} h" if hours < 48 else f"{hours // 24} days"


def used_by(request: HttpRequest) -> Callable[[ExchangeRate], SafeString | str]:
    """Return the column that names the person's hotels that charge at a rate; they are read once for a page."""
    known = request.__dict__
    if "rate_column" not in known:
        user: Any = request.user
        hotels = list(user.visible_hotels().exclude(fallback_currency=""))

        @display(description=_("Hotels"))
        def column(rate: ExchangeRate) -> SafeString | str:
            return hotels_words(rate, hotels)

        known["rate_column"] = column
    found: Callable[[ExchangeRate], SafeString | str] = known["rate_column"]
    return found


def hotels_words(rate: ExchangeRate, hotels: list[Hotel]) -> SafeString | str:
    """Return for which hotels a rate counts now, and for which it is too old."""
    now = timezone.now()
    shown = [
        pill(_("Good for %(hotel)s") % {"hotel": hotel}, GOOD)
        if rates.counts(rate, now=now, max_age=rates.oldest_of(hotel))
        else pill(
            _("Too old for %(hotel)s, which allows %(rate_max_age_hours)s h")
            % {"hotel": hotel, "rate_max_age_hours": hotel.rate_max_age_hours},
            BAD,
        )
        for hotel in rates.users_of(rate, hotels)
    ]
    return format_html("{}" * len(shown), *shown) if shown else EMPTY

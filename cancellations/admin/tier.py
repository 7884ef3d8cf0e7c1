"""The tiers of a policy, edited inside it."""

from typing import Any

from django import forms
from django.db.models import Case, F, When
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import TabularInline
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from bookings.admin.amounts import minor_units, typed, with_sample
from bookings.admin.words import money
from cancellations.admin.presets import find
from cancellations.admin.tier_formset import TierFormSet
from cancellations.models import CancellationTier, FeeKind, TierUnit

MOST_PERCENT = 100


class TierForm(forms.ModelForm):
    """A tier whose fee is typed as percent, nights, or an amount in the hotel's currency."""

    fee = forms.CharField(
        label=gettext_lazy("Fee"),
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal"}),
        help_text=with_sample(gettext_lazy("Percent, number of nights, or an amount such as %(sample)s."), 5000),
    )

    class Meta:
        model = CancellationTier
        fields = ("at_least", "unit", "fee_kind")

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        self.currency = currency
        super().__init__(*args, **kwargs)
        for name, shown in self.fields.items():
            shown.widget.attrs["aria-label"] = shown.label or name.capitalize()  # the table's head is no label
        if self.instance.pk and "fee" in self.fields:
            fixed = self.instance.fee_kind == FeeKind.FIXED
            value = self.instance.fee_value
            self.fields["fee"].initial = typed(value, currency) if fixed else str(value)

    def clean(self) -> dict[str, Any]:
        """Read the fee as its kind says."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("fee") and cleaned.get("fee_kind"):
            try:
                self.instance.fee_value = fee_value(cleaned["fee"], cleaned["fee_kind"], self.currency)
            except forms.ValidationError as error:
                self.add_error("fee", error)
        return cleaned

    def validate_constraints(self) -> None:
        """Leave it to the formset, which sees all tiers at once and says it in words."""


def fee_value(text: str, kind: str, currency: str) -> int:
    """Return percent, nights or minor units; ValidationError says what is wrong."""
    if kind == FeeKind.FIXED:
        return minor_units(text, currency)
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(MOST_PERCENT))):
        raise forms.ValidationError(_("Give a whole number."))
    if kind == FeeKind.PERCENT and int(text) > MOST_PERCENT:
        raise forms.ValidationError(_("A fee cannot be more than 100 percent."))
    return int(text)


class TierInline(TabularInline):
    """The tiers inside a policy's page."""

    model = CancellationTier
    form = TierForm
    formset = TierFormSet
    show_title = False
    extra = 0
    min_num = 1
    validate_min = True
    # About the order in which they end; the examples below show the exact one.
    ordering = ((F("at_least") * Case(When(unit=TierUnit.HOURS, then=1), default=24)).desc(),)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Show the fee in words to whoever may only look."""
        looks = obj is not None and not self.has_change_permission(request, obj)
        return ("at_least", "unit", "kept") if looks else ("at_least", "unit", "fee_kind", "fee")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """The fee in words is no field."""
        return ("kept",)

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        """Make room for the tiers of a preset."""
        preset = find(request.GET.get("preset")) if obj is None and request.method == "GET" else None
        return len(preset.tiers) - self.min_num if preset else 0

    @display(description=gettext_lazy("Kept"))
    def kept(self, tier: CancellationTier) -> str:
        """Show the fee with its unit."""
        if tier.fee_kind == FeeKind.FIXED:
            return money(tier.fee_value, tier.policy.hotel.currency)
        return f"{tier.fee_value} {tier.get_fee_kind_display()}"

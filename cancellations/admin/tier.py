"""The tiers of a policy, edited inside it."""

from typing import Any

from django import forms
from unfold.admin import TabularInline
from unfold.widgets import UnfoldAdminTextInputWidget

from bookings.admin.dialog import minor_units
from cancellations.models import CancellationTier, FeeKind
from payments.money import plain

MOST_PERCENT = 100


class TierForm(forms.ModelForm):
    """A tier whose fee is typed as percent, nights, or an amount in the hotel's currency."""

    fee = forms.CharField(
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal"}),
        help_text="Percent, number of nights, or an amount such as 50.00.",
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
            self.fields["fee"].initial = plain(value, currency) if fixed else str(value)

    def clean(self) -> dict[str, Any]:
        """Read the fee as its kind says."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("fee") and cleaned.get("fee_kind"):
            try:
                self.instance.fee_value = fee_value(cleaned["fee"], cleaned["fee_kind"], self.currency)
            except forms.ValidationError as error:
                self.add_error("fee", error)
        return cleaned


def fee_value(text: str, kind: str, currency: str) -> int:
    """Return percent, nights or minor units; ValidationError says what is wrong."""
    if kind == FeeKind.FIXED:
        return minor_units(text, currency)
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(MOST_PERCENT))):
        raise forms.ValidationError("Give a whole number.")
    if kind == FeeKind.PERCENT and int(text) > MOST_PERCENT:
        raise forms.ValidationError("A fee cannot be more than 100 percent.")
    return int(text)


class TierFormSet(forms.BaseInlineFormSet):
    """Tiers that know their policy's currency."""

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        """Give each form the currency of the policy's hotel."""
        hotel = self.instance.hotel if self.instance.hotel_id else None
        return {**super().get_form_kwargs(index), "currency": hotel.currency if hotel else ""}


class TierInline(TabularInline):
    """The tiers inside a policy's page."""

    model = CancellationTier
    form = TierForm
    formset = TierFormSet
    fields = ("at_least", "unit", "fee_kind", "fee")
    ordering = ("unit", "-at_least")
    extra = 0
    min_num = 1
    validate_min = True

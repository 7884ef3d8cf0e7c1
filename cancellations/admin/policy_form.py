"""The form of a policy: its name, its words for guests, and whether new bookings are made with it."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.models import Hotel
from cancellations.models import CancellationPolicy


class PolicyForm(forms.ModelForm):
    """A policy; a hotel has exactly one that new bookings are made with."""

    class Meta:
        model = CancellationPolicy
        fields = ("hotel", "name", "description", "is_default")
        labels = {"is_default": gettext_lazy("Used for new bookings")}
        help_texts = {
            "is_default": gettext_lazy("A hotel has one such policy: the one that has the tick now loses it.")
        }

    def clean(self) -> dict[str, Any]:
        """Refuse a name that is taken, and a hotel that would be left without a default."""
        cleaned = super().clean() or self.cleaned_data
        hotel = cleaned.get("hotel") or (self.instance.hotel if self.instance.pk else None)
        if hotel and is_taken(cleaned.get("name"), hotel, self.instance):
            self.add_error(
                "name", _("%(hotel)s has a policy of this name already. Choose another name.") % {"hotel": hotel}
            )
        if "is_default" in self.changed_data and self.initial.get("is_default") and self.instance.pk:
            self.add_error(
                "is_default",
                _("New bookings need a policy. Give the tick to another one, and this one loses it by itself."),
            )
        return cleaned

    def validate_constraints(self) -> None:
        """Leave both constraints to `clean`, which says them in words, and to saving, which moves the tick."""


def is_taken(name: Any, hotel: Hotel, policy: CancellationPolicy) -> bool:
    """Whether another policy of the hotel has the name."""
    return bool(name) and hotel.policies.filter(name=name).exclude(pk=policy.pk).exists()

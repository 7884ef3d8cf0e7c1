"""The tiers of one policy as they are typed: checked together, and stored by when they begin."""

from collections import Counter
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from cancellations.models import CancellationTier

type Start = tuple[int, str]


class TierFormSet(forms.BaseInlineFormSet):
    """Tiers that know their policy's currency, and each other."""

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        """Give each form the currency of the policy's hotel."""
        hotel = self.instance.hotel if self.instance.hotel_id else None
        return {**super().get_form_kwargs(index), "currency": hotel.currency if hotel else ""}

    def add_fields(self, form: Any, index: int | None) -> None:
        """Name the box that removes a tier: beside it is only a picture."""
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].widget.attrs["aria-label"] = _("Remove this tier")

    def clean(self) -> None:
        """Refuse two tiers that begin alike, and terms that leave open what is kept at the end."""
        if any(self.errors):
            return
        starts = Counter(start(tier) for tier in self.typed())
        for (number, unit), count in starts.items():
            if count > 1:
                raise forms.ValidationError(
                    _("Two tiers begin %(number)s %(unit)s before check-in. Keep one of them.")
                    % {"number": number, "unit": unit}
                )
        if starts and all(number for number, _unit in starts):
            raise forms.ValidationError(_("Nothing says what is kept up to check-in. Add a tier that begins at 0."))

    def validate_unique(self) -> None:
        """Leave it to `clean`: a tier may take the start of another one that moves away itself."""

    def typed(self) -> list[CancellationTier]:
        """Return the tiers that are to be, unsaved; of a form that is right so far."""
        kept = [form for form in self.forms if form not in self.deleted_forms]
        return [form.instance for form in kept if form.instance.pk or form.has_changed()]

    def problems(self) -> list[str]:
        """Return what is wrong, each with the tier that it is about."""
        rows = [
            _("Tier %(number)s, %(lower)s: %(error)s")
            % {"number": number, "lower": (form.fields[name].label or name).lower(), "error": error}
            for number, form in enumerate(self.forms, 1)
            for name, errors in form.errors.items()
            for error in errors
        ]
        return [*rows, *self.non_form_errors()]

    def save(self, commit: bool = True) -> list[CancellationTier]:
        """Store what was typed. A stored tier is known by when it begins, so that no two of them ever collide.

        Only a tier that the form showed is deleted: somebody else may have added one meanwhile.
        """
        shown = {form.instance.pk for form in self.initial_forms}
        stored = {start(tier): tier for tier in CancellationTier.objects.filter(policy=self.instance)}
        wanted = {start(tier): tier for tier in self.typed()}
        self.new_objects: list[CancellationTier] = []
        self.changed_objects: list[tuple[CancellationTier, list[str]]] = []
        self.deleted_objects = [tier for key, tier in stored.items() if tier.pk in shown and key not in wanted]
        for tier in self.deleted_objects:
            tier.delete()
        for key, tier in wanted.items():
            self.store(tier, stored.get(key))
        return [*self.new_objects, *(tier for tier, _changed in self.changed_objects)]

    def store(self, typed: CancellationTier, stored: CancellationTier | None) -> None:
        """Add a tier, or give a stored one its new fee; one that is as before gets no history row."""
        fee = {"fee_kind": typed.fee_kind, "fee_value": typed.fee_value}
        if stored is None:
            number, unit = start(typed)
            new = CancellationTier.objects.create(policy=self.instance, at_least=number, unit=unit, **fee)
            self.new_objects.append(new)
        elif (stored.fee_kind, stored.fee_value) != (typed.fee_kind, typed.fee_value):
            stored.fee_kind, stored.fee_value = typed.fee_kind, typed.fee_value
            stored.save()
            self.changed_objects.append((stored, ["fee"]))


def start(tier: CancellationTier) -> Start:
    """Return when a tier begins: number and unit."""
    return tier.at_least, str(tier.unit)

"""The form of a new access token."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bookings.models import AccessToken


class AccessTokenForm(forms.ModelForm):
    """What a token is called, for which hotel, and until when."""

    class Meta:
        model = AccessToken
        fields = ("name", "hotel", "expires_at")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        moment: Any = self.fields.get("expires_at")
        if moment is not None:  # a token that is made is only read
            labels = (_("Works until: date"), _("Works until: time"))
            for part, label in zip(moment.widget.widgets, labels, strict=True):
                part.attrs["aria-label"] = label

    def clean_expires_at(self) -> datetime | None:
        """Refuse a token that would never work."""
        chosen: datetime | None = self.cleaned_data["expires_at"]
        if chosen is not None and chosen <= timezone.now():
            raise forms.ValidationError(_("This moment has passed. Times here are UTC."))
        return chosen

    def decision(self) -> dict[str, Any]:
        """Return what the token is made of."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}

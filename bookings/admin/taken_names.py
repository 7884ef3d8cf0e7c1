"""Room numbers and names of room types that a hotel has already: said in the form, before and after a race."""

from typing import Any

from django import forms
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from bookings.admin.history import ReadableHistoryAdmin


class UniqueInHotelForm(forms.ModelForm):
    """A form whose hotel may be fixed, so that Django itself does not look whether the name is taken."""

    # The field that has to differ within a hotel.
    unique_name = ""

    def clean(self) -> dict[str, Any]:
        """Refuse a name that another row of the hotel has."""
        cleaned = super().clean() or self.cleaned_data
        hotel = cleaned.get("hotel") or (self.instance.hotel if self.instance.pk else None)
        name = cleaned.get(self.unique_name)
        rows = type(self.instance)._default_manager.filter(**{"hotel": hotel, self.unique_name: name})
        if hotel and name and rows.exclude(pk=self.instance.pk).exists():
            self.add_error(self.unique_name, _("%(hotel)s has “%(name)s” already.") % {"hotel": hotel, "name": name})
        return cleaned


class TakenNamesAdmin(ReadableHistoryAdmin):
    """Asks the form once more where somebody else was faster; the form then says that the name is taken."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Save, or say what is wrong."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except IntegrityError:
            return super().changeform_view(request, *args, **kwargs)

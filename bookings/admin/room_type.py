"""The admin of room types and their rates."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from bookings.admin.amounts import minor_units, typed, with_sample
from bookings.admin.scoping import HotelFilter
from bookings.admin.taken_names import TakenNamesAdmin, UniqueInHotelForm
from bookings.admin.words import money
from bookings.models import RoomType


class RoomTypeForm(UniqueInHotelForm):
    """A room type, with its rate as a decimal amount of the hotel's currency."""

    unique_name = "name"

    rate = forms.CharField(
        label=_("Nightly rate"),
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal"}),
        help_text=with_sample(_("In the hotel's currency, such as %(sample)s."), 17000),
    )

    class Meta:
        model = RoomType
        fields = ("hotel", "name", "capacity")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "rate" in self.fields:
            currency = self.instance.hotel.currency
            self.fields["rate"].initial = typed(self.instance.nightly_rate, currency)
            self.fields["rate"].label = _("Nightly rate in %(currency)s") % {"currency": currency}

    def clean(self) -> dict[str, Any]:
        """Read the rate in the currency of the chosen hotel."""
        cleaned = super().clean() or self.cleaned_data
        hotel = cleaned.get("hotel") or (self.instance.hotel if self.instance.pk else None)
        if hotel and cleaned.get("rate"):
            try:
                self.instance.nightly_rate = minor_units(cleaned["rate"], hotel.currency)
            except forms.ValidationError as error:
                self.add_error("rate", error)
        return cleaned


@admin.register(RoomType)
class RoomTypeAdmin(TakenNamesAdmin):
    """What a hotel sells."""

    form = RoomTypeForm
    actions = None
    list_display = ("name", "hotel", "price", "capacity")
    list_select_related = ("hotel",)
    list_filter = (HotelFilter,)
    search_fields = ("name",)
    fields = ("hotel", "name", "rate", "capacity")

    @display(description=_("Nightly rate"), ordering="nightly_rate")
    def price(self, room_type: RoomType) -> str:
        """Show the rate with its currency."""
        return money(room_type.nightly_rate, room_type.hotel.currency)

    def get_fields(self, request: Any, obj: RoomType | None = None) -> tuple[str, ...]:
        """Show the rate as text to whoever may only look."""
        looks = obj is not None and not self.has_change_permission(request, obj)
        return ("hotel", "name", "price", "capacity") if looks else ("hotel", "name", "rate", "capacity")

    def get_readonly_fields(self, request: Any, obj: RoomType | None = None) -> tuple[str, ...]:
        """Keep a room type in its hotel: bookings refer to it."""
        return ("hotel", "price") if obj else ()

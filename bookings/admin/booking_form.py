"""The booking's form: a draft's stay and price, and the guest's contact."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminDateWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from bookings import availability
from bookings.admin.amounts import minor_units, typed
from bookings.admin.words import day
from bookings.models import Booking, BookingStatus, Hotel, Room, RoomType
from bookings.pricing import stay_price
from bookings.refusals import Refused
from bookings.spoken import text_language
from payments.money import spoken

S = BookingStatus
STAY = ("hotel", "room_type", "room", "check_in", "check_out", "payment_method")
STAY_ROWS = (("hotel", "payment_method"), ("room_type", "room"), ("check_in", "check_out"))
GUEST = ("guest_name", "guest_email", "guest_phone", "guest_language", "notes")
# Never 3/12/2026, which is March to some and December to others.
DATE_FORMATS = ("%Y-%m-%d", "%d.%m.%Y", "%d %b %Y", "%d %B %Y")
# A guest who arrives at one in the morning stays from the day before.
LATE = timedelta(days=1)
# The code of the error that somebody else has the room.
TAKEN = "taken"
GUEST_ROWS = (("guest_name", "guest_language"), ("guest_email", "guest_phone"), "notes")
READ_ROWS = (("guest_name", "language"), *GUEST_ROWS[1:])


def day_field(label: Any) -> forms.DateField:
    """Return a field for a day that cannot be misread."""
    words = gettext_lazy("Write the date like 2026-12-31 or 31 Dec 2026.")
    return forms.DateField(
        label=label,
        input_formats=DATE_FORMATS,
        error_messages={"invalid": words},
        # As a browser's own picker reads it, in every language of the desk.
        widget=UnfoldAdminDateWidget(format="%Y-%m-%d"),
    )


class BookingForm(forms.ModelForm):
    """Checks what a receptionist can get wrong, and says it in words."""

    check_in = day_field(gettext_lazy("Check-in"))
    check_out = day_field(gettext_lazy("Check-out"))
    guest_language = forms.ChoiceField(
        label=gettext_lazy("Guest language"), choices=settings.LANGUAGES, widget=UnfoldAdminSelectWidget()
    )
    total = forms.CharField(
        label=gettext_lazy("Total"),
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        help_text=gettext_lazy("Leave empty for nights × rate. A price of your own is kept."),
    )

    # Why the booking could not be submitted; the admin says so.
    why_refused = ""
    # People are asked about the guest's other booking for some of these nights, once; programs know what they do.
    asks_about_twin = False
    twin = ""

    class Meta:
        model = Booking
        fields = (*STAY, *GUEST)
        widgets = {
            "notes": UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.own_choices()
        # A code that was stored before, or by another program, is shown as the language that its guest reads.
        self.initial["guest_language"] = text_language(
            self.initial.get("guest_language") or self.instance.guest_language
        )
        if not self.instance.pk:
            for name in ("check_in", "check_out"):
                widget: Any = self.fields[name].widget
                widget.input_type = "date"  # the browser's own picker: it needs no script
                widget.format = "%Y-%m-%d"  # which takes no other, whatever the language
        self.has_own_price = bool(self.instance.pk) and is_own_price(self.instance)
        if "total" in self.fields and self.instance.pk:
            self.fields["total"].label = _("Total in %(currency)s") % {"currency": self.instance.currency}
            self.fields["total"].initial = typed(self.instance.total_amount, self.instance.currency)

    def own_choices(self) -> None:
        """Say in the choices what tells them apart."""
        if "room_type" in self.fields:
            choice: Any = self.fields["room_type"]
            choice.queryset = choice.queryset.select_related("hotel")
            choice.label_from_instance = type_words
        if "room" in self.fields:
            room: Any = self.fields["room"]
            room.queryset = room.queryset.filter(is_active=True).select_related("hotel", "room_type")
            room.label_from_instance = room_words
            room.help_text = _("May be left open and assigned later.")

    def clean(self) -> dict[str, Any]:
        """Check that the stay is possible and fill in what follows from it."""
        cleaned = super().clean() or self.cleaned_data
        if self.why_refused:
            self.add_error(None, self.why_refused)
        if "hotel" not in self.fields or self.errors:
            return cleaned
        self.check_dates(cleaned["hotel"], cleaned["check_in"], cleaned["check_out"])
        self.check_place(cleaned["hotel"], cleaned["room_type"], cleaned.get("room"))
        if not self.errors:
            self.set_price(cleaned)
            self.check_free(cleaned)
        if self.asks_about_twin and not self.errors:
            self.ask_about_twin(cleaned)
        return cleaned

    def check_dates(self, hotel: Hotel, check_in: date, check_out: date) -> None:
        """Refuse a stay without a night, or one that began before yesterday on the hotel's calendar."""
        if check_out <= check_in:
            self.add_error("check_out", _("Check-out must be after check-in."))
        today = hotel.today(timezone.now())
        if check_in < today - LATE:
            words = _("This day has passed: today is %(today)s in %(city)s.")
            self.add_error("check_in", words % {"today": day(today), "city": hotel.city})

    def check_place(self, hotel: Hotel, room_type: RoomType, room: Room | None) -> None:
        """Refuse rooms and types that do not belong together."""
        if room_type.hotel_id != hotel.pk:
            words = _("%(room_type)s is not a room type of %(hotel)s.")
            self.add_error("room_type", words % {"room_type": room_type, "hotel": hotel})
        if room and room.room_type_id != room_type.pk:
            words = _("Room %(room)s is not of the type %(room_type)s.")
            self.add_error("room", words % {"room": room, "room_type": room_type})

    def check_free(self, cleaned: dict[str, Any]) -> None:
        """Refuse a room or type that is taken; submitting checks again, under a lock."""
        stay = Booking(pk=self.instance.pk, **{name: cleaned[name] for name in STAY})
        try:
            if stay.room:
                availability.refuse_taken_room(stay)
            availability.refuse_full_type(stay)
        except Refused as refused:
            taken = forms.ValidationError(refused.message, code=TAKEN)
            self.add_error("room" if stay.room else "room_type", taken)

    def ask_about_twin(self, cleaned: dict[str, Any]) -> None:
        """Ask once more where the guest has a booking for some of these nights, as after the browser's Back."""
        found = Booking.objects.active().filter(
            hotel=cleaned["hotel"],
            guest_email__iexact=cleaned["guest_email"],
            status__in=(S.DRAFT, S.PENDING_PAYMENT, S.PENDING_APPROVAL, S.CONFIRMED),
            check_in__lt=cleaned["check_out"],
            check_out__gt=cleaned["check_in"],
        )
        twin = found.order_by("-pk").first()
        if twin is None or self.data.get("twin") == twin.booking_id:
            return
        self.twin = twin.booking_id
        said = {"guest": twin.guest_name, "booking": twin}
        words = _(
            "%(guest)s has booking %(booking)s for some of these nights already. If this is another one, press the "
            "button once more. Nothing was saved yet."
        )
        self.add_error(None, words % said)

    def set_price(self, cleaned: dict[str, Any]) -> None:
        """Take the typed total, keep a price that a manager set, or count nights × rate."""
        self.instance.currency = cleaned["hotel"].currency
        text = cleaned.get("total", "")
        if text and "total" in self.changed_data:
            self.take_typed(text)
        elif (text == "" and "total" in self.fields) or "hotel" in self.changed_data or not self.has_own_price:
            self.instance.total_amount = stay_price(
                nightly_rate=cleaned["room_type"].nightly_rate,
                check_in=cleaned["check_in"],
                check_out=cleaned["check_out"],
            )

    def take_typed(self, text: str) -> None:
        """Read the typed total in the hotel's currency."""
        try:
            self.instance.total_amount = minor_units(text, self.instance.currency)
        except forms.ValidationError as error:
            self.add_error("total", error)


def is_own_price(booking: Booking) -> bool:
    """Whether a manager has set another price than nights × rate."""
    standard = stay_price(
        nightly_rate=booking.room_type.nightly_rate, check_in=booking.check_in, check_out=booking.check_out
    )
    return booking.total_amount != standard


def type_words(room_type: RoomType) -> str:
    """Return "Double, €170.00 a night (Hotel Liffey)"."""
    rate = spoken(room_type.nightly_rate, room_type.hotel.currency)
    words = _("%(room_type)s, %(rate)s a night (%(hotel)s)")
    return words % {"room_type": room_type, "rate": rate, "hotel": room_type.hotel}


def room_words(room: Room) -> str:
    """Return "101, Double (Hotel Liffey)"."""
    return f"{room}, {room.room_type} ({room.hotel})"

"""The dialog that moves a booking: first it says what would happen, then the same press does exactly that."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from unfold.widgets import UnfoldAdminSelectWidget

from bookings.admin.amounts import AmountField
from bookings.admin.booking_form import day_field
from bookings.admin.dialog import ReasonMixin, choice_of, note_field, radios
from bookings.admin.dialogs import BookingDialog
from bookings.admin.words import dates, moment, nights, place
from bookings.models import Booking, Room, RoomType
from bookings.refusals import Refused
from bookings.stay import Move
from payments import reschedule
from payments.money import spoken
from payments.plans import Plan, Wish

REASONS: Final = (
    gettext_noop("The guest asked for it"),
    gettext_noop("Room out of order"),
    gettext_noop("Upgrade"),
    gettext_noop("Wrong dates were taken down"),
)
KEEP, TODAY = "keep", "today"
TERMS: Final = [(KEEP, gettext_lazy("As agreed then")), (TODAY, gettext_lazy("Today's default policy"))]
CHECK: Final = gettext_lazy("Please check what will happen, then press again.")


class RescheduleDialog(ReasonMixin, BookingDialog):
    """Other dates, another room, another price."""

    check_in = day_field(gettext_lazy("Check-in"))
    check_out = day_field(gettext_lazy("Check-out"))
    room_type = forms.ModelChoiceField(
        RoomType.objects.none(), label=gettext_lazy("Room type"), widget=UnfoldAdminSelectWidget()
    )
    room = forms.ModelChoiceField(
        Room.objects.none(),
        label=gettext_lazy("Room"),
        required=False,
        empty_label=gettext_lazy("No room yet"),
        widget=UnfoldAdminSelectWidget(),
    )
    price = AmountField(
        label=gettext_lazy("Own price"), required=False, help_text=gettext_lazy("Leave empty for nights × rate.")
    )
    terms = radios(gettext_lazy("Cancellation terms"), TERMS, initial=KEEP)
    reason = choice_of(REASONS)
    note = note_field(gettext_lazy("Note for the history"), required=False)
    seen = forms.CharField(widget=forms.HiddenInput(), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plan: Plan | None = None
        self.is_preview = False
        self.offer_stays(self.facts.booking)
        if self.user.has_perm("cancellations.override_fee"):
            price: Any = self.fields["price"]
            price.currency = self.facts.booking.currency
            price.label = _("Own price in %(currency)s") % {"currency": price.currency}
        else:
            del self.fields["price"], self.fields["terms"]

    def offer_stays(self, booking: Booking) -> None:
        """Offer what the hotel sells, and begin with the stay as it is."""
        room_type: Any = self.fields["room_type"]
        room: Any = self.fields["room"]
        room_type.queryset = RoomType.objects.filter(hotel=booking.hotel)
        room_type.label_from_instance = lambda each: (
            _("%(room_type)s, %(rate)s a night")
            % {"room_type": each, "rate": spoken(each.nightly_rate, booking.currency)}
        )
        free = Room.objects.filter(hotel=booking.hotel, is_active=True) | Room.objects.filter(pk=booking.room_id or 0)
        room.queryset = free.select_related("room_type")
        room.label_from_instance = lambda each: f"{each}, {each.room_type}"
        for name in ("check_in", "check_out", "room_type", "room"):
            self.fields[name].initial = getattr(booking, name)
        for name in ("check_in", "check_out"):
            widget: Any = self.fields[name].widget
            widget.input_type = "date"  # the admin's own picker is not there in a dialog
            widget.format = "%Y-%m-%d"  # which takes no other, whatever the language

    def clean(self) -> dict[str, Any]:
        """Plan what is wished for. Only what was seen planned is done: anything else is shown first."""
        cleaned = super().clean()
        stay = ("check_in", "check_out", "room_type")
        if all(cleaned.get(name) for name in stay) and not {"price", "room"} & set(self.errors):
            self.make_plan(cleaned)
        return cleaned

    def make_plan(self, cleaned: dict[str, Any]) -> None:
        """Note what would happen, or why it is not possible."""
        try:
            self.plan = reschedule.plan_of(self.facts.booking, self.wish(cleaned))
        except Refused as refused:
            self.add_error(None, refused.message)
            return
        if cleaned.get("seen") != self.plan.seen() and not self.is_done():
            self.is_preview = not self.errors
            self.data = {**dict(self.data.items()), "seen": self.plan.seen()}  # what the form shows next
            self.add_error(None, CHECK)

    def is_done(self) -> bool:
        """Whether the booking is there already: a second press, which the service answers."""
        return self.plan is not None and self.plan.old == self.plan.new

    def wish(self, cleaned: dict[str, Any]) -> Wish:
        """Return what is asked for."""
        return Wish(
            cleaned["room_type"],
            cleaned.get("room"),
            cleaned["check_in"],
            cleaned["check_out"],
            price=cleaned.get("price"),
            keeps_terms=cleaned.get("terms", KEEP) == KEEP,
        )

    def lines(self) -> list[tuple[str, str]]:
        """Return the stay as it is, and once one is wished for, the new one and what becomes of the money."""
        booking = self.facts.booking
        now = (_("Stay now"), stay_words(booking, booking.room_type, booking.room))
        if self.plan is None:
            return [now, (_("Price now"), self.facts.price)]
        wish, new = self.wish(self.cleaned_data), self.plan.new
        moved = new.on(booking)
        return [
            now,
            (_("New stay"), stay_words(moved, wish.room_type, wish.room)),
            (_("Price"), f"{self.facts.price} → {spoken(new.total, booking.currency)}"),
            (_("What happens"), what_happens(self.plan, booking)),
            (_("Cancellation terms"), str((new.terms or {}).get("policy", ""))),
        ]

    def button_text(self) -> str:
        """Return what the button does: the first press only looks."""
        return move_words(self.plan) if self.plan else _("Check the change")

    def decision(self) -> dict[str, Any]:
        """Return the wish, what was seen, and why."""
        cleaned = self.cleaned_data
        return {"wish": self.wish(cleaned), "seen": cleaned["seen"], "reason": self.reason_words()}

    def said(self) -> dict[str, str]:
        """Return what happens next."""
        return {"next": what_happens(self.plan, self.facts.booking) if self.plan else ""}


def stay_words(booking: Booking, room_type: RoomType, room: Room | None) -> str:
    """Return "3 – 5 Mar 2026, 2 nights, Room 101, Double"."""
    booking.room_type, booking.room = room_type, room
    return f"{dates(booking)}, {nights(booking)}, {place(booking)}"


def move_words(plan: Plan) -> str:
    """Return what the button does: to the booking, and to the money."""
    words = {
        Move.ASK: _("Move the booking and ask for %(shown)s"),
        Move.AGAIN: _("Move the booking, release the hold and ask for %(shown)s"),
        Move.REFUND: _("Move the booking and refund %(shown)s"),
        Move.OWE: _("Move the booking and owe %(shown)s"),
        Move.DIFFERENCE: _("Move the booking and ask for %(shown)s more"),
    }.get(plan.move, _("Move the booking"))
    return words % {"shown": spoken(plan.amount, plan.currency)}


def what_happens(plan: Plan, booking: Booking) -> str:
    """Return what becomes of the money, in a sentence."""
    shown = spoken(plan.amount, plan.currency)
    until = moment(booking.hotel, booking.hold_expires_at)
    return {
        Move.NOTHING: _("No money moves. The guest gets a mail."),
        Move.ASK: _(
            "An open payment page is closed. The guest gets a mail with a link to pay %(shown)s until %(until)s."
        )
        % {"shown": shown, "until": until},
        Move.AGAIN: _(
            "The hold is released. The guest gets a mail with a link to pay %(shown)s, and the "
            "room is held for %(hold_hours)s hours."
        )
        % {"shown": shown, "hold_hours": booking.hotel.hold_hours},
        Move.LESS: _(
            "Approving captures only %(shown)s; the rest of the hold is released then. The guest gets a mail."
        )
        % {"shown": shown},
        Move.REFUND: _("%(shown)s is refunded. The guest gets a mail.") % {"shown": shown},
        Move.DIFFERENCE: _(
            "%(shown)s more: the guest gets a link to pay the difference until %(moment)s. If it "
            "is not paid by then, the change is undone."
        )
        % {"shown": shown, "moment": moment(booking.hotel, reschedule.pay_until(booking))},
        Move.OWE: _("%(shown)s is put on the list of refunds to pay out. The guest gets a mail.") % {"shown": shown},
    }[plan.move]

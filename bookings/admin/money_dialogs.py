"""The dialogs of actions that decide about money. Each names the exact amounts before anything moves."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from unfold.widgets import UnfoldAdminSelectWidget

from bookings.admin import reasons
from bookings.admin.amounts import AmountField
from bookings.admin.dialog import ReasonMixin, SeenMixin, choice_of, note_field, radios
from bookings.admin.dialogs import BookingDialog
from bookings.admin.facts import Facts
from bookings.admin.words import STRIPE_REASONS
from bookings.happenings import note_refusal
from bookings.models import BookingStatus
from cancellations import cancel
from payments import decisions, four_eyes, ledger
from payments.money import exponent, spoken

DECLINE_REASONS = (
    gettext_noop("No room available"),
    gettext_noop("The guest asked for it"),
    gettext_noop("Payment looks doubtful"),
    gettext_noop("Not our kind of stay"),
)
PAID_BY = [
    ("Cash", gettext_lazy("Cash")),
    ("Card terminal", gettext_lazy("Card terminal")),
    ("Bank transfer", gettext_lazy("Bank transfer")),
]


class DeclineDialog(ReasonMixin, BookingDialog):
    """Refuse a stay and release the held money."""

    button = gettext_lazy("Decline the booking")
    reason = choice_of(DECLINE_REASONS)
    note = note_field(gettext_lazy("Note for the history"), required=False)

    def lines(self) -> list[tuple[str, str]]:
        """Return what is released."""
        held = self.facts.held
        return [(_("Hold"), _("%(amount)s is released") % {"amount": self.facts.shown(held)})] if held else []

    def decision(self) -> dict[str, Any]:
        """Return the reason."""
        return {"reason": self.reason_words()}

    def said(self) -> dict[str, str]:
        """Return what was released."""
        held = self.facts.held
        words = _("The booking is declined and the hold of %(amount)s is released. The guest gets a mail.")
        declined = _("The booking is declined. The guest gets a mail.")
        return {"done": words % {"amount": self.facts.shown(held)} if held else declined}


class MarkPaidDialog(SeenMixin, BookingDialog):
    """Record money that the hotel took itself."""

    method = radios(gettext_lazy("Paid by"), PAID_BY)
    note = note_field(gettext_lazy("Note, such as the receipt's number"), required=False)

    def as_seen(self) -> str:
        """Return what is recorded."""
        return str(self.facts.booking.total_amount)

    def why_not(self) -> str:
        """Return why there is nothing to record any more."""
        return reasons.why_not_mark_paid(self.facts)

    def button_text(self) -> str:
        """Return the amount that is recorded."""
        return _("Record %(price)s") % {"price": self.facts.price}

    def decision(self) -> dict[str, Any]:
        """Return how it was paid, and the amount that was shown."""
        said = {"method": self.cleaned_data["method"], "note": self.cleaned_data["note"].strip()}
        return {**said, "promised": self.facts.booking.total_amount}


class AmountDialog(BookingDialog):
    """Return part or all of what is left."""

    component = "deskRefund"
    amount = AmountField(label=gettext_lazy("Amount"))
    note = note_field(gettext_lazy("Reason for the history"))
    seen_left = forms.IntegerField(widget=forms.HiddenInput())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        payment, self.left = decisions.to_refund(self.facts.booking)
        self.taken = sum(each.amount_captured for each in ledger.resting(self.facts.booking))
        self.alone = four_eyes.alone(payment) if payment else None
        amount: Any = self.fields["amount"]
        self.policy = self.by_policy()
        self.proposed = self.left if self.policy is None else min(self.left, self.policy)
        amount.currency, amount.initial = self.facts.currency, self.proposed or None
        amount.widget.attrs["x-model"] = "amount"
        amount.label = _("Amount in %(currency)s") % {"currency": self.facts.currency}
        self.fields["seen_left"].initial = self.left

    def by_policy(self) -> int | None:
        """Return what cancelling now would return, in minor units; None where there is no stay to cancel."""
        if self.facts.booking.status != BookingStatus.CONFIRMED:
            return None
        return cancel.quote(self.facts.booking, at=self.facts.now).refund

    def clean_amount(self) -> int:
        """Refuse what is more than there is at once, beside what else is wrong."""
        amount: int = self.cleaned_data["amount"]
        if not 0 < amount <= self.left and self.data.get("seen_left") == str(self.left):
            words = decisions.amount_words(self.facts.shown(self.left))
            note_refusal("ERR_VALIDATION", words)
            raise forms.ValidationError(words)
        return amount

    def lines(self) -> list[tuple[str, str]]:
        """Return what can be refunded."""
        left = (
            _("Left to refund"),
            _("%(left)s of %(taken)s") % {"left": self.facts.shown(self.left), "taken": self.facts.shown(self.taken)},
        )
        by_policy = []
        if self.policy is not None:
            goes_back = _("%(amount)s goes back. The stay goes on with a refund; “Cancel booking” ends it, too.")
            by_policy = [(_("By the policy now"), goes_back % {"amount": self.facts.shown(self.policy)})]
        return [left, *by_policy, *second_person_lines(self.facts, self.alone)]

    def button_text(self) -> str:
        """Return the amount that goes back, or that somebody else has to agree to."""
        typed = self.cleaned_data.get("amount") if self.is_bound and hasattr(self, "cleaned_data") else None
        amount = self.proposed if typed is None else typed
        if not amount:
            return _("Refund")
        asks = self.alone is not None and amount > self.alone
        words = _("Ask for a refund of %(amount)s") if asks else _("Refund %(amount)s")
        return words % {"amount": self.facts.shown(amount)}

    def live(self) -> dict[str, Any]:
        """Return what the button's text is made of, while something is typed."""
        currency = self.facts.currency
        amount = self["amount"].value() or ""
        says = {
            "none": _("Refund"),
            "do": _("Refund %(amount)s"),
            "ask": _("Ask for a refund of %(amount)s"),
        }
        left = self.left / 10 ** exponent(currency)
        shown = {"currency": currency, "digits": exponent(currency), "amount": amount, "left": left}
        return {**shown, "says": says, **live_alone(self)}

    def decision(self) -> dict[str, Any]:
        """Return the amount and why."""
        return dict(self.cleaned_data)

    def said(self) -> dict[str, str]:
        """Return the amount that went back."""
        return {"amount": self.facts.shown(self.cleaned_data["amount"])}


class RefundDialog(AmountDialog):
    """Return money through Stripe."""

    stripe_reason = forms.ChoiceField(
        label=gettext_lazy("Reason for Stripe"),
        choices=list(STRIPE_REASONS.items()),
        widget=UnfoldAdminSelectWidget(),
    )
    field_order = ("amount", "stripe_reason", "note")


class ByHandRefundDialog(AmountDialog):
    """Return money that the hotel took itself."""

    intro = gettext_lazy("The hotel took this money itself, so it goes back by hand.")
    method = radios(
        gettext_lazy("Paid out by"),
        [*PAID_BY, ("", gettext_lazy("Not yet: put it on the list of refunds to pay out"))],
        required=False,
    )
    field_order = ("amount", "method", "note")

    def said(self) -> dict[str, str]:
        """Return the amount, and what is left to do."""
        paid = (
            _("The guest gets a mail.")
            if self.cleaned_data["method"]
            else _("Pay it out, then record that on the refund.")
        )
        return {**super().said(), "next": paid}


def second_person_lines(facts: Facts, alone: int | None) -> list[tuple[str, str]]:
    """Return, before anything is typed, from which amount (minor units) on a second person has to agree."""
    if alone is None:
        return []
    hotel = facts.booking.hotel
    whole = spoken(hotel.four_eyes_threshold or 0, hotel.currency)
    said = _("Above %(whole)s for one booking a second person has to agree.") % {"whole": whole}
    is_all = alone == hotel.four_eyes_threshold and facts.currency == hotel.currency
    return [
        (
            _("Second person"),
            said
            if is_all
            else _("%(said)s You can return %(amount)s alone.") % {"said": said, "amount": facts.shown(alone)},
        )
    ]


def live_alone(dialog: Any) -> dict[str, Any]:
    """Return what the button needs to know about the second person: an amount in whole units, or none."""
    step = 10 ** exponent(dialog.facts.currency)
    return {"alone": None if dialog.alone is None else dialog.alone / step}

"""The dialog of a cancellation by staff: what the policy keeps, and what somebody who may decides instead."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.admin import reasons
from bookings.admin.amounts import AmountField
from bookings.admin.dialog import ReasonMixin, SeenMixin, choice_of, note_field, radios
from bookings.admin.dialogs import BookingDialog
from bookings.admin.money_dialogs import live_alone, second_person_lines
from cancellations import cancel
from cancellations.wording import CANCEL_REASONS
from payments import four_eyes, ledger
from payments.money import exponent

POLICY, WAIVE, FULL, CUSTOM = "policy", "waive", "full", "custom"


class CancelDialog(SeenMixin, ReasonMixin, BookingDialog):
    """End a stay; the fee is the policy's unless somebody who may decides otherwise."""

    component = "deskCancel"
    reason = choice_of(CANCEL_REASONS)
    note = note_field(gettext_lazy("Note for the history"), required=False)
    fee = radios(gettext_lazy("Fee"), [], required=False)
    custom_fee = AmountField(label=gettext_lazy("Own fee"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.quote = cancel.quote(self.facts.booking, at=self.facts.now)
        self.available = self.quote.fee + self.quote.refund
        self.alone = four_eyes.alone(self.facts.payment) if self.facts.payment else None
        if self.available and self.user.has_perm("cancellations.override_fee"):
            self.offer_fees()
        else:
            del self.fields["fee"], self.fields["custom_fee"]

    def as_seen(self) -> str:
        """Return the amounts that the person decides on."""
        return f"{self.quote.fee}-{self.quote.refund}-{self.quote.held}"

    def why_not(self) -> str:
        """Return why the booking cannot be cancelled any more."""
        return reasons.why_not_cancel(self.facts)

    def offer_fees(self) -> None:
        """Offer other fees than the policy's."""
        shown = self.facts.shown
        fee: Any = self.fields["fee"]
        fee.choices = [
            (POLICY, _("By policy: %(amount)s") % {"amount": shown(self.quote.fee)}),
            (WAIVE, _("Waive the fee")),
            (FULL, _("Keep everything: %(amount)s") % {"amount": shown(self.available)}),
            (CUSTOM, _("Another amount")),
        ]
        fee.initial = POLICY
        fee.widget.attrs["x-model"] = "fee"
        custom: Any = self.fields["custom_fee"]
        custom.currency = self.facts.currency
        custom.label = _("Own fee in %(currency)s") % {"currency": self.facts.currency}
        custom.widget.attrs["x-model"] = "custom"

    def lines(self) -> list[tuple[str, str]]:
        """Return what cancelling keeps and returns by policy."""
        shown, quote = self.facts.shown, self.quote
        if quote.held:
            return [
                (_("Hold"), _("%(amount)s is released") % {"amount": shown(quote.held)}),
                (_("Policy"), quote.description),
            ]
        if not quote.paid:
            return [(_("Paid"), _("Nothing yet")), *self.uncollected_fee()]
        earlier = quote.paid - self.available
        change = ledger.unpaid_change(self.facts.booking)
        return [
            (_("Paid"), shown(quote.paid)),
            *([(_("Refunded before"), shown(earlier))] if earlier else []),
            *([(_("Unpaid change"), _("The stay before it counts"))] if change else []),
            (_("Fee by policy"), shown(quote.fee)),
            (_("Guest gets back"), self.back_words()),
            (_("Policy"), quote.description),
            *self.about_second_person(),
        ]

    def about_second_person(self) -> list[tuple[str, str]]:
        """Return what another fee takes, for those who may choose one, and what becomes of a request that waits."""
        wish = self.facts.wish
        if wish is not None:
            return [
                (
                    _("Refund request"),
                    _("%(asked_words)s Cancelling by policy may withdraw it.")
                    % {"asked_words": four_eyes.asked_words(wish)},
                )
            ]
        if "fee" not in self.fields:
            return []
        words = _("Not for the policy's fee. For another one: %(said)s")
        return [(name, words % {"said": said}) for name, said in second_person_lines(self.facts, self.alone)]

    def uncollected_fee(self) -> list[tuple[str, str]]:
        """Return the fee that a guest who pays on arrival would owe; it is not collected."""
        fee = cancel.unpaid_arrival_fee(self.facts.booking, at=self.facts.now)
        return (
            [(_("Fee by policy"), _("%(amount)s, not collected") % {"amount": self.facts.shown(fee)})] if fee else []
        )

    def clean(self) -> dict[str, Any]:
        """Refuse amounts that have changed since they were shown, and a fee above what is left."""
        cleaned = super().clean()
        if cleaned.get("fee") == CUSTOM and not self.why_not():
            self.clean_custom(cleaned.get("custom_fee"))
        return cleaned

    def clean_custom(self, fee: int | None) -> None:
        """Refuse an own fee that is missing or too high."""
        if "custom_fee" in self.errors:
            return
        if fee is None or fee > self.available:
            most = self.facts.shown(self.available)
            self.add_error(
                "custom_fee", _("Give an amount up to %(most)s, which is what the guest has paid.") % {"most": most}
            )

    def chosen_fee(self) -> int | None:
        """Return the overriding fee in minor units; None for the policy's."""
        choice = self.cleaned_data.get("fee", POLICY)
        return {WAIVE: 0, FULL: self.available, CUSTOM: self.cleaned_data.get("custom_fee")}.get(choice)

    def decision(self) -> dict[str, Any]:
        """Return the reason and the fee."""
        return {"reason": self.reason_words(), "fee": self.chosen_fee()}

    def returned(self) -> int:
        """Return what the guest gets back with the chosen fee, in minor units."""
        fee = self.chosen_fee() if self.is_bound and self.is_valid() else None
        return self.quote.refund if fee is None else self.available - fee

    def button_text(self) -> str:
        """Return what the button returns to the guest."""
        if not self.available:
            return _("Cancel the booking")
        back = self.returned() if self.is_bound else self.quote.refund
        asks = self.alone is not None and back > self.quote.refund and back > self.alone
        words = _("Ask to cancel and return %(amount)s") if asks else _("Cancel and return %(amount)s")
        return words % {"amount": self.facts.shown(back)}

    def live(self) -> dict[str, Any]:
        """Return what the button's text is made of."""
        digits = exponent(self.facts.currency)
        step = 10**digits
        return {
            "currency": self.facts.currency,
            "digits": digits,
            "available": self.available / step,
            "policy": self.quote.fee / step,
            **live_alone(self),
            "says": {
                "none": _("Cancel the booking"),
                "do": _("Cancel and return %(amount)s"),
                "ask": _("Ask to cancel and return %(amount)s"),
            },
            "fee": self["fee"].value() if "fee" in self.fields else POLICY,
            "custom": (self["custom_fee"].value() or "") if "custom_fee" in self.fields else "",
        }

    def said(self) -> dict[str, str]:
        """Return what the guest gets back."""
        if self.quote.held:
            return {
                "returned": _("The hold of %(amount)s is released.") % {"amount": self.facts.shown(self.quote.held)}
            }
        back = self.returned()
        words = _("%(amount)s goes back to the guest.")
        if ledger.is_bank_deciding(self.facts.booking):
            words = _("%(amount)s goes back to the guest, once their bank has decided the dispute.")
        return {"returned": words % {"amount": self.facts.shown(back)} if back else ""}

    def back_words(self) -> str:
        """Return what the guest gets back, and that the money waits for a bank where one holds it."""
        amount = self.facts.shown(self.quote.refund)
        if not ledger.is_bank_deciding(self.facts.booking):
            return amount
        return _("%(amount)s, once their bank has decided the dispute") % {"amount": amount}

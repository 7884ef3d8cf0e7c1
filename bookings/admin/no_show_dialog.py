"""The dialog that notes that nobody came. It names the exact amounts before anything moves."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.admin import reasons
from bookings.admin.dialog import SeenMixin, note_field
from bookings.admin.dialogs import BookingDialog
from bookings.admin.words import dates, place
from cancellations import no_show
from payments import four_eyes, ledger


class NoShowDialog(SeenMixin, BookingDialog):
    """Close a stay to which nobody came, for the fee that the terms name after arrival."""

    intro = gettext_lazy(
        "Only if the guest really did not come: this cannot be undone. The room stays blocked for the whole stay."
    )
    note = note_field(gettext_lazy("Note for the history"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.quote = no_show.quote(self.facts.booking)

    def as_seen(self) -> str:
        """Return the amounts that the person decides on."""
        return f"{self.quote.fee}-{self.quote.refund}"

    def why_not(self) -> str:
        """Return why nobody can be noted as missing any more."""
        return reasons.why_not_no_show(self.facts)

    def lines(self) -> list[tuple[str, str]]:
        """Return what is kept and what goes back."""
        booking = self.facts.booking
        stay = [(_("Guest"), booking.guest_name), (_("Stay"), f"{dates(booking)}, {place(booking)}")]
        return [*stay, *(self.money() if self.quote.paid else self.nothing_paid()), *self.wish()]

    def money(self) -> list[tuple[str, str]]:
        """Return what becomes of the money that was paid."""
        shown, quote = self.facts.shown, self.quote
        earlier = quote.paid - quote.fee - quote.refund
        back = shown(quote.refund)
        if ledger.is_bank_deciding(self.facts.booking):
            back = _("%(amount)s once their bank has decided the dispute") % {"amount": back}
        return [
            (_("Paid"), shown(quote.paid)),
            *([(_("Refunded before"), shown(earlier))] if earlier else []),
            (_("Kept by policy"), shown(quote.fee)),
            (_("Guest gets back"), back),
            (_("Policy"), quote.description),
        ]

    def nothing_paid(self) -> list[tuple[str, str]]:
        """Return the fee that a guest who would have paid on arrival owes by the terms; it is not collected."""
        fee = no_show.uncollected_fee(self.facts.booking)
        named = (
            [(_("Fee by policy"), _("%(amount)s, not collected") % {"amount": self.facts.shown(fee)})] if fee else []
        )
        return [(_("Paid"), _("Nothing yet")), *named]

    def wish(self) -> list[tuple[str, str]]:
        """Return what becomes of a refund that waits for a second person."""
        wish = self.facts.wish
        return (
            [
                (
                    _("Refund request"),
                    _("%(asked_words)s This may withdraw it.") % {"asked_words": four_eyes.asked_words(wish)},
                )
            ]
            if wish
            else []
        )

    def button_text(self) -> str:
        """Return what the button keeps and returns."""
        shown, quote = self.facts.shown, self.quote
        return (
            _("No-show: %(kept)s kept, %(back)s back") % {"kept": shown(quote.fee), "back": shown(quote.refund)}
            if quote.paid
            else _("Mark as no-show")
        )

    def decision(self) -> dict[str, Any]:
        """Return the note."""
        return {"reason": self.cleaned_data["note"]}

    def said(self) -> dict[str, str]:
        """Return what was kept and what goes back."""
        shown, quote = self.facts.shown, self.quote
        words = _("The booking is a no-show. %(kept)s is kept, %(back)s goes back. The guest gets a mail.")
        closed = _("The booking is a no-show. The guest gets a mail.")
        said = {"kept": shown(quote.fee), "back": shown(quote.refund)}
        return {"done": words % said if quote.paid else closed}

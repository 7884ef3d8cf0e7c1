"""What staff do about a refund: pay out what is owed, send it again, write it off; answer one made at Stripe."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.admin.dialog import SeenMixin, StaffDialog, note_field, radios
from bookings.admin.money_dialogs import PAID_BY
from bookings.admin.staff_actions import StaffAction
from bookings.admin.words import day, money
from bookings.models import BookingStatus
from payments import external, operations, payouts
from payments.models import PaymentProvider, Refund
from payments.opening import open_operation


class RefundRowDialog(StaffDialog):
    """A dialog about one refund."""

    facts: Refund

    def shown(self) -> str:
        """Return the refund's amount."""
        return money(self.facts.amount, self.facts.currency)

    def lines(self) -> list[tuple[str, str]]:
        """Return what the refund is for."""
        booking = self.facts.payment.booking
        promised = self.facts.promised_by
        return [
            (_("Guest"), f"{booking.guest_name}, {booking.guest_email}"),
            (_("Amount"), self.shown()),
            (_("Why"), self.facts.note or self.facts.reason),
            *([(_("Promised by"), day(promised))] if promised else ()),
        ]


class AmountSeenDialog(SeenMixin, RefundRowDialog):
    """A dialog whose button moves the refund's amount, which shrinks when Stripe returns a part meanwhile."""

    def as_seen(self) -> str:
        """Return what is owed."""
        return str(self.facts.amount)

    def why_not(self) -> str:
        """Return why nothing is owed any more."""
        return why_not_settle(self.facts)

    def decision(self) -> dict[str, Any]:
        """Return the amount that was shown."""
        return {"promised": self.facts.amount}


class PayOutDialog(AmountSeenDialog):
    """Record money that the hotel gave back itself."""

    intro = gettext_lazy("Pay the guest first, then record it here. The guest gets a mail.")
    method = radios(gettext_lazy("Paid out by"), PAID_BY)
    note = note_field(gettext_lazy("Reference, such as the transfer's number"), required=False)

    def button_text(self) -> str:
        """Return the amount that is recorded."""
        return _("Record %(shown)s as paid out") % {"shown": self.shown()}

    def decision(self) -> dict[str, Any]:
        """Return the amount and how it was paid out."""
        said = {"method": self.cleaned_data["method"], "note": self.cleaned_data["note"].strip()}
        return {**super().decision(), **said}


class SendAgainDialog(AmountSeenDialog):
    """Send an owed refund through Stripe."""

    intro = gettext_lazy("Stripe sends it to the card that the guest paid with. It may come back again.")

    def button_text(self) -> str:
        """Return the amount that goes back."""
        return _("Refund %(shown)s through Stripe") % {"shown": self.shown()}

    def said(self) -> dict[str, str]:
        """Return the amount that went back."""
        return {"amount": self.shown()}


class WriteOffDialog(RefundRowDialog):
    """Note that a refund is not owed any more."""

    intro = gettext_lazy("Nothing is paid. The reason stays in the history; the guest gets no mail.")
    button = gettext_lazy("Not owed any more")
    note = note_field(gettext_lazy("Reason"))

    def decision(self) -> dict[str, Any]:
        """Return the reason."""
        return {"reason": self.cleaned_data["note"]}


class KeepDialog(RefundRowDialog):
    """Accept a refund made at Stripe."""

    intro = gettext_lazy("Somebody refunded this in Stripe's Dashboard. The booking stays as it is.")
    button = gettext_lazy("Keep the booking")
    note = note_field(gettext_lazy("Note for the history"), required=False)

    def decision(self) -> dict[str, Any]:
        """Return the note."""
        return {"note": self.cleaned_data["note"].strip()}


class CancelTooDialog(RefundRowDialog):
    """Cancel the booking of a refund made at Stripe."""

    intro = gettext_lazy(
        "The booking is cancelled and the guest gets a mail. Whatever was not refunded is kept as the fee."
    )
    button = gettext_lazy("Cancel the booking, too")
    note = note_field(gettext_lazy("Reason"))

    def decision(self) -> dict[str, Any]:
        """Return the reason."""
        return {"reason": self.cleaned_data["note"].strip()}


def why_not_settle(refund: Refund) -> str:
    """Only what is owed can be paid out or written off."""
    if refund.is_owed:
        return _(operations.WAITING) if open_operation(refund.payment.booking) else ""
    if refund.provider == PaymentProvider.MANUAL:
        return (_("This refund is not owed any more. %(note)s") % {"note": refund.note}).strip()
    return _("This refund went through Stripe, so there is nothing to pay out by hand.")


def why_not_pay_out(refund: Refund) -> str:
    """Only what is owed, and has not gone back at Stripe itself meanwhile."""
    return why_not_settle(refund) or external.why_unanswered(refund)


def why_not_send(refund: Refund) -> str:
    """Only what is owed and was paid through Stripe can be sent through Stripe."""
    if refund.is_owed and refund.payment.provider == PaymentProvider.MANUAL:
        return _("The hotel took this money itself, so it has to be given back by hand.")
    if refund.is_owed and refund.payment.is_disputed:
        return _("The guest's bank disputes this payment. It cannot be refunded while the dispute is open.")
    return why_not_pay_out(refund)


def why_not_keep(refund: Refund) -> str:
    """Only a refund made at Stripe waits for an answer, once."""
    if not refund.is_external:
        return _("This refund was made here, not at Stripe.")
    return _("This refund was answered before. %(review)s") % {"review": refund.review} if refund.reviewed_at else ""


def why_not_cancel_too(refund: Refund) -> str:
    """Only while there is a booking to cancel."""
    refused = why_not_keep(refund)
    if refused or refund.payment.booking.status == BookingStatus.CONFIRMED:
        return refused
    return _("The booking is not confirmed, so there is nothing to cancel with it.")


RIGHT = "payments.refund_payment"
REFUND_ACTIONS = (
    StaffAction(
        name="pay_out",
        label=gettext_lazy("Paid out by hand"),
        icon="payments",
        permission=RIGHT,
        form=PayOutDialog,
        why_not=why_not_pay_out,
        run=payouts.pay_out,
        done=gettext_lazy("The payout is recorded. The guest gets a mail."),
    ),
    StaffAction(
        name="send_again",
        label=gettext_lazy("Refund through Stripe"),
        icon="currency_exchange",
        permission=RIGHT,
        form=SendAgainDialog,
        why_not=why_not_send,
        run=payouts.send_again,
        done=gettext_lazy("The refund of {amount} is on its way. Banks take 5 to 10 days to show it."),
    ),
    StaffAction(
        name="write_off",
        label=gettext_lazy("Not owed any more"),
        icon="money_off",
        permission=RIGHT,
        form=WriteOffDialog,
        why_not=why_not_settle,
        run=payouts.write_off,
        done=gettext_lazy("The refund is not owed any more."),
    ),
    StaffAction(
        name="keep",
        label=gettext_lazy("Keep the booking"),
        icon="task_alt",
        permission=RIGHT,
        form=KeepDialog,
        why_not=why_not_keep,
        run=external.keep_booking,
        done=gettext_lazy("The booking stays as it is."),
    ),
    StaffAction(
        name="cancel_too",
        label=gettext_lazy("Cancel the booking, too"),
        icon="event_busy",
        permission="bookings.cancel_booking",
        form=CancelTooDialog,
        why_not=why_not_cancel_too,
        run=external.cancel_booking_too,
        done=gettext_lazy("The booking is cancelled. The guest gets a mail."),
    ),
)

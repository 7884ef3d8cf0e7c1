"""What people do about a refund request: approve, reject, or withdraw their own."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from unfold.enums import ActionVariant

from bookings.admin.dialog import StaffDialog, note_field
from bookings.admin.reasons import words
from bookings.admin.staff_actions import StaffAction
from bookings.admin.words import dates, money
from payments import four_eyes, ledger, refund_requests
from payments.models import PaymentProvider, RefundRequest, RequestKind

ON_ITS_WAY = gettext_noop("%(amount)s is on its way back. Banks take 5 to 10 days to show it.")
OWED = gettext_noop("%(amount)s is owed to the guest now. Pay it out, then record that under “Refunds”.")


class RequestDialog(StaffDialog):
    """A dialog about one refund request."""

    facts: RefundRequest

    def shown(self) -> str:
        """Return the amount that would go back."""
        return money(self.facts.amount, self.facts.currency)

    def is_cancel(self) -> bool:
        """Whether the booking ends with it."""
        return self.facts.kind == RequestKind.CANCEL

    def lines(self) -> list[tuple[str, str]]:
        """Return what was asked for, by whom and why."""
        wish, booking = self.facts, self.facts.booking
        fee = [(_("Fee"), money(wish.fee, wish.currency))] if self.is_cancel() else []
        return [
            (_("Booking"), f"{booking}, {booking.guest_name}, {dates(booking)}"),
            (
                _("Guest gets back"),
                _("%(shown)s of %(amount)s left")
                % {"shown": self.shown(), "amount": money(wish.seen_left, wish.currency)},
            ),
            *fee,
            (_("Asked for"), four_eyes.asked_words(wish)),
            (_("Reason"), wish.note or _("none given")),
        ]


class ApproveDialog(RequestDialog):
    """Agree, so that the money moves."""

    note = note_field(gettext_lazy("Note for the history"), required=False)

    def button_text(self) -> str:
        """Return what the button moves."""
        return (
            _("Cancel and return %(shown)s") % {"shown": self.shown()}
            if self.is_cancel()
            else _("Refund %(shown)s") % {"shown": self.shown()}
        )

    def decision(self) -> dict[str, Any]:
        """Return the note."""
        return {"note": self.cleaned_data["note"]}

    def said(self) -> dict[str, str]:
        """Return what has happened."""
        way = _(OWED if self.is_by_hand() else ON_ITS_WAY) % {"amount": self.shown()}
        return {"what": _("The booking is cancelled. %(way)s") % {"way": way} if self.is_cancel() else way}

    def is_by_hand(self) -> bool:
        """Whether the hotel took the money itself."""
        payment = ledger.paying_payment(self.facts.booking)
        return payment is not None and payment.provider == PaymentProvider.MANUAL


class RejectDialog(RequestDialog):
    """Say no."""

    button = gettext_lazy("Reject the request")
    note = note_field(gettext_lazy("Reason"))

    def decision(self) -> dict[str, Any]:
        """Return the reason."""
        return {"reason": self.cleaned_data["note"]}


class WithdrawDialog(RequestDialog):
    """Take one's own request back."""

    button = gettext_lazy("Withdraw the request")
    note = note_field(gettext_lazy("Note for the history"), required=False)

    def decision(self) -> dict[str, Any]:
        """Return the note."""
        return {"note": self.cleaned_data["note"]}


def why_not_decide(wish: RefundRequest) -> str:
    """Only another person decides, who has the right, and only once."""
    return words(lambda: refund_requests.refuse_decision(wish))


def why_not_approve(wish: RefundRequest) -> str:
    """Nobody agrees to what no longer means what it says."""
    return why_not_decide(wish) or four_eyes.why_outdated(wish, wish.booking)


def why_not_withdraw(wish: RefundRequest) -> str:
    """Only who asked takes it back."""
    return words(lambda: refund_requests.refuse_withdrawal(wish))


RIGHT = "payments.refund_payment"
REQUEST_ACTIONS = (
    StaffAction(
        name="approve",
        label=gettext_lazy("Approve"),
        icon="check_circle",
        variant=ActionVariant.PRIMARY,
        permission=RIGHT,
        form=ApproveDialog,
        why_not=why_not_approve,
        run=refund_requests.approve,
        done="{what}",
    ),
    StaffAction(
        name="reject",
        label=gettext_lazy("Reject"),
        icon="block",
        permission=RIGHT,
        form=RejectDialog,
        why_not=why_not_decide,
        run=refund_requests.reject,
        done=gettext_lazy("The request is rejected. Nothing has moved."),
    ),
    StaffAction(
        name="withdraw",
        label=gettext_lazy("Withdraw"),
        icon="undo",
        permission="bookings.cancel_booking",
        form=WithdrawDialog,
        why_not=why_not_withdraw,
        run=refund_requests.withdraw,
        done=gettext_lazy("Your request is withdrawn. Nothing has moved."),
    ),
)

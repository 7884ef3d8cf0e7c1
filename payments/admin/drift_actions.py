"""What staff can do about a difference between our books and Stripe's, and how they ask for a fresh look."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from unfold.enums import ActionVariant

from bookings.admin import sides
from bookings.admin.dialog import StaffDialog, note_field
from bookings.admin.staff_actions import StaffAction
from bookings.lifecycle import Outcome
from bookings.outcome import RowOutcome
from payments import books, drifts
from payments.comparison import compare_again, compare_booking
from payments.gateway import OutcomeUnknown
from payments.models import Drift, Payment, PaymentProvider

UNCHANGED = gettext_noop("Nothing had to be changed here.")
UNANSWERED = gettext_noop(
    "Stripe did not answer, or is still at work on an earlier step. Nothing was decided; try again in a minute."
)


class HealDialog(StaffDialog):
    """Ask Stripe again and settle what it says."""

    intro = gettext_lazy(
        "The payment is read at Stripe again and our books follow it, as they do after any webhook. "
        "Nothing is paid twice. If both still differ, you will be told so."
    )
    button = gettext_lazy("Heal now")

    def lines(self) -> list[tuple[str, str]]:
        """Return what differs."""
        return [(_("Differs"), sides.summary(self.facts) or self.facts.get_kind_display())]


class ExplainDialog(StaffDialog):
    """Close a difference that is to stay."""

    intro = gettext_lazy("The difference stays as it is and leaves the list. It comes back only when it changes.")
    button = gettext_lazy("Close with this reason")
    reason = note_field(gettext_lazy("Why is this as it should be?"))

    def lines(self) -> list[tuple[str, str]]:
        """Return what differs."""
        return [(_("Differs"), sides.summary(self.facts) or self.facts.get_kind_display())]

    def decision(self) -> dict[str, Any]:
        """Return the reason."""
        return {"reason": self.cleaned_data["reason"]}


class CompareDialog(StaffDialog):
    """Compare one payment with Stripe."""

    intro = gettext_lazy(
        "The payment is read at Stripe and our books follow it. Whatever still differs is listed under Drift. "
        "This never pays twice."
    )
    button = gettext_lazy("Compare now")


def why_not_open(drift: Drift) -> str:
    """What is closed needs nothing any more."""
    return "" if drift.is_open else _("This was closed before. %(resolution)s") % {"resolution": drift.resolution}


def heal(drift: Drift) -> RowOutcome:
    """Ask Stripe again, settle, and say what that did."""
    before = side_of(drift)
    try:
        compare_again(drift)
    except OutcomeUnknown:
        return RowOutcome(Outcome.IN_PROGRESS, _(UNANSWERED))
    drift = Drift.objects.select_related("booking", "payment__booking").get(pk=drift.pk)
    told = sides.changes(before, side_of(drift))
    if drift.is_open:
        return RowOutcome(
            Outcome.ALREADY,
            (_("Both still differ. %(summary)s %(told)s") % {"summary": sides.summary(drift), "told": told}).strip(),
        )
    return RowOutcome(
        Outcome.DONE,
        _("Both books say the same now. %(told)s") % {"told": told or _(UNCHANGED)},
    )


def explain(drift: Drift, *, reason: str) -> RowOutcome:
    """Close a difference with a person's reason."""
    return drifts.explain(drift, reason=reason)


def side_of(drift: Drift) -> books.Side:
    """Return what our books say about what is compared, as they are stored now."""
    payment = drift.payment and Payment.objects.select_related("booking").get(pk=drift.payment.pk)
    ours = books.ours(payment) if payment else {}
    booking = payment.booking if payment else drift.booking
    return {**ours, "booking": str(booking.status)} if booking else ours


def why_not_compare(payment: Payment) -> str:
    """Money that never passed through Stripe is not there to be compared."""
    if payment.provider == PaymentProvider.MANUAL:
        return _("The hotel took this money itself; Stripe knows nothing of it.")
    if not (payment.stripe_checkout_session_id or payment.stripe_payment_intent_id):
        return _("Stripe was not asked for this payment yet.")
    return ""


def compare(payment: Payment) -> RowOutcome:
    """Compare one payment and its booking with Stripe, and say what that did."""
    if why_not_compare(payment):
        return RowOutcome(Outcome.ALREADY, why_not_compare(payment))
    before = books.ours(Payment.objects.get(pk=payment.pk))
    try:
        compare_booking(payment.booking)
    except OutcomeUnknown:
        return RowOutcome(Outcome.IN_PROGRESS, _(UNANSWERED))
    told = sides.changes(before, books.ours(Payment.objects.get(pk=payment.pk)))
    if left := Drift.objects.filter(booking=payment.booking, resolved_at=None).first():
        return RowOutcome(
            Outcome.ALREADY,
            _("Both differ; it is listed under Drift. %(summary)s") % {"summary": sides.summary(left)},
        )
    return RowOutcome(
        Outcome.DONE,
        _("Both books say the same. %(told)s") % {"told": told or _(UNCHANGED)},
    )


DRIFT_ACTIONS = (
    StaffAction(
        name="heal",
        label=gettext_lazy("Heal"),
        icon="healing",
        variant=ActionVariant.PRIMARY,
        permission="payments.heal_drift",
        form=HealDialog,
        why_not=why_not_open,
        run=heal,
        done="",
    ),
    StaffAction(
        name="explain",
        label=gettext_lazy("Explain"),
        icon="edit_note",
        permission="payments.heal_drift",
        form=ExplainDialog,
        why_not=why_not_open,
        run=explain,
        done=gettext_lazy("The difference is closed with your reason."),
    ),
)
COMPARE = StaffAction(
    name="compare",
    label=gettext_lazy("Compare with Stripe now"),
    icon="balance",
    permission="bookings.change_booking",
    form=CompareDialog,
    why_not=why_not_compare,
    run=compare,
    done="",
)

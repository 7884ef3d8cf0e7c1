"""Why an action is not possible now, in the words of the service that would refuse it; empty when it is possible."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from bookings import assignment, lifecycle
from bookings.admin.facts import Facts
from bookings.models import ENDED, BookingStatus, PaymentMethod
from bookings.refusals import Refused, refuse_state
from cancellations import erasure, hard_delete, no_show
from payments import decisions, four_eyes, ledger, operations, owed, reopen
from payments.models import PaymentProvider, PaymentStatus

S = BookingStatus


def words(check: Callable[[], object]) -> str:
    """Return what a check refuses with, or nothing."""
    try:
        check()
    except Refused as refused:
        return refused.message
    return ""


def waits(facts: Facts) -> str:
    """Nothing is decided about a booking while an earlier decision waits for Stripe."""
    return (
        _("%(waiting)s Until then nothing else can be decided.") % {"waiting": _(operations.WAITING)}
        if facts.waiting
        else ""
    )


def why_not_submit(facts: Facts) -> str:
    """Only a draft is submitted."""
    booking = facts.booking
    if not booking.is_deleted and booking.status != S.DRAFT:
        return _("This booking was submitted before.")
    return words(lambda: lifecycle.require(booking, booking.submit))


def why_not_approve(facts: Facts) -> str:
    """Approval needs a request, and held money unless it is paid on arrival."""
    booking = facts.booking
    refused = waits(facts) or words(lambda: lifecycle.require(booking, booking.approve))
    if refused or booking.payment_method == PaymentMethod.ARRIVAL:
        return refused
    if facts.payment is None or facts.payment.status != PaymentStatus.AUTHORIZED:
        return _("No money is held for this booking any more, so there is nothing to capture.")
    return ""


def why_not_decline(facts: Facts) -> str:
    """Only a request is declined."""
    return waits(facts) or words(lambda: lifecycle.require(facts.booking, facts.booking.decline))


def why_not_cancel(facts: Facts) -> str:
    """What has ended cannot be cancelled."""
    return waits(facts) or words(lambda: lifecycle.require(facts.booking, facts.booking.cancel))


def why_not_refund(facts: Facts) -> str:
    """A refund needs captured money that is left, undisputed and at Stripe."""
    if facts.booking.is_deleted:
        return refuse_state(facts.booking).message
    payment, left = facts.to_refund
    refused = waits(facts) or words(lambda: decisions.refuse_refund(payment, amount=left, left=left))
    if refused or payment is None:
        return refused
    return words(lambda: decisions.refuse_by_hand(payment)) or wish_words(facts)


def wish_words(facts: Facts) -> str:
    """No other refund is decided while one waits for a second person."""
    return four_eyes.waits_words(facts.wish) if facts.wish else ""


def why_not_refund_by_hand(facts: Facts) -> str:
    """Only money that the hotel took itself, and nothing more while some of it is owed."""
    payment = facts.payment
    if payment is None or payment.provider != PaymentProvider.MANUAL:
        return _("Only money that the hotel took itself is refunded by hand.")
    payment, left = facts.to_refund
    refused = waits(facts) or words(lambda: owed.refuse_owed(facts.booking))
    refused = refused or words(lambda: decisions.refuse_refund(payment, amount=left, left=left))
    return refused or wish_words(facts)


def why_not_mark_paid(facts: Facts) -> str:
    """Only a stay that is paid on arrival, once."""
    booking = facts.booking
    if booking.payment_method != PaymentMethod.ARRIVAL:
        return _("This booking is paid online; only bookings paid on arrival are marked as paid.")
    if booking.paid_at and not booking.is_deleted:
        return _("This booking is marked as paid already.")
    return words(lambda: lifecycle.require(booking, booking.mark_paid))


def why_not_complete(facts: Facts) -> str:
    """A stay is completed from its check-out day on."""
    booking = facts.booking
    refused = words(lambda: lifecycle.require(booking, booking.complete))
    if refused or booking.hotel.today(facts.now) >= booking.check_out:
        return refused
    return _("The guest has not checked out yet. A booking is completed on its check-out day.")


def why_not_no_show(facts: Facts) -> str:
    """Only a confirmed stay, once its check-in has begun."""
    booking = facts.booking
    refused = waits(facts) or words(lambda: lifecycle.require(booking, booking.mark_no_show))
    return refused or words(lambda: no_show.refuse_early(booking))


def why_not_reschedule(facts: Facts) -> str:
    """Only a stay that is still to come or under way."""
    booking = facts.booking
    return waits(facts) or words(lambda: lifecycle.require(booking, booking.reschedule))


def why_not_assign_room(facts: Facts) -> str:
    """Only a stay that is still to come or under way, and stays as it is."""
    return waits(facts) or words(lambda: assignment.refuse_assignment(facts.booking))


def why_not_delete(facts: Facts) -> str:
    """Only what has ended, with its money at rest."""
    booking = facts.booking
    if booking.is_deleted:
        return refuse_state(booking).message
    if booking.status not in (S.DRAFT, *ENDED):
        return _("%(message)s Cancel it first, then delete it.") % {"message": refuse_state(booking).message}
    return facts.open_money.replace(decisions.THEN, "Delete the booking")


def why_not_restore(facts: Facts) -> str:
    """Only what was deleted."""
    return "" if facts.booking.is_deleted else _("This booking is not deleted.")


def why_not_anonymise(facts: Facts) -> str:
    """Only what has ended, with its money at rest, and once."""
    booking = facts.booking
    if booking.is_erased:
        return erasure.erased_words(booking)
    going_on = erasure.why_going_on(booking)
    return going_on or erasure.why_open(facts.open_money) or erasure.why_unsettled(booking)


def why_not_hard_delete(facts: Facts) -> str:
    """Only what was deleted before, and for which no payment was ever begun."""
    return hard_delete.why_not(facts.booking)


def why_not_reopen(facts: Facts) -> str:
    """Only where the guest has to be asked for the money once more."""
    if facts.booking.is_erased:
        return erasure.erased_words(facts.booking)
    return waits(facts) or words(lambda: reopen.refuse_reopen(facts.booking))


def why_not_pay_link(facts: Facts) -> str:
    """Only while the guest can still pay online."""
    booking = facts.booking
    if booking.payment_method != PaymentMethod.ONLINE:
        return _("This booking is paid on arrival, so there is no link to pay.")
    if booking.is_erased:
        return erasure.erased_words(booking)
    due = ledger.due(booking)
    if due is None:
        return refuse_state(booking).message
    if due.until and due.until <= facts.now:
        return _("The time to pay has run out, so the guest can no longer pay.")
    return ""


def why_not_fresh_link(facts: Facts) -> str:
    """What guests know of has a link."""
    if facts.booking.is_erased:
        return erasure.erased_words(facts.booking)
    if facts.booking.is_deleted or facts.booking.status == S.DRAFT:
        return refuse_state(facts.booking).message
    return ""


def why_not_reconcile(facts: Facts) -> str:
    """Only while Stripe's answer is awaited."""
    return "" if facts.waiting else _("Nothing of this booking is waiting for Stripe.")

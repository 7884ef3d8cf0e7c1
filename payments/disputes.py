"""Copy a payment's disputes from Stripe's snapshot. The booking is locked by the caller.

A bank takes the money when it opens a dispute and gives it back when the hotel wins. When the hotel loses, the
guest has been paid by the bank: what was owed to them of that money is then paid, too.
"""

from collections.abc import Iterable

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from bookings import audit, hotel_emails
from bookings.audit import Actor, ActorKind
from bookings.refusals import Refused
from payments import ledger
from payments.models import Dispute, Payment, PaymentProvider, Refund, RefundStatus
from payments.owed import close_owed, owed_of
from payments.snapshot import DisputeSnapshot

PAID_BY_BANK = gettext_noop("The guest's bank has paid this to the guest (dispute %(dispute)s).")
LOCKED = gettext_noop("The guest's bank disputes this payment. It cannot be refunded while the dispute is open.")


def refuse_locked(payment: Payment) -> None:
    """Refuse to refund what a bank has taken and not decided about."""
    if ledger.is_locked(payment):
        raise Refused(_(LOCKED))


def mirror_disputes(payment: Payment, seen: Iterable[DisputeSnapshot]) -> str:
    """Bring a locked payment's disputes to what Stripe says; return the last transition's name, or nothing.

    The payment itself is changed, not saved.
    """
    step = ""
    # A dispute is the bank's doing, whoever happened to look.
    with audit.acting(Actor(ActorKind.STRIPE, request_id=audit.current_actor().request_id)):
        for each in seen:
            step = mirror_dispute(payment, each) or step
    return step


def mirror_dispute(payment: Payment, seen: DisputeSnapshot) -> str:
    """Bring one dispute to what Stripe says; return the transition's name, or nothing if there is no news."""
    known = Dispute.objects.filter(stripe_dispute_id=seen.id).first()
    dispute = known or Dispute(stripe_dispute_id=seen.id, opened_at=seen.created)
    dispute.payment = payment
    if known and seen.read_at < known.seen_at:
        return ""  # Stripe was asked again since, and the later answer came in first
    before = Dispute(**values(dispute))
    copy(dispute, seen)
    if known and values(before) == values(dispute):
        return ""
    dispute.seen_at = seen.read_at
    step = step_of(known, before, dispute)
    with audit.change(step, in_english(dispute)):
        dispute.save()
    mark(payment)
    follow(dispute, before)
    return step


def values(dispute: Dispute) -> dict[str, object]:
    """Return what Stripe says about a dispute as it is stored."""
    names = ("status", "reason", "amount", "currency", "is_withdrawn", "evidence_due_by", "closed_at")
    return {name: getattr(dispute, name) for name in names}


def copy(dispute: Dispute, seen: DisputeSnapshot) -> None:
    """Copy what Stripe says; amounts in minor units."""
    dispute.status, dispute.reason = seen.status, seen.reason
    dispute.amount, dispute.currency = seen.amount, seen.currency
    dispute.is_withdrawn, dispute.evidence_due_by = seen.is_withdrawn, seen.due_by
    dispute.closed_at = None if dispute.is_open else dispute.closed_at or timezone.now()


def step_of(known: Dispute | None, before: Dispute, dispute: Dispute) -> str:
    """Return what happened to a dispute, as its history names it."""
    if known is None:
        return "dispute_opened"
    return "dispute_closed" if before.is_open and not dispute.is_open else "dispute_updated"


def mark(payment: Payment) -> None:
    """Note on a payment whether a bank is at it, since when, and until when one was."""
    every = list(payment.disputes.all())
    payment.is_disputed = any(each.is_open for each in every)
    payment.disputed_at = max(each.opened_at for each in every)
    closed = [each.closed_at for each in every if each.closed_at]
    payment.dispute_closed_at = max(closed) if closed and not payment.is_disputed else None


def follow(dispute: Dispute, before: Dispute) -> None:
    """Tell the hotel about a new or a decided dispute, and let what is owed follow a decided one."""
    is_news = not before.status or (before.is_inquiry and not dispute.is_inquiry)
    if dispute.is_open and is_news:
        hotel_emails.dispute_opened(dispute)
    if before.is_open and not dispute.is_open:
        hotel_emails.dispute_closed(dispute)
    if dispute.is_lost and not before.is_lost:
        settle_owed(dispute)
    if before.is_lost and not dispute.is_lost:
        owe_again(dispute)


def settle_owed(dispute: Dispute) -> None:
    """Close what was owed of a payment as far as the bank has paid it to the guest, the oldest first."""
    paid = ledger.taken_by(dispute, dispute.payment)
    for refund in reversed(owed_of(dispute.payment)):
        part = min(paid, refund.amount)
        if part > 0:
            settle_part(refund, part, dispute)
            paid -= part


def settle_part(refund: Refund, amount: int, dispute: Dispute) -> None:
    """Note how much of an owed refund the bank has paid; the rest stays owed."""
    note = PAID_BY_BANK % {"dispute": dispute}
    if amount == refund.amount:
        refund.reference = dispute.stripe_dispute_id
        close_owed(refund, note=note)
        return
    refund.amount -= amount
    with audit.change("close_owed", note):
        refund.save()
        Refund.objects.create(
            payment=refund.payment,
            provider=PaymentProvider.MANUAL,
            amount=amount,
            currency=refund.currency,
            status=RefundStatus.CANCELED,
            reason=refund.reason,
            reference=dispute.stripe_dispute_id,
            note=f"{refund.note} {note}",
        )


def paid_by_bank(payment: Payment) -> QuerySet[Refund]:
    """Return what was owed of a payment until its guest's bank paid it."""
    return payment.refunds.filter(
        provider=PaymentProvider.MANUAL,
        status=RefundStatus.CANCELED,
        reference__in=payment.disputes.values("stripe_dispute_id"),
    )


def owe_again(dispute: Dispute) -> None:
    """Owe again what the bank had paid to the guest: the decision was taken back."""
    for refund in paid_by_bank(dispute.payment).filter(reference=dispute.stripe_dispute_id):
        refund.status, refund.reference = RefundStatus.PENDING, ""
        note = f"The bank took it back from the guest (dispute {dispute}), so it is owed again."
        refund.note = f"{refund.note} {note}"
        with audit.change("owe", note):
            refund.save()


def in_english(dispute: Dispute) -> str:
    """Return where a dispute stands and why it began, as the history keeps it."""
    with translation.override(settings.LANGUAGE_CODE):
        return f"{dispute.get_status_display()}: {dispute.get_reason_display()}"

"""What the second person decides about a refund request: approve, reject; and the way back for who asked.

Approving writes the decision and the operation that carries it out in one transaction, so that a crash leaves either
a request that still waits or an approved one whose money is on its way, and no press moves money twice.
"""

from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from bookings import audit, lifecycle
from bookings.lifecycle import Outcome
from bookings.models import Booking, User
from bookings.refusals import Refused, name
from cancellations import cancel
from payments import decisions, four_eyes, operations
from payments.four_eyes import asked_words, close, decided_words, has_rights, result_words
from payments.models import PaymentOperation, PaymentProvider, RefundRequest, RequestKind, RequestStatus
from payments.owed import owe

OWN = gettext_noop("You asked for this yourself, so another person has to decide about it.")


def waiting_for(person: Any) -> QuerySet[RefundRequest]:
    """Return the requests that a person may decide about."""
    kinds = [kind for kind in RequestKind if has_rights(person, kind)]
    waiting = RefundRequest.objects.filter(status=RequestStatus.PENDING, kind__in=kinds)
    others = waiting.exclude(requested_by=person.pk)
    return others if person.is_superuser else others.filter(booking__hotel__in=person.hotels.values("pk"))


def approve(wish: RefundRequest, *, note: str = "") -> Outcome:
    """Agree to what a colleague asked for; the money moves now, exactly as it was frozen.

    Raises Refused, after which nothing has moved, or Declined: then Stripe has refused what was approved.
    """
    drop_outdated(wish)
    decide = partial(decide_approved, key=wish.pk, note=note.strip())
    outcome = operations.request(wish.booking, decide, transition=wish.kind)
    # Of two people at once, the second meets the first one's open operation before they meet the decision.
    decided = read(wish.pk)
    if outcome.state == Outcome.IN_PROGRESS and decided.decided_by_id != audit.current_user_id():
        return Outcome(outcome.booking, Outcome.ALREADY, told(decided))
    return outcome


def told(wish: RefundRequest) -> str:
    """Return what a person hears who decides too late: who was first, and what has come of it."""
    return f"{decided_words(wish)} {result_words(wish)}".strip()


def drop_outdated(wish: RefundRequest) -> None:
    """Withdraw a request that has lost its meaning, so that the refusal which follows can say so."""
    with transaction.atomic():
        four_eyes.withdraw_outdated(lifecycle.lock(wish.booking))


def decide_approved(booking: Booking, *, key: int, note: str) -> Outcome | PaymentOperation:
    """Under the lock: the operation that moves the money, together with the request's end."""
    wish = read(key)
    if wish.status == RequestStatus.APPROVED:
        return Outcome(booking, Outcome.ALREADY, told(wish))
    refuse_decided(wish)
    person = second_person(wish)
    close(wish, RequestStatus.APPROVED, note=note, by_id=person.pk)
    details = {"request": wish.pk, "agreed": agreed_words(wish, person), "reason": wish.note}
    if wish.kind == RequestKind.CANCEL:
        return cancel.decide_as_agreed(booking, fee=wish.fee, refund=wish.amount, details=details)
    return refund_as_asked(booking, wish, details)


def read(key: int) -> RefundRequest:
    """Return a request as it is now."""
    return RefundRequest.objects.select_related("requested_by", "decided_by", "booking__hotel").get(pk=key)


def refuse_decided(wish: RefundRequest) -> None:
    """Refuse what waits no longer, saying who decided."""
    if not wish.is_pending:
        raise Refused(decided_words(wish))


def refuse_decision(wish: RefundRequest) -> None:
    """Refuse whoever may not decide about a request, and what nobody can decide about any more."""
    refuse_decided(wish)
    second_person(wish)


def refuse_withdrawal(wish: RefundRequest) -> None:
    """Refuse whoever did not ask."""
    refuse_decided(wish)
    if wish.requested_by_id != audit.current_user_id():
        words = _("%(asked)s Nobody else can withdraw it; reject it instead.")
        raise Refused(words % {"asked": asked_words(wish)})


def second_person(wish: RefundRequest) -> User:
    """Return the person who acts now; Refused unless they are another one, with the rights and the hotel."""
    person = User.objects.filter(pk=audit.current_user_id() or 0).first()
    if person is None:
        raise Refused(_("Only a person can decide about this."))
    if person.pk == wish.requested_by_id:
        raise Refused(_(OWN))
    works_there = person.visible_hotels().filter(pk=wish.booking.hotel_id).exists()
    if not (works_there and has_rights(person, wish.kind)):
        raise Refused(_("Your role does not include what was asked for, so you cannot decide about it."))
    return person


def agreed_words(wish: RefundRequest, person: User) -> str:
    """Return who stands behind the money, for the history."""
    return f"asked for by {name(wish.requested_by)}, approved by {name(person)}"


def refund_as_asked(booking: Booking, wish: RefundRequest, details: dict[str, Any]) -> Outcome | PaymentOperation:
    """Open the frozen refund, if it is still possible; what was paid by hand is owed by hand from now on."""
    payment = decisions.refundable(booking, amount=wish.amount, seen_left=wish.seen_left)
    if payment.provider == PaymentProvider.MANUAL:
        owe(payment, wish.amount, reason=f"{wish.note} ({details['agreed']})", code=four_eyes.BEYOND_POLICY)
        return Outcome(booking)
    return decisions.open_refund(
        payment, amount=wish.amount, stripe_reason=wish.stripe_reason, note=wish.note, **details
    )


def reject(wish: RefundRequest, *, reason: str) -> Outcome:
    """Say no to what a colleague asked for; the reason goes into the history."""
    if not reason.strip():
        raise Refused(_("Please give a reason; it is kept in the history."), code="ERR_VALIDATION")
    with transaction.atomic():
        booking, wish = lifecycle.lock(wish.booking), read(wish.pk)
        if wish.status == RequestStatus.REJECTED:
            return Outcome(booking, Outcome.ALREADY, decided_words(wish))
        refuse_decided(wish)
        person = second_person(wish)
        close(wish, RequestStatus.REJECTED, note=reason.strip(), by_id=person.pk)
    return Outcome(booking)


def withdraw(wish: RefundRequest, *, note: str = "") -> Outcome:
    """Take back what one asked for oneself."""
    with transaction.atomic():
        booking, wish = lifecycle.lock(wish.booking), read(wish.pk)
        if wish.status == RequestStatus.WITHDRAWN:
            return Outcome(booking, Outcome.ALREADY, decided_words(wish))
        refuse_withdrawal(wish)
        close(wish, RequestStatus.WITHDRAWN, note=note.strip(), by_id=wish.requested_by_id)
    return Outcome(booking)

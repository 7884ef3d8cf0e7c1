"""Four eyes: what one person may return alone, and the wishes that wait for a second one.

A wish is a `RefundRequest`. The booking is locked by the caller wherever something is written here.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, Final

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django_fsm import can_proceed

from bookings import audit
from bookings.models import Booking
from bookings.refusals import Refused, describe_state, name, when
from bookings.retold import retold
from payments import ledger
from payments.models import (
    COMMITTED_REFUNDS,
    OperationStatus,
    Payment,
    PaymentOperation,
    Refund,
    RefundRequest,
    RequestKind,
    RequestStatus,
)
from payments.money import display, exponent, spoken

# Why money is owed by hand that staff returned beyond the policy; nothing at Stripe says so.
BEYOND_POLICY = "beyond_policy"
# The rights of the action itself: a second person may do nothing that they may not do alone.
RIGHTS: Final = {
    RequestKind.REFUND: ("payments.refund_payment",),
    RequestKind.CANCEL: ("payments.refund_payment", "bookings.cancel_booking", "cancellations.override_fee"),
}


def has_rights(person: Any, kind: str) -> bool:
    """Whether a person has every right that a kind of request needs."""
    return all(person.has_perm(right) for right in RIGHTS[RequestKind(kind)])


def needs_second_person(payment: Payment, amount: int) -> bool:
    """Whether the person who acts now may not return an amount, in minor units of the payment, alone.

    Guests, Stripe and the worker never wait.
    """
    limit = alone(payment)
    by_staff = audit.current_actor().kind == audit.ActorKind.STAFF
    return by_staff and limit is not None and amount > limit


def alone(payment: Payment) -> int | None:
    """Return what one person may still return of a payment, in its minor units; None where the hotel sets no limit.

    The hotel's limit is for the whole booking: small refunds one after the other do not get around it.
    """
    threshold = payment.booking.hotel.four_eyes_threshold
    if threshold is None:
        return None
    given = sum((each.amount / factor(each.payment) for each in given_by_staff(payment.booking)), Fraction(0))
    return max(0, int((threshold - given) * factor(payment)))


def factor(payment: Payment) -> Fraction:
    """Return how many minor units were charged for one of the hotel's, at the rate that the guest paid by."""
    if payment.exchange_rate is None:
        return Fraction(1)
    digits = exponent(payment.currency) - exponent(payment.booking.hotel.currency)
    return Fraction(payment.exchange_rate) * Fraction(10) ** digits


def given_by_staff(booking: Booking) -> Iterable[Refund]:
    """Return the refunds, done, on their way or owed, that staff decided on and no policy."""
    for refund in ledger.refunds_of(list(booking.payments.all())):
        if refund.status in COMMITTED_REFUNDS and is_by_staff(first_try(refund)):
            yield refund


def first_try(refund: Refund) -> Refund:
    """Return the refund that this one makes good; the decision was taken about that one."""
    while earlier := refund.replaces or sent_again(refund):
        refund = earlier
    return refund


def sent_again(refund: Refund) -> Refund | None:
    """Return what was owed by hand before it was sent through Stripe as this refund."""
    owed = refund.operation.details.get("owed") if refund.operation else None
    return Refund.objects.select_related("operation", "replaces").filter(pk=owed).first() if owed else None


def is_by_staff(refund: Refund) -> bool:
    """Whether a person chose the amount."""
    if refund.operation is None:
        return refund.reason == BEYOND_POLICY
    return refund.operation.transition == "refund" or bool(refund.operation.details.get(BEYOND_POLICY))


def code_of(details: Mapping[str, Any]) -> str:
    """Return the short reason of what is owed after a decision: whether a person chose more than the policy names."""
    return BEYOND_POLICY if details.get(BEYOND_POLICY) else "requested_by_customer"


def ask(payment: Payment, *, kind: RequestKind, amount: int, note: str, **frozen: Any) -> RefundRequest:
    """Write down what somebody wishes to return, in minor units; nothing moves until another person agrees."""
    booking, person = payment.booking, audit.current_user_id()
    if person is None:
        raise Refused(_("Only a person who is signed in can ask for this."))
    with audit.change("ask", note):
        return RefundRequest.objects.create(
            booking=booking,
            kind=kind,
            amount=amount,
            currency=payment.currency,
            seen_left=left(booking),
            note=note,
            requested_by_id=person,
            **frozen,
        )


def left(booking: Booking) -> int:
    """Return what a wish is about: all that staff can return now, in minor units of the booking's money."""
    return sum(ledger.left_of(payment) for payment in ledger.refundable(booking))


def pending(booking: Booking) -> RefundRequest | None:
    """Return the booking's one wish that waits for a second person."""
    return next((each for each in booking.refund_requests.all() if each.is_pending), None)


def refuse_second_wish(booking: Booking) -> None:
    """Refuse another refund by staff while one waits: the first would no longer mean what it says."""
    wish = pending(booking)
    if wish is not None:
        raise Refused(waits_words(wish))


def waits_words(wish: RefundRequest) -> str:
    """Return why nothing else is returned while a wish waits."""
    return _("%(asked)s Another person has to approve or reject that first.") % {"asked": asked_words(wish)}


def asked_words(wish: RefundRequest) -> str:
    """Return "Nora Byrne asked for a refund of €300.00 on 3 March 2026 at 14:05 (Dublin)."."""
    if wish.kind == RequestKind.CANCEL:
        words = _("%(who)s asked to cancel this booking and return %(amount)s on %(when)s.")
    else:
        words = _("%(who)s asked for a refund of %(amount)s on %(when)s.")
    moment = when(wish.booking.hotel, wish.created_at)
    return words % {"who": name(wish.requested_by), "amount": spoken(wish.amount, wish.currency), "when": moment}


def next_words(wish: RefundRequest) -> str:
    """Return what happens after asking."""
    if wish.kind == RequestKind.CANCEL:
        asked = _("You asked to cancel this booking and return %(amount)s.")
    else:
        asked = _("You asked for a refund of %(amount)s.")
    then = _(
        "Nothing has moved yet: another person has to approve it, and finds it under “Refund requests”.",
    )
    return f"{asked % {'amount': spoken(wish.amount, wish.currency)}} {then}"


def decided_words(wish: RefundRequest) -> str:
    """Return what became of a wish, by whom and when: "This was approved on … by Nora Byrne."."""
    itself, by_person = DECIDED[RequestStatus(wish.status)]
    at = when(wish.booking.hotel, wish.decided_at) if wish.decided_at else ""
    said = _(by_person if wish.decided_by else itself) % {"when": at, "who": name(wish.decided_by)}
    return f"{said} {retold(wish.decision_note)}".strip()


def operation_of(wish: RefundRequest) -> PaymentOperation | None:
    """Return what carries out an approved wish at Stripe: the newest, where one took the place of another."""
    return wish.booking.operations.filter(details__request=wish.pk).order_by("-pk").first()


def result_words(wish: RefundRequest) -> str:
    """Return how far an approved wish has come at Stripe; nothing where it asks Stripe for nothing."""
    operation = operation_of(wish)
    if operation is None:
        return ""
    if operation.status == OperationStatus.FAILED:
        return _("Stripe refused it: %(why)s") % {"why": retold(operation.error_message)}
    return _("Stripe's answer is awaited.") if operation.is_open else _("Stripe has carried it out.")


def withdraw_outdated(booking: Booking) -> None:
    """Withdraw a wish by itself once it can no longer mean what it says."""
    wish = pending(booking)
    if wish is not None and (why := why_outdated(wish, booking)):
        close(wish, RequestStatus.WITHDRAWN, note=why)


@translation.override(settings.LANGUAGE_CODE)  # what is stored is English
def why_outdated(wish: RefundRequest, booking: Booking) -> str:
    """Return why a wish has lost its meaning; nothing while it stands."""
    if wish.kind == RequestKind.CANCEL and not can_proceed(booking.cancel):
        return _("The booking %(state)s.") % {"state": describe_state(booking)}
    now_left = left(booking)
    if now_left == wish.seen_left:
        return ""
    before, after = display(wish.seen_left, wish.currency), display(now_left, wish.currency)
    words = _("What is left to refund has changed from %(before)s to %(after)s.")
    return words % {"before": before, "after": after}


def close(wish: RefundRequest, status: RequestStatus, *, note: str = "", by_id: int | None = None) -> None:
    """Write down what became of a wish; nobody's decision where it was withdrawn by itself."""
    wish.status, wish.decided_at, wish.decided_by_id = status, timezone.now(), by_id
    wish.decision_note = note
    with audit.change(TRANSITIONS[status], note):
        wish.save()


TRANSITIONS = {
    RequestStatus.APPROVED: "approve",
    RequestStatus.REJECTED: "reject",
    RequestStatus.WITHDRAWN: "withdraw",
}
WAITS = gettext_noop("This still waits for a second person.")
# What became of a wish: by itself, and by a person.
DECIDED = {
    RequestStatus.PENDING: (WAITS, WAITS),
    RequestStatus.APPROVED: (
        gettext_noop("This was approved on %(when)s."),
        gettext_noop("This was approved on %(when)s by %(who)s."),
    ),
    RequestStatus.REJECTED: (
        gettext_noop("This was rejected on %(when)s."),
        gettext_noop("This was rejected on %(when)s by %(who)s."),
    ),
    RequestStatus.WITHDRAWN: (
        gettext_noop("This was withdrawn on %(when)s."),
        gettext_noop("This was withdrawn on %(when)s by %(who)s."),
    ),
}

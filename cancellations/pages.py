"""What the guest's pages show: plain values for the templates, read from the booking and its money."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from bookings.models import UNREAD, Booking, BookingStatus, Message, PaymentMethod
from bookings.refusals import Refused
from cancellations import calculator, cancel, guest_words, wording
from cancellations.cancel import Quote
from cancellations.forms import CancelForm
from payments import checkout, ledger
from payments.disputes import paid_by_bank
from payments.ledger import Due
from payments.models import UNPAID, Payment, PaymentProvider, PaymentPurpose, PaymentStatus, Refund, RefundStatus
from payments.money import display
from payments.opening import open_operation

DONE: Final = "guest/done.html"
IN_PROGRESS: Final = "guest/in_progress.html"
S, P, R = BookingStatus, PaymentStatus, RefundStatus
ON_ITS_WAY: Final = (R.PENDING, R.REQUIRES_ACTION)


@dataclass(frozen=True)
class PolicyRow:
    """One tier of the agreed terms. `until` is None for the last one; `fee` is in minor units."""

    until: datetime | None
    words: str
    fee: int
    is_current: bool
    is_over: bool


def fresh(booking: Booking) -> Booking:
    """Return the booking as it is stored now, after an action that may have changed it."""
    return Booking.objects.select_related("hotel", "room_type", "room").get(pk=booking.pk)


def stay(booking: Booking) -> dict[str, Any]:
    """Return what every page of a booking shows: the stay and where it stands."""
    balance = ledger.balance(booking)
    return {
        "booking": booking,
        "hotel": booking.hotel,
        "balance": balance,
        "state": guest_words.state(booking, balance),
        "check_in_moment": booking.check_in_moment,
        "check_out_moment": booking.hotel.check_out_moment(booking.check_out),
        "pays_online": booking.payment_method == PaymentMethod.ONLINE,
    }


def without_guest(booking: Booking, *, now: datetime) -> dict[str, Any]:
    """Return what a hotel that takes a match shows before it: itself, the dates and the policy, and no guest."""
    limit = deadline_of(booking)
    rows = policy_rows(booking, now=now) if booking.terms else []
    return {
        "booking": booking,
        "hotel": booking.hotel,
        "check_in_moment": booking.check_in_moment,
        "check_out_moment": booking.hotel.check_out_moment(booking.check_out),
        # Which tier holds now would tell whether the booking is confirmed.
        "policy": [replace(row, is_current=False, is_over=False) for row in rows],
        "deadline": limit,
        "deadline_is_over": limit is not None and now > limit,
    }


def current(booking: Booking, *, now: datetime) -> tuple[str, dict[str, Any]]:
    """Return the page that a guest's link opens now: the booking, what became of it, or that Stripe is awaited."""
    if booking.status == S.CANCELLED:
        return DONE, done(booking)
    if is_cancelling(booking):
        return IN_PROGRESS, stay(booking)
    return "guest/manage.html", manage(booking, now=now)


def manage(booking: Booking, *, now: datetime) -> dict[str, Any]:
    """Return the booking's own page: the stay, the money, the policy, and what can be done."""
    ledger.read_once(booking)
    payment = ledger.paying_payment(booking) or ledger.current_payment(booking)
    return {
        **stay(booking),
        **cost(booking, now=now),
        "card": wording.card(payment),
        "conversion": conversion(payment),
        "offers_calendar": booking.status == S.CONFIRMED,
        **asked_for(booking, now=now),
        "was_tried": payment is not None and payment.status != P.NOT_INITIATED,
        "is_live": booking.status in (S.PENDING_PAYMENT, S.PENDING_APPROVAL, S.CONFIRMED),
        "refusal": guest_refusal(booking, now=now),
    }


def confirm(booking: Booking, form: CancelForm | None, *, now: datetime) -> dict[str, Any]:
    """Return the page that asks once more. The signed quote is always the one that is shown."""
    ledger.read_once(booking)
    offer = cancel.quote(booking, at=now)
    reason = form.data.get("reason", "") if form else ""
    shown = CancelForm(initial={"reason": reason, "quote": offer.signed(booking)})
    payment = ledger.paying_payment(booking)
    return {
        **stay(booking),
        **cost(booking, now=now),
        "card": wording.card(payment),
        "conversion": conversion(payment),
        "bank_decides": payment is not None and ledger.is_locked(payment),
        "form": shown,
        "errors": form.errors.get("reason", []) if form else [],
    }


def cost(booking: Booking, *, now: datetime) -> dict[str, Any]:
    """Return what cancelling costs now, until when, and the terms behind it."""
    offer = cancel.quote(booking, at=now)
    is_agreed = booking.status == S.CONFIRMED
    limit = deadline_of(booking)
    return {
        "quote": offer,
        "by_hand": guest_words.by_hand(booking.hotel, offer),
        "already_refunded": offer.paid - offer.fee - offer.refund,
        "uncollected_fee": cancel.unpaid_arrival_fee(booking, at=now) if is_agreed and not offer.paid else 0,
        "free_until": free_until(offer, limit),
        "changes_at": changes_at(offer, limit),
        "is_confirmed": is_agreed,
        "deadline": limit,
        "deadline_is_over": limit is not None and now > limit,
        "policy": policy_rows(booking, now=now) if booking.terms else [],
    }


def deadline_of(booking: Booking) -> datetime | None:
    """Return the last moment at which the guest may cancel the stay whose terms count; None for a draft."""
    agreed = ledger.agreed_stay(booking)
    return calculator.deadline(agreed.terms, agreed.check_in) if agreed.terms else None


def free_until(offer: Quote, limit: datetime | None) -> datetime | None:
    """Return until when cancelling costs nothing: the next tier or the deadline, whichever comes first."""
    if offer.next_change_at is None or offer.policy_fee:
        return None
    # Times of one zone compare by the clock on the wall, which shows an hour twice in autumn.
    return min(offer.next_change_at, limit, key=datetime.timestamp) if limit else offer.next_change_at


def changes_at(offer: Quote, limit: datetime | None) -> datetime | None:
    """Return when a fee that is due now changes, if that is before the deadline."""
    if offer.next_change_at is None or not offer.policy_fee:
        return None
    in_time = limit is None or offer.next_change_at.timestamp() <= limit.timestamp()
    return offer.next_change_at if in_time else None


def policy_rows(booking: Booking, *, now: datetime) -> list[PolicyRow]:
    """Return the frozen terms as dates on the hotel's clock, the earliest first."""
    stay_agreed = ledger.agreed_stay(booking)
    terms, check_in = stay_agreed.terms or {}, stay_agreed.check_in
    tiers = calculator.in_order(terms, check_in)
    current = calculator.tier_at(terms, check_in, now)
    agreed = booking.status == S.CONFIRMED
    return [
        PolicyRow(
            until=None if tier is tiers[-1] else calculator.ends_at(tier, terms, check_in),
            words=calculator.describe(tier, terms),
            fee=calculator.policy_fee(tier, terms),
            is_current=agreed and tier is current,
            is_over=tiers.index(tier) < tiers.index(current),
        )
        for tier in tiers
    ]


def guest_refusal(booking: Booking, *, now: datetime) -> Refused | None:
    """Return why the guest cannot cancel now, if they cannot."""
    try:
        cancel.refuse_guest(booking, at=now)
    except Refused as refusal:
        return refusal
    return None


def asked_for(booking: Booking, *, now: datetime) -> dict[str, Any]:
    """Return what the guest has to pay now, if anything, and how the last attempt ended."""
    due, payment = ledger.due(booking), checkout.last_attempt(booking)
    return {
        "payment_due": booking.status == S.PENDING_PAYMENT or due is not None,
        "due": due,
        "is_difference": due is not None and due.purpose == PaymentPurpose.DIFFERENCE,
        "can_pay": due is not None and can_pay(booking, due, payment, now=now),
        "was_refused": payment is not None and payment.status == P.FAILED,
    }


def can_pay(booking: Booking, due: Due, payment: Payment | None, *, now: datetime) -> bool:
    """Whether a press on "Pay" would lead to a payment page. The press itself is checked again."""
    if payment is not None and checkout.is_live(payment):
        return True
    if due.until is None or due.until < now + checkout.SHORTEST_PAGE:
        return False
    unused = payment is None or payment.status == P.NOT_INITIATED
    return unused or due.purpose == PaymentPurpose.DIFFERENCE or checkout.attempts_left(booking, payment) > 0


def is_cancelling(booking: Booking) -> bool:
    """Whether a cancellation waits for Stripe's answer."""
    operation = open_operation(booking)
    return operation is not None and operation.transition == "cancel"


def cannot_cancel(booking: Booking, refusal: Refused, *, now: datetime) -> dict[str, Any]:
    """Return why cancelling is refused; a missed deadline says all its times."""
    ledger.read_once(booking)
    return {
        **stay(booking),
        **cost(booking, now=now),
        "check_in_moment": booking.hotel.check_in_moment(ledger.agreed_stay(booking).check_in),
        "reason": guest_words.why_not_cancel(booking, refusal),
        "is_late": refusal.code == "ERR_DEADLINE",
        "now": now,
    }


def returned(booking: Booking) -> dict[str, Any]:
    """Return what the guest reads after paying: about the newest payment, as others may have been made before."""
    payment = next(iter(ledger.resting(booking)), None) or ledger.paying_payment(booking)
    return {
        **stay(booking),
        "card": wording.card(payment),
        "just_paid": payment.amount_captured if payment else 0,
        "conversion": conversion(payment),
        "payment_due": booking.status == S.PENDING_PAYMENT,
    }


def conversion(payment: Payment | None) -> str:
    """Return how the price was, or will be, turned into another currency; nothing where it was not."""
    if payment is None or (payment.status in UNPAID and not checkout.is_live(payment)):
        return ""
    return wording.conversion(payment)


def converted(payment: Payment) -> dict[str, Any]:
    """Return the page between our page and Stripe's, which says what another currency makes of the price."""
    return {**stay(payment.booking), "conversion": wording.conversion(payment), "session_url": payment.session_url}


def done(booking: Booking) -> dict[str, Any]:
    """Return the recorded result of a cancellation: what was decided, and where the money is."""
    ledger.read_once(booking)
    payment = ledger.paying_payment(booking) or ledger.current_payment(booking)
    refund = awaited_refund(booking)
    state = refund_state(refund) if booking.refund_amount else ""
    return {
        **stay(booking),
        "card": wording.card(payment),
        "conversion": conversion(payment),
        "fee": booking.cancellation_fee or 0,
        "refund": booking.refund_amount or 0,
        "already_refunded": refunded_before(booking),
        "refund_state": state,
        "promise": guest_words.promise(booking, refund) if state else "",
        "reference": reference_of(refund, state) if refund else booking.refund_reference,
        "released": released(payment),
        "mail": Message.objects.filter(booking=booking, kind__startswith="cancelled_by_")
        .exclude(status__in=UNREAD)
        .first(),
    }


def refunded_before(booking: Booking) -> int:
    """Return what had gone back before the cancellation, as its quote said it; minor units."""
    taken = sum(each.amount_captured for each in ledger.resting(booking))
    return max(0, taken - (booking.cancellation_fee or 0) - (booking.refund_amount or 0))


def reference_of(refund: Refund, state: str) -> str | None:
    """Return the number that the guest can ask about; none for what their own bank has paid."""
    return "" if state == "bank_paid" else refund.reference or refund.stripe_refund_id


def awaited_refund(booking: Booking) -> Refund | None:
    """Return the refund that the guest waits for: one that is owed, or on its way; else the newest."""
    rows = Refund.objects.filter(payment__booking=booking).select_related("payment").order_by("-id")
    return min(rows, key=lambda each: (not each.is_owed, each.status not in ON_ITS_WAY), default=None)


def refund_state(refund: Refund | None) -> str:
    """Return sent, on_the_way or failed; or what is not Stripe's to say. Only its "succeeded" counts as sent."""
    if refund is None:
        return "on_the_way"
    if refund.provider == PaymentProvider.MANUAL:
        return state_by_hand(refund)
    if refund.status in (R.FAILED, R.CANCELED):
        return "failed"
    return "sent" if refund.status == R.SUCCEEDED else "on_the_way"


def state_by_hand(refund: Refund) -> str:
    """Return where a refund stands that is not Stripe's: a bank decides or has paid it, or the hotel pays."""
    if refund.status == R.SUCCEEDED:
        return "paid_out"
    if refund.status == R.CANCELED:
        return "bank_paid" if paid_by_bank(refund.payment).filter(pk=refund.pk).exists() else "failed"
    if ledger.is_locked(refund.payment):
        return "bank_decides"
    if refund.payment.provider == PaymentProvider.MANUAL:
        return "by_hand"
    return "failed" if refund.replaces_id else "owed"


def released(payment: Payment | None) -> str:
    """Return what was held on the card and let go without being charged, as the guest reads it; else nothing."""
    if payment is None or payment.status not in (P.VOIDED, P.EXPIRED) or payment.amount_captured:
        return ""
    held = payment.amount_authorized
    return display(held, payment.currency, payment.booking.guest_language) if held else ""

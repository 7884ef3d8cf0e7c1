"""What happens to a booking's own row: lock, check, transition, save once, queue the mail. No money moves here.

The `record_…` functions are called by whoever moved the money, with the booking locked in their transaction.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django_fsm import can_proceed

from bookings import audit, availability, emails, hotel_emails, realtime
from bookings.models import BLOCKING, ENDED, Booking, BookingMode, BookingStatus, KeptStay, PaymentMethod
from bookings.prepared import Prepared
from bookings.refusals import Refused, refuse_state, when
from bookings.stay import Move, Moved, Stay
from cancellations import terms
from payments import four_eyes, ledger

S = BookingStatus
# Who decided before is read only where a refusal names them: each join costs every decision its planning.
# What may change beside the booking is not joined: PostgreSQL reads it as it was before the wait for the lock.
WITH = ("hotel", "room", "room_type")
LOCKED: Final[Prepared[Booking]] = Prepared(
    lambda key: Booking.objects.select_for_update(of=("self",)).select_related(*WITH).order_by().filter(pk=key)
)


@dataclass(frozen=True)
class Outcome:
    """What an action came to: done, already done before, waiting for Stripe's answer, or for a second person."""

    DONE = "done"
    ALREADY = "already"
    IN_PROGRESS = "in_progress"
    ASKED = "asked"

    booking: Booking
    state: str = DONE
    message: str = ""


def lock(booking: Booking) -> Booking:
    """Return the booking afresh, its row locked until the transaction ends."""
    return LOCKED.get(booking.pk)


def require(booking: Booking, transition: Callable[..., Any]) -> None:
    """Refuse, in a receptionist's words, what the booking's state does not allow."""
    if booking.is_deleted or not can_proceed(transition):
        raise refuse_state(booking)


def save(booking: Booking, transition: str, reason: str = "") -> None:
    """Save a transitioned booking once, with one history row that names it and its reason; tell open pages."""
    with audit.change(transition, reason):
        booking.save()
    realtime.note(booking)


def submit(booking: Booking) -> Outcome:
    """Offer the room to the guest: check that it is free, freeze the terms, start the hold, mail the link."""
    with transaction.atomic():
        booking = lock(booking)
        if booking.status != S.DRAFT and not booking.is_deleted:
            return Outcome(booking, Outcome.ALREADY, _("This booking was submitted before."))
        require(booking, booking.submit)
        refuse_unfit_draft(booking)
        availability.claim(booking)
        booking.submit(terms=agreed_terms(booking), hold_expires_at=hold_end(booking))
        save(booking, "submit")
        mail_after_submit(booking)
    return Outcome(booking)


def agreed_terms(booking: Booking) -> dict[str, Any]:
    """Return the terms to freeze; Refused where the hotel has none, or none by which a fee could be told."""
    policy = terms.default_policy(booking)
    if policy is None:
        words = _("%(hotel)s has no default cancellation policy yet. A manager can set one.")
        raise Refused(words % {"hotel": booking.hotel})
    if not policy.tiers.exists():
        words = _("The cancellation policy %(policy)s has no tiers yet. A manager can add them.")
        raise Refused(words % {"policy": policy})
    return terms.freeze(booking, policy)


def refuse_unfit_draft(booking: Booking) -> None:
    """Refuse a draft that nobody could stay on."""
    if why := why_unfit(booking):
        raise Refused(why)
    if booking.payment_method == PaymentMethod.ONLINE and booking.total_amount == 0:
        raise Refused(_("There is nothing to pay online for a stay that costs nothing. Choose payment on arrival."))


def why_unfit(booking: Booking) -> str:
    """Return why nobody can be offered this stay any more; nothing when somebody can."""
    if booking.is_erased:
        words = _("The guest's data was erased on %(when)s. Make a new booking.")
        return words % {"when": when(booking.hotel, booking.guest_erased_at)}
    today = booking.hotel.today(timezone.now())
    # A guest who arrives at one in the morning checks in on yesterday's date.
    if booking.check_out <= today or booking.check_in < today - timedelta(days=1):
        return _("This stay lies in the past. Change its dates first.")
    return why_no_room(booking)


def why_no_room(booking: Booking) -> str:
    """Return why nobody can stay in the booking's room; nothing when somebody can, or when none is assigned."""
    if booking.room and booking.room.room_type_id != booking.room_type_id:
        words = _("Room %(room)s is not of the type %(room_type)s.")
        return words % {"room": booking.room, "room_type": booking.room_type}
    if booking.room and not booking.room.is_active:
        return _("Room %(room)s is out of service. Choose another room.") % {"room": booking.room}
    return ""


def hold_end(booking: Booking) -> datetime | None:
    """Return when an unpaid booking gives its room back; never for payment on arrival."""
    return hold_from_now(booking) if booking.payment_method == PaymentMethod.ONLINE else None


def hold_from_now(booking: Booking) -> datetime:
    """Return when a hold that begins now ends (UTC)."""
    return timezone.now() + timedelta(hours=booking.hotel.hold_hours)


def mail_after_submit(booking: Booking) -> None:
    """Ask for the payment, or confirm a stay that needs none. A request waits for the hotel's answer."""
    if booking.status == S.PENDING_PAYMENT:
        emails.pay_link(booking)
    elif booking.status == S.CONFIRMED:
        emails.approved(booking)
    else:
        hotel_emails.needs_approval(booking)


def record_authorized(booking: Booking, *, at: datetime, reference: str, currency: str) -> None:
    """The guest's money is held; staff decide next."""
    booking.authorize(at=at, provider="stripe", reference=reference, currency=currency)
    save(booking, "authorize")
    emails.authorized(booking)
    hotel_emails.needs_approval(booking)


def record_confirmed(booking: Booking, *, at: datetime, reference: str, currency: str) -> None:
    """The money was captured without an approval here: an instant hotel, or a capture made at Stripe."""
    booking.confirm_paid(at=at, provider="stripe", reference=reference, currency=currency)
    save(booking, "confirm_paid")
    emails.approved(booking)


def record_approved(booking: Booking, *, paid_at: datetime | None, reason: str = "") -> None:
    """Staff agreed. `paid_at` is None for a booking that is paid on arrival."""
    booking.approve(at=timezone.now(), by_id=audit.current_user_id(), paid_at=paid_at)
    save(booking, "approve", reason)
    emails.approved(booking)


def record_declined(booking: Booking, *, reason: str) -> None:
    """Staff refused, and nothing is held any more."""
    booking.decline(at=timezone.now(), by_id=audit.current_user_id(), reason=reason)
    save(booking, "decline", reason)
    emails.declined(booking)


def record_cancelled(
    booking: Booking, *, reason: str, fee: int, refund: int, refund_reference: str = "", record: str = ""
) -> None:
    """The stay is off; fee and refund as decided, in minor units. The guest reads `reason`, the history `record`."""
    by_client, by_id = audit.current_actor().kind == audit.ActorKind.GUEST, audit.current_user_id()
    mail = booking.status != S.DRAFT
    kept = ledger.unpaid_change(booking)
    if kept is not None:
        move_to(booking, Stay.of(kept))  # a change that nobody paid for is off, too: fee and refund are of this stay
    booking.cancel(at=timezone.now(), by_id=by_id, by_client=by_client, reason=reason, fee=fee, refund=refund)
    if refund_reference:
        booking.record_refund(at=timezone.now(), reference=refund_reference)
    availability.release(booking)
    save(booking, "cancel", record or reason)
    four_eyes.withdraw_outdated(booking)
    if mail:
        emails.cancelled(booking)
    if mail and by_client:
        hotel_emails.guest_cancelled(booking)


def record_no_show(booking: Booking, *, fee: int, refund: int, refund_reference: str = "", record: str = "") -> None:
    """Nobody came. Fee and refund are the decision, in minor units; `record` is what the history keeps."""
    booking.mark_no_show(fee=fee, refund=refund)
    if refund_reference:
        booking.record_refund(at=timezone.now(), reference=refund_reference)
    availability.release(booking)
    save(booking, "mark_no_show", record)
    four_eyes.withdraw_outdated(booking)
    emails.no_show(booking)


def record_refunded(booking: Booking, *, reference: str, reason: str) -> None:
    """A refund that staff made, apart from a cancellation. The status stays."""
    booking.record_refund(at=timezone.now(), reference=reference)
    save(booking, "refund", reason)


def record_expired(booking: Booking, *, reason: str) -> None:
    """The hold or the authorization ran out; the room is free and the guest is told."""
    booking.expire()
    save(booking, "expire", reason)
    emails.expired(booking)


def record_reopened(booking: Booking, *, reason: str) -> None:
    """The guest is asked for the money again: a new hold, attempts from one on, a fresh pay link.

    Raises Refused when the room was sold in the meantime.
    """
    if booking.status not in BLOCKING:
        availability.claim(booking)
    booking.reopen(hold_expires_at=hold_from_now(booking), first_attempt=next_attempt(booking))
    availability.release(booking)
    save(booking, "reopen", reason)
    emails.pay_link(booking)


def choose_language(booking: Booking, *, language: str) -> None:
    """Write to the guest in another language from now on, as the guest wished. The state stays."""
    with transaction.atomic():
        booking = lock(booking)
        if booking.guest_language != language:
            booking.guest_language = language
            save(booking, "choose_language")


def record_rescheduled(
    booking: Booking,
    stay: Stay,
    *,
    moved: Moved,
    reason: str,
    asks_again: bool = False,
    due_at: datetime | None = None,
) -> None:
    """The booking has another stay, which the caller has claimed. Where it asks again, the guest pays anew.

    The hold stays as it is unless money that was held was given back for it. Another price begins another round of
    attempts, so that pages at the old one count for nothing. Until `due_at` (UTC) the old stay is kept, too: the
    booking goes back to it unless the guest pays the difference.
    """
    before = Stay.of(booking)
    if asks_again:
        booking.reopen(hold_expires_at=hold_from_now(booking), first_attempt=next_attempt(booking))
    elif moved.move == Move.ASK and ledger.this_round(booking).exists():
        booking.first_attempt = next_attempt(booking)
    move_to(booking, stay)
    if due_at is not None:
        availability.keep(before.kept_by(booking, due_at=due_at))
    save(booking, "reschedule", reason)
    four_eyes.withdraw_outdated(booking)
    emails.rescheduled(booking, moved, due_at=due_at)


def move_to(booking: Booking, stay: Stay) -> None:
    """Give a locked booking another stay; what it kept beside its own is sold again."""
    booking.reschedule(
        room_type_id=stay.room_type,
        room_id=stay.room,
        check_in=stay.check_in,
        check_out=stay.check_out,
        total=stay.total,
        terms=stay.terms,
    )
    availability.release(booking)


def record_move_undone(booking: Booking, kept: KeptStay, *, reason: str) -> None:
    """The guest did not pay what the new stay costs more: the booking has its old stay, price and terms again."""
    undone = Stay.of(booking)
    move_to(booking, Stay.of(kept))
    save(booking, "undo_reschedule", reason)
    emails.move_undone(booking, undone)


def record_difference_paid(booking: Booking, *, amount: int, currency: str) -> None:
    """The guest has paid what the new stay costs more, in minor units; the old one is sold again."""
    availability.release(booking)
    save(booking, "difference_paid", "The guest has paid the difference.")
    emails.difference_paid(booking, amount=amount, currency=currency)


def next_attempt(booking: Booking) -> int:
    """Return the number of the first attempt to pay of another round."""
    return (booking.payments.aggregate(last=Max("attempt_number"))["last"] or 0) + 1


def complete(booking: Booking) -> Outcome:
    """Close a stay after check-out."""
    with transaction.atomic():
        booking = lock(booking)
        if booking.status == S.COMPLETED and not booking.is_deleted:
            return Outcome(booking, Outcome.ALREADY, _("This booking is completed already."))
        require(booking, booking.complete)
        refuse_while_waiting(booking)
        if booking.hotel.today(timezone.now()) < booking.check_out:
            raise Refused(_("The guest has not checked out yet. A booking is completed on its check-out day."))
        if KeptStay.objects.filter(booking=booking).exists():
            raise Refused(_("The guest has not paid the difference of the changed stay yet."))
        booking.complete()
        save(booking, "complete")
        four_eyes.withdraw_outdated(booking)
    return Outcome(booking)


def refuse_while_waiting(booking: Booking) -> None:
    """Refuse to change a locked booking under an operation that Stripe has not answered: it may be ending it."""
    if any(operation.is_open for operation in booking.operations.all()):
        raise Refused(_("Stripe's answer for this booking is still awaited. Try again in a minute."))


def record_deleted(booking: Booking, *, reason: str) -> None:
    """Hide a locked booking, as `soft_delete` of the money's side decided."""
    if booking.hotel.require_deletion_reason and not reason:
        raise Refused(_("Please give a reason: this hotel asks for one."), code="ERR_VALIDATION")
    if booking.status not in (S.DRAFT, *ENDED):
        words = _("%(message)s Cancel it first, then delete it.")
        raise Refused(words % {"message": refuse_state(booking).message})
    booking.soft_delete(at=timezone.now(), by_id=audit.current_user_id(), reason=reason)
    save(booking, "soft_delete", reason)


def restore(booking: Booking, *, reason: str = "") -> Outcome:
    """Show a deleted booking again; its room must still be free where its status blocks one."""
    with transaction.atomic():
        booking = lock(booking)
        if not booking.is_deleted:
            return Outcome(booking, Outcome.ALREADY, _("This booking is not deleted."))
        if booking.status in BLOCKING:
            availability.claim(booking)
        booking.restore()
        save(booking, "restore", reason)
    return Outcome(booking)


def is_instant(booking: Booking) -> bool:
    """Whether payment alone confirms the booking."""
    return booking.hotel.booking_mode == BookingMode.INSTANT

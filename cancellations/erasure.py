"""Erase a guest: whatever tells who they were goes, from the rows and from their history; money and dates stay.

One transaction for each booking, under the booking's lock: all of it is gone, or nothing. What arrives later (a
webhook that was on its way, an event that is fetched again) loses the guest when it is processed: see
`payments.webhooks.finish` and `sweep`.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings import audit, lifecycle
from bookings.known_guest import KnownGuest
from bookings.lifecycle import Outcome
from bookings.models import ENDED, Booking, BookingStatus, Message, MessageStatus
from bookings.refusals import Refused, describe_state, when
from cancellations.cancel import GUEST_REASON
from cancellations.models import LinkRequest
from cancellations.personal_fields import ERASED_NAME, HOLDERS, Holder
from payments import decisions
from payments.models import (
    Drift,
    Payment,
    PaymentStatus,
    ProcessingResult,
    StripeWebhookEvent,
)
from trail.erasing import erase_from_history

P = PaymentStatus
SHOWN: Final = ("hotel", "room", "room_type", "deleted_by", "cancelled_by", "decision_made_by")
UNSENT: Final = "The guest's data was erased before this mail left."
# How far back the nightly sweep looks for what slipped in beside an erasure.
SWEPT: Final = timedelta(days=3)


def anonymise_guest(booking: Booking, *, typed: str, reason: str, others: Iterable[int] = ()) -> Outcome:
    """Erase the guest of an ended booking, and of some other bookings of theirs, for a person who says why.

    `typed` is the reference as they wrote it. The booking itself comes last: its address leads to the others, so
    that an erasure that was interrupted can be repeated. Refused says what has to happen first.
    """
    refuse_untyped(booking, typed)
    if not reason.strip():
        raise Refused(_("Please give a reason; it is kept in the history."), code="ERR_VALIDATION")
    if not booking.is_erased and (why := why_not(booking)):
        raise Refused(why)
    more = sum(erase_another(each, reason) for each in Booking.objects.filter(pk__in=others).order_by("pk"))
    outcome = erase(booking, reason=reason)
    if outcome.state == Outcome.DONE and more:
        outcome = Outcome(
            outcome.booking,
            Outcome.DONE,
            _("The guest's data of %(number)s bookings is erased.") % {"number": more + 1},
        )
    return outcome


def refuse_untyped(booking: Booking, typed: str) -> None:
    """Refuse what cannot be undone unless the reference was typed."""
    if typed.strip().upper() != booking.booking_id:
        raise Refused(
            _("Type the reference %(reference)s to confirm.") % {"reference": booking.booking_id},
            code="ERR_VALIDATION",
        )


def erase_another(booking: Booking, reason: str) -> bool:
    """Erase one of the guest's other bookings; whether it could be done now."""
    try:
        return erase(booking, reason=reason).state == Outcome.DONE
    except Refused:
        return False


def erase(booking: Booking, *, reason: str) -> Outcome:
    """Erase the guest of one booking for good; Refused while the stay or its money goes on."""
    with transaction.atomic():
        booking = lifecycle.lock(booking)
        if booking.is_erased:
            return Outcome(booking, Outcome.ALREADY, erased_words(booking))
        if why := why_not(booking):
            raise Refused(why)
        forget(booking, reason=reason.strip())
    return Outcome(booking)


def erased_words(booking: Booking) -> str:
    """Return "The guest's data was erased on 3 March 2026 at 14:05 (Dublin)."."""
    words = _("The guest's data was erased on %(when)s.")
    return words % {"when": when(booking.hotel, booking.guest_erased_at)}


def why_not(booking: Booking) -> str:
    """Return what has to happen before the guest can be erased; nothing when it is possible."""
    return why_going_on(booking) or why_open(decisions.why_open(booking)) or why_unsettled(booking)


def why_going_on(booking: Booking) -> str:
    """Return that somebody may still stay on this booking; nothing when it is over."""
    is_past = booking.check_out < booking.hotel.today(timezone.now())
    is_dead_draft = booking.status == BookingStatus.DRAFT and (booking.is_deleted or is_past)
    if booking.status in ENDED or is_dead_draft:
        return ""
    words = _("This booking %(state)s. A guest's data can be erased once the booking has ended.")
    return words % {"state": describe_state(booking)}


def why_open(why: str) -> str:
    """Return in the words of an erasure why money has not come to rest."""
    return why.replace(decisions.THEN, _("Erase the guest's data"))


def why_unsettled(booking: Booking) -> str:
    """Return why money may still come, or has to go back or be explained first; nothing when it is all settled."""
    payments = list(booking.payments.all())
    if any(may_still_come(payment) for payment in payments):
        return _("A payment of this booking has not come to its end yet. It does so by itself, or in “Payments”.")
    for payment in payments:
        if payment.unwanted_since is not None and (why := decisions.why_not_gone_back(payment)):
            return why
    if Drift.objects.filter(booking=booking, resolved_at=None).exists():
        return _("Our records and Stripe's differ about this booking. Heal or explain that first, under “Drift”.")
    return ""


def may_still_come(payment: Payment) -> bool:
    """Whether money is held, on its way, or could be paid on an open page."""
    has_open_page = payment.status == P.FAILED and bool(payment.session_url)
    return payment.status in (P.AUTHORIZED, P.PROCESSING) or has_open_page


def others_of(booking: Booking, user: Any) -> QuerySet[Booking]:
    """Return the guest's other bookings, by their e-mail, at the hotels that a person may see."""
    if not booking.guest_email:
        return Booking.objects.none()
    rows = Booking.objects.visible_to(user).filter(guest_email__iexact=booking.guest_email, guest_erased_at=None)
    return rows.exclude(pk=booking.pk).select_related(*SHOWN)


def forget(booking: Booking, *, reason: str) -> None:
    """Take the guest out of a locked booking and of everything that hangs on it, history included."""
    guest = known_guest(booking)
    booking.guest_erased_at = timezone.now()
    revoke_links(booking)
    Message.objects.filter(booking=booking, status=MessageStatus.QUEUED).update(
        status=MessageStatus.FAILED, last_error=UNSENT
    )
    for holder in HOLDERS:
        for row in holder.rows(booking):
            # The row in hand, so that whoever locked it sees it as it is.
            forget_row(holder, booking if row == booking else row, guest, guest.scrub(reason))
    forget_link_requests(booking, guest)
    forget_unclaimed_events(booking, guest)
    forget_admin_log(booking, guest)


def known_guest(booking: Booking) -> KnownGuest:
    """Return everything by which the booking's guest was ever known here."""
    rows = [booking, *booking.history.all()]
    typed = {row.cancellation_reason for row in rows if row.cancelled_by_client}
    typed |= {
        str(each.details.get("reason", ""))
        for each in booking.operations.filter(transition="cancel", details__actor__kind=audit.ActorKind.GUEST)
    }
    return KnownGuest(
        names=frozenset({row.guest_name for row in rows} - {"", ERASED_NAME}),
        emails=frozenset({row.guest_email for row in rows} - {""}),
        phones=frozenset({row.guest_phone for row in rows} - {""}),
        words=frozenset(({row.notes for row in rows} | typed) - {"", GUEST_REASON}),
    )


def revoke_links(booking: Booking) -> None:
    """End the guest's links: behind them is nobody any more."""
    for token in booking.management_tokens.filter(revoked_at=None):
        token.revoked_at = timezone.now()
        with audit.change("revoke"):
            token.save(update_fields=["revoked_at"])


def forget_row(holder: Holder, row: Any, guest: KnownGuest, reason: str) -> None:
    """Take the guest out of one row and its history."""
    found = holder.erased(row, guest)
    for name, value in found.items():
        setattr(row, name, value)
    if isinstance(row, Booking):
        lifecycle.save(row, "anonymise", reason)
    elif found:
        with audit.change("anonymise", reason):
            row.save(update_fields=list(found))
    if hasattr(row, "history"):
        forget_history(holder, row, guest)


def forget_history(holder: Holder, row: Any, guest: KnownGuest) -> None:
    """Take the guest out of what is recorded about one row; who of the staff did what stays."""
    for record in row.history.all():
        values = holder.erased(record, guest)
        said = record.history_change_reason
        if said and guest.scrub(said) != said:
            values["history_change_reason"] = guest.scrub(said)
        if record.history_user_id is None and (record.ip or record.user_agent):
            values |= {"ip": None, "user_agent": ""}
        if values:
            erase_from_history(record, values)


def forget_link_requests(booking: Booking, guest: KnownGuest) -> None:
    """Delete the requests for a link to this booking, and those that were answered with this guest's contact."""
    LinkRequest.objects.filter(reference=booking.booking_id).delete()
    answered = LinkRequest.objects.exclude(handled_at=None)
    for address in guest.emails:
        answered.filter(contact__iexact=address).delete()
    numbers = answered.exclude(contact__contains="@").values_list("pk", "contact")
    answered.filter(pk__in=[pk for pk, contact in numbers if guest.is_contact(contact)]).delete()


def forget_unclaimed_events(booking: Booking, guest: KnownGuest) -> None:
    """Take the guest out of events that could not be processed, so that nothing says whose they are."""
    holder = next(each for each in HOLDERS if each.model is StripeWebhookEvent)
    ids = [booking.booking_id]
    for payment in booking.payments.all():
        ids += filter(None, (payment.stripe_payment_intent_id, payment.stripe_checkout_session_id))
    unclaimed = StripeWebhookEvent.objects.filter(booking=None)
    for event in unclaimed.filter(processing_result=ProcessingResult.FAILED):
        text = str(event.payload)
        if guest.is_contact(text) or any(each in text for each in ids):
            forget_row(holder, event, guest, "")


def forget_admin_log(booking: Booking, guest: KnownGuest) -> None:
    """Take the guest out of what the admin noted about edits of the booking."""
    kind = ContentType.objects.get_for_model(Booking)
    for entry in LogEntry.objects.filter(content_type=kind, object_id=str(booking.pk)):
        entry.object_repr = guest.scrub(entry.object_repr)
        entry.change_message = guest.scrub(entry.change_message)
        entry.save(update_fields=["object_repr", "change_message"])


def sweep(now: datetime) -> int:
    """Take erased guests out of events that were processed at the very moment of an erasure; return how many."""
    holder = next(each for each in HOLDERS if each.model is StripeWebhookEvent)
    late = StripeWebhookEvent.objects.filter(booking__guest_erased_at__isnull=False, received_at__gte=now - SWEPT)
    found = [event for event in late if holder.erased(event, KnownGuest())]
    for event in found:
        forget_row(holder, event, KnownGuest(), "")
    return len(found)

"""What happened to a booking, in a receptionist's words."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bookings.admin import timeline as line
from bookings.admin.history_rows import what as plain_words
from bookings.admin.words import money
from bookings.spoken import lowered

# What each transition of a booking is called.
BOOKING: Final[dict[str, Any]] = {
    "create": gettext_lazy("Created"),
    "submit": gettext_lazy("Submitted"),
    "authorize": gettext_lazy("Money authorized"),
    "confirm_paid": gettext_lazy("Confirmed: paid"),
    "approve": gettext_lazy("Approved"),
    "decline": gettext_lazy("Declined"),
    "cancel": gettext_lazy("Cancelled"),
    "mark_no_show": gettext_lazy("Marked as no-show"),
    "mark_paid": gettext_lazy("Marked as paid"),
    "refund": gettext_lazy("Refunded"),
    "expire": gettext_lazy("Expired"),
    "reopen": gettext_lazy("Reopened for payment"),
    "reschedule": gettext_lazy("Moved"),
    "undo_reschedule": gettext_lazy("Move undone"),
    "difference_paid": gettext_lazy("Difference paid"),
    "complete": gettext_lazy("Completed"),
    "soft_delete": gettext_lazy("Deleted"),
    "restore": gettext_lazy("Restored"),
    "fresh_link": gettext_lazy("Fresh link sent"),
    "choose_language": gettext_lazy("Language chosen"),
    "anonymise": gettext_lazy("Guest's data erased"),
}
# What a person hears whose step came too late.
WON: Final[dict[str, Any]] = {
    "create": gettext_lazy("%(who)s made it %(ago)s."),
    "submit": gettext_lazy("%(who)s submitted it %(ago)s."),
    "authorize": gettext_lazy("%(who)s reported the guest's money as held %(ago)s."),
    "confirm_paid": gettext_lazy("%(who)s reported it as paid %(ago)s."),
    "approve": gettext_lazy("%(who)s approved it %(ago)s."),
    "decline": gettext_lazy("%(who)s declined it %(ago)s."),
    "cancel": gettext_lazy("%(who)s cancelled it %(ago)s."),
    "mark_no_show": gettext_lazy("%(who)s marked it as a no-show %(ago)s."),
    "mark_paid": gettext_lazy("%(who)s marked it as paid %(ago)s."),
    "refund": gettext_lazy("%(who)s made a refund %(ago)s."),
    "expire": gettext_lazy("%(who)s let it expire %(ago)s."),
    "reopen": gettext_lazy("%(who)s reopened it for payment %(ago)s."),
    "reschedule": gettext_lazy("%(who)s moved it %(ago)s."),
    "undo_reschedule": gettext_lazy("%(who)s undid the move %(ago)s."),
    "difference_paid": gettext_lazy("%(who)s reported the difference as paid %(ago)s."),
    "complete": gettext_lazy("%(who)s completed it %(ago)s."),
    "soft_delete": gettext_lazy("%(who)s deleted it %(ago)s."),
    "restore": gettext_lazy("%(who)s restored it %(ago)s."),
    "fresh_link": gettext_lazy("%(who)s sent a fresh link %(ago)s."),
    "choose_language": gettext_lazy("%(who)s chose another language %(ago)s."),
    "anonymise": gettext_lazy("%(who)s erased the guest's data %(ago)s."),
}
PAYMENT: Final[dict[str, Any]] = {
    "": gettext_lazy("begun"),
    "open_session": gettext_lazy("payment page opened"),
    "authorize": gettext_lazy("money held"),
    "capture": gettext_lazy("money captured"),
    "follow_refunds": gettext_lazy("refund arrived"),
    "fail": gettext_lazy("refused"),
    "void": gettext_lazy("hold released"),
    "expire": gettext_lazy("expired"),
    "mark_paid": gettext_lazy("paid at the hotel"),
    "unwanted": gettext_lazy("nobody waited for this money"),
    "warn": gettext_lazy("the hotel was warned: the authorization ends"),
    "new_price": gettext_lazy("new price"),
    "fall_back": gettext_lazy("another currency"),
}


def booking_words(record: Any) -> str:
    """Return "Approved", or what kind of change it was."""
    if record.transition in BOOKING:
        return str(BOOKING[record.transition])
    return str(plain_words(record))


def payment_words(record: Any) -> str:
    """Return "Payment no. 2: money captured"."""
    step = PAYMENT.get(record.transition) or lowered(plain_words(record))
    is_only_changed = record.history_type == "~" and not record.transition
    return _("Payment no. %(number)d: %(step)s") % {
        "number": record.attempt_number,
        "step": _("changed") if is_only_changed else step,
    }


def operation_words(record: Any) -> str:
    """Return what Stripe was asked, or what it answered: "Stripe was asked: capture, €340.00"."""
    if record.history_type == "+":
        said = _("Stripe was asked: %(asked)s")
    elif record.status == "failed":
        said = _("Stripe refused: %(asked)s")
    else:
        said = (
            _("Stripe has done it: %(asked)s") if record.status == "succeeded" else _("Stripe is silent: %(asked)s")
        )
    return said % {"asked": asked_words(record)}


def asked_words(operation: Any) -> str:
    """Return "capture, €340.00", or the kind alone where no amount belongs to it."""
    kind = lowered(operation.get_kind_display())
    if not operation.amount:
        return kind
    return f"{kind}, {money(operation.amount, operation.currency)}"


def amount_words(sentence: Any) -> Callable[[Any], str]:
    """Return what says "Refund of €100.00: On its way" of a record with an amount and a state."""

    def words(record: Any) -> str:
        amount = money(record.amount, record.currency)
        return str(sentence) % {"amount": amount, "state": record.get_status_display()}

    return words


def drift_words(record: Any) -> str:
    """Return what differed from Stripe, or that it does not any more."""
    kind = record.get_kind_display()
    if record.resolved_at:
        return _("No longer differs from Stripe: %(kind)s") % {"kind": kind}
    return _("Differs from Stripe: %(kind)s") % {"kind": kind}


def event_words(record: Any) -> str:
    """Return what Stripe reported by a webhook, and what came of it."""
    result = record.get_processing_result_display()
    return _("Stripe reported %(event)s: %(result)s") % {"event": record.event_type, "result": result}


def link_words(record: Any) -> str:
    """Return what the guest's link was used for, or that it stopped working."""
    if record.transition == "revoke" or record.revoked_at:
        return _("A link of the guest stopped working")
    return _("The guest's link was used: %(action)s") % {"action": record.last_action.lower() or "–"}


def queued_words(mail: Any) -> str:
    """Return which mail was written, and that it could not be sent."""
    failed = mail.status == "failed"
    words = _("Mail written: %(subject)s · could not be sent") if failed else _("Mail written: %(subject)s")
    return words % {"subject": mail.subject}


def sent_words(mail: Any) -> str:
    """Return which mail was sent."""
    return _("Mail sent: %(subject)s") % {"subject": mail.subject}


def attempt_words(record: Any) -> str:
    """Return what was tried and refused: "Refused: refund, €500.00. This booking was cancelled …"."""
    asked = f", {money(record.amount, record.currency)}" if record.amount is not None else ""
    tried = str(BOOKING[record.tried]) if record.tried in BOOKING else record.tried.replace("_", " ")
    said = _("Refused: %(tried)s") % {"tried": f"{tried}{asked}"}
    return f"{said}. {record.words}" if record.words else said


WORDS: Final[dict[str, Callable[[Any], str]]] = {
    line.BOOKING: booking_words,
    line.PAYMENT: payment_words,
    line.OPERATION: operation_words,
    line.REFUND: amount_words(gettext_lazy("Refund of %(amount)s: %(state)s")),
    line.REQUEST: amount_words(gettext_lazy("Refund request for %(amount)s: %(state)s")),
    line.DISPUTE: amount_words(gettext_lazy("Dispute about %(amount)s: %(state)s")),
    line.DRIFT: drift_words,
    line.EVENT: event_words,
    line.LINK: link_words,
    line.ATTEMPT: attempt_words,
    line.QUEUED: queued_words,
    line.SENT: sent_words,
}


def ago(at: datetime, now: datetime) -> str:
    """Return "just now" or "2 minutes ago"; both moments are UTC."""
    minutes = (now - at) // timedelta(minutes=1)
    if minutes < 1:
        return _("just now")
    return ngettext("%(count)d minute ago", "%(count)d minutes ago", minutes) % {"count": minutes}

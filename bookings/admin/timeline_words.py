"""What happened to a booking, in a receptionist's words."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bookings.admin import timeline as line
from bookings.admin.history_rows import what as plain_words
from bookings.admin.words import money

# What each transition of a booking is called, and what a person says of whoever made it.
BOOKING: Final[dict[str, tuple[Any, Any]]] = {
    "create": (gettext_lazy("Created"), gettext_lazy("made it")),
    "submit": (gettext_lazy("Submitted"), gettext_lazy("submitted it")),
    "authorize": (gettext_lazy("Money authorized"), gettext_lazy("reported the guest's money as held")),
    "confirm_paid": (gettext_lazy("Confirmed: paid"), gettext_lazy("reported it as paid")),
    "approve": (gettext_lazy("Approved"), gettext_lazy("approved it")),
    "decline": (gettext_lazy("Declined"), gettext_lazy("declined it")),
    "cancel": (gettext_lazy("Cancelled"), gettext_lazy("cancelled it")),
    "mark_no_show": (gettext_lazy("Marked as no-show"), gettext_lazy("marked it as a no-show")),
    "mark_paid": (gettext_lazy("Marked as paid"), gettext_lazy("marked it as paid")),
    "refund": (gettext_lazy("Refunded"), gettext_lazy("made a refund")),
    "expire": (gettext_lazy("Expired"), gettext_lazy("let it expire")),
    "reopen": (gettext_lazy("Reopened for payment"), gettext_lazy("reopened it for payment")),
    "reschedule": (gettext_lazy("Moved"), gettext_lazy("moved it")),
    "undo_reschedule": (gettext_lazy("Move undone"), gettext_lazy("undid the move")),
    "difference_paid": (gettext_lazy("Difference paid"), gettext_lazy("reported the difference as paid")),
    "complete": (gettext_lazy("Completed"), gettext_lazy("completed it")),
    "soft_delete": (gettext_lazy("Deleted"), gettext_lazy("deleted it")),
    "restore": (gettext_lazy("Restored"), gettext_lazy("restored it")),
    "fresh_link": (gettext_lazy("Fresh link sent"), gettext_lazy("sent a fresh link")),
    "choose_language": (gettext_lazy("Language chosen"), gettext_lazy("chose another language")),
    "anonymise": (gettext_lazy("Guest's data erased"), gettext_lazy("erased the guest's data")),
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
        return str(BOOKING[record.transition][0])
    return str(plain_words(record))


def payment_words(record: Any) -> str:
    """Return "Payment no. 2: money captured"."""
    step = PAYMENT.get(record.transition) or plain_words(record).lower()
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
    kind = str(operation.get_kind_display()).lower()
    if not operation.amount:
        return kind
    return f"{kind}, {money(operation.amount, operation.currency)}"


def amount_words(name: Any) -> Callable[[Any], str]:
    """Return what says "Refund of €100.00: On its way" of a record with an amount and a state."""

    def words(record: Any) -> str:
        amount = money(record.amount, record.currency)
        return f"{name} {amount}: {record.get_status_display()}"

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
    failed = " · " + _("could not be sent") if mail.status == "failed" else ""
    return _("Mail written: %(subject)s") % {"subject": mail.subject} + failed


def sent_words(mail: Any) -> str:
    """Return which mail was sent."""
    return _("Mail sent: %(subject)s") % {"subject": mail.subject}


WORDS: Final[dict[str, Callable[[Any], str]]] = {
    line.BOOKING: booking_words,
    line.PAYMENT: payment_words,
    line.OPERATION: operation_words,
    line.REFUND: amount_words(gettext_lazy("Refund of")),
    line.REQUEST: amount_words(gettext_lazy("Refund request for")),
    line.DISPUTE: amount_words(gettext_lazy("Dispute about")),
    line.DRIFT: drift_words,
    line.EVENT: event_words,
    line.LINK: link_words,
    line.QUEUED: queued_words,
    line.SENT: sent_words,
}


def ago(at: datetime, now: datetime) -> str:
    """Return "just now" or "2 minutes ago"; both moments are UTC."""
    minutes = (now - at) // timedelta(minutes=1)
    if minutes < 1:
        return _("just now")
    return ngettext("%(count)d minute ago", "%(count)d minutes ago", minutes) % {"count": minutes}

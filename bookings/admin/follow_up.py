"""Small things that staff repeat: the mails with a link to pay or to the booking, and the question to Stripe."""

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings import audit, emails, lifecycle
from bookings.admin import reasons
from bookings.admin.facts import facts_of
from bookings.lifecycle import Outcome
from bookings.models import Booking
from bookings.refusals import Refused
from cancellations import tokens
from payments import ledger, operations
from payments.models import PaymentPurpose
from payments.opening import open_operation
from payments.operations import WAITING

# Two clicks, or two colleagues, send one mail.
PAUSE: Final = timedelta(minutes=1)
FRESH_LINK: Final = "fresh_link"


def send_pay_link(booking: Booking) -> Outcome:
    """Mail the guest another link to pay, while they still can."""
    with transaction.atomic():
        booking = lifecycle.lock(booking)
        now = timezone.now()
        refusal = reasons.why_not_pay_link(facts_of(booking, now))
        if refusal:
            raise Refused(refusal)
        if booking.messages.filter(kind__in=emails.ASKING, created_at__gt=now - PAUSE).exists():
            return Outcome(booking, Outcome.ALREADY, _("A pay link was mailed less than a minute ago."))
        due = ledger.due(booking)
        if due is not None and due.purpose == PaymentPurpose.DIFFERENCE:
            emails.difference_due(booking, amount=due.price, due_at=due.until)
        else:
            emails.pay_link(booking)
    return Outcome(booking)


def send_fresh_link(booking: Booking, *, reason: str = "") -> Outcome:
    """Mail the guest a new link to the booking; all earlier ones stop working, wherever they have got to."""
    with transaction.atomic():
        booking = lifecycle.lock(booking)
        now = timezone.now()
        refusal = reasons.why_not_fresh_link(facts_of(booking, now))
        if refusal:
            raise Refused(refusal)
        if booking.history.filter(transition=FRESH_LINK, history_date__gt=now - PAUSE).exists():
            return Outcome(booking, Outcome.ALREADY, _("A fresh link was mailed less than a minute ago."))
        with audit.change(FRESH_LINK, reason):
            tokens.revoke_all(booking, at=now)
            emails.fresh_link(booking)
        lifecycle.save(booking, FRESH_LINK, reason)
    return Outcome(booking)


def reconcile_now(booking: Booking) -> Outcome:
    """Look up at Stripe what became of the open operation, and finish it."""
    operation = open_operation(booking)
    if operation is None:
        return Outcome(booking, Outcome.ALREADY, _("Nothing is waiting for Stripe any more."))
    if not operations.resolve(operation):
        return Outcome(booking, Outcome.IN_PROGRESS, _(WAITING))
    return Outcome(booking)

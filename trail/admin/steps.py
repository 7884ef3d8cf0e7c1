"""What each transition is called, whatever it is of: the filter's choices, and the words of every line."""

from collections.abc import Callable
from typing import Any, Final

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy

from bookings.admin import timeline as line
from bookings.admin.history_rows import KINDS
from bookings.admin.timeline_words import BOOKING, PAYMENT, WORDS
from bookings.models import SignInKind
from trail.models import Entry

# What is neither a booking's nor a payment's.
OTHERS: Final[dict[str, Any]] = {
    "accept": gettext_lazy("Money accepted"),
    "ask": gettext_lazy("Refund requested"),
    "assign_room": gettext_lazy("Room assigned"),
    "back_to_default": gettext_lazy("Wording back to the default"),
    "begin": gettext_lazy("Bulk run begun"),
    "capture": gettext_lazy("Capture asked of Stripe"),
    "clean": gettext_lazy("Test data cleaned up"),
    "close_owed": gettext_lazy("Owed refund closed"),
    "create_session": gettext_lazy("Payment page asked of Stripe"),
    "create_staff": gettext_lazy("Member of staff made"),
    "create_token": gettext_lazy("Access token made"),
    "dispute_closed": gettext_lazy("Dispute closed"),
    "dispute_opened": gettext_lazy("Dispute opened"),
    "dispute_updated": gettext_lazy("Dispute changed"),
    "drift_gone": gettext_lazy("Difference from Stripe gone"),
    "end": gettext_lazy("Bulk run ended"),
    "evidence_exported": gettext_lazy("Evidence exported"),
    "expire_session": gettext_lazy("Payment page closed"),
    "explain_drift": gettext_lazy("Difference from Stripe explained"),
    "export": gettext_lazy("Export begun"),
    "export_guest": gettext_lazy("Guest's data exported"),
    "find_drift": gettext_lazy("Difference from Stripe found"),
    "find_drift_again": gettext_lazy("Difference from Stripe found again"),
    "finish_export": gettext_lazy("Export finished"),
    "hand_over": gettext_lazy("Handed over"),
    "hard_delete": gettext_lazy("Deleted for good"),
    "import": gettext_lazy("Imported"),
    "import_rates": gettext_lazy("Exchange rates imported"),
    "owe": gettext_lazy("Refund by hand owed"),
    "pay_out": gettext_lazy("Paid out by hand"),
    "process_event": gettext_lazy("Webhook processed"),
    "refund_canceled": gettext_lazy("Refund cancelled"),
    "refund_failed": gettext_lazy("Refund failed"),
    "refund_pending": gettext_lazy("Refund on its way"),
    "refund_requires_action": gettext_lazy("Refund waits for the guest"),
    "refund_succeeded": gettext_lazy("Refund arrived"),
    "refuse": gettext_lazy("Refused"),
    "reject": gettext_lazy("Refund request rejected"),
    "release": gettext_lazy("Sign-in lock released"),
    "remove_code": gettext_lazy("Sign-in code removed"),
    "replay_event": gettext_lazy("Webhook replayed"),
    "reset_code": gettext_lazy("Sign-in code reset"),
    "review": gettext_lazy("Refund made at Stripe answered"),
    "revoke": gettext_lazy("Guest's link revoked"),
    "revoke_token": gettext_lazy("Access token revoked"),
    "reword": gettext_lazy("Words of a mail changed"),
    "seen": gettext_lazy("Late money seen"),
    "send_again": gettext_lazy("Refund sent again"),
    "start": gettext_lazy("Bulk run started"),
    "stop": gettext_lazy("Bulk run stopped"),
    "upload": gettext_lazy("File uploaded"),
    "withdraw": gettext_lazy("Refund request withdrawn"),
}
OF_PAYMENTS: Final = {name: words for name, words in PAYMENT.items() if name and name not in BOOKING}
STEPS: Final[dict[str, Any]] = OTHERS | OF_PAYMENTS | BOOKING | dict(SignInKind.choices)
# Whose lines say more than their transition: amount, state, number. The words are those of a booking's Timeline.
TOLD: Final[dict[str, Callable[[Any], str]]] = {
    "bookings.booking": WORDS[line.BOOKING],
    "payments.payment": WORDS[line.PAYMENT],
    "payments.paymentoperation": WORDS[line.OPERATION],
    "payments.refund": WORDS[line.REFUND],
    "payments.refundrequest": WORDS[line.REQUEST],
    "payments.dispute": WORDS[line.DISPUTE],
    "payments.drift": WORDS[line.DRIFT],
    "payments.stripewebhookevent": WORDS[line.EVENT],
}


def step_words(entry: Entry, record: Any) -> str:
    """Return "Approved", or what kind of change it was; by its transition alone where the history row is gone."""
    if record is not None and entry.model in TOLD:
        return TOLD[entry.model](record)
    if entry.transition:
        return named(entry.transition)
    return str(KINDS[entry.kind])


def named(transition: str) -> str:
    """Return a transition in words; one that has none yet, by its name."""
    return str(capfirst(STEPS.get(transition) or transition.replace("_", " ")))


def choices() -> list[tuple[str, str]]:
    """Return all transitions for the filter, in the order of their words; those that are called the same once."""
    names = {named(name): name for name in reversed(STEPS)}
    return sorted(((name, said) for said, name in names.items()), key=lambda pair: pair[1])


def alike(transition: str) -> list[str]:
    """Return the transitions that people call the same, the one that the filter lists first."""
    said = named(transition)
    return [name for name in STEPS if named(name) == said] or [transition]

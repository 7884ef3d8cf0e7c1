"""What no-shows and changes of a stay must come to. Declared by hand, never taken from the code."""

from dataclasses import replace
from typing import Final

from tests.faults.results import APPROVED, CANCELLED, CLOSED, DECLINED, EXPIRED, PAGE, REFUND

# Half is kept of a guest who never comes to a hotel that is not strict.
NO_SHOW: Final = replace(
    CANCELLED,
    status="NO_SHOW",
    transitions=(*APPROVED.transitions, "mark_no_show"),
    mails=(*APPROVED.mails, "no_show"),
)
# One night instead of two.
SHORTENED: Final = replace(
    CANCELLED,
    status="CONFIRMED",
    transitions=(*APPROVED.transitions, "reschedule"),
    mails=(*APPROVED.mails, "rescheduled"),
    decided=(None, None),
    nights=1,
    price=17000,
)
# The same two nights, a day later.
LATER: Final = replace(
    APPROVED, transitions=(*APPROVED.transitions, "reschedule"), mails=(*APPROVED.mails, "rescheduled")
)
# Three nights: the hold is given back, and the guest is asked again.
ASKED_AGAIN: Final = replace(
    DECLINED,
    status="PENDING_PAYMENT",
    transitions=("submit", "authorize", "reschedule"),
    mails=("pay_link", "authorized", "rescheduled"),
    nights=3,
    price=51000,
)
# Three nights, agreed at once; what they cost more is paid on a page of its own.
LONGER: Final = replace(
    LATER,
    payments=("SUCCEEDED", "PROCESSING"),
    open_pages=1,
    steps=(*APPROVED.steps, "open_session"),
    operations=(*APPROVED.operations, PAGE),
    nights=3,
    price=51000,
)
LONGER_PAID: Final = replace(
    LONGER,
    payments=("SUCCEEDED", "SUCCEEDED"),
    open_pages=0,
    captured=51000,
    captures=2,
    transitions=(*LATER.transitions, "difference_paid"),
    steps=(*LONGER.steps, "capture", "accept"),
    mails=(*LATER.mails, "difference_paid"),
)
LONGER_UNPAID: Final = replace(
    LATER,
    payments=("SUCCEEDED", "EXPIRED"),
    transitions=(*LATER.transitions, "undo_reschedule"),
    steps=(*LONGER.steps, "expire"),
    operations=(*LONGER.operations, CLOSED),
    mails=(*LATER.mails, "move_undone"),
)
# Ten days before check-in half of 510.00 is kept; the newest payment goes back first.
CANCELLED_IN_PARTS: Final = replace(
    LONGER_PAID,
    status="CANCELLED",
    payments=("PARTIALLY_REFUNDED", "REFUNDED"),
    refunded=25500,
    refunds=2,
    transitions=(*LONGER_PAID.transitions, "cancel"),
    steps=(*APPROVED.steps, "follow_refunds", "open_session", "capture", "accept", "follow_refunds"),
    operations=(*LONGER.operations, REFUND, REFUND),
    mails=(*LONGER_PAID.mails, "cancelled_by_guest"),
    returned=("stripe succeeded 17000", "stripe succeeded 8500"),
    decided=(25500, 25500),
)
REFUNDED_IN_PARTS: Final = replace(
    CANCELLED_IN_PARTS,
    status="CONFIRMED",
    refunded=20000,
    transitions=(*LONGER_PAID.transitions, "refund"),
    mails=(*LONGER_PAID.mails, "refund_sent"),
    returned=("stripe succeeded 17000", "stripe succeeded 3000"),
    decided=(None, None),
)
CAPTURED_LESS: Final = replace(
    APPROVED,
    captured=17000,
    transitions=("submit", "authorize", "reschedule", "approve"),
    mails=("pay_link", "authorized", "rescheduled", "approved"),
    nights=1,
    price=17000,
)
# The page at the old price is closed; the guest has a link to a new one.
ASKED_FOR_MORE: Final = replace(
    EXPIRED,
    status="PENDING_PAYMENT",
    transitions=("submit", "reschedule"),
    mails=("pay_link", "rescheduled"),
    nights=3,
    price=51000,
)

"""What must hold after every fault, once the dust has settled; and what must be visible before it has.

a) our sums equal Stripe's for each PaymentIntent; b) refunded ≤ captured ≤ authorized, and nothing is promised twice;
c) at most one effect at Stripe per action; d) no operation open, and no other nights kept; e) the booking's status
agrees with Stripe; f) one history row for each transition, the last one says what the row says, and the hotel's chain
verifies; g) one mail for each message; h) whatever is unsettled is on a worklist of the Today page.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, Final

from django.db.models import QuerySet

from bookings.models import Booking, BookingStatus, KeptStay, PaymentMethod
from payments.models import Dispute, OperationStatus, Payment, PaymentOperation, ProcessingResult, Refund
from payments.models import StripeWebhookEvent as Event
from payments.opening import open_operation
from tests.faults import worklist
from tests.faults.state import UNDONE, Row, Truth, more_than_once
from tests.stays import fresh, mails, notices, transitions
from trail import verifying

S = BookingStatus
PAID: Final = (S.CONFIRMED, S.COMPLETED, S.NO_SHOW)
ENDED: Final = (S.DECLINED, S.EXPIRED, S.CANCELLED)
# What may rightly happen to a booking more than once between two times of being offered.
REPEATABLE: Final = ("refund", "pay_out", "reschedule", "assign_room", "undo_reschedule", "difference_paid")
# Where a transition leads, and the mail that it owes the guest. Declared here, not read from the product.
LEADS_TO: Final = {
    "submit": (S.PENDING_PAYMENT, S.PENDING_APPROVAL, S.CONFIRMED),
    "reopen": (S.PENDING_PAYMENT,),
    "authorize": (S.PENDING_APPROVAL,),
    "confirm_paid": (S.CONFIRMED,),
    "approve": (S.CONFIRMED,),
    "decline": (S.DECLINED,),
    "cancel": (S.CANCELLED,),
    "mark_no_show": (S.NO_SHOW,),
    "complete": (S.COMPLETED,),
    "reschedule": (S.PENDING_PAYMENT,),
    "expire": (S.EXPIRED,),
}
MAIL_OF: Final = {
    "submit": "pay_link",
    "reopen": "pay_link",
    "authorize": "authorized",
    "confirm_paid": "approved",
    "approve": "approved",
    "decline": "declined",
    "cancel": "cancelled",
    "mark_no_show": "no_show",
    "reschedule": "rescheduled",
    "undo_reschedule": "move_undone",
    "difference_paid": "difference_paid",
    "expire": "expired",
    "refund": "refund_sent",
    "pay_out": "refund_paid_out",
}
OTHER_MAILS: Final = ("management_link", "authorization_ends", "difference_due")


def violations(booking: Booking, truth: Truth, shown: tuple[str, ...], *, external: int = 0) -> list[str]:
    """Say which invariants a booking breaks. `external` refunds were made at Stripe without us."""
    booking = fresh(booking)
    payments = {payment.stripe_payment_intent_id: payment for payment in booking.payments.all()}
    return [
        *(problem for row in truth.rows for problem in amounts_differ(payments.get(row["payment_intent"]), row)),
        *too_many_effects(booking, truth, external),
        *([f"d: {waiting} is open"] if (waiting := open_operation(booking)) else ()),
        *(f"d: {kept} is kept, and nothing decides about it" for kept in undecided(booking)),
        *disagreement(booking, truth, payments),
        *history_gaps(booking),
        *broken_chain(booking),
        *wrong_mails(booking, truth),
        *unseen(booking, truth, shown),
    ]


def amounts_differ(payment: Payment | None, row: Row) -> Iterator[str]:
    """a and b, for one PaymentIntent."""
    if payment is None:
        if row["authorized"]:
            yield f"a: {row['payment_intent']} is unknown to us"
        return
    held = payment.amount_authorized if payment.status == "AUTHORIZED" else 0
    ours = (held, payment.amount_captured, payment.amount_refunded)
    if ours != (held_of(row), row["captured"], row["refunded_settled"]):
        yield f"a: we have {ours}, Stripe has {(held_of(row), row['captured'], row['refunded_settled'])}"
    if row["authorized"] and payment.currency.lower() != row["currency"]:
        yield f"a: we have {payment.currency}, Stripe has {row['currency']}"
    through_stripe = payment.refunds.filter(provider="stripe")
    recorded = {refund.stripe_refund_id: (refund.amount, refund.status) for refund in through_stripe}
    if recorded != {refund["id"]: (refund["amount"], refund["status"]) for refund in row["refunds"]}:
        yield f"a: our refunds are {recorded}, Stripe's {row['refunds']}"
    if not row["refunded"] <= row["captured"] <= row["authorized"]:
        yield f"b: {row['refunded']} ≤ {row['captured']} ≤ {row['authorized']} is wrong"
    # Whoever refunds at Stripe what the hotel has paid out by hand gives it twice. Nobody can keep them from it.
    elsewhere = sum(each.amount for each in through_stripe if each.is_external)
    if kept_of(row, payment) < -elsewhere:
        yield f"b: {-kept_of(row, payment)} more than was captured is back or promised"


def held_of(row: Row) -> int:
    """Return what is held and not captured."""
    return int(row["authorized"]) if row["status"] == "requires_capture" else 0


def kept_of(row: Row, payment: Payment | None) -> int:
    """Return what of a capture is neither back, nor on its way, nor owed, nor lost to a bank."""
    by_hand = payment.refunds.filter(provider="manual").exclude(status__in=UNDONE) if payment else ()
    given = sum(refund.amount for refund in by_hand)
    lost = sum(dispute["amount"] for dispute in row["disputes"] if dispute["status"] == "lost")
    return int(row["captured"] - row["refunded"] - given - min(lost, row["captured"] - row["refunded"]))


def too_many_effects(booking: Booking, truth: Truth, external: int) -> Iterator[str]:
    """c: one capture or void of a hold, one refund and one page for each operation, one page to pay on."""
    for row in truth.rows:
        if row["captures"] > 1 or row["voids"] > 1:
            yield f"c: {row['captures']} captures and {row['voids']} voids"
    asked = [refund["metadata"]["operation"] for refund in truth.refunds if refund not in truth.external]
    if twice := more_than_once(asked):
        yield f"c: an operation refunded more than once: {twice}"
    done = booking.operations.filter(status=OperationStatus.SUCCEEDED)
    if (wanted := done.filter(kind="refund").count()) != len(set(asked)):
        yield f"c: {len(set(asked))} refunds for {wanted} operations"
    if len(truth.external) != external:
        yield f"c: {len(truth.external)} refunds that no operation asked for, instead of {external}"
    opened = [page["metadata"].get("operation") for page in truth.pages]
    if more_than_once(opened) or len(opened) != done.filter(kind="create_session").count():
        yield f"c: payment pages for {opened}"
    if truth.open_pages > 1:
        yield f"c: {truth.open_pages} pages to pay on"


def undecided(booking: Booking) -> QuerySet[KeptStay]:
    """d: the nights that a booking keeps although nobody is asked any more whether it moves there."""
    return KeptStay.objects.filter(booking=booking, due_at=None)


def disagreement(booking: Booking, truth: Truth, payments: dict[str | None, Payment]) -> Iterator[str]:
    """e: the status against what Stripe holds of each payment, above all of those that the booking rests on."""
    own = 0
    for row in truth.rows:
        payment = payments.get(row["payment_intent"])
        kept = kept_of(row, payment)
        if is_its_own(booking, row, payment):
            own += kept
        elif kept or held_of(row):
            yield f"e: {booking.status}, and {held_of(row)} held and {kept} kept of money that nobody waits for"
    if booking.payment_method == PaymentMethod.ONLINE:
        yield from wrong_price(booking, truth, own)


def is_its_own(booking: Booking, row: Row, payment: Payment | None) -> bool:
    """Whether a booking got where it is by a payment, or took it as what a changed stay costs more."""
    is_part = payment is not None and payment.accepted_at is not None
    return row["payment_intent"] == booking.payment_reference or (is_part and bool(booking.payment_reference))


def wrong_price(booking: Booking, truth: Truth, own: int) -> Iterator[str]:
    """e: what is held, captured and kept in all (`own`) of the payments that a booking rests on."""
    resting = next((row for row in truth.rows if row["payment_intent"] == booking.payment_reference), None)
    if resting is None:
        if booking.status in (*PAID, S.PENDING_APPROVAL):
            yield f"e: {booking.status} without any money"
        return
    said = held_of(resting), resting["captured"], own
    if said != agreeing(booking, resting, kept=own):
        yield f"e: {booking.status}, fee {booking.cancellation_fee}: (held, captured, kept) is {said}"


def agreeing(booking: Booking, resting: Row, *, kept: int) -> tuple[int, int, int] | None:
    """Return what may be held, captured and kept of the payment that a booking rests on; None for nothing at all."""
    asked, captured = resting["amount"], resting["captured"]
    if booking.status == S.PENDING_APPROVAL:
        return (0, 0, 0) if resting["status"] == "canceled" else (asked, 0, 0)
    if booking.status in PAID:
        return 0, captured_for(booking, asked), kept  # any part may have gone back
    if booking.status in ENDED:
        # Staff may give back a part of the fee afterwards.
        given = booking.operations.filter(transition="refund", status=OperationStatus.SUCCEEDED)
        later = sum(each.amount for each in given if booking.cancelled_at and each.created_at > booking.cancelled_at)
        return 0, captured, (booking.cancellation_fee or 0) - later if captured else 0
    return None


def captured_for(booking: Booking, asked: int) -> int:
    """Return what had to be captured of a hold: less, where the stay became cheaper before it was approved."""
    done = booking.operations.filter(kind="capture", status=OperationStatus.SUCCEEDED).order_by("pk").last()
    return min(asked, done.amount) if done else asked


def history_gaps(booking: Booking) -> Iterator[str]:
    """f: every change of the status has its one row, and the last row says what the booking says."""
    rows = list(booking.history.order_by("history_id"))
    for names in rounds(rows):
        if twice := more_than_once(names, but=REPEATABLE):
            yield f"f: more than one history row: {twice}"
    for before, after in pairwise(rows):
        if before.status != after.status and after.status not in LEADS_TO.get(after.transition, ()):
            yield f"f: {before.status} became {after.status} by {after.transition or 'nothing'}"
    for row in (booking, *rows_of_money(booking)):
        last = row.history.order_by("-history_id").first()
        if last is None or last.status != row.status:
            yield f"f: {row} is {row.status}, its history says {last and last.status}"


def broken_chain(booking: Booking) -> Iterator[str]:
    """f: the chain of the booking's hotel holds, and no history row is outside of the chains."""
    for finding in (*verifying.verify(chains=[booking.hotel_id]).findings, *verifying.without_entry("default")):
        yield f"f: {finding}"


def rounds(rows: list[Any]) -> list[list[str]]:
    """Return the transitions of a history, apart for each time that the guest was asked for the money."""
    found: list[list[str]] = [[]]
    before = ""
    for row in rows:
        if row.transition == "reopen" or (row.transition == "reschedule" and row.status != before):
            found.append([])
        if row.transition == "restore" and "soft_delete" in found[-1]:
            found[-1].remove("soft_delete")  # so it may be deleted once more
        elif row.transition not in ("", "create", "reopen"):
            found[-1].append(row.transition)
        before = row.status
    return found


def rows_of_money(booking: Booking) -> list[Any]:
    """Return every row that says where a booking's money is."""
    return [
        *booking.payments.all(),
        *booking.operations.all(),
        *Refund.objects.filter(payment__booking=booking),
        *Dispute.objects.filter(payment__booking=booking),
        *booking.refund_requests.all(),
    ]


def wrong_mails(booking: Booking, truth: Truth) -> Iterator[str]:
    """g: what happened, each with its one mail."""
    owed = mails_of_transitions(booking)
    owed["refund_failed"] = sum(refund["status"] in UNDONE for refund in truth.refunds)
    owed["dispute_opened"] = len(truth.disputes)
    yield from other_mails(booking, truth, owed)


def mails_of_transitions(booking: Booking) -> Counter[str]:
    """g: the mails that a booking's way owes its guest. Who pays on arrival is asked for no money."""
    passed = transitions(booking)
    # Of a draft nobody was ever told.
    owed = Counter(MAIL_OF[name] for name in passed if name in MAIL_OF and "submit" in passed)
    if booking.payment_method == PaymentMethod.ARRIVAL and owed.pop("pay_link", 0):
        owed["approved"] += booking.history.filter(transition="submit", status=S.CONFIRMED).count()
    return owed


def other_mails(booking: Booking, truth: Truth, owed: Counter[str]) -> Iterator[str]:
    """g: what is queued instead of what is `owed`."""
    sent = Counter("cancelled" if kind.startswith("cancelled_by_") else kind for kind in mails(booking))
    for kind in OTHER_MAILS:
        owed[kind] = min(1, sent[kind])
    if sent != +owed:
        yield f"g: mails {dict(sent)} instead of {dict(+owed)}"
    if (told := Counter(notices(booking))) != (due := +notices_owed(booking, truth)):
        yield f"g: notices to the hotel {dict(told)} instead of {dict(due)}"


def notices_owed(booking: Booking, truth: Truth) -> Counter[str]:
    """g: what the hotel has to be told, once for each cause."""
    told = transitions(booking)
    arrival = booking.history.filter(transition="submit", status=S.PENDING_APPROVAL).count()
    by_guest = booking.history.filter(transition="cancel", cancelled_by_client=True).count()
    closed = sum(dispute["status"] in worklist.CLOSED for dispute in truth.disputes)
    return Counter(
        hotel_needs_approval=told.count("authorize") + arrival,
        hotel_guest_cancelled=by_guest,
        hotel_dispute_closed=closed,
        # Nobody of the scenes' staff has an address.
        hotel_refund_request=0,
    )


def unseen(booking: Booking, truth: Truth, shown: tuple[str, ...]) -> Iterator[str]:
    """h: what Stripe, or an open row of ours, says is unsettled, and no worklist leads to."""
    for name in sorted(set(unsettled(booking, truth)) - set(shown)):
        yield f"h: not on the worklist “{name}”, only on {shown}"


def unsettled(booking: Booking, truth: Truth) -> Iterator[str]:
    """Return the worklists that a booking has to be on, by what Stripe says."""
    if open_operation(booking):
        yield worklist.WAITING
    if booking.status == S.PENDING_APPROVAL:
        yield worklist.APPROVALS
        if any(row["payment_intent"] == booking.payment_reference and not held_of(row) for row in truth.rows):
            yield worklist.GONE
    if any(dispute["status"] not in worklist.CLOSED for dispute in truth.disputes):
        yield worklist.DISPUTES
    if booking.refund_requests.filter(status="pending").exists():
        yield worklist.REQUESTS
    for refund in truth.refunds:
        yield from unanswered(Refund.objects.filter(payment__booking=booking), refund)


def unanswered(refunds: QuerySet[Refund], theirs: Row) -> Iterator[str]:
    """Return the worklist for a refund that Stripe could not deliver, or that somebody made there."""
    ours = refunds.filter(stripe_refund_id=theirs["id"]).first()
    if theirs["status"] in UNDONE and not (ours and refunds.filter(replaces=ours).exclude(status="pending")):
        yield worklist.OWED
    if not theirs["metadata"].get("operation") and not (ours and ours.reviewed_at):
        yield worklist.EXTERNAL


def unexplained(
    booking: Booking, before: Truth, after: Truth, shown: Callable[[Booking], tuple[str, ...]]
) -> list[str]:
    """h: money that we moved at Stripe, while neither our rows nor the Today page (`shown`) say so."""
    payments = {payment.stripe_payment_intent_id: payment for payment in booking.payments.all()}
    known = [effects(row) for row in before.rows]
    moved = [row for row in after.rows if effects(row) not in known and row["authorized"]]
    hidden = [row for row in moved if not is_recorded(payments.get(row["payment_intent"]), row)]
    if not hidden or worklist.WAITING in shown(booking):
        return []
    return [f"h: {row['payment_intent']} moved and nobody can see it" for row in hidden]


def effects(row: Row) -> tuple[str, int, int, int]:
    """What we can do to a PaymentIntent."""
    return row["payment_intent"], row["captured"], row["refunded"], row["voids"]


def is_recorded(payment: Payment | None, row: Row) -> bool:
    """Whether our row says what Stripe says."""
    if payment is None:
        return False
    ours = (payment.amount_captured, payment.amount_refunded, payment.status == "VOIDED")
    return ours == (row["captured"], row["refunded_settled"], bool(row["voids"]))


def is_unsettled() -> bool:
    """Whether anything still waits for the worker."""
    return (
        PaymentOperation.objects.filter(status=OperationStatus.PENDING).exists()
        or Event.objects.filter(processing_result=ProcessingResult.RECEIVED).exists()
    )

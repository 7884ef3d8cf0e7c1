"""The branches of the rule modules that no test takes, each with the reason."""

from typing import Final

RACE: Final = "The second look, under the lock, in case somebody was quicker after the first; tests come one by one."
ROWS: Final = "Every row has it; only a row that something else has spoilt would not, and then nothing is moved."
UNPAID_AGAIN: Final = "A hold is never unpaid again at Stripe; should it show one so, its page is closed."
POSTGRESQL: Final = "These figures are of SQLite; on PostgreSQL, where the whole suite goes too, it is the usual way."
BEFORE: Final = "Whoever calls has looked at it before; this is for the caller who did not."

# The module, a piece of the line where the branch begins, and why no test takes it.
KNOWN: Final[tuple[tuple[str, str, str], ...]] = (
    ("cancellations/cancel.py", "if payment is None:", BEFORE),
    ("cancellations/links.py", "handled_at=None).update(handled_at=now) != 1", RACE),
    ("cancellations/personal_fields.py", 'if actor := details.get("actor"):', ROWS),
    ("payments/checkout.py", "if payment is None or not is_open(payment) or keep(payment):", RACE),
    ("payments/checkout.py", "if booking.status != BookingStatus.PENDING_PAYMENT or booking.is_deleted:", ROWS),
    ("payments/checkout.py", "if due is None:", BEFORE),
    ("payments/comparison.py", "if open_operation(booking) is not None:", RACE),
    ("payments/completing.py", "if kept is not None:", RACE),
    ("payments/ending_authorizations.py", "if due is None:", RACE),
    ("payments/operations.py", "if not operation.is_open:", RACE),
    ("payments/operations.py", "if current.is_open and current.idempotency_key == operation.idempotency_key:", RACE),
    ("payments/reschedule.py", "if payment is None:", BEFORE),
    ("payments/reschedule.py", "if kept is None or kept.due_at is None:", RACE),
    ("payments/reschedule.py", "if kept.due_at > timezone.now():", RACE),
    ("payments/decisions.py", "payment.capture_before > timezone.now():", RACE),
    ("payments/settle.py", "if payment.status in UNPAID and operation.kind == K.VOID:", UNPAID_AGAIN),
    ("payments/webhooks.py", 'or connection.vendor == "sqlite":', POSTGRESQL),
    ("payments/payouts.py", "if mirror.copy_refunds(payment", ROWS),
)


def why_untested(module: str, code: str) -> str:
    """Return why no test takes a branch; nothing for one that nobody has looked at."""
    return next((why for where, piece, why in KNOWN if where == module and piece in code), "")

"""The table of all guest pages. A page without a line here fails a test."""

from typing import Final

from django.core.exceptions import PermissionDenied, SuspiciousOperation

from cancellations import cancel
from payments import decisions
from tests.guest.scenes import (
    ASKED,
    CANCEL,
    MANAGE,
    PAY,
    RETURN,
    Scene,
    agreed,
    arrival,
    cancelled,
    complete,
    converted,
    converted_and,
    dearer,
    disputed,
    ended,
    expire,
    failing,
    flooded,
    half,
    held,
    in_cash,
    instant,
    late,
    matching,
    no_show,
    not_started,
    over,
    page,
    refused_card,
    returned,
    returned_unpaid,
    revoked,
    short_hold,
    silent,
    stranger,
    stripe_refuses,
    switched_off,
    used_up,
    waiting,
)
from tests.stays import confirmed, guest_cancels, paid

# Every page's template, and the ways in which it can look.
SCENES: Final[dict[str, dict[str, Scene]]] = {
    "guest/ask.html": {
        "ask": lambda _: stranger("/booking/"),
        "ask without an answer": lambda _: stranger("/booking/", data={}),
        "ask with too much": lambda _: stranger("/booking/", data={**ASKED, "reference": "1" * 41}),
    },
    "guest/sent.html": {
        "sent": lambda _: stranger("/booking/sent/"),
    },
    "guest/match.html": {
        "match": matching,
    },
    "guest/too_many.html": {
        "too many": flooded,
    },
    "guest/no_link.html": {
        "no link": lambda _: stranger(MANAGE),
    },
    "guest/bad_link.html": {
        "bad link": revoked,
    },
    "guest/wrong_method.html": {
        "wrong method": lambda _: stranger(MANAGE, data={}),
    },
    "guest/returned_unknown.html": {
        "returned without a link": lambda _: stranger(RETURN),
    },
    "404.html": {
        "404": lambda _: stranger("/booking/nowhere/"),
    },
    "400.html": {
        "400": failing(SuspiciousOperation("x")),
    },
    "403.html": {
        "403": failing(PermissionDenied("x")),
    },
    "500.html": {
        "500": failing(RuntimeError("x")),
    },
    "403_csrf.html": {
        "no secret": lambda _: stranger("/booking/", code=True, data=ASKED),
    },
    "guest/manage.html": {
        "waiting": lambda simulator: page(waiting(simulator)),
        "card refused": refused_card,
        "hold nearly over, looking": over,
        "held": lambda simulator: page(held(simulator)),
        "confirmed": lambda simulator: page(agreed(simulator)),
        "half kept": lambda simulator: page(half(simulator)),
        "difference to pay": lambda simulator: page(dearer(simulator)),
        "arrival": arrival,
        "late": late(MANAGE),
        "switched off": switched_off(MANAGE),
        "converted, held": converted_and(paid),
        "declined": ended(lambda booking: decisions.decline(booking, reason="x"), held),
        "expired": ended(expire, waiting),
        "completed": ended(complete, agreed),
        "no show": ended(no_show, agreed),
    },
    "guest/cannot_pay.html": {
        "attempts used up": used_up,
        "hold nearly over": short_hold,
        "nothing to pay": lambda simulator: page(held(simulator), PAY, data={}),
    },
    "guest/cannot_cancel.html": {
        "late, cancelling": late(CANCEL),
        "switched off, cancelling": switched_off(CANCEL),
        "declined, cancelling": ended(lambda booking: decisions.decline(booking, reason="x"), held, CANCEL),
        "expired, cancelling": ended(expire, waiting, CANCEL),
        "completed, cancelling": ended(complete, agreed, CANCEL),
        "no show, cancelling": ended(no_show, agreed, CANCEL),
    },
    "guest/cancel.html": {
        "asks once more": lambda simulator: page(half(simulator), CANCEL),
        "asks before approval": lambda simulator: page(held(simulator), CANCEL),
        "asks again": lambda simulator: page(half(simulator), CANCEL, data={"quote": "old"}),
        "reason too long": lambda simulator: page(half(simulator), CANCEL, data={"reason": "1" * 501}),
        "converted, paid": converted_and(confirmed, CANCEL),
        "refunded in part": ended(lambda booking: decisions.refund(booking, amount=500, note="x"), agreed, CANCEL),
        "bank decides, asking": disputed(CANCEL, cancels=False),
    },
    "guest/converted.html": {
        "converted": converted,
    },
    "guest/pay_failed.html": {
        "payment did not start": not_started,
    },
    "guest/cancel_failed.html": {
        "cancelling failed": stripe_refuses,
    },
    "guest/in_progress.html": {
        "in progress": silent,
    },
    "guest/returned.html": {
        "checking": returned(look="?look=1"),
        "not heard": returned(look="?look=6"),
        "returned": returned(faulty=False),
        "returned, confirmed at once": instant,
        "returned unpaid": returned_unpaid,
    },
    "guest/done.html": {
        "cancelled by the hotel": ended(lambda booking: cancel.cancel_booking(booking, reason="x"), waiting),
        "cancelled": cancelled(),
        "refund on its way": cancelled("pending"),
        "refund failed": cancelled("pending", "failed"),
        "hold released": ended(guest_cancels, held),
        "bank decides": disputed(MANAGE, cancels=True),
        "bank has paid": disputed(MANAGE, cancels=True, verdict="lost"),
        "bank let go": disputed(MANAGE, cancels=True, verdict="won"),
        "cash goes back": in_cash,
    },
}

"""What the flows must come to. Declared by hand, never taken from the code. Amounts in minor units."""

from dataclasses import replace
from typing import Final

from tests.faults import worklist
from tests.faults.state import State

PAGE, CLOSED, CAPTURE, VOID, REFUND = (
    f"{kind} succeeded" for kind in ("create_session", "expire_session", "capture", "void", "refund")
)

# A request in Dublin: two nights at 170.00.
OFFERED: Final = State(
    status="PENDING_PAYMENT",
    payments=("PROCESSING",),
    open_pages=1,
    transitions=("submit",),
    steps=("open_session",),
    operations=(PAGE,),
    mails=("pay_link",),
)
WAITING: Final = State(
    status="PENDING_APPROVAL",
    payments=("AUTHORIZED",),
    transitions=("submit", "authorize"),
    steps=("open_session", "authorize"),
    operations=(PAGE,),
    mails=("pay_link", "authorized"),
    shown=(worklist.APPROVALS,),
)
APPROVED: Final = State(
    status="CONFIRMED",
    payments=("SUCCEEDED",),
    captured=34000,
    captures=1,
    transitions=("submit", "authorize", "approve"),
    steps=("open_session", "authorize", "capture"),
    operations=(PAGE, CAPTURE),
    mails=("pay_link", "authorized", "approved"),
)
DECLINED: Final = State(
    status="DECLINED",
    payments=("VOIDED",),
    voids=1,
    transitions=("submit", "authorize", "decline"),
    steps=("open_session", "authorize", "void"),
    operations=(PAGE, VOID),
    mails=("pay_link", "authorized", "declined"),
)
RELEASED_BY_STAFF: Final = replace(
    DECLINED,
    status="CANCELLED",
    transitions=("submit", "authorize", "cancel"),
    mails=("pay_link", "authorized", "cancelled_by_hotel"),
    decided=(0, 0),
)
RELEASED_BY_GUEST: Final = replace(RELEASED_BY_STAFF, mails=("pay_link", "authorized", "cancelled_by_guest"))
PARTLY_REFUNDED: Final = replace(
    APPROVED,
    payments=("PARTIALLY_REFUNDED",),
    refunded=10000,
    refunds=1,
    transitions=(*APPROVED.transitions, "refund"),
    steps=(*APPROVED.steps, "follow_refunds"),
    operations=(*APPROVED.operations, REFUND),
    mails=(*APPROVED.mails, "refund_sent"),
    returned=("stripe succeeded 10000",),
)
REFUNDED: Final = replace(
    PARTLY_REFUNDED, payments=("REFUNDED",), refunded=34000, returned=("stripe succeeded 34000",)
)
TWICE_REFUNDED: Final = replace(
    PARTLY_REFUNDED,
    refunded=15000,
    refunds=2,
    transitions=(*PARTLY_REFUNDED.transitions, "refund"),
    steps=(*PARTLY_REFUNDED.steps, "follow_refunds"),
    operations=(*PARTLY_REFUNDED.operations, REFUND),
    mails=(*PARTLY_REFUNDED.mails, "refund_sent"),
    returned=("stripe succeeded 10000", "stripe succeeded 5000"),
)
# Two people agreed on 300.00 where one may return 200.00 alone.
AGREED: Final = replace(PARTLY_REFUNDED, refunded=30000, returned=("stripe succeeded 30000",), requests=("approved",))
ASKED: Final = replace(APPROVED, requests=("pending",), shown=(worklist.REQUESTS,))
WITHDRAWN: Final = replace(APPROVED, requests=("withdrawn",))
# Ten days before check-in the 14/7 policy keeps half.
CANCELLED: Final = replace(
    PARTLY_REFUNDED,
    status="CANCELLED",
    refunded=17000,
    transitions=(*APPROVED.transitions, "cancel"),
    mails=(*APPROVED.mails, "cancelled_by_guest"),
    returned=("stripe succeeded 17000",),
    decided=(17000, 17000),
)
CANCELLED_FREE: Final = replace(
    CANCELLED,
    payments=("REFUNDED",),
    refunded=34000,
    returned=("stripe succeeded 34000",),
    decided=(0, 34000),
)
CANCELLED_FOR_FEE: Final = replace(
    CANCELLED,
    refunded=29000,
    mails=(*APPROVED.mails, "cancelled_by_hotel"),
    returned=("stripe succeeded 29000",),
    decided=(5000, 29000),
)
CANCELLED_IN_BULK: Final = replace(CANCELLED, mails=CANCELLED_FOR_FEE.mails)

# The guest's bank sent the cancellation's refund back.
OWED: Final = replace(
    CANCELLED,
    payments=("SUCCEEDED",),
    refunded=0,
    steps=APPROVED.steps,
    mails=(*CANCELLED.mails, "refund_failed"),
    returned=("stripe failed 17000", "manual pending 17000"),
    shown=(worklist.OWED,),
)
PAID_OUT: Final = replace(
    OWED,
    transitions=(*OWED.transitions, "pay_out"),
    mails=(*OWED.mails, "refund_paid_out"),
    returned=("stripe failed 17000", "manual succeeded 17000"),
    shown=(),
)
SENT_AGAIN: Final = replace(
    OWED,
    payments=("PARTIALLY_REFUNDED",),
    refunded=17000,
    refunds=2,
    transitions=(*OWED.transitions, "refund"),
    steps=(*OWED.steps, "follow_refunds"),
    operations=(*OWED.operations, REFUND),
    mails=(*OWED.mails, "refund_sent"),
    returned=("stripe failed 17000", "manual canceled 17000", "stripe succeeded 17000"),
    shown=(),
)

# Somebody refunded everything in Stripe's Dashboard.
EXTERNAL: Final = replace(
    APPROVED,
    payments=("REFUNDED",),
    refunded=34000,
    refunds=1,
    external=1,
    steps=(*APPROVED.steps, "follow_refunds"),
    returned=("stripe succeeded 34000",),
    shown=(worklist.EXTERNAL,),
)
EXTERNAL_CANCELLED: Final = replace(
    EXTERNAL,
    status="CANCELLED",
    transitions=(*APPROVED.transitions, "cancel"),
    mails=(*APPROVED.mails, "cancelled_by_hotel"),
    decided=(0, 34000),
    shown=(),
)
EXTERNAL_REOPENED: Final = replace(
    EXTERNAL,
    status="PENDING_PAYMENT",
    transitions=(*APPROVED.transitions, "reopen"),
    mails=(*APPROVED.mails, "pay_link"),
    shown=(),
)
CAPTURED_ELSEWHERE: Final = replace(APPROVED, transitions=("submit", "authorize", "confirm_paid"), operations=(PAGE,))

# The guest's bank wants the whole payment back.
DISPUTED: Final = replace(
    APPROVED,
    steps=(*APPROVED.steps, "dispute_opened"),
    mails=(*APPROVED.mails, "dispute_opened"),
    disputes=("needs_response",),
    shown=(worklist.DISPUTES,),
)
LOST: Final = replace(DISPUTED, steps=(*DISPUTED.steps, "dispute_closed"), disputes=("lost",), shown=())
CANCELLED_IN_DISPUTE: Final = replace(
    DISPUTED,
    status="CANCELLED",
    transitions=(*APPROVED.transitions, "cancel"),
    mails=(*DISPUTED.mails, "cancelled_by_guest"),
    returned=("manual pending 17000",),
    decided=(17000, 17000),
    shown=(worklist.OWED, worklist.DISPUTES),
)
# The refund was sent before anybody here had heard of the dispute, and Stripe refused it.
CANCELLED_INTO_DISPUTE: Final = replace(
    CANCELLED_IN_DISPUTE,
    operations=(*APPROVED.operations, "refund failed"),
)

EXPIRED: Final = replace(
    OFFERED,
    status="EXPIRED",
    payments=("EXPIRED",),
    open_pages=0,
    transitions=("submit", "expire"),
    steps=("open_session", "expire"),
    operations=(PAGE, CLOSED),
    mails=("pay_link", "expired"),
)
AUTHORIZATION_OVER: Final = replace(
    DECLINED,
    status="EXPIRED",
    transitions=("submit", "authorize", "expire"),
    mails=("pay_link", "authorized", "expired"),
)
AUTHORIZATION_GONE: Final = replace(
    AUTHORIZATION_OVER,
    payments=("EXPIRED",),
    steps=("open_session", "authorize", "expire"),
    operations=(PAGE,),
)
WARNED: Final = replace(
    WAITING,
    steps=(*WAITING.steps, "warn"),
    mails=(*WAITING.mails, "authorization_ends"),
    shown=(worklist.APPROVALS, worklist.ENDING),
)
REOPENED: Final = replace(
    EXPIRED,
    status="PENDING_PAYMENT",
    transitions=(*EXPIRED.transitions, "reopen"),
    mails=(*EXPIRED.mails, "pay_link"),
)
REOPENED_AFTER_CLOSING: Final = replace(REOPENED, transitions=("submit", "reopen"), mails=("pay_link", "pay_link"))
# A second attempt after a refused card; the first page is closed.
RETRIED: Final = replace(
    OFFERED,
    payments=("EXPIRED", "PROCESSING"),
    steps=("open_session", "fail", "expire", "open_session"),
    operations=(PAGE, CLOSED, PAGE),
)
# Stripe does not take the euro: the page is in dollars.
CONVERTED: Final = replace(
    OFFERED,
    steps=("fall_back", "open_session"),
    operations=("create_session failed", PAGE),
)
CONVERTED_WAITING: Final = replace(
    WAITING,
    steps=("fall_back", *WAITING.steps),
    operations=CONVERTED.operations,
    charged="USD",
)
# An instant hotel in Tokyo: two nights at 18,000 yen.
PAID_AT_ONCE: Final = State(
    status="CONFIRMED",
    payments=("SUCCEEDED",),
    captured=36000,
    captures=1,
    price=36000,
    transitions=("submit", "confirm_paid"),
    steps=("open_session", "capture"),
    operations=(PAGE,),
    mails=("pay_link", "approved"),
)
SENT_BACK: Final = State(
    status="EXPIRED",
    payments=("VOIDED",),
    voids=1,
    transitions=("submit", "expire"),
    steps=("open_session", "authorize", "unwanted", "void"),
    operations=(PAGE, VOID),
    mails=("pay_link", "expired"),
    shown=(worklist.LATE,),
)
# The guest paid on two pages: one payment counts, the other goes back.
PAID_TWICE: Final = tuple(
    replace(
        WAITING,
        payments=payments,
        voids=1,
        steps=steps,
        operations=(PAGE, PAGE, VOID),
        shown=(worklist.APPROVALS, worklist.LATE),
    )
    for payments, steps in (
        (
            ("AUTHORIZED", "VOIDED"),
            ("open_session", "authorize", "open_session", "authorize", "unwanted", "void"),
        ),
        (
            ("VOIDED", "AUTHORIZED"),
            ("open_session", "authorize", "unwanted", "void", "open_session", "authorize"),
        ),
    )
)

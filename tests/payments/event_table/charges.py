"""What charges tell: a hold ran out, money went back.

The columns are told in grammar.py: booking, attempts to pay, captured, back, held, owed, event, mails, lists.
"""

from typing import Final

TABLE: Final = {
    "charge.expired": """
DRAFT: somebody else's payment that names this booking
  first DRAFT              -             0     0     0     0  ignored    -        -
  twice DRAFT              -             0     0     0     0  ignored    -        -
  late  DRAFT              -             0     0     0     0  ignored    -        -

DRAFT/deleted: somebody else's payment that names this booking
  first DRAFT/deleted      -             0     0     0     0  ignored    -        -
  twice DRAFT/deleted      -             0     0     0     0  ignored    -        -
  late  DRAFT/deleted      -             0     0     0     0  ignored    -        -

PENDING_PAYMENT: a hold that nobody heard of runs out
  first PENDING_PAYMENT    EXPIRED       0     0     0     0  processed  -        -
  twice PENDING_PAYMENT    EXPIRED       0     0     0     0  processed  -        -
  late  PENDING_PAYMENT    EXPIRED       0     0     0     0  processed  -        -

PENDING_APPROVAL: the hold runs out
  first EXPIRED            EXPIRED       0     0     0     0  processed  expired  -
  twice EXPIRED            EXPIRED       0     0     0     0  processed  -        -
  late  EXPIRED            EXPIRED       0     0     0     0  processed  expired  -

CONFIRMED: forged, about the booking's own payment
  first CONFIRMED          SUCCEEDED 34000     0     0     0  processed  -        -
  twice CONFIRMED          SUCCEEDED 34000     0     0     0  processed  -        -
  late  CONFIRMED          SUCCEEDED 34000     0     0     0  processed  -        -

COMPLETED: forged, about the booking's own payment
  first COMPLETED          SUCCEEDED 34000     0     0     0  processed  -        -
  twice COMPLETED          SUCCEEDED 34000     0     0     0  processed  -        -
  late  COMPLETED          SUCCEEDED 34000     0     0     0  processed  -        -

DECLINED: forged, about the booking's own payment
  first DECLINED           VOIDED        0     0     0     0  processed  -        -
  twice DECLINED           VOIDED        0     0     0     0  processed  -        -
  late  DECLINED           VOIDED        0     0     0     0  processed  -        -

CANCELLED: forged, about the booking's own payment
  first CANCELLED          REFUNDED  34000 34000     0     0  processed  -        -
  twice CANCELLED          REFUNDED  34000 34000     0     0  processed  -        -
  late  CANCELLED          REFUNDED  34000 34000     0     0  processed  -        -

EXPIRED: old news
  first EXPIRED            EXPIRED       0     0     0     0  processed  -        -
  twice EXPIRED            EXPIRED       0     0     0     0  processed  -        -
  late  EXPIRED            EXPIRED       0     0     0     0  processed  -        -

NO_SHOW: forged, about the booking's own payment
  first NO_SHOW            SUCCEEDED 34000     0     0     0  processed  -        -
  twice NO_SHOW            SUCCEEDED 34000     0     0     0  processed  -        -
  late  NO_SHOW            SUCCEEDED 34000     0     0     0  processed  -        -

COMPLETED/deleted: forged, about the booking's own payment
  first COMPLETED/deleted  SUCCEEDED 34000     0     0     0  processed  -        -
  twice COMPLETED/deleted  SUCCEEDED 34000     0     0     0  processed  -        -
  late  COMPLETED/deleted  SUCCEEDED 34000     0     0     0  processed  -        -

DECLINED/deleted: forged, about the booking's own payment
  first DECLINED/deleted   VOIDED        0     0     0     0  processed  -        -
  twice DECLINED/deleted   VOIDED        0     0     0     0  processed  -        -
  late  DECLINED/deleted   VOIDED        0     0     0     0  processed  -        -

CANCELLED/deleted: forged, about the booking's own payment
  first CANCELLED/deleted  REFUNDED  34000 34000     0     0  processed  -        -
  twice CANCELLED/deleted  REFUNDED  34000 34000     0     0  processed  -        -
  late  CANCELLED/deleted  REFUNDED  34000 34000     0     0  processed  -        -

EXPIRED/deleted: old news
  first EXPIRED/deleted    EXPIRED       0     0     0     0  processed  -        -
  twice EXPIRED/deleted    EXPIRED       0     0     0     0  processed  -        -
  late  EXPIRED/deleted    EXPIRED       0     0     0     0  processed  -        -

NO_SHOW/deleted: forged, about the booking's own payment
  first NO_SHOW/deleted    SUCCEEDED 34000     0     0     0  processed  -        -
  twice NO_SHOW/deleted    SUCCEEDED 34000     0     0     0  processed  -        -
  late  NO_SHOW/deleted    SUCCEEDED 34000     0     0     0  processed  -        -
""",
    "charge.refunded": """
DRAFT: somebody else's payment that names this booking
  first DRAFT              -                      0     0     0     0  ignored    -                   -
  twice DRAFT              -                      0     0     0     0  ignored    -                   -
  late  DRAFT              -                      0     0     0     0  ignored    -                   -

DRAFT/deleted: somebody else's payment that names this booking
  first DRAFT/deleted      -                      0     0     0     0  ignored    -                   -
  twice DRAFT/deleted      -                      0     0     0     0  ignored    -                   -
  late  DRAFT/deleted      -                      0     0     0     0  ignored    -                   -

PENDING_PAYMENT: a hold that nobody heard of is released at Stripe
  first PENDING_PAYMENT    VOIDED                 0     0     0     0  processed  -                   -
  twice PENDING_PAYMENT    VOIDED                 0     0     0     0  processed  -                   -
  late  PENDING_PAYMENT    VOIDED                 0     0     0     0  processed  -                   -

PENDING_PAYMENT: a payment that nobody heard of is refunded at Stripe
  first CONFIRMED          REFUNDED           34000 34000     0     0  processed  approved            external
  twice CONFIRMED          REFUNDED           34000 34000     0     0  processed  -                   external
  late  CONFIRMED          REFUNDED           34000 34000     0     0  processed  approved            external

PENDING_APPROVAL: the hold is released at Stripe
  first PENDING_APPROVAL   VOIDED                 0     0     0     0  processed  -                   approvals+gone
  twice PENDING_APPROVAL   VOIDED                 0     0     0     0  processed  -                   approvals+gone
  late  PENDING_APPROVAL   VOIDED                 0     0     0     0  processed  -                   approvals+gone

CONFIRMED: a part is refunded at Stripe
  first CONFIRMED          PARTIALLY_REFUNDED 34000  5000     0     0  processed  -                   external
  twice CONFIRMED          PARTIALLY_REFUNDED 34000  5000     0     0  processed  -                   external
  late  CONFIRMED          PARTIALLY_REFUNDED 34000  5000     0     0  processed  -                   external

CONFIRMED: everything is refunded at Stripe, and the hotel wants to be asked
  first CONFIRMED          REFUNDED           34000 34000     0     0  processed  -                   external
  twice CONFIRMED          REFUNDED           34000 34000     0     0  processed  -                   external
  late  CONFIRMED          REFUNDED           34000 34000     0     0  processed  -                   external

CONFIRMED: everything is refunded at Stripe, and the hotel then cancels
  first CANCELLED          REFUNDED           34000 34000     0     0  processed  cancelled_by_hotel  -
  twice CANCELLED          REFUNDED           34000 34000     0     0  processed  -                   -
  late  CANCELLED          REFUNDED           34000 34000     0     0  processed  cancelled_by_hotel  -

CONFIRMED: everything is refunded at Stripe, and the hotel then asks for the money again
  first PENDING_PAYMENT    REFUNDED           34000 34000     0     0  processed  pay_link            -
  twice PENDING_PAYMENT    REFUNDED           34000 34000     0     0  processed  -                   -
  late  PENDING_PAYMENT    REFUNDED           34000 34000     0     0  processed  pay_link            -

COMPLETED: a part is refunded at Stripe
  first COMPLETED          PARTIALLY_REFUNDED 34000  5000     0     0  processed  -                   external
  twice COMPLETED          PARTIALLY_REFUNDED 34000  5000     0     0  processed  -                   external
  late  COMPLETED          PARTIALLY_REFUNDED 34000  5000     0     0  processed  -                   external

DECLINED: old news
  first DECLINED           VOIDED                 0     0     0     0  processed  -                   -
  twice DECLINED           VOIDED                 0     0     0     0  processed  -                   -
  late  DECLINED           VOIDED                 0     0     0     0  processed  -                   -

CANCELLED: old news
  first CANCELLED          REFUNDED           34000 34000     0     0  processed  -                   -
  twice CANCELLED          REFUNDED           34000 34000     0     0  processed  -                   -
  late  CANCELLED          REFUNDED           34000 34000     0     0  processed  -                   -

CANCELLED: the rest is refunded at Stripe
  first CANCELLED          REFUNDED           34000 34000     0     0  processed  -                   external
  twice CANCELLED          REFUNDED           34000 34000     0     0  processed  -                   external
  late  CANCELLED          REFUNDED           34000 34000     0     0  processed  -                   external

EXPIRED: old news
  first EXPIRED            EXPIRED                0     0     0     0  processed  -                   -
  twice EXPIRED            EXPIRED                0     0     0     0  processed  -                   -
  late  EXPIRED            EXPIRED                0     0     0     0  processed  -                   -

NO_SHOW: a part is refunded at Stripe
  first NO_SHOW            PARTIALLY_REFUNDED 34000  5000     0     0  processed  -                   external
  twice NO_SHOW            PARTIALLY_REFUNDED 34000  5000     0     0  processed  -                   external
  late  NO_SHOW            PARTIALLY_REFUNDED 34000  5000     0     0  processed  -                   external

COMPLETED/deleted: a part is refunded at Stripe
  first COMPLETED/deleted  PARTIALLY_REFUNDED 34000  5000     0     0  processed  -                   external
  twice COMPLETED/deleted  PARTIALLY_REFUNDED 34000  5000     0     0  processed  -                   external
  late  COMPLETED/deleted  PARTIALLY_REFUNDED 34000  5000     0     0  processed  -                   external

DECLINED/deleted: old news
  first DECLINED/deleted   VOIDED                 0     0     0     0  processed  -                   -
  twice DECLINED/deleted   VOIDED                 0     0     0     0  processed  -                   -
  late  DECLINED/deleted   VOIDED                 0     0     0     0  processed  -                   -

CANCELLED/deleted: the rest is refunded at Stripe
  first CANCELLED/deleted  REFUNDED           34000 34000     0     0  processed  -                   external
  twice CANCELLED/deleted  REFUNDED           34000 34000     0     0  processed  -                   external
  late  CANCELLED/deleted  REFUNDED           34000 34000     0     0  processed  -                   external

EXPIRED/deleted: old news
  first EXPIRED/deleted    EXPIRED                0     0     0     0  processed  -                   -
  twice EXPIRED/deleted    EXPIRED                0     0     0     0  processed  -                   -
  late  EXPIRED/deleted    EXPIRED                0     0     0     0  processed  -                   -

NO_SHOW/deleted: a part is refunded at Stripe
  first NO_SHOW/deleted    PARTIALLY_REFUNDED 34000  5000     0     0  processed  -                   external
  twice NO_SHOW/deleted    PARTIALLY_REFUNDED 34000  5000     0     0  processed  -                   external
  late  NO_SHOW/deleted    PARTIALLY_REFUNDED 34000  5000     0     0  processed  -                   external
""",
}

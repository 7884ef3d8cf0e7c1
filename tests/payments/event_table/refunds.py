"""What refunds tell: made, arrived, come back.

The columns are told in grammar.py: booking, attempts to pay, captured, back, held, owed, event, mails, lists.
"""

from typing import Final

TABLE: Final = {
    "refund.created": """
DRAFT: somebody else's payment that names this booking
  first DRAFT              -                      0     0     0     0  ignored    -                   -
  twice DRAFT              -                      0     0     0     0  ignored    -                   -
  late  DRAFT              -                      0     0     0     0  ignored    -                   -

DRAFT/deleted: somebody else's payment that names this booking
  first DRAFT/deleted      -                      0     0     0     0  ignored    -                   -
  twice DRAFT/deleted      -                      0     0     0     0  ignored    -                   -
  late  DRAFT/deleted      -                      0     0     0     0  ignored    -                   -

PENDING_PAYMENT: a hold is released at Stripe after a refused card
  first PENDING_PAYMENT    VOIDED                 0     0     0     0  processed  -                   -
  twice PENDING_PAYMENT    VOIDED                 0     0     0     0  processed  -                   -
  late  PENDING_PAYMENT    VOIDED                 0     0     0     0  processed  -                   -

PENDING_APPROVAL: the hold is released at Stripe
  first PENDING_APPROVAL   VOIDED                 0     0     0     0  processed  -                   approvals+gone
  twice PENDING_APPROVAL   VOIDED                 0     0     0     0  processed  -                   approvals+gone
  late  PENDING_APPROVAL   VOIDED                 0     0     0     0  processed  -                   approvals+gone

CONFIRMED: Stripe's answer to the refund of a part is lost
  first CONFIRMED          PARTIALLY_REFUNDED 34000  5000     0     0  processed  refund_sent         -
  twice CONFIRMED          PARTIALLY_REFUNDED 34000  5000     0     0  processed  -                   -
  late  CONFIRMED          PARTIALLY_REFUNDED 34000  5000     0     0  processed  refund_sent         -

CONFIRMED: Stripe's answer to the cancellation's refund is lost
  first CANCELLED          REFUNDED           34000 34000     0     0  processed  cancelled_by_guest  -
  twice CANCELLED          REFUNDED           34000 34000     0     0  processed  -                   -
  late  CANCELLED          REFUNDED           34000 34000     0     0  processed  cancelled_by_guest  -

COMPLETED: Stripe's answer to the refund of a part is lost
  first COMPLETED          PARTIALLY_REFUNDED 34000  5000     0     0  processed  refund_sent         -
  twice COMPLETED          PARTIALLY_REFUNDED 34000  5000     0     0  processed  -                   -
  late  COMPLETED          PARTIALLY_REFUNDED 34000  5000     0     0  processed  refund_sent         -

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

NO_SHOW: Stripe's answer to the refund of a part is lost
  first NO_SHOW            PARTIALLY_REFUNDED 34000  5000     0     0  processed  refund_sent         -
  twice NO_SHOW            PARTIALLY_REFUNDED 34000  5000     0     0  processed  -                   -
  late  NO_SHOW            PARTIALLY_REFUNDED 34000  5000     0     0  processed  refund_sent         -

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
    "refund.updated": """
DRAFT: somebody else's payment that names this booking
  first DRAFT              -                       0     0     0     0  ignored    -  -
  twice DRAFT              -                       0     0     0     0  ignored    -  -
  late  DRAFT              -                       0     0     0     0  ignored    -  -

DRAFT/deleted: somebody else's payment that names this booking
  first DRAFT/deleted      -                       0     0     0     0  ignored    -  -
  twice DRAFT/deleted      -                       0     0     0     0  ignored    -  -
  late  DRAFT/deleted      -                       0     0     0     0  ignored    -  -

PENDING_PAYMENT: the refund of an earlier round arrives
  first PENDING_PAYMENT    REFUNDED            34000 34000     0     0  processed  -  -
  twice PENDING_PAYMENT    REFUNDED            34000 34000     0     0  processed  -  -
  late  PENDING_PAYMENT    REFUNDED            34000 34000     0     0  processed  -  -

PENDING_APPROVAL: the refund of an earlier round arrives
  first PENDING_APPROVAL   REFUNDED+AUTHORIZED 34000 34000 34000     0  processed  -  approvals
  twice PENDING_APPROVAL   REFUNDED+AUTHORIZED 34000 34000 34000     0  processed  -  approvals
  late  PENDING_APPROVAL   REFUNDED+AUTHORIZED 34000 34000 34000     0  processed  -  approvals

CONFIRMED: the refund on its way arrives
  first CONFIRMED          PARTIALLY_REFUNDED  34000  5000     0     0  processed  -  -
  twice CONFIRMED          PARTIALLY_REFUNDED  34000  5000     0     0  processed  -  -
  late  CONFIRMED          PARTIALLY_REFUNDED  34000  5000     0     0  processed  -  -

COMPLETED: the refund on its way arrives
  first COMPLETED          PARTIALLY_REFUNDED  34000  5000     0     0  processed  -  -
  twice COMPLETED          PARTIALLY_REFUNDED  34000  5000     0     0  processed  -  -
  late  COMPLETED          PARTIALLY_REFUNDED  34000  5000     0     0  processed  -  -

DECLINED: the refund of an earlier round arrives
  first DECLINED           REFUNDED+VOIDED     34000 34000     0     0  processed  -  -
  twice DECLINED           REFUNDED+VOIDED     34000 34000     0     0  processed  -  -
  late  DECLINED           REFUNDED+VOIDED     34000 34000     0     0  processed  -  -

CANCELLED: the refund on its way arrives
  first CANCELLED          REFUNDED            34000 34000     0     0  processed  -  -
  twice CANCELLED          REFUNDED            34000 34000     0     0  processed  -  -
  late  CANCELLED          REFUNDED            34000 34000     0     0  processed  -  -

EXPIRED: the refund on its way arrives
  first EXPIRED            REFUNDED            34000 34000     0     0  processed  -  late
  twice EXPIRED            REFUNDED            34000 34000     0     0  processed  -  late
  late  EXPIRED            REFUNDED            34000 34000     0     0  processed  -  late

NO_SHOW: the refund on its way arrives
  first NO_SHOW            PARTIALLY_REFUNDED  34000  5000     0     0  processed  -  -
  twice NO_SHOW            PARTIALLY_REFUNDED  34000  5000     0     0  processed  -  -
  late  NO_SHOW            PARTIALLY_REFUNDED  34000  5000     0     0  processed  -  -

COMPLETED/deleted: the refund's reference number arrives
  first COMPLETED/deleted  PARTIALLY_REFUNDED  34000  5000     0     0  processed  -  -
  twice COMPLETED/deleted  PARTIALLY_REFUNDED  34000  5000     0     0  processed  -  -
  late  COMPLETED/deleted  PARTIALLY_REFUNDED  34000  5000     0     0  processed  -  -

DECLINED/deleted: forged, about the booking's own payment
  first DECLINED/deleted   VOIDED                  0     0     0     0  processed  -  -
  twice DECLINED/deleted   VOIDED                  0     0     0     0  processed  -  -
  late  DECLINED/deleted   VOIDED                  0     0     0     0  processed  -  -

CANCELLED/deleted: the refund's reference number arrives
  first CANCELLED/deleted  REFUNDED            34000 34000     0     0  processed  -  -
  twice CANCELLED/deleted  REFUNDED            34000 34000     0     0  processed  -  -
  late  CANCELLED/deleted  REFUNDED            34000 34000     0     0  processed  -  -

EXPIRED/deleted: the refund's reference number arrives
  first EXPIRED/deleted    REFUNDED            34000 34000     0     0  processed  -  late
  twice EXPIRED/deleted    REFUNDED            34000 34000     0     0  processed  -  late
  late  EXPIRED/deleted    REFUNDED            34000 34000     0     0  processed  -  late

NO_SHOW/deleted: the refund's reference number arrives
  first NO_SHOW/deleted    PARTIALLY_REFUNDED  34000  5000     0     0  processed  -  -
  twice NO_SHOW/deleted    PARTIALLY_REFUNDED  34000  5000     0     0  processed  -  -
  late  NO_SHOW/deleted    PARTIALLY_REFUNDED  34000  5000     0     0  processed  -  -
""",
    "refund.failed": """
DRAFT: somebody else's payment that names this booking
  first DRAFT              -                        0     0     0     0  ignored    -              -
  twice DRAFT              -                        0     0     0     0  ignored    -              -
  late  DRAFT              -                        0     0     0     0  ignored    -              -

DRAFT/deleted: somebody else's payment that names this booking
  first DRAFT/deleted      -                        0     0     0     0  ignored    -              -
  twice DRAFT/deleted      -                        0     0     0     0  ignored    -              -
  late  DRAFT/deleted      -                        0     0     0     0  ignored    -              -

PENDING_PAYMENT: the refund of an earlier round fails
  first PENDING_PAYMENT    SUCCEEDED            34000     0     0 34000  processed  refund_failed  owed
  twice PENDING_PAYMENT    SUCCEEDED            34000     0     0 34000  processed  -              owed
  late  PENDING_PAYMENT    SUCCEEDED            34000     0     0 34000  processed  refund_failed  owed

PENDING_APPROVAL: the refund of an earlier round fails
  first PENDING_APPROVAL   SUCCEEDED+AUTHORIZED 34000     0 34000 34000  processed  refund_failed  approvals+owed
  twice PENDING_APPROVAL   SUCCEEDED+AUTHORIZED 34000     0 34000 34000  processed  -              approvals+owed
  late  PENDING_APPROVAL   SUCCEEDED+AUTHORIZED 34000     0 34000 34000  processed  refund_failed  approvals+owed

CONFIRMED: the refund on its way fails
  first CONFIRMED          SUCCEEDED            34000     0     0  5000  processed  refund_failed  owed
  twice CONFIRMED          SUCCEEDED            34000     0     0  5000  processed  -              owed
  late  CONFIRMED          SUCCEEDED            34000     0     0  5000  processed  refund_failed  owed

COMPLETED: the refund on its way fails
  first COMPLETED          SUCCEEDED            34000     0     0  5000  processed  refund_failed  owed
  twice COMPLETED          SUCCEEDED            34000     0     0  5000  processed  -              owed
  late  COMPLETED          SUCCEEDED            34000     0     0  5000  processed  refund_failed  owed

DECLINED: the refund of an earlier round fails
  first DECLINED           SUCCEEDED+VOIDED     34000     0     0 34000  processed  refund_failed  owed
  twice DECLINED           SUCCEEDED+VOIDED     34000     0     0 34000  processed  -              owed
  late  DECLINED           SUCCEEDED+VOIDED     34000     0     0 34000  processed  refund_failed  owed

CANCELLED: the refund on its way fails
  first CANCELLED          SUCCEEDED            34000     0     0 34000  processed  refund_failed  owed
  twice CANCELLED          SUCCEEDED            34000     0     0 34000  processed  -              owed
  late  CANCELLED          SUCCEEDED            34000     0     0 34000  processed  refund_failed  owed

EXPIRED: the refund on its way fails
  first EXPIRED            SUCCEEDED            34000     0     0 34000  processed  refund_failed  owed+late
  twice EXPIRED            SUCCEEDED            34000     0     0 34000  processed  -              owed+late
  late  EXPIRED            SUCCEEDED            34000     0     0 34000  processed  refund_failed  owed+late

NO_SHOW: the refund on its way fails
  first NO_SHOW            SUCCEEDED            34000     0     0  5000  processed  refund_failed  owed
  twice NO_SHOW            SUCCEEDED            34000     0     0  5000  processed  -              owed
  late  NO_SHOW            SUCCEEDED            34000     0     0  5000  processed  refund_failed  owed

COMPLETED/deleted: the refund comes back after it had arrived
  first COMPLETED/deleted  SUCCEEDED            34000     0     0  5000  processed  refund_failed  owed
  twice COMPLETED/deleted  SUCCEEDED            34000     0     0  5000  processed  -              owed
  late  COMPLETED/deleted  SUCCEEDED            34000     0     0  5000  processed  refund_failed  owed

DECLINED/deleted: the refund of an earlier round comes back
  first DECLINED/deleted   SUCCEEDED+VOIDED     34000     0     0 34000  processed  refund_failed  owed
  twice DECLINED/deleted   SUCCEEDED+VOIDED     34000     0     0 34000  processed  -              owed
  late  DECLINED/deleted   SUCCEEDED+VOIDED     34000     0     0 34000  processed  refund_failed  owed

CANCELLED/deleted: the refund comes back after it had arrived
  first CANCELLED/deleted  SUCCEEDED            34000     0     0 34000  processed  refund_failed  owed
  twice CANCELLED/deleted  SUCCEEDED            34000     0     0 34000  processed  -              owed
  late  CANCELLED/deleted  SUCCEEDED            34000     0     0 34000  processed  refund_failed  owed

EXPIRED/deleted: the refund comes back after it had arrived
  first EXPIRED/deleted    SUCCEEDED            34000     0     0 34000  processed  refund_failed  owed+late
  twice EXPIRED/deleted    SUCCEEDED            34000     0     0 34000  processed  -              owed+late
  late  EXPIRED/deleted    SUCCEEDED            34000     0     0 34000  processed  refund_failed  owed+late

NO_SHOW/deleted: the refund comes back after it had arrived
  first NO_SHOW/deleted    SUCCEEDED            34000     0     0  5000  processed  refund_failed  owed
  twice NO_SHOW/deleted    SUCCEEDED            34000     0     0  5000  processed  -              owed
  late  NO_SHOW/deleted    SUCCEEDED            34000     0     0  5000  processed  refund_failed  owed
""",
    "charge.refund.updated": """
DRAFT: somebody else's payment that names this booking
  first DRAFT              -                       0     0     0     0  ignored    -              -
  twice DRAFT              -                       0     0     0     0  ignored    -              -
  late  DRAFT              -                       0     0     0     0  ignored    -              -

DRAFT/deleted: somebody else's payment that names this booking
  first DRAFT/deleted      -                       0     0     0     0  ignored    -              -
  twice DRAFT/deleted      -                       0     0     0     0  ignored    -              -
  late  DRAFT/deleted      -                       0     0     0     0  ignored    -              -

PENDING_PAYMENT: the refund of an earlier round arrives
  first PENDING_PAYMENT    REFUNDED            34000 34000     0     0  processed  -              -
  twice PENDING_PAYMENT    REFUNDED            34000 34000     0     0  processed  -              -
  late  PENDING_PAYMENT    REFUNDED            34000 34000     0     0  processed  -              -

PENDING_APPROVAL: the refund of an earlier round arrives
  first PENDING_APPROVAL   REFUNDED+AUTHORIZED 34000 34000 34000     0  processed  -              approvals
  twice PENDING_APPROVAL   REFUNDED+AUTHORIZED 34000 34000 34000     0  processed  -              approvals
  late  PENDING_APPROVAL   REFUNDED+AUTHORIZED 34000 34000 34000     0  processed  -              approvals

CONFIRMED: the refund on its way is canceled
  first CONFIRMED          SUCCEEDED           34000     0     0  5000  processed  refund_failed  owed
  twice CONFIRMED          SUCCEEDED           34000     0     0  5000  processed  -              owed
  late  CONFIRMED          SUCCEEDED           34000     0     0  5000  processed  refund_failed  owed

COMPLETED: the refund on its way is canceled
  first COMPLETED          SUCCEEDED           34000     0     0  5000  processed  refund_failed  owed
  twice COMPLETED          SUCCEEDED           34000     0     0  5000  processed  -              owed
  late  COMPLETED          SUCCEEDED           34000     0     0  5000  processed  refund_failed  owed

DECLINED: the refund of an earlier round arrives
  first DECLINED           REFUNDED+VOIDED     34000 34000     0     0  processed  -              -
  twice DECLINED           REFUNDED+VOIDED     34000 34000     0     0  processed  -              -
  late  DECLINED           REFUNDED+VOIDED     34000 34000     0     0  processed  -              -

CANCELLED: the refund on its way is canceled
  first CANCELLED          SUCCEEDED           34000     0     0 34000  processed  refund_failed  owed
  twice CANCELLED          SUCCEEDED           34000     0     0 34000  processed  -              owed
  late  CANCELLED          SUCCEEDED           34000     0     0 34000  processed  refund_failed  owed

EXPIRED: the refund on its way is canceled
  first EXPIRED            SUCCEEDED           34000     0     0 34000  processed  refund_failed  owed+late
  twice EXPIRED            SUCCEEDED           34000     0     0 34000  processed  -              owed+late
  late  EXPIRED            SUCCEEDED           34000     0     0 34000  processed  refund_failed  owed+late

NO_SHOW: the refund on its way is canceled
  first NO_SHOW            SUCCEEDED           34000     0     0  5000  processed  refund_failed  owed
  twice NO_SHOW            SUCCEEDED           34000     0     0  5000  processed  -              owed
  late  NO_SHOW            SUCCEEDED           34000     0     0  5000  processed  refund_failed  owed

COMPLETED/deleted: the refund's reference number arrives
  first COMPLETED/deleted  PARTIALLY_REFUNDED  34000  5000     0     0  processed  -              -
  twice COMPLETED/deleted  PARTIALLY_REFUNDED  34000  5000     0     0  processed  -              -
  late  COMPLETED/deleted  PARTIALLY_REFUNDED  34000  5000     0     0  processed  -              -

DECLINED/deleted: forged, about the booking's own payment
  first DECLINED/deleted   VOIDED                  0     0     0     0  processed  -              -
  twice DECLINED/deleted   VOIDED                  0     0     0     0  processed  -              -
  late  DECLINED/deleted   VOIDED                  0     0     0     0  processed  -              -

CANCELLED/deleted: the refund's reference number arrives
  first CANCELLED/deleted  REFUNDED            34000 34000     0     0  processed  -              -
  twice CANCELLED/deleted  REFUNDED            34000 34000     0     0  processed  -              -
  late  CANCELLED/deleted  REFUNDED            34000 34000     0     0  processed  -              -

EXPIRED/deleted: the refund's reference number arrives
  first EXPIRED/deleted    REFUNDED            34000 34000     0     0  processed  -              late
  twice EXPIRED/deleted    REFUNDED            34000 34000     0     0  processed  -              late
  late  EXPIRED/deleted    REFUNDED            34000 34000     0     0  processed  -              late

NO_SHOW/deleted: the refund's reference number arrives
  first NO_SHOW/deleted    PARTIALLY_REFUNDED  34000  5000     0     0  processed  -              -
  twice NO_SHOW/deleted    PARTIALLY_REFUNDED  34000  5000     0     0  processed  -              -
  late  NO_SHOW/deleted    PARTIALLY_REFUNDED  34000  5000     0     0  processed  -              -
""",
}

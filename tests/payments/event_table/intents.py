"""What PaymentIntents tell: money is held, refused or released.

The columns are told in grammar.py: booking, attempts to pay, captured, back, held, owed, event, mails, lists.
"""

from typing import Final

TABLE: Final = {
    "payment_intent.amount_capturable_updated": """
DRAFT: somebody else's payment that names this booking
  first DRAFT              -              0     0     0     0  ignored    -           -
  twice DRAFT              -              0     0     0     0  ignored    -           -
  late  DRAFT              -              0     0     0     0  ignored    -           -

DRAFT/deleted: somebody else's payment that names this booking
  first DRAFT/deleted      -              0     0     0     0  ignored    -           -
  twice DRAFT/deleted      -              0     0     0     0  ignored    -           -
  late  DRAFT/deleted      -              0     0     0     0  ignored    -           -

PENDING_PAYMENT: the guest pays
  first PENDING_APPROVAL   AUTHORIZED     0     0 34000     0  processed  authorized  approvals
  twice PENDING_APPROVAL   AUTHORIZED     0     0 34000     0  processed  -           approvals
  late  PENDING_APPROVAL   AUTHORIZED     0     0 34000     0  processed  authorized  approvals

PENDING_APPROVAL: old news
  first PENDING_APPROVAL   AUTHORIZED     0     0 34000     0  processed  -           approvals
  twice PENDING_APPROVAL   AUTHORIZED     0     0 34000     0  processed  -           approvals
  late  PENDING_APPROVAL   AUTHORIZED     0     0 34000     0  processed  -           approvals

CONFIRMED: old news
  first CONFIRMED          SUCCEEDED  34000     0     0     0  processed  -           -
  twice CONFIRMED          SUCCEEDED  34000     0     0     0  processed  -           -
  late  CONFIRMED          SUCCEEDED  34000     0     0     0  processed  -           -

COMPLETED: old news
  first COMPLETED          SUCCEEDED  34000     0     0     0  processed  -           -
  twice COMPLETED          SUCCEEDED  34000     0     0     0  processed  -           -
  late  COMPLETED          SUCCEEDED  34000     0     0     0  processed  -           -

DECLINED: old news
  first DECLINED           VOIDED         0     0     0     0  processed  -           -
  twice DECLINED           VOIDED         0     0     0     0  processed  -           -
  late  DECLINED           VOIDED         0     0     0     0  processed  -           -

CANCELLED: old news
  first CANCELLED          REFUNDED   34000 34000     0     0  processed  -           -
  twice CANCELLED          REFUNDED   34000 34000     0     0  processed  -           -
  late  CANCELLED          REFUNDED   34000 34000     0     0  processed  -           -

EXPIRED: old news
  first EXPIRED            EXPIRED        0     0     0     0  processed  -           -
  twice EXPIRED            EXPIRED        0     0     0     0  processed  -           -
  late  EXPIRED            EXPIRED        0     0     0     0  processed  -           -

NO_SHOW: old news
  first NO_SHOW            SUCCEEDED  34000     0     0     0  processed  -           -
  twice NO_SHOW            SUCCEEDED  34000     0     0     0  processed  -           -
  late  NO_SHOW            SUCCEEDED  34000     0     0     0  processed  -           -

EXPIRED: a page that was given up here is paid
  first EXPIRED            VOIDED         0     0     0     0  processed  -           late
  twice EXPIRED            VOIDED         0     0     0     0  processed  -           late
  late  EXPIRED            VOIDED         0     0     0     0  processed  -           late

COMPLETED/deleted: old news
  first COMPLETED/deleted  SUCCEEDED  34000     0     0     0  processed  -           -
  twice COMPLETED/deleted  SUCCEEDED  34000     0     0     0  processed  -           -
  late  COMPLETED/deleted  SUCCEEDED  34000     0     0     0  processed  -           -

DECLINED/deleted: old news
  first DECLINED/deleted   VOIDED         0     0     0     0  processed  -           -
  twice DECLINED/deleted   VOIDED         0     0     0     0  processed  -           -
  late  DECLINED/deleted   VOIDED         0     0     0     0  processed  -           -

CANCELLED/deleted: old news
  first CANCELLED/deleted  REFUNDED   34000 34000     0     0  processed  -           -
  twice CANCELLED/deleted  REFUNDED   34000 34000     0     0  processed  -           -
  late  CANCELLED/deleted  REFUNDED   34000 34000     0     0  processed  -           -

EXPIRED/deleted: old news
  first EXPIRED/deleted    EXPIRED        0     0     0     0  processed  -           -
  twice EXPIRED/deleted    EXPIRED        0     0     0     0  processed  -           -
  late  EXPIRED/deleted    EXPIRED        0     0     0     0  processed  -           -

NO_SHOW/deleted: old news
  first NO_SHOW/deleted    SUCCEEDED  34000     0     0     0  processed  -           -
  twice NO_SHOW/deleted    SUCCEEDED  34000     0     0     0  processed  -           -
  late  NO_SHOW/deleted    SUCCEEDED  34000     0     0     0  processed  -           -
""",
    "payment_intent.payment_failed": """
DRAFT: somebody else's payment that names this booking
  first DRAFT              -                      0     0     0     0  ignored    -  -
  twice DRAFT              -                      0     0     0     0  ignored    -  -
  late  DRAFT              -                      0     0     0     0  ignored    -  -

DRAFT/deleted: somebody else's payment that names this booking
  first DRAFT/deleted      -                      0     0     0     0  ignored    -  -
  twice DRAFT/deleted      -                      0     0     0     0  ignored    -  -
  late  DRAFT/deleted      -                      0     0     0     0  ignored    -  -

PENDING_PAYMENT: the card is refused
  first PENDING_PAYMENT    FAILED                 0     0     0     0  processed  -  -
  twice PENDING_PAYMENT    FAILED                 0     0     0     0  processed  -  -
  late  PENDING_PAYMENT    EXPIRED                0     0     0     0  processed  -  -

PENDING_APPROVAL: old news of a first attempt
  first PENDING_APPROVAL   EXPIRED+AUTHORIZED     0     0 34000     0  processed  -  approvals
  twice PENDING_APPROVAL   EXPIRED+AUTHORIZED     0     0 34000     0  processed  -  approvals
  late  PENDING_APPROVAL   EXPIRED+AUTHORIZED     0     0 34000     0  processed  -  approvals

CONFIRMED: old news of a first attempt
  first CONFIRMED          EXPIRED+SUCCEEDED  34000     0     0     0  processed  -  -
  twice CONFIRMED          EXPIRED+SUCCEEDED  34000     0     0     0  processed  -  -
  late  CONFIRMED          EXPIRED+SUCCEEDED  34000     0     0     0  processed  -  -

COMPLETED: old news of a first attempt
  first COMPLETED          EXPIRED+SUCCEEDED  34000     0     0     0  processed  -  -
  twice COMPLETED          EXPIRED+SUCCEEDED  34000     0     0     0  processed  -  -
  late  COMPLETED          EXPIRED+SUCCEEDED  34000     0     0     0  processed  -  -

DECLINED: old news of a first attempt
  first DECLINED           EXPIRED+VOIDED         0     0     0     0  processed  -  -
  twice DECLINED           EXPIRED+VOIDED         0     0     0     0  processed  -  -
  late  DECLINED           EXPIRED+VOIDED         0     0     0     0  processed  -  -

CANCELLED: old news of a first attempt
  first CANCELLED          EXPIRED+REFUNDED   34000 34000     0     0  processed  -  -
  twice CANCELLED          EXPIRED+REFUNDED   34000 34000     0     0  processed  -  -
  late  CANCELLED          EXPIRED+REFUNDED   34000 34000     0     0  processed  -  -

EXPIRED: old news of a first attempt
  first EXPIRED            EXPIRED+EXPIRED        0     0     0     0  processed  -  -
  twice EXPIRED            EXPIRED+EXPIRED        0     0     0     0  processed  -  -
  late  EXPIRED            EXPIRED+EXPIRED        0     0     0     0  processed  -  -

NO_SHOW: old news of a first attempt
  first NO_SHOW            EXPIRED+SUCCEEDED  34000     0     0     0  processed  -  -
  twice NO_SHOW            EXPIRED+SUCCEEDED  34000     0     0     0  processed  -  -
  late  NO_SHOW            EXPIRED+SUCCEEDED  34000     0     0     0  processed  -  -

COMPLETED/deleted: old news of a first attempt
  first COMPLETED/deleted  EXPIRED+SUCCEEDED  34000     0     0     0  processed  -  -
  twice COMPLETED/deleted  EXPIRED+SUCCEEDED  34000     0     0     0  processed  -  -
  late  COMPLETED/deleted  EXPIRED+SUCCEEDED  34000     0     0     0  processed  -  -

DECLINED/deleted: old news of a first attempt
  first DECLINED/deleted   EXPIRED+VOIDED         0     0     0     0  processed  -  -
  twice DECLINED/deleted   EXPIRED+VOIDED         0     0     0     0  processed  -  -
  late  DECLINED/deleted   EXPIRED+VOIDED         0     0     0     0  processed  -  -

CANCELLED/deleted: old news of a first attempt
  first CANCELLED/deleted  EXPIRED+REFUNDED   34000 34000     0     0  processed  -  -
  twice CANCELLED/deleted  EXPIRED+REFUNDED   34000 34000     0     0  processed  -  -
  late  CANCELLED/deleted  EXPIRED+REFUNDED   34000 34000     0     0  processed  -  -

EXPIRED/deleted: old news of a first attempt
  first EXPIRED/deleted    EXPIRED+EXPIRED        0     0     0     0  processed  -  -
  twice EXPIRED/deleted    EXPIRED+EXPIRED        0     0     0     0  processed  -  -
  late  EXPIRED/deleted    EXPIRED+EXPIRED        0     0     0     0  processed  -  -

NO_SHOW/deleted: old news of a first attempt
  first NO_SHOW/deleted    EXPIRED+SUCCEEDED  34000     0     0     0  processed  -  -
  twice NO_SHOW/deleted    EXPIRED+SUCCEEDED  34000     0     0     0  processed  -  -
  late  NO_SHOW/deleted    EXPIRED+SUCCEEDED  34000     0     0     0  processed  -  -
""",
    "payment_intent.canceled": """
DRAFT: somebody else's payment that names this booking
  first DRAFT              -                     0     0     0     0  ignored    -        -
  twice DRAFT              -                     0     0     0     0  ignored    -        -
  late  DRAFT              -                     0     0     0     0  ignored    -        -

DRAFT/deleted: somebody else's payment that names this booking
  first DRAFT/deleted      -                     0     0     0     0  ignored    -        -
  twice DRAFT/deleted      -                     0     0     0     0  ignored    -        -
  late  DRAFT/deleted      -                     0     0     0     0  ignored    -        -

PENDING_PAYMENT: the page runs out after a refused card
  first PENDING_PAYMENT    EXPIRED               0     0     0     0  processed  payment_failed        -
  twice PENDING_PAYMENT    EXPIRED               0     0     0     0  processed  -        -
  late  PENDING_PAYMENT    EXPIRED               0     0     0     0  processed  -        -

PENDING_PAYMENT: a hold that nobody heard of is released at Stripe
  first PENDING_PAYMENT    VOIDED                0     0     0     0  processed  -        -
  twice PENDING_PAYMENT    VOIDED                0     0     0     0  processed  -        -
  late  PENDING_PAYMENT    VOIDED                0     0     0     0  processed  -        -

PENDING_PAYMENT: a hold that nobody heard of runs out
  first PENDING_PAYMENT    EXPIRED               0     0     0     0  processed  -        -
  twice PENDING_PAYMENT    EXPIRED               0     0     0     0  processed  -        -
  late  PENDING_PAYMENT    EXPIRED               0     0     0     0  processed  -        -

PENDING_APPROVAL: the hold is released at Stripe
  first PENDING_APPROVAL   VOIDED                0     0     0     0  processed  -        approvals+gone
  twice PENDING_APPROVAL   VOIDED                0     0     0     0  processed  -        approvals+gone
  late  PENDING_APPROVAL   VOIDED                0     0     0     0  processed  -        approvals+gone

PENDING_APPROVAL: the hold runs out
  first EXPIRED            EXPIRED               0     0     0     0  processed  expired  -
  twice EXPIRED            EXPIRED               0     0     0     0  processed  -        -
  late  EXPIRED            EXPIRED               0     0     0     0  processed  expired  -

CONFIRMED: old news of a first attempt
  first CONFIRMED          EXPIRED+SUCCEEDED 34000     0     0     0  processed  -        -
  twice CONFIRMED          EXPIRED+SUCCEEDED 34000     0     0     0  processed  -        -
  late  CONFIRMED          EXPIRED+SUCCEEDED 34000     0     0     0  processed  -        -

COMPLETED: old news of a first attempt
  first COMPLETED          EXPIRED+SUCCEEDED 34000     0     0     0  processed  -        -
  twice COMPLETED          EXPIRED+SUCCEEDED 34000     0     0     0  processed  -        -
  late  COMPLETED          EXPIRED+SUCCEEDED 34000     0     0     0  processed  -        -

DECLINED: old news
  first DECLINED           VOIDED                0     0     0     0  processed  -        -
  twice DECLINED           VOIDED                0     0     0     0  processed  -        -
  late  DECLINED           VOIDED                0     0     0     0  processed  -        -

CANCELLED: old news of a cancelled request
  first CANCELLED          VOIDED                0     0     0     0  processed  -        -
  twice CANCELLED          VOIDED                0     0     0     0  processed  -        -
  late  CANCELLED          VOIDED                0     0     0     0  processed  -        -

CANCELLED: old news of a first attempt
  first CANCELLED          EXPIRED+REFUNDED  34000 34000     0     0  processed  -        -
  twice CANCELLED          EXPIRED+REFUNDED  34000 34000     0     0  processed  -        -
  late  CANCELLED          EXPIRED+REFUNDED  34000 34000     0     0  processed  -        -

EXPIRED: old news
  first EXPIRED            EXPIRED               0     0     0     0  processed  -        -
  twice EXPIRED            EXPIRED               0     0     0     0  processed  -        -
  late  EXPIRED            EXPIRED               0     0     0     0  processed  -        -

NO_SHOW: old news of a first attempt
  first NO_SHOW            EXPIRED+SUCCEEDED 34000     0     0     0  processed  -        -
  twice NO_SHOW            EXPIRED+SUCCEEDED 34000     0     0     0  processed  -        -
  late  NO_SHOW            EXPIRED+SUCCEEDED 34000     0     0     0  processed  -        -

COMPLETED/deleted: old news of a first attempt
  first COMPLETED/deleted  EXPIRED+SUCCEEDED 34000     0     0     0  processed  -        -
  twice COMPLETED/deleted  EXPIRED+SUCCEEDED 34000     0     0     0  processed  -        -
  late  COMPLETED/deleted  EXPIRED+SUCCEEDED 34000     0     0     0  processed  -        -

DECLINED/deleted: old news
  first DECLINED/deleted   VOIDED                0     0     0     0  processed  -        -
  twice DECLINED/deleted   VOIDED                0     0     0     0  processed  -        -
  late  DECLINED/deleted   VOIDED                0     0     0     0  processed  -        -

CANCELLED/deleted: old news of a cancelled request
  first CANCELLED/deleted  VOIDED                0     0     0     0  processed  -        -
  twice CANCELLED/deleted  VOIDED                0     0     0     0  processed  -        -
  late  CANCELLED/deleted  VOIDED                0     0     0     0  processed  -        -

EXPIRED/deleted: old news
  first EXPIRED/deleted    EXPIRED               0     0     0     0  processed  -        -
  twice EXPIRED/deleted    EXPIRED               0     0     0     0  processed  -        -
  late  EXPIRED/deleted    EXPIRED               0     0     0     0  processed  -        -

NO_SHOW/deleted: old news of a first attempt
  first NO_SHOW/deleted    EXPIRED+SUCCEEDED 34000     0     0     0  processed  -        -
  twice NO_SHOW/deleted    EXPIRED+SUCCEEDED 34000     0     0     0  processed  -        -
  late  NO_SHOW/deleted    EXPIRED+SUCCEEDED 34000     0     0     0  processed  -        -
""",
}

"""Money was taken.

The columns are told in grammar.py: booking, attempts to pay, captured, back, held, owed, event, mails, lists.
"""

from typing import Final

TABLE: Final = {
    "payment_intent.succeeded": """
DRAFT: somebody else's payment that names this booking
  first DRAFT              -             0     0     0     0  ignored    -         -
  twice DRAFT              -             0     0     0     0  ignored    -         -
  late  DRAFT              -             0     0     0     0  ignored    -         -

DRAFT/deleted: somebody else's payment that names this booking
  first DRAFT/deleted      -             0     0     0     0  ignored    -         -
  twice DRAFT/deleted      -             0     0     0     0  ignored    -         -
  late  DRAFT/deleted      -             0     0     0     0  ignored    -         -

PENDING_PAYMENT: the guest pays in an instant hotel
  first CONFIRMED          SUCCEEDED 34000     0     0     0  processed  approved  -
  twice CONFIRMED          SUCCEEDED 34000     0     0     0  processed  -         -
  late  CONFIRMED          SUCCEEDED 34000     0     0     0  processed  approved  -

PENDING_APPROVAL: the hold is captured at Stripe
  first CONFIRMED          SUCCEEDED 34000     0     0     0  processed  approved  -
  twice CONFIRMED          SUCCEEDED 34000     0     0     0  processed  -         -
  late  CONFIRMED          SUCCEEDED 34000     0     0     0  processed  approved  -

PENDING_APPROVAL: a part of the hold is captured at Stripe
  first PENDING_APPROVAL   REFUNDED  10000 10000     0     0  processed  -         approvals+gone+late
  twice PENDING_APPROVAL   REFUNDED  10000 10000     0     0  processed  -         approvals+gone+late
  late  PENDING_APPROVAL   REFUNDED  10000 10000     0     0  processed  -         approvals+gone+late

PENDING_APPROVAL: Stripe's answer to the approval is lost
  first CONFIRMED          SUCCEEDED 34000     0     0     0  processed  approved  -
  twice CONFIRMED          SUCCEEDED 34000     0     0     0  processed  -         -
  late  CONFIRMED          SUCCEEDED 34000     0     0     0  processed  approved  -

CONFIRMED: old news
  first CONFIRMED          SUCCEEDED 34000     0     0     0  processed  -         -
  twice CONFIRMED          SUCCEEDED 34000     0     0     0  processed  -         -
  late  CONFIRMED          SUCCEEDED 34000     0     0     0  processed  -         -

COMPLETED: old news
  first COMPLETED          SUCCEEDED 34000     0     0     0  processed  -         -
  twice COMPLETED          SUCCEEDED 34000     0     0     0  processed  -         -
  late  COMPLETED          SUCCEEDED 34000     0     0     0  processed  -         -

DECLINED: forged, about the booking's own payment
  first DECLINED           VOIDED        0     0     0     0  processed  -         -
  twice DECLINED           VOIDED        0     0     0     0  processed  -         -
  late  DECLINED           VOIDED        0     0     0     0  processed  -         -

CANCELLED: old news
  first CANCELLED          REFUNDED  34000 34000     0     0  processed  -         -
  twice CANCELLED          REFUNDED  34000 34000     0     0  processed  -         -
  late  CANCELLED          REFUNDED  34000 34000     0     0  processed  -         -

CANCELLED: a slow payment arrives for a stay that has ended
  first CANCELLED          REFUNDED  34000 34000     0     0  processed  -         late
  twice CANCELLED          REFUNDED  34000 34000     0     0  processed  -         late
  late  CANCELLED          REFUNDED  34000 34000     0     0  processed  -         late

EXPIRED: a slow payment arrives for a stay that has ended
  first EXPIRED            REFUNDED  34000 34000     0     0  processed  -         late
  twice EXPIRED            REFUNDED  34000 34000     0     0  processed  -         late
  late  EXPIRED            REFUNDED  34000 34000     0     0  processed  -         late

NO_SHOW: old news
  first NO_SHOW            SUCCEEDED 34000     0     0     0  processed  -         -
  twice NO_SHOW            SUCCEEDED 34000     0     0     0  processed  -         -
  late  NO_SHOW            SUCCEEDED 34000     0     0     0  processed  -         -

COMPLETED/deleted: old news
  first COMPLETED/deleted  SUCCEEDED 34000     0     0     0  processed  -         -
  twice COMPLETED/deleted  SUCCEEDED 34000     0     0     0  processed  -         -
  late  COMPLETED/deleted  SUCCEEDED 34000     0     0     0  processed  -         -

DECLINED/deleted: forged, about the booking's own payment
  first DECLINED/deleted   VOIDED        0     0     0     0  processed  -         -
  twice DECLINED/deleted   VOIDED        0     0     0     0  processed  -         -
  late  DECLINED/deleted   VOIDED        0     0     0     0  processed  -         -

CANCELLED/deleted: old news
  first CANCELLED/deleted  REFUNDED  34000 34000     0     0  processed  -         -
  twice CANCELLED/deleted  REFUNDED  34000 34000     0     0  processed  -         -
  late  CANCELLED/deleted  REFUNDED  34000 34000     0     0  processed  -         -

EXPIRED/deleted: a slow payment arrives for a stay that has ended
  first EXPIRED/deleted    REFUNDED  34000 34000     0     0  processed  -         late
  twice EXPIRED/deleted    REFUNDED  34000 34000     0     0  processed  -         late
  late  EXPIRED/deleted    REFUNDED  34000 34000     0     0  processed  -         late

NO_SHOW/deleted: old news
  first NO_SHOW/deleted    SUCCEEDED 34000     0     0     0  processed  -         -
  twice NO_SHOW/deleted    SUCCEEDED 34000     0     0     0  processed  -         -
  late  NO_SHOW/deleted    SUCCEEDED 34000     0     0     0  processed  -         -
""",
    "charge.captured": """
DRAFT: somebody else's payment that names this booking
  first DRAFT              -             0     0     0     0  ignored    -         -
  twice DRAFT              -             0     0     0     0  ignored    -         -
  late  DRAFT              -             0     0     0     0  ignored    -         -

DRAFT/deleted: somebody else's payment that names this booking
  first DRAFT/deleted      -             0     0     0     0  ignored    -         -
  twice DRAFT/deleted      -             0     0     0     0  ignored    -         -
  late  DRAFT/deleted      -             0     0     0     0  ignored    -         -

PENDING_PAYMENT: a hold that nobody heard of is captured at Stripe
  first CONFIRMED          SUCCEEDED 34000     0     0     0  processed  approved  -
  twice CONFIRMED          SUCCEEDED 34000     0     0     0  processed  -         -
  late  CONFIRMED          SUCCEEDED 34000     0     0     0  processed  approved  -

PENDING_APPROVAL: the hold is captured at Stripe
  first CONFIRMED          SUCCEEDED 34000     0     0     0  processed  approved  -
  twice CONFIRMED          SUCCEEDED 34000     0     0     0  processed  -         -
  late  CONFIRMED          SUCCEEDED 34000     0     0     0  processed  approved  -

PENDING_APPROVAL: a part of the hold is captured at Stripe
  first PENDING_APPROVAL   REFUNDED  10000 10000     0     0  processed  -         approvals+gone+late
  twice PENDING_APPROVAL   REFUNDED  10000 10000     0     0  processed  -         approvals+gone+late
  late  PENDING_APPROVAL   REFUNDED  10000 10000     0     0  processed  -         approvals+gone+late

PENDING_APPROVAL: Stripe's answer to the approval is lost
  first CONFIRMED          SUCCEEDED 34000     0     0     0  processed  approved  -
  twice CONFIRMED          SUCCEEDED 34000     0     0     0  processed  -         -
  late  CONFIRMED          SUCCEEDED 34000     0     0     0  processed  approved  -

CONFIRMED: old news
  first CONFIRMED          SUCCEEDED 34000     0     0     0  processed  -         -
  twice CONFIRMED          SUCCEEDED 34000     0     0     0  processed  -         -
  late  CONFIRMED          SUCCEEDED 34000     0     0     0  processed  -         -

COMPLETED: old news
  first COMPLETED          SUCCEEDED 34000     0     0     0  processed  -         -
  twice COMPLETED          SUCCEEDED 34000     0     0     0  processed  -         -
  late  COMPLETED          SUCCEEDED 34000     0     0     0  processed  -         -

DECLINED: forged, about the booking's own payment
  first DECLINED           VOIDED        0     0     0     0  processed  -         -
  twice DECLINED           VOIDED        0     0     0     0  processed  -         -
  late  DECLINED           VOIDED        0     0     0     0  processed  -         -

CANCELLED: old news
  first CANCELLED          REFUNDED  34000 34000     0     0  processed  -         -
  twice CANCELLED          REFUNDED  34000 34000     0     0  processed  -         -
  late  CANCELLED          REFUNDED  34000 34000     0     0  processed  -         -

EXPIRED: a page that was given up here is paid, and captured at Stripe
  first EXPIRED            REFUNDED  34000 34000     0     0  processed  -         late
  twice EXPIRED            REFUNDED  34000 34000     0     0  processed  -         late
  late  EXPIRED            REFUNDED  34000 34000     0     0  processed  -         late

NO_SHOW: old news
  first NO_SHOW            SUCCEEDED 34000     0     0     0  processed  -         -
  twice NO_SHOW            SUCCEEDED 34000     0     0     0  processed  -         -
  late  NO_SHOW            SUCCEEDED 34000     0     0     0  processed  -         -

COMPLETED/deleted: old news
  first COMPLETED/deleted  SUCCEEDED 34000     0     0     0  processed  -         -
  twice COMPLETED/deleted  SUCCEEDED 34000     0     0     0  processed  -         -
  late  COMPLETED/deleted  SUCCEEDED 34000     0     0     0  processed  -         -

DECLINED/deleted: forged, about the booking's own payment
  first DECLINED/deleted   VOIDED        0     0     0     0  processed  -         -
  twice DECLINED/deleted   VOIDED        0     0     0     0  processed  -         -
  late  DECLINED/deleted   VOIDED        0     0     0     0  processed  -         -

CANCELLED/deleted: old news
  first CANCELLED/deleted  REFUNDED  34000 34000     0     0  processed  -         -
  twice CANCELLED/deleted  REFUNDED  34000 34000     0     0  processed  -         -
  late  CANCELLED/deleted  REFUNDED  34000 34000     0     0  processed  -         -

EXPIRED/deleted: a page that was given up here is paid, and captured at Stripe
  first EXPIRED/deleted    REFUNDED  34000 34000     0     0  processed  -         late
  twice EXPIRED/deleted    REFUNDED  34000 34000     0     0  processed  -         late
  late  EXPIRED/deleted    REFUNDED  34000 34000     0     0  processed  -         late

NO_SHOW/deleted: old news
  first NO_SHOW/deleted    SUCCEEDED 34000     0     0     0  processed  -         -
  twice NO_SHOW/deleted    SUCCEEDED 34000     0     0     0  processed  -         -
  late  NO_SHOW/deleted    SUCCEEDED 34000     0     0     0  processed  -         -
""",
}

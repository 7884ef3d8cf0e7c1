"""The guest's bank has decided.

The columns are told in grammar.py: booking, attempts to pay, captured, back, held, owed, event, mails, lists.
"""

from typing import Final

TABLE: Final = {
    "charge.dispute.closed": """
DRAFT: somebody else's payment that names this booking
  first DRAFT              -                      0     0     0     0  ignored    -  -
  twice DRAFT              -                      0     0     0     0  ignored    -  -
  late  DRAFT              -                      0     0     0     0  ignored    -  -

DRAFT/deleted: somebody else's payment that names this booking
  first DRAFT/deleted      -                      0     0     0     0  ignored    -  -
  twice DRAFT/deleted      -                      0     0     0     0  ignored    -  -
  late  DRAFT/deleted      -                      0     0     0     0  ignored    -  -

PENDING_PAYMENT: forged, about the booking's own payment
  first PENDING_PAYMENT    PROCESSING             0     0     0     0  ignored    -  -
  twice PENDING_PAYMENT    PROCESSING             0     0     0     0  ignored    -  -
  late  PENDING_PAYMENT    PROCESSING             0     0     0     0  ignored    -  -

PENDING_APPROVAL: forged, about the booking's own payment
  first PENDING_APPROVAL   AUTHORIZED             0     0 34000     0  processed  -  approvals
  twice PENDING_APPROVAL   AUTHORIZED             0     0 34000     0  processed  -  approvals
  late  PENDING_APPROVAL   AUTHORIZED             0     0 34000     0  processed  -  approvals

CONFIRMED: the hotel wins the dispute
  first CONFIRMED          SUCCEEDED          34000     0     0     0  processed  -  -
  twice CONFIRMED          SUCCEEDED          34000     0     0     0  processed  -  -
  late  CONFIRMED          SUCCEEDED          34000     0     0     0  processed  -  -

CONFIRMED: the hotel loses the dispute
  first CONFIRMED          SUCCEEDED          34000     0     0     0  processed  -  -
  twice CONFIRMED          SUCCEEDED          34000     0     0     0  processed  -  -
  late  CONFIRMED          SUCCEEDED          34000     0     0     0  processed  -  -

COMPLETED: the hotel wins the dispute
  first COMPLETED          SUCCEEDED          34000     0     0     0  processed  -  -
  twice COMPLETED          SUCCEEDED          34000     0     0     0  processed  -  -
  late  COMPLETED          SUCCEEDED          34000     0     0     0  processed  -  -

COMPLETED: the hotel loses the dispute
  first COMPLETED          SUCCEEDED          34000     0     0     0  processed  -  -
  twice COMPLETED          SUCCEEDED          34000     0     0     0  processed  -  -
  late  COMPLETED          SUCCEEDED          34000     0     0     0  processed  -  -

DECLINED: forged, about the booking's own payment
  first DECLINED           VOIDED                 0     0     0     0  processed  -  -
  twice DECLINED           VOIDED                 0     0     0     0  processed  -  -
  late  DECLINED           VOIDED                 0     0     0     0  processed  -  -

CANCELLED: the hotel wins the dispute
  first CANCELLED          SUCCEEDED          34000     0     0 34000  processed  -  owed
  twice CANCELLED          SUCCEEDED          34000     0     0 34000  processed  -  owed
  late  CANCELLED          SUCCEEDED          34000     0     0 34000  processed  -  owed

CANCELLED: the hotel loses the dispute
  first CANCELLED          SUCCEEDED          34000     0     0     0  processed  -  -
  twice CANCELLED          SUCCEEDED          34000     0     0     0  processed  -  -
  late  CANCELLED          SUCCEEDED          34000     0     0     0  processed  -  -

EXPIRED: forged, about the booking's own payment
  first EXPIRED            EXPIRED                0     0     0     0  processed  -  -
  twice EXPIRED            EXPIRED                0     0     0     0  processed  -  -
  late  EXPIRED            EXPIRED                0     0     0     0  processed  -  -

NO_SHOW: the hotel wins the dispute
  first NO_SHOW            SUCCEEDED          34000     0     0     0  processed  -  -
  twice NO_SHOW            SUCCEEDED          34000     0     0     0  processed  -  -
  late  NO_SHOW            SUCCEEDED          34000     0     0     0  processed  -  -

NO_SHOW: the hotel loses the dispute
  first NO_SHOW            SUCCEEDED          34000     0     0     0  processed  -  -
  twice NO_SHOW            SUCCEEDED          34000     0     0     0  processed  -  -
  late  NO_SHOW            SUCCEEDED          34000     0     0     0  processed  -  -

COMPLETED/deleted: the hotel wins the dispute
  first COMPLETED/deleted  SUCCEEDED          34000     0     0     0  processed  -  -
  twice COMPLETED/deleted  SUCCEEDED          34000     0     0     0  processed  -  -
  late  COMPLETED/deleted  SUCCEEDED          34000     0     0     0  processed  -  -

COMPLETED/deleted: the hotel loses the dispute
  first COMPLETED/deleted  SUCCEEDED          34000     0     0     0  processed  -  -
  twice COMPLETED/deleted  SUCCEEDED          34000     0     0     0  processed  -  -
  late  COMPLETED/deleted  SUCCEEDED          34000     0     0     0  processed  -  -

DECLINED/deleted: forged, about the booking's own payment
  first DECLINED/deleted   VOIDED                 0     0     0     0  processed  -  -
  twice DECLINED/deleted   VOIDED                 0     0     0     0  processed  -  -
  late  DECLINED/deleted   VOIDED                 0     0     0     0  processed  -  -

CANCELLED/deleted: the hotel wins the dispute
  first CANCELLED/deleted  PARTIALLY_REFUNDED 34000 17000     0     0  processed  -  -
  twice CANCELLED/deleted  PARTIALLY_REFUNDED 34000 17000     0     0  processed  -  -
  late  CANCELLED/deleted  PARTIALLY_REFUNDED 34000 17000     0     0  processed  -  -

CANCELLED/deleted: the hotel loses the dispute
  first CANCELLED/deleted  PARTIALLY_REFUNDED 34000 17000     0     0  processed  -  -
  twice CANCELLED/deleted  PARTIALLY_REFUNDED 34000 17000     0     0  processed  -  -
  late  CANCELLED/deleted  PARTIALLY_REFUNDED 34000 17000     0     0  processed  -  -

EXPIRED/deleted: forged, about the booking's own payment
  first EXPIRED/deleted    EXPIRED                0     0     0     0  processed  -  -
  twice EXPIRED/deleted    EXPIRED                0     0     0     0  processed  -  -
  late  EXPIRED/deleted    EXPIRED                0     0     0     0  processed  -  -

NO_SHOW/deleted: the hotel wins the dispute
  first NO_SHOW/deleted    SUCCEEDED          34000     0     0     0  processed  -  -
  twice NO_SHOW/deleted    SUCCEEDED          34000     0     0     0  processed  -  -
  late  NO_SHOW/deleted    SUCCEEDED          34000     0     0     0  processed  -  -

NO_SHOW/deleted: the hotel loses the dispute
  first NO_SHOW/deleted    SUCCEEDED          34000     0     0     0  processed  -  -
  twice NO_SHOW/deleted    SUCCEEDED          34000     0     0     0  processed  -  -
  late  NO_SHOW/deleted    SUCCEEDED          34000     0     0     0  processed  -  -
""",
    "charge.dispute.funds_reinstated": """
DRAFT: somebody else's payment that names this booking
  first DRAFT              -                      0     0     0     0  ignored    -  -
  twice DRAFT              -                      0     0     0     0  ignored    -  -
  late  DRAFT              -                      0     0     0     0  ignored    -  -

DRAFT/deleted: somebody else's payment that names this booking
  first DRAFT/deleted      -                      0     0     0     0  ignored    -  -
  twice DRAFT/deleted      -                      0     0     0     0  ignored    -  -
  late  DRAFT/deleted      -                      0     0     0     0  ignored    -  -

PENDING_PAYMENT: forged, about the booking's own payment
  first PENDING_PAYMENT    PROCESSING             0     0     0     0  ignored    -  -
  twice PENDING_PAYMENT    PROCESSING             0     0     0     0  ignored    -  -
  late  PENDING_PAYMENT    PROCESSING             0     0     0     0  ignored    -  -

PENDING_APPROVAL: forged, about the booking's own payment
  first PENDING_APPROVAL   AUTHORIZED             0     0 34000     0  processed  -  approvals
  twice PENDING_APPROVAL   AUTHORIZED             0     0 34000     0  processed  -  approvals
  late  PENDING_APPROVAL   AUTHORIZED             0     0 34000     0  processed  -  approvals

CONFIRMED: the hotel wins the dispute
  first CONFIRMED          SUCCEEDED          34000     0     0     0  processed  -  -
  twice CONFIRMED          SUCCEEDED          34000     0     0     0  processed  -  -
  late  CONFIRMED          SUCCEEDED          34000     0     0     0  processed  -  -

COMPLETED: the hotel wins the dispute
  first COMPLETED          SUCCEEDED          34000     0     0     0  processed  -  -
  twice COMPLETED          SUCCEEDED          34000     0     0     0  processed  -  -
  late  COMPLETED          SUCCEEDED          34000     0     0     0  processed  -  -

DECLINED: forged, about the booking's own payment
  first DECLINED           VOIDED                 0     0     0     0  processed  -  -
  twice DECLINED           VOIDED                 0     0     0     0  processed  -  -
  late  DECLINED           VOIDED                 0     0     0     0  processed  -  -

CANCELLED: the hotel wins the dispute
  first CANCELLED          SUCCEEDED          34000     0     0 34000  processed  -  owed
  twice CANCELLED          SUCCEEDED          34000     0     0 34000  processed  -  owed
  late  CANCELLED          SUCCEEDED          34000     0     0 34000  processed  -  owed

EXPIRED: forged, about the booking's own payment
  first EXPIRED            EXPIRED                0     0     0     0  processed  -  -
  twice EXPIRED            EXPIRED                0     0     0     0  processed  -  -
  late  EXPIRED            EXPIRED                0     0     0     0  processed  -  -

NO_SHOW: the hotel wins the dispute
  first NO_SHOW            SUCCEEDED          34000     0     0     0  processed  -  -
  twice NO_SHOW            SUCCEEDED          34000     0     0     0  processed  -  -
  late  NO_SHOW            SUCCEEDED          34000     0     0     0  processed  -  -

COMPLETED/deleted: the hotel wins the dispute
  first COMPLETED/deleted  SUCCEEDED          34000     0     0     0  processed  -  -
  twice COMPLETED/deleted  SUCCEEDED          34000     0     0     0  processed  -  -
  late  COMPLETED/deleted  SUCCEEDED          34000     0     0     0  processed  -  -

DECLINED/deleted: forged, about the booking's own payment
  first DECLINED/deleted   VOIDED                 0     0     0     0  processed  -  -
  twice DECLINED/deleted   VOIDED                 0     0     0     0  processed  -  -
  late  DECLINED/deleted   VOIDED                 0     0     0     0  processed  -  -

CANCELLED/deleted: the hotel wins the dispute
  first CANCELLED/deleted  PARTIALLY_REFUNDED 34000 17000     0     0  processed  -  -
  twice CANCELLED/deleted  PARTIALLY_REFUNDED 34000 17000     0     0  processed  -  -
  late  CANCELLED/deleted  PARTIALLY_REFUNDED 34000 17000     0     0  processed  -  -

EXPIRED/deleted: forged, about the booking's own payment
  first EXPIRED/deleted    EXPIRED                0     0     0     0  processed  -  -
  twice EXPIRED/deleted    EXPIRED                0     0     0     0  processed  -  -
  late  EXPIRED/deleted    EXPIRED                0     0     0     0  processed  -  -

NO_SHOW/deleted: the hotel wins the dispute
  first NO_SHOW/deleted    SUCCEEDED          34000     0     0     0  processed  -  -
  twice NO_SHOW/deleted    SUCCEEDED          34000     0     0     0  processed  -  -
  late  NO_SHOW/deleted    SUCCEEDED          34000     0     0     0  processed  -  -
""",
}

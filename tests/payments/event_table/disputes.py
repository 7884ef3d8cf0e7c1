"""The guest's bank takes the money back, and looks at what the hotel says.

The columns are told in grammar.py: booking, attempts to pay, captured, back, held, owed, event, mails, lists.
"""

from typing import Final

TABLE: Final = {
    "charge.dispute.created": """
DRAFT: somebody else's payment that names this booking
  first DRAFT              -                      0     0     0     0  ignored    -                   -
  twice DRAFT              -                      0     0     0     0  ignored    -                   -
  late  DRAFT              -                      0     0     0     0  ignored    -                   -

DRAFT/deleted: somebody else's payment that names this booking
  first DRAFT/deleted      -                      0     0     0     0  ignored    -                   -
  twice DRAFT/deleted      -                      0     0     0     0  ignored    -                   -
  late  DRAFT/deleted      -                      0     0     0     0  ignored    -                   -

PENDING_PAYMENT: forged, about the booking's own payment
  first PENDING_PAYMENT    PROCESSING             0     0     0     0  ignored    -                   -
  twice PENDING_PAYMENT    PROCESSING             0     0     0     0  ignored    -                   -
  late  PENDING_PAYMENT    PROCESSING             0     0     0     0  ignored    -                   -

PENDING_PAYMENT: the guest's bank disputes a payment whose refund is on its way
  first PENDING_PAYMENT  SUCCEEDED 34000 0 0 34000  processed  dispute_opened+refund_failed  owed+disputes
  twice PENDING_PAYMENT    SUCCEEDED          34000     0     0 34000  processed  -                   owed+disputes
  late  PENDING_PAYMENT  SUCCEEDED 34000 0 0 34000  processed  dispute_opened+refund_failed  owed+disputes

PENDING_APPROVAL: forged, about the booking's own payment
  first PENDING_APPROVAL   AUTHORIZED             0     0 34000     0  processed  -                   approvals
  twice PENDING_APPROVAL   AUTHORIZED             0     0 34000     0  processed  -                   approvals
  late  PENDING_APPROVAL   AUTHORIZED             0     0 34000     0  processed  -                   approvals

CONFIRMED: the guest's bank disputes the payment
  first CONFIRMED          SUCCEEDED          34000     0     0     0  processed  dispute_opened      disputes
  twice CONFIRMED          SUCCEEDED          34000     0     0     0  processed  -                   disputes
  late  CONFIRMED          SUCCEEDED          34000     0     0     0  processed  dispute_opened      disputes

COMPLETED: the guest's bank disputes the payment
  first COMPLETED          SUCCEEDED          34000     0     0     0  processed  dispute_opened      disputes
  twice COMPLETED          SUCCEEDED          34000     0     0     0  processed  -                   disputes
  late  COMPLETED          SUCCEEDED          34000     0     0     0  processed  dispute_opened      disputes

DECLINED: forged, about the booking's own payment
  first DECLINED           VOIDED                 0     0     0     0  processed  -                   -
  twice DECLINED           VOIDED                 0     0     0     0  processed  -                   -
  late  DECLINED           VOIDED                 0     0     0     0  processed  -                   -

DECLINED: the guest's bank disputes a payment whose refund is on its way
  first DECLINED  SUCCEEDED+VOIDED 34000 0 0 34000  processed  dispute_opened+refund_failed  owed+disputes
  twice DECLINED           SUCCEEDED+VOIDED   34000     0     0 34000  processed  -                   owed+disputes
  late  DECLINED  SUCCEEDED+VOIDED 34000 0 0 34000  processed  dispute_opened+refund_failed  owed+disputes

CANCELLED: the guest's bank disputes the payment
  first CANCELLED          PARTIALLY_REFUNDED 34000 17000     0     0  processed  dispute_opened      disputes
  twice CANCELLED          PARTIALLY_REFUNDED 34000 17000     0     0  processed  -                   disputes
  late  CANCELLED          PARTIALLY_REFUNDED 34000 17000     0     0  processed  dispute_opened      disputes

EXPIRED: forged, about the booking's own payment
  first EXPIRED            EXPIRED                0     0     0     0  processed  -                   -
  twice EXPIRED            EXPIRED                0     0     0     0  processed  -                   -
  late  EXPIRED            EXPIRED                0     0     0     0  processed  -                   -

EXPIRED: the guest's bank disputes a payment whose refund is on its way
  first EXPIRED  SUCCEEDED 34000 0 0 34000  processed  dispute_opened+refund_failed  owed+disputes+late
  twice EXPIRED  SUCCEEDED 34000 0 0 34000  processed  -  owed+disputes+late
  late  EXPIRED  SUCCEEDED 34000 0 0 34000  processed  dispute_opened+refund_failed  owed+disputes+late

NO_SHOW: the guest's bank disputes the payment
  first NO_SHOW            SUCCEEDED          34000     0     0     0  processed  dispute_opened      disputes
  twice NO_SHOW            SUCCEEDED          34000     0     0     0  processed  -                   disputes
  late  NO_SHOW            SUCCEEDED          34000     0     0     0  processed  dispute_opened      disputes

COMPLETED/deleted: the guest's bank disputes the payment
  first COMPLETED/deleted  SUCCEEDED          34000     0     0     0  processed  dispute_opened      disputes
  twice COMPLETED/deleted  SUCCEEDED          34000     0     0     0  processed  -                   disputes
  late  COMPLETED/deleted  SUCCEEDED          34000     0     0     0  processed  dispute_opened      disputes

DECLINED/deleted: forged, about the booking's own payment
  first DECLINED/deleted   VOIDED                 0     0     0     0  processed  -                   -
  twice DECLINED/deleted   VOIDED                 0     0     0     0  processed  -                   -
  late  DECLINED/deleted   VOIDED                 0     0     0     0  processed  -                   -

CANCELLED/deleted: the guest's bank disputes the payment
  first CANCELLED/deleted  PARTIALLY_REFUNDED 34000 17000     0     0  processed  dispute_opened      disputes
  twice CANCELLED/deleted  PARTIALLY_REFUNDED 34000 17000     0     0  processed  -                   disputes
  late  CANCELLED/deleted  PARTIALLY_REFUNDED 34000 17000     0     0  processed  dispute_opened      disputes

EXPIRED/deleted: forged, about the booking's own payment
  first EXPIRED/deleted    EXPIRED                0     0     0     0  processed  -                   -
  twice EXPIRED/deleted    EXPIRED                0     0     0     0  processed  -                   -
  late  EXPIRED/deleted    EXPIRED                0     0     0     0  processed  -                   -

NO_SHOW/deleted: the guest's bank disputes the payment
  first NO_SHOW/deleted    SUCCEEDED          34000     0     0     0  processed  dispute_opened      disputes
  twice NO_SHOW/deleted    SUCCEEDED          34000     0     0     0  processed  -                   disputes
  late  NO_SHOW/deleted    SUCCEEDED          34000     0     0     0  processed  dispute_opened      disputes
""",
    "charge.dispute.updated": """
DRAFT: somebody else's payment that names this booking
  first DRAFT              -                      0     0     0     0  ignored    -               -
  twice DRAFT              -                      0     0     0     0  ignored    -               -
  late  DRAFT              -                      0     0     0     0  ignored    -               -

DRAFT/deleted: somebody else's payment that names this booking
  first DRAFT/deleted      -                      0     0     0     0  ignored    -               -
  twice DRAFT/deleted      -                      0     0     0     0  ignored    -               -
  late  DRAFT/deleted      -                      0     0     0     0  ignored    -               -

PENDING_PAYMENT: forged, about the booking's own payment
  first PENDING_PAYMENT    PROCESSING             0     0     0     0  ignored    -               -
  twice PENDING_PAYMENT    PROCESSING             0     0     0     0  ignored    -               -
  late  PENDING_PAYMENT    PROCESSING             0     0     0     0  ignored    -               -

PENDING_APPROVAL: forged, about the booking's own payment
  first PENDING_APPROVAL   AUTHORIZED             0     0 34000     0  processed  -               approvals
  twice PENDING_APPROVAL   AUTHORIZED             0     0 34000     0  processed  -               approvals
  late  PENDING_APPROVAL   AUTHORIZED             0     0 34000     0  processed  -               approvals

CONFIRMED: the bank looks at the hotel's evidence
  first CONFIRMED          SUCCEEDED          34000     0     0     0  processed  -               disputes
  twice CONFIRMED          SUCCEEDED          34000     0     0     0  processed  -               disputes
  late  CONFIRMED          SUCCEEDED          34000     0     0     0  processed  -               disputes

COMPLETED: the bank looks at the hotel's evidence
  first COMPLETED          SUCCEEDED          34000     0     0     0  processed  -               disputes
  twice COMPLETED          SUCCEEDED          34000     0     0     0  processed  -               disputes
  late  COMPLETED          SUCCEEDED          34000     0     0     0  processed  -               disputes

DECLINED: forged, about the booking's own payment
  first DECLINED           VOIDED                 0     0     0     0  processed  -               -
  twice DECLINED           VOIDED                 0     0     0     0  processed  -               -
  late  DECLINED           VOIDED                 0     0     0     0  processed  -               -

CANCELLED: the bank looks at the hotel's evidence
  first CANCELLED          SUCCEEDED          34000     0     0 34000  processed  -               owed+disputes
  twice CANCELLED          SUCCEEDED          34000     0     0 34000  processed  -               owed+disputes
  late  CANCELLED          SUCCEEDED          34000     0     0 34000  processed  -               owed+disputes

EXPIRED: forged, about the booking's own payment
  first EXPIRED            EXPIRED                0     0     0     0  processed  -               -
  twice EXPIRED            EXPIRED                0     0     0     0  processed  -               -
  late  EXPIRED            EXPIRED                0     0     0     0  processed  -               -

NO_SHOW: the bank looks at the hotel's evidence
  first NO_SHOW            SUCCEEDED          34000     0     0     0  processed  -               disputes
  twice NO_SHOW            SUCCEEDED          34000     0     0     0  processed  -               disputes
  late  NO_SHOW            SUCCEEDED          34000     0     0     0  processed  -               disputes

COMPLETED/deleted: the bank looks at the hotel's evidence
  first COMPLETED/deleted  SUCCEEDED          34000     0     0     0  processed  dispute_opened  disputes
  twice COMPLETED/deleted  SUCCEEDED          34000     0     0     0  processed  -               disputes
  late  COMPLETED/deleted  SUCCEEDED          34000     0     0     0  processed  dispute_opened  disputes

DECLINED/deleted: forged, about the booking's own payment
  first DECLINED/deleted   VOIDED                 0     0     0     0  processed  -               -
  twice DECLINED/deleted   VOIDED                 0     0     0     0  processed  -               -
  late  DECLINED/deleted   VOIDED                 0     0     0     0  processed  -               -

CANCELLED/deleted: the bank looks at the hotel's evidence
  first CANCELLED/deleted  PARTIALLY_REFUNDED 34000 17000     0     0  processed  dispute_opened  disputes
  twice CANCELLED/deleted  PARTIALLY_REFUNDED 34000 17000     0     0  processed  -               disputes
  late  CANCELLED/deleted  PARTIALLY_REFUNDED 34000 17000     0     0  processed  dispute_opened  disputes

EXPIRED/deleted: forged, about the booking's own payment
  first EXPIRED/deleted    EXPIRED                0     0     0     0  processed  -               -
  twice EXPIRED/deleted    EXPIRED                0     0     0     0  processed  -               -
  late  EXPIRED/deleted    EXPIRED                0     0     0     0  processed  -               -

NO_SHOW/deleted: the bank looks at the hotel's evidence
  first NO_SHOW/deleted    SUCCEEDED          34000     0     0     0  processed  dispute_opened  disputes
  twice NO_SHOW/deleted    SUCCEEDED          34000     0     0     0  processed  -               disputes
  late  NO_SHOW/deleted    SUCCEEDED          34000     0     0     0  processed  dispute_opened  disputes
""",
    "charge.dispute.funds_withdrawn": """
DRAFT: somebody else's payment that names this booking
  first DRAFT              -                      0     0     0     0  ignored    -               -
  twice DRAFT              -                      0     0     0     0  ignored    -               -
  late  DRAFT              -                      0     0     0     0  ignored    -               -

DRAFT/deleted: somebody else's payment that names this booking
  first DRAFT/deleted      -                      0     0     0     0  ignored    -               -
  twice DRAFT/deleted      -                      0     0     0     0  ignored    -               -
  late  DRAFT/deleted      -                      0     0     0     0  ignored    -               -

PENDING_PAYMENT: forged, about the booking's own payment
  first PENDING_PAYMENT    PROCESSING             0     0     0     0  ignored    -               -
  twice PENDING_PAYMENT    PROCESSING             0     0     0     0  ignored    -               -
  late  PENDING_PAYMENT    PROCESSING             0     0     0     0  ignored    -               -

PENDING_APPROVAL: forged, about the booking's own payment
  first PENDING_APPROVAL   AUTHORIZED             0     0 34000     0  processed  -               approvals
  twice PENDING_APPROVAL   AUTHORIZED             0     0 34000     0  processed  -               approvals
  late  PENDING_APPROVAL   AUTHORIZED             0     0 34000     0  processed  -               approvals

CONFIRMED: the guest's bank disputes the payment
  first CONFIRMED          SUCCEEDED          34000     0     0     0  processed  dispute_opened  disputes
  twice CONFIRMED          SUCCEEDED          34000     0     0     0  processed  -               disputes
  late  CONFIRMED          SUCCEEDED          34000     0     0     0  processed  dispute_opened  disputes

COMPLETED: the guest's bank disputes the payment
  first COMPLETED          SUCCEEDED          34000     0     0     0  processed  dispute_opened  disputes
  twice COMPLETED          SUCCEEDED          34000     0     0     0  processed  -               disputes
  late  COMPLETED          SUCCEEDED          34000     0     0     0  processed  dispute_opened  disputes

DECLINED: forged, about the booking's own payment
  first DECLINED           VOIDED                 0     0     0     0  processed  -               -
  twice DECLINED           VOIDED                 0     0     0     0  processed  -               -
  late  DECLINED           VOIDED                 0     0     0     0  processed  -               -

CANCELLED: the guest's bank disputes the payment
  first CANCELLED          PARTIALLY_REFUNDED 34000 17000     0     0  processed  dispute_opened  disputes
  twice CANCELLED          PARTIALLY_REFUNDED 34000 17000     0     0  processed  -               disputes
  late  CANCELLED          PARTIALLY_REFUNDED 34000 17000     0     0  processed  dispute_opened  disputes

EXPIRED: forged, about the booking's own payment
  first EXPIRED            EXPIRED                0     0     0     0  processed  -               -
  twice EXPIRED            EXPIRED                0     0     0     0  processed  -               -
  late  EXPIRED            EXPIRED                0     0     0     0  processed  -               -

NO_SHOW: the guest's bank disputes the payment
  first NO_SHOW            SUCCEEDED          34000     0     0     0  processed  dispute_opened  disputes
  twice NO_SHOW            SUCCEEDED          34000     0     0     0  processed  -               disputes
  late  NO_SHOW            SUCCEEDED          34000     0     0     0  processed  dispute_opened  disputes

COMPLETED/deleted: the guest's bank disputes the payment
  first COMPLETED/deleted  SUCCEEDED          34000     0     0     0  processed  dispute_opened  disputes
  twice COMPLETED/deleted  SUCCEEDED          34000     0     0     0  processed  -               disputes
  late  COMPLETED/deleted  SUCCEEDED          34000     0     0     0  processed  dispute_opened  disputes

DECLINED/deleted: forged, about the booking's own payment
  first DECLINED/deleted   VOIDED                 0     0     0     0  processed  -               -
  twice DECLINED/deleted   VOIDED                 0     0     0     0  processed  -               -
  late  DECLINED/deleted   VOIDED                 0     0     0     0  processed  -               -

CANCELLED/deleted: the guest's bank disputes the payment
  first CANCELLED/deleted  PARTIALLY_REFUNDED 34000 17000     0     0  processed  dispute_opened  disputes
  twice CANCELLED/deleted  PARTIALLY_REFUNDED 34000 17000     0     0  processed  -               disputes
  late  CANCELLED/deleted  PARTIALLY_REFUNDED 34000 17000     0     0  processed  dispute_opened  disputes

EXPIRED/deleted: forged, about the booking's own payment
  first EXPIRED/deleted    EXPIRED                0     0     0     0  processed  -               -
  twice EXPIRED/deleted    EXPIRED                0     0     0     0  processed  -               -
  late  EXPIRED/deleted    EXPIRED                0     0     0     0  processed  -               -

NO_SHOW/deleted: the guest's bank disputes the payment
  first NO_SHOW/deleted    SUCCEEDED          34000     0     0     0  processed  dispute_opened  disputes
  twice NO_SHOW/deleted    SUCCEEDED          34000     0     0     0  processed  -               disputes
  late  NO_SHOW/deleted    SUCCEEDED          34000     0     0     0  processed  dispute_opened  disputes
""",
}

"""The money's own records."""

from bookings.models import names
from payments.models.alert import Alert
from payments.models.chore import Chore
from payments.models.dispute import CLOSED_DISPUTES, INQUIRIES, UNANSWERED, Dispute, DisputeReason, DisputeStatus
from payments.models.drift import Drift, DriftKind
from payments.models.exchange_rate import ExchangeRate
from payments.models.operation import OperationKind, OperationStatus, PaymentOperation
from payments.models.payment import CAPTURED, UNPAID, Payment, PaymentProvider, PaymentPurpose, PaymentStatus
from payments.models.refund import COMMITTED_REFUNDS, Refund, RefundStatus
from payments.models.refund_request import RefundRequest, RequestKind, RequestStatus
from payments.models.webhook_event import ProcessingResult, StripeWebhookEvent

__all__ = [
    "CAPTURED",
    "CLOSED_DISPUTES",
    "COMMITTED_REFUNDS",
    "INQUIRIES",
    "UNANSWERED",
    "UNPAID",
    "Alert",
    "Chore",
    "Dispute",
    "DisputeReason",
    "DisputeStatus",
    "Drift",
    "DriftKind",
    "ExchangeRate",
    "OperationKind",
    "OperationStatus",
    "Payment",
    "PaymentOperation",
    "PaymentProvider",
    "PaymentPurpose",
    "PaymentStatus",
    "ProcessingResult",
    "Refund",
    "RefundRequest",
    "RefundStatus",
    "RequestKind",
    "RequestStatus",
    "StripeWebhookEvent",
]

names.translate("payments")

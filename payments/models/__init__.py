"""The money's own records."""

from payments.models.operation import OperationKind, OperationStatus, PaymentOperation
from payments.models.payment import (
    CAPTURED,
    COMMITTED_REFUNDS,
    UNPAID,
    Payment,
    PaymentProvider,
    PaymentStatus,
    Refund,
    RefundStatus,
)
from payments.models.webhook_event import ProcessingResult, StripeWebhookEvent

__all__ = [
    "CAPTURED",
    "COMMITTED_REFUNDS",
    "UNPAID",
    "OperationKind",
    "OperationStatus",
    "Payment",
    "PaymentOperation",
    "PaymentProvider",
    "PaymentStatus",
    "ProcessingResult",
    "Refund",
    "RefundStatus",
    "StripeWebhookEvent",
]

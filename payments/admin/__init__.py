"""The money's ledgers for staff."""

from payments.admin import dispute, drift, exchange_rate, operation, payment, refund, refund_request, webhook_event

__all__ = ["dispute", "drift", "exchange_rate", "operation", "payment", "refund", "refund_request", "webhook_event"]

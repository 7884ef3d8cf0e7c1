"""The money's ledgers for staff."""

from payments.admin import operation, payment, refund, webhook_event

__all__ = ["operation", "payment", "refund", "webhook_event"]

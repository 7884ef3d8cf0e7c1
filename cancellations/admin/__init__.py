"""Cancellation policies for staff."""

from cancellations.admin import policy

__all__ = ["policy"]

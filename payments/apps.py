"""The payments app."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    """Nothing runs at start; all flow is explicit."""

    name = "payments"

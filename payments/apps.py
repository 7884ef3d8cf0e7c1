"""The payments app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class PaymentsConfig(AppConfig):
    """Nothing runs at start; all flow is explicit."""

    name = "payments"
    verbose_name = gettext_lazy("Payments")

"""The cancellations app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class CancellationsConfig(AppConfig):
    """Nothing runs at start; all flow is explicit."""

    name = "cancellations"
    verbose_name = gettext_lazy("Cancellations")

"""The cancellations app."""

from django.apps import AppConfig


class CancellationsConfig(AppConfig):
    """Nothing runs at start; all flow is explicit."""

    name = "cancellations"

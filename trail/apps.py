"""The trail app."""

from django.apps import AppConfig


class TrailConfig(AppConfig):
    """The audit trail over the history of every app."""

    name = "trail"
    verbose_name = "Audit trail"

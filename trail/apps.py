"""The trail app."""

from django.apps import AppConfig
from django.utils.module_loading import import_string


class TrailConfig(AppConfig):
    """The audit trail over the history of every app."""

    name = "trail"
    verbose_name = "Audit trail"

    def ready(self) -> None:
        """Hear of every history row, seal before each commit, and stand guard after each migration."""
        # By name, since it rests on models, and there are none when this file is read.
        import_string("trail.connecting.connect")(self)

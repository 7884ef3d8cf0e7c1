"""The site's own app: what is connected once every model is there."""

from django.apps import AppConfig

from site_config import logbook, logs


class SiteConfigConfig(AppConfig):
    """The composition root, and what staff see around the apps."""

    name = "site_config"

    def ready(self) -> None:
        """Let the log tell of what history records."""
        logs.configure()
        logbook.connect()

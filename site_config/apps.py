"""The site's own app: what is connected once every model is there."""

from typing import Final

from django.apps import AppConfig
from django.utils.module_loading import import_string

from site_config import logbook, logs

# Named by its path: it speaks of models, which are not there yet when this file is read.
DOOR: Final = "site_config.door.connect"


class SiteConfigConfig(AppConfig):
    """The composition root, and what staff see around the apps."""

    name = "site_config"

    def ready(self) -> None:
        """Let the log tell of what history records, and record who comes in."""
        logs.configure()
        logbook.connect()
        import_string(DOOR)()

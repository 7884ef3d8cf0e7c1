"""Where the trail is tied to the rest: what is written, what is committed, what is migrated."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from simple_history.signals import post_create_historical_record

from trail import guards, writing
from trail.backends import pending


def connect(app: AppConfig) -> None:
    """Hear of every history row, seal before each commit, and stand guard after each migration."""
    post_create_historical_record.connect(noted, dispatch_uid="trail.noted")
    post_migrate.connect(guards.after_migrate, sender=app, dispatch_uid="trail.guards")
    pending.BEFORE_COMMIT[:] = [writing.seal]


def noted(history_instance: Any, **_: Any) -> None:
    """Called by simple-history after each row that it writes."""
    writing.note(history_instance)

"""The explorer: one page over the history of every model."""

from trail.admin import entry

__all__ = ["entry"]

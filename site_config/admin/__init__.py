"""Pages about the installation itself, for owners."""

from site_config.admin import sign_ins

__all__ = ["sign_ins"]

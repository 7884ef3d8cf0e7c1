#!/usr/bin/env python
"""Django's command line for Innkeep: `python manage.py <command>`."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    """Run one management command with Innkeep's settings."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_config.settings")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()

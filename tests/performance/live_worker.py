"""`manage.py worker` at the pace that Stripe allows a live account: what a hotel has, and not what a sandbox has."""

import sys

from django.core.management import execute_from_command_line

from payments import pace

if __name__ == "__main__":
    pace.SANDBOX_PER_SECOND = pace.LIVE_PER_SECOND
    execute_from_command_line(["manage.py", "worker", *sys.argv[1:]])

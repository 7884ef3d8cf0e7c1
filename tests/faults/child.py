"""`python -m tests.faults.child DATABASE STRIPE_URL`: load Django, then serve jobs."""

import os
import sys
from importlib import import_module

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    # Only now can the models be imported.
    import_module("tests.faults.server").serve(*sys.argv[1:])

"""The settings of the tests: the product's own, read from an environment that is the same on every machine.

Only `DATABASE_URL` is taken from outside: it chooses the database. Processes that a test starts inherit the
variables and use `site_config.settings`.
"""

import os
import tempfile
from pathlib import Path

os.environ.update(
    {
        "ENV_FILE": "",
        "DEBUG": "0",
        "DJANGO_SECRET_KEY": "test-key-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJ",
        "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
        "SITE_URL": "http://localhost",
        "DATABASE_POOLER": "",
        "DATABASE_REPLICA_URL": "",
        "CACHE_URL": "locmemcache://",
        "EMAIL_URL": "smtp://127.0.0.1:1025",
        "DEFAULT_FROM_EMAIL": "Innkeep <desk@example.com>",
        "STRIPE_PUBLISHABLE_KEY": "pk_test_innkeep",
        "STRIPE_SECRET_KEY": "sk_test_innkeep",
        "STRIPE_WEBHOOK_SECRET": "whsec_innkeep_tests",
        # Nobody listens there: a test that talks to Stripe asks for the simulator.
        "STRIPE_API_BASE": "http://127.0.0.1:9",
        "STRIPE_CURRENCY_PRIMARY": "EUR",
        "STRIPE_CURRENCY_FALLBACK": "USD",
        "PUSHER_APP_ID": "",
        "PUSHER_KEY": "",
        "PUSHER_SECRET": "",
        "PUSHER_CLUSTER": "",
        "PUSHER_HOST": "",
        "PUSHER_PORT": "",
        "PUSHER_SSL": "",
        "AUDIT_HEADS_FILE": "",
        "AUDIT_HEADS_EMAIL": "",
        "AUDIT_SIGNING_KEY": "",
        "ALERTS_EMAIL": "",
        "ALERTS_WEBHOOK_HOURS": "",
        "FRONTEND_PAYMENT_SUCCESS_URL": "",
        "FRONTEND_PAYMENT_CANCEL_URL": "",
        "FRONTEND_ORIGINS": "",
    }
)
os.environ.setdefault(
    "DATABASE_URL", f"sqlite:///{Path(tempfile.gettempdir()) / f'innkeep-tests-{os.getpid()}.sqlite3'}"
)

from site_config.settings import *  # noqa: F403
from site_config.settings import DATABASES

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, because Django's usual database in memory knows no two connections; quick, not durable.
    DATABASES["default"]["TEST"] = {"NAME": f"{DATABASES['default']['NAME']}.test"}
    DATABASES["default"]["OPTIONS"]["init_command"] += "; PRAGMA synchronous=OFF"

# Look for a static file when it is asked for: listing all of them for each test's client takes 50 ms.
WHITENOISE_AUTOREFRESH = True

# The real one takes 0.2 s for each person that a test creates.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

"""The other reference: a site with dj-stripe, whose webhooks arrive on gunicorn and PostgreSQL as ours do.

    .bench-venv/bin/python -m tests.performance.peer_site ACCOUNT INTENTS.json

makes its tables, with one endpoint at a fixed address. Nothing of ours can be imported here.
"""

import json
import os
import sys
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import django
import stripe
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

# What the endpoint is known by; no secret.
ENDPOINT: Final = "6f1f3a52-1c1f-4c0b-9a55-3a7f6f5f0b11"
ADDRESS = urlsplit(os.environ["DATABASE_URL"])

settings.configure(
    SECRET_KEY="peer",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF="tests.performance.peer_urls",
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": ADDRESS.path.lstrip("/"),
            "USER": ADDRESS.username,
            "PASSWORD": ADDRESS.password or "",
            "HOST": ADDRESS.hostname,
            "PORT": ADDRESS.port,
            "CONN_MAX_AGE": None,
        }
    },
    # Its tables at once, and not by the two hundred steps of its history.
    MIGRATION_MODULES={"auth": None, "contenttypes": None, "djstripe": None},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "djstripe"],
    DJSTRIPE_FOREIGN_KEY_TO_FIELD="id",
    STRIPE_TEST_SECRET_KEY=os.environ["STRIPE_SECRET_KEY"],
    STRIPE_LIVE_MODE=False,
    # The simulator speaks this release only; the library asks for its own.
    STRIPE_API_VERSION="2026-10-28.endive",
    LOGGING={
        "version": 1,
        "disable_existing_loggers": False,
        "handlers": {"console": {"class": "logging.StreamHandler"}},
        "root": {"handlers": ["console"], "level": "ERROR"},
    },
    USE_TZ=True,
)
stripe.api_base = os.environ["STRIPE_API_BASE"]
application = get_wsgi_application()


def prepare(account: str, intents: str) -> None:
    """Make the tables, the account with its key, and the endpoint: dj-stripe has no need to ask for them later."""
    call_command("migrate", run_syncdb=True, verbosity=0)
    models = sys.modules["djstripe.models"]
    key = os.environ["STRIPE_SECRET_KEY"]
    owner = models.Account.objects.create(id=account, livemode=False, stripe_data={"id": account})
    models.APIKey.objects.create(secret=key, type="secret", livemode=False, djstripe_owner_account=owner)
    models.WebhookEndpoint.objects.create(
        id="we_bench",
        djstripe_owner_account=owner,
        djstripe_uuid=ENDPOINT,
        enabled_events=["*"],
        livemode=False,
        secret=os.environ["STRIPE_WEBHOOK_SECRET"],
        status="enabled",
        stripe_data={"id": "we_bench"},
        url="https://hotel.example/",
    )
    # The simulator keeps no means of payment to be looked up, so they are known already.
    for each in json.loads(Path(intents).read_text()):
        known = {"id": each["payment_method"], "object": "payment_method", "type": "card", "livemode": False}
        models.PaymentMethod.objects.create(
            id=known["id"], livemode=False, djstripe_owner_account=owner, stripe_data=known
        )


if __name__ == "__main__":
    django.setup()
    prepare(sys.argv[1], sys.argv[2])

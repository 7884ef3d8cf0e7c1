"""When a worker last turned: the row by which people, and a load balancer, see that one is alive."""

from datetime import datetime, timedelta
from typing import Final

from django.db import DEFAULT_DB_ALIAS

from payments.models import Chore

WORKER: Final = "worker"
EVERY: Final = timedelta(seconds=10)
# A worker that was silent for so long is not merely busy with a slow mail server or with Stripe.
SILENT: Final = timedelta(minutes=2)


def beat(now: datetime) -> int:
    """Note that a worker is at it (UTC). It is no work, so the worker may rest after it."""
    Chore.objects.update_or_create(name=WORKER, defaults={"done_at": now, "next_at": now + EVERY})
    return 0


def last(*, using: str = DEFAULT_DB_ALIAS) -> datetime | None:
    """Return when a worker last turned (UTC); None where none ever did.

    A replica knows the turn up to which it has followed.
    """
    return Chore.objects.using(using).filter(name=WORKER).values_list("done_at", flat=True).first()


def is_alive(now: datetime) -> bool:
    """Whether a worker has turned lately."""
    at = last()
    return at is not None and at > now - SILENT

"""How often strangers may try: so many times an hour for each address and each reference, existing or not.

Forms are counted in the database, by updates that count only below the limit: however many come at once, no more
than the limit gets past. Wrong links are counted in the cache, as opening a link must write nothing. Nobody who
holds a working link is ever counted or refused.
"""

from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from itertools import batched
from typing import Final

from django.core.cache import cache
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac

from cancellations.models import TryCount

HOUR: Final = timedelta(hours=1)
TRIES_PER_ADDRESS: Final = 30
TRIES_PER_REFERENCE: Final = 10
GUESSES_PER_ADDRESS: Final = 60
# One household or server has a whole /64 of addresses to try from.
IPV6_PREFIX: Final = 64
BATCH: Final = 100


class TooManyRequests(Exception):
    """Somebody tries too often, from one address or for one reference. `retry_after` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("too many requests")
        self.retry_after = retry_after


def count_try(*, reference: str, ip: str) -> None:
    """Count one try for a reference from an address. Raises TooManyRequests; what is refused is not counted.

    The address comes first: one that is flooding cannot use up the tries of a reference.
    """
    now = timezone.now()
    limits = {
        key_of("address", network_of(ip)): TRIES_PER_ADDRESS,
        key_of("reference", reference): TRIES_PER_REFERENCE,
    }
    TryCount.objects.bulk_create([TryCount(key=key, ends_at=now + HOUR) for key in limits], ignore_conflicts=True)
    for key, limit in limits.items():
        take(key, limit, now)


def count(*, kind: str, value: str, limit: int) -> None:
    """Count one try of a kind for whoever `value` names, up to a limit an hour. Raises TooManyRequests."""
    now, key = timezone.now(), key_of(kind, value)
    TryCount.objects.bulk_create([TryCount(key=key, ends_at=now + HOUR)], ignore_conflicts=True)
    take(key, limit, now)


def take(key: str, limit: int, now: datetime) -> None:
    """Use up one of the tries of this hour, or raise TooManyRequests."""
    row = TryCount.objects.filter(key=key)
    row.filter(ends_at__lte=now).update(tries=0, ends_at=now + HOUR)
    # A counted update: if it is not 1, the last try is gone, to whomever it went.
    if row.filter(tries__lt=limit).update(tries=F("tries") + 1) != 1:
        ends_at = row.values_list("ends_at", flat=True).first() or now + HOUR
        raise TooManyRequests(retry_after=seconds_until(ends_at, now))


def count_guess(*, ip: str) -> None:
    """Count one wrong link or unknown reference that an address has opened. Raises TooManyRequests past the limit."""
    key = key_of("guess", network_of(ip))
    now = timezone.now()
    cache.add(f"{key}.ends", now + HOUR, timeout=HOUR.total_seconds())
    cache.add(key, 0, timeout=HOUR.total_seconds())
    try:
        guesses = cache.incr(key)
    except ValueError:  # its hour ended between the two lines
        return
    if guesses > GUESSES_PER_ADDRESS:
        raise TooManyRequests(retry_after=seconds_until(cache.get(f"{key}.ends") or now + HOUR, now))


def seconds_until(moment: datetime, now: datetime) -> int:
    """Return whole seconds, at least one."""
    return max(0, int((moment - now).total_seconds())) + 1


def key_of(kind: str, value: str) -> str:
    """Return what is stored of an address or a reference: nothing that could be read back."""
    return salted_hmac(f"cancellations.throttle.{kind}", value, algorithm="sha256").hexdigest()


def network_of(ip: str) -> str:
    """Return whom an address stands for: itself, or the /64 of an IPv6 address."""
    if not ip:
        return ""
    address = ip_address(ip)
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ip_network((address, IPV6_PREFIX), strict=False))


def prune(now: datetime) -> int:
    """Delete the counts whose hour is over; return how many."""
    old = TryCount.objects.filter(ends_at__lte=now).order_by("pk").values_list("pk", flat=True)
    return sum(TryCount.objects.filter(pk__in=keys).delete()[0] for keys in batched(list(old), BATCH))

"""What Stripe says about our account there, and about the addresses to which it sends events."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

EVERY: Final = "*"


@dataclass(frozen=True)
class Account:
    """Whose account the key belongs to, and whether guests can pay and the hotel is paid."""

    id: str
    name: str
    charges_enabled: bool
    payouts_enabled: bool


@dataclass(frozen=True)
class Endpoint:
    """One address to which Stripe sends events."""

    url: str
    is_enabled: bool
    events: frozenset[str]

    def missing(self, needed: Iterable[str]) -> list[str]:
        """Return which of some kinds of events it does not get."""
        return [] if EVERY in self.events else sorted(set(needed) - self.events)


def account_of(found: Mapping[str, Any]) -> Account:
    """Read Stripe's account object (docs.stripe.com/api/accounts/object)."""
    return Account(
        id=str(found["id"]),
        name=str((found.get("business_profile") or {}).get("name") or ""),
        charges_enabled=bool(found.get("charges_enabled")),
        payouts_enabled=bool(found.get("payouts_enabled")),
    )


def endpoint_of(found: Mapping[str, Any]) -> Endpoint:
    """Read one webhook endpoint (docs.stripe.com/api/webhook_endpoints/object)."""
    return Endpoint(
        url=str(found["url"]),
        is_enabled=found["status"] == "enabled",
        events=frozenset(found["enabled_events"]),
    )

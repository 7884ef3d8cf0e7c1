"""Management links. The key is derived from the row and the installation's secret, so it is stored nowhere."""

import base64
import hashlib
import hmac
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from bookings.models import Booking
from bookings.prepared import TEXT_PLACE, Prepared
from cancellations.models import ManagementToken

PREFIX = "ikg_"


def issue(booking: Booking, *, expires_at: datetime, only_cancels: bool = False) -> ManagementToken:
    """Make a link for one booking, valid until a moment (UTC); one that `only_cancels` shows nothing of its guest."""
    token = ManagementToken(booking=booking, expires_at=expires_at, only_cancels=only_cancels)
    token.token_hash = digest(reveal(token))
    # Its history row goes with it; inside a decision there is nothing to go back to.
    with transaction.atomic(savepoint=False):
        token.save()
    return token


def reveal(token: ManagementToken) -> str:
    """Return the key of a link: 256 bits that only this installation can derive."""
    secret = hashlib.sha256(f"management-token:{settings.SECRET_KEY}".encode()).digest()
    mac = hmac.new(secret, token.uuid.bytes, hashlib.sha256).digest()
    return PREFIX + base64.urlsafe_b64encode(mac).decode().rstrip("=")


def digest(key: str) -> str:
    """Return the stored form of a key. The key is random, so a plain hash is enough."""
    return hashlib.sha256(key.encode()).hexdigest()


def known(key: str) -> ManagementToken | None:
    """Return the link for a key, live or not."""
    return BY_HASH.first(digest(key))


def with_hash(token_hash: str) -> QuerySet[ManagementToken]:
    """Return the query for a link with all that its pages show of the booking's own."""
    rows = ManagementToken.objects.select_related("booking__hotel", "booking__room_type", "booking__room")
    return rows.select_related("booking__kept_stay").order_by().filter(token_hash=token_hash)


BY_HASH: Final = Prepared(with_hash, place=TEXT_PLACE)


def is_live(token: ManagementToken, *, at: datetime) -> bool:
    """Whether a link still opens its booking."""
    return is_valid(token, at=at) and not token.booking.is_deleted


def is_valid(token: ManagementToken, *, at: datetime) -> bool:
    """Whether a link is neither expired nor revoked."""
    return token.revoked_at is None and token.expires_at > at


def opens_deleted(token: ManagementToken, *, at: datetime) -> bool:
    """Whether a link would open a booking if staff had not deleted it."""
    return is_valid(token, at=at) and token.booking.is_deleted


def find(key: str, *, at: datetime) -> ManagementToken | None:
    """Return the live link for a key; None for an unknown, expired or revoked one."""
    token = known(key)
    if token is None or not is_live(token, at=at):
        return None
    return token


def revoke_all(booking: Booking, *, at: datetime) -> int:
    """Make every link to a booking useless from a moment (UTC) on; return how many still worked."""
    live = ManagementToken.objects.filter(booking=booking, revoked_at=None, expires_at__gt=at)
    for token in live:
        token.revoked_at = at
        token.save(update_fields=["revoked_at"])
    return len(live)

"""Management links. The key is derived from the row and the installation's secret, so it is stored nowhere."""

import base64
import hashlib
import hmac
from datetime import datetime

from django.conf import settings

from bookings.models import Booking
from cancellations.models import ManagementToken

PREFIX = "ikg_"


def issue(booking: Booking, *, expires_at: datetime) -> ManagementToken:
    """Make a link for one booking, valid until a moment (UTC)."""
    token = ManagementToken(booking=booking, expires_at=expires_at)
    token.token_hash = digest(reveal(token))
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


def find(key: str, *, at: datetime) -> ManagementToken | None:
    """Return the live link for a key; None for an unknown, expired or revoked one."""
    token = live(key, at=at)
    return None if token is None or token.booking.is_deleted else token


def opens_deleted(key: str, *, at: datetime) -> bool:
    """Whether a key would open a booking that staff have deleted."""
    token = live(key, at=at)
    return token is not None and token.booking.is_deleted


def live(key: str, *, at: datetime) -> ManagementToken | None:
    """Return the link for a key that is neither expired nor revoked."""
    rows = ManagementToken.objects.select_related("booking__hotel", "booking__room_type", "booking__room")
    return rows.filter(token_hash=digest(key), revoked_at=None, expires_at__gt=at).first()

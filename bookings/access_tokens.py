"""Personal access tokens: made once, stored as a hash, and worth what their owner may do at this moment."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from bookings import audit, happenings, second_step
from bookings.models import AccessToken, Hotel, SignInKind, TokenUse, User

PREFIX: Final = "iks_"
SHOWN: Final = 12  # characters of a key by which people recognise it
# Often enough for people; a write for each request would be too often.
NOTED_EVERY: Final = timedelta(minutes=1)


def create(user: User, *, name: str, hotel: Hotel | None, expires_at: datetime | None) -> tuple[AccessToken, str]:
    """Make a token for a person; return it with its key, which is stored nowhere. `expires_at` is UTC."""
    key = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic(), audit.change("create_token"):
        token = AccessToken.objects.create(
            user=user, name=name, hotel=hotel, expires_at=expires_at, prefix=key[:SHOWN], token_hash=digest(key)
        )
        happenings.record_sign_in(SignInKind.TOKEN_CREATED, username=user.get_username(), token=token.prefix)
    return token, key


def digest(key: str) -> str:
    """Return the stored form of a key. The key is random, so a plain hash is enough."""
    return hashlib.sha256(key.encode()).hexdigest()


def revoke(token: AccessToken, *, at: datetime) -> bool:
    """Make a token useless from a moment (UTC) on; False if it was already."""
    with transaction.atomic(), audit.change("revoke_token"):
        fresh = AccessToken.objects.select_for_update(of=("self",)).get(pk=token.pk)
        if fresh.revoked_at is not None:
            return False
        fresh.revoked_at = at
        fresh.save(update_fields=["revoked_at"])
    return True


def user_of(key: str, *, at: datetime) -> User | None:
    """Return in whose name a key acts at a moment (UTC), confined to its hotel; None for a key that does not work."""
    token = AccessToken.objects.select_related("user").filter(token_hash=digest(key)).first()
    if token is None or not token.is_live(at) or not may_act(token.user):
        note_refused(token)
        return None
    note_use(token, at=at)
    token.user.only_hotel_id = token.hotel_id
    return token.user


def may_act(user: User) -> bool:
    """Whether a person could sign in now, and needs nothing else first."""
    return user.is_active and user.is_staff and not second_step.is_missing(user)


def note_use(token: AccessToken, *, at: datetime) -> None:
    """Remember that a token was used; within a minute only once."""
    user = token.user
    before = TokenUse.objects.filter(token=token).values_list("last_used_at", flat=True).first()
    if before is None or before.date() < at.date():
        with audit.acting_as_person(user.pk):
            happenings.record_sign_in(
                SignInKind.TOKEN_USED, username=user.get_username(), token=token.prefix, every=happenings.DAY
            )
    _use, is_first = TokenUse.objects.get_or_create(token=token, defaults={"last_used_at": at})
    if not is_first:
        TokenUse.objects.filter(token=token, last_used_at__lte=at - NOTED_EVERY).update(last_used_at=at)


def note_refused(token: AccessToken | None) -> None:
    """Record a token that does not work: whose it was, or that nobody ever had one like it."""
    name = token.user.get_username() if token else ""
    happenings.record_sign_in(SignInKind.TOKEN_REFUSED, username=name, token=token.prefix if token else "")

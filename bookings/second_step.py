"""The second step of signing in: a code from an app after the password, or one of ten backup codes.

django-otp keeps the app's key, refuses a code that was used before, and slows guessing down. Whether a person has
set it up is a column of theirs, so that each change stands in their history.
"""

import secrets
from base64 import b32encode
from datetime import datetime
from itertools import batched
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.crypto import salted_hmac
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from bookings import audit
from bookings.models import Hotel, User

MANAGER: Final = "Manager"
ASKED: Final = "is_asked_for_code"
BACKUP_CODES: Final = 10
ALPHABET: Final = "23456789abcdefghjkmnpqrstuvwxyz"
# What django-otp has room for: 64 bits of the code's hash.
STORED: Final = 16


def with_requirement(users: QuerySet[User]) -> QuerySet[User]:
    """Return people together with whether one of their hotels requires the second step of its managers."""
    return users.annotate(**{ASKED: Exists(Hotel.objects.filter(managers_need_totp=True, staff=OuterRef("pk")))})


def is_missing(user: User) -> bool:
    """Whether a hotel requires the second step of this person, who has none."""
    if user.totp_since is not None or user.is_superuser:
        return False
    is_asked = getattr(user, ASKED, None)
    if is_asked is None:
        is_asked = Hotel.objects.filter(managers_need_totp=True, staff=user).exists()
    return is_asked and user.groups.filter(name=MANAGER).exists()


def begin(user: User) -> TOTPDevice:
    """Return the app's key that a person is about to set up; the same one until it is confirmed."""
    device: TOTPDevice
    device, _is_new = TOTPDevice.objects.get_or_create(user=user, confirmed=False, defaults={"name": "app"})
    return device


def begun(user: User) -> TOTPDevice | None:
    """Return the app's key that waits to be confirmed."""
    device: TOTPDevice | None = TOTPDevice.objects.filter(user=user, confirmed=False).first()
    return device


def readable_key(device: TOTPDevice) -> str:
    """Return the key as people type it into an app that has no camera."""
    key = b32encode(device.bin_key).decode()
    return " ".join("".join(part) for part in batched(key, 4))


def confirm(user: User, code: str, *, at: datetime) -> list[str] | None:
    """Begin to ask for codes, if the app shows the right one; return the backup codes, or None for a wrong code."""
    device = begun(user)
    if device is None or not device.verify_token(digits(code)):
        return None
    with transaction.atomic():
        TOTPDevice.objects.filter(user=user, confirmed=True).delete()
        device.confirmed = True
        device.save(update_fields=["confirmed"])
        record(user, "set_up_code", since=at)
        return fresh_codes(user)


def remove(user: User, *, transition: str, reason: str = "") -> None:
    """Ask a person for the password alone again, and forget the app and the backup codes."""
    with transaction.atomic():
        TOTPDevice.objects.filter(user=user).delete()
        StaticDevice.objects.filter(user=user).delete()
        record(user, transition, since=None, reason=reason)


def renew_codes(user: User) -> list[str]:
    """Give a person ten new backup codes; the earlier ones no longer work."""
    with transaction.atomic():
        record(user, "renew_backup_codes", since=user.totp_since)
        return fresh_codes(user)


def is_right(user: User, code: str) -> bool:
    """Whether a code opens the second step. Each works once; after wrong ones django-otp makes people wait."""
    with transaction.atomic():
        if code.strip().replace(" ", "").isdecimal():
            app = TOTPDevice.objects.select_for_update().filter(user=user, confirmed=True).first()
            return app is not None and bool(app.verify_token(digits(code)))
        backup = StaticDevice.objects.select_for_update().filter(user=user, confirmed=True).first()
        return backup is not None and bool(backup.verify_token(stored(user, code)))


def has_to_wait(user: User) -> bool:
    """Whether wrong codes have made it too early for another try."""
    devices = [*TOTPDevice.objects.filter(user=user), *StaticDevice.objects.filter(user=user)]
    return any(not device.verify_is_allowed()[0] for device in devices)


def codes_left(user: User) -> int:
    """Return how many backup codes have not been used."""
    return StaticToken.objects.filter(device__user=user).count()


def fresh_codes(user: User) -> list[str]:
    """Store ten backup codes, as hashes, in the place of all others."""
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name="backup")
    codes = [one_code() for _ in range(BACKUP_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=stored(user, code)) for code in codes)
    return codes


def one_code() -> str:
    """Return a code such as "k7m2p-x9c4t": 50 bits, with nothing that is easily misread."""
    half = ["".join(secrets.choice(ALPHABET) for _ in range(5)) for _ in range(2)]
    # A code of digits alone would be taken for one of the app's.
    return one_code() if "".join(half).isdecimal() else "-".join(half)


def stored(user: User, code: str) -> str:
    """Return what is stored of a backup code."""
    plain = code.strip().lower().replace("-", "").replace(" ", "")
    return salted_hmac("backup code", f"{user.pk}:{plain}", algorithm="sha256").hexdigest()[:STORED]


def digits(code: str) -> str:
    """Return an app's code as it is compared."""
    return code.strip().replace(" ", "")


def record(user: User, transition: str, *, since: datetime | None, reason: str = "") -> None:
    """Write the change onto the person, and so into their history."""
    user.totp_since = since
    with audit.change(transition, reason):
        user.save(update_fields=["totp_since"])

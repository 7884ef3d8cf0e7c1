"""What makes sure that one form takes one booking: its page carries the reference that the booking will have."""

from typing import Any, Final

from django.core import signing
from django.http import HttpRequest

from bookings.models.booking import new_reference

SALT: Final = "bookings.add"


def new_key(user: Any) -> str:
    """Return the reference that the booking will have, in a form that nobody can choose. It can be used once."""
    return signing.dumps([user.pk, new_reference()], salt=SALT)


def reference_of(request: HttpRequest) -> str:
    """Return the reference in the posted key; nothing for no key, or for somebody else's."""
    try:
        person, reference = signing.loads(request.POST.get("key", ""), salt=SALT)
    except signing.BadSignature:
        return ""
    return str(reference) if person == request.user.pk else ""

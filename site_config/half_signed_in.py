"""Between the password and the code: somebody who has given one of two proofs is still nobody.

The middleware takes such a person off the request, so no page and no endpoint has to think of it.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse

from bookings import second_step
from bookings.models import User

# Where a session keeps for which app its code was given: another app needs another code.
PROVEN: Final = "innkeep.second_step"
HALF: Final = "innkeep.half_signed_in"
CODE, SET_UP = "code", "set up"


class Half(NamedTuple):
    """Whose password was right, and what is missing."""

    user: User
    waits_for: str


class Backend(ModelBackend):
    """Passwords as in Django. Whoever is signed in is read together with what the middleware below has to know."""

    def get_user(self, user_id: int) -> User | None:
        """Return who is signed in, in the one query that finds them."""
        user = second_step.with_requirement(User.objects.filter(pk=user_id)).first()
        return user if user is not None and self.user_can_authenticate(user) else None


class SecondStepMiddleware:
    """Treat whoever has not given the code, or has to set it up first, as not signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if user.is_authenticated and (waits_for := missing(request, user)):
            request.META[HALF] = Half(user, waits_for)
            request.user = AnonymousUser()
        return self.get_response(request)


def missing(request: HttpRequest, user: User) -> str:
    """Return what a person whose password was right still has to do; nothing when all is done."""
    if user.totp_since is not None:
        return "" if request.session.get(PROVEN) == proof_of(user) else CODE
    return SET_UP if second_step.is_missing(user) else ""


def proof_of(user: User) -> str:
    """Return what a session keeps of a code that was right."""
    return user.totp_since.isoformat() if user.totp_since else ""


def half_signed_in(request: HttpRequest) -> Half | None:
    """Return who has given the password only; None for everybody else."""
    half: Half | None = request.META.get(HALF)
    return half

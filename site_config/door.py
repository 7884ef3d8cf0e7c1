"""Who came in and who could not: Django and axes tell, and each time a record is made.

By signals, since that is what both of them offer; nothing but the record hangs on one.
"""

from typing import Any

from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest

from bookings import audit, second_step
from bookings.audit import ActorKind
from bookings.happenings import record_sign_in
from bookings.models import SignInKind, User


def connect() -> None:
    """Begin to record; called once, when every model is there."""
    user_logged_in.connect(came_in, dispatch_uid="site_config.door.in")
    user_logged_out.connect(left, dispatch_uid="site_config.door.out")
    user_login_failed.connect(failed, dispatch_uid="site_config.door.failed")
    user_locked_out.connect(locked, dispatch_uid="site_config.door.locked")


def came_in(request: HttpRequest, user: User, **_: Any) -> None:
    """A password was right; whoever has a second step, or must set one up, is not in yet."""
    has_more = user.totp_since is not None or second_step.is_missing(user)
    record(request, SignInKind.PASSWORD if has_more else SignInKind.SIGNED_IN, user)


def proven(request: HttpRequest, user: User) -> None:
    """The code was right, too."""
    record(request, SignInKind.SIGNED_IN, user)


def wrong_code(request: HttpRequest, user: User) -> None:
    """The password was right, the code was not."""
    record(request, SignInKind.CODE_FAILED, user, proven=False)


def left(request: HttpRequest, user: User | None, **_: Any) -> None:
    """Somebody signed out; a session that had run out belongs to nobody."""
    if user is not None:
        record(request, SignInKind.SIGNED_OUT, user)


def failed(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    """A wrong name or password; the password itself is kept nowhere."""
    record(request, SignInKind.FAILED, username=str(credentials.get("username", "")), proven=False)


def locked(request: HttpRequest, username: str = "", **_: Any) -> None:
    """Too many wrong passwords: this name has to wait, from this address."""
    record(request, SignInKind.LOCKED, username=username or "", proven=False)


def record(
    request: HttpRequest | None, kind: str, user: User | None = None, *, username: str = "", proven: bool = True
) -> None:
    """Write the record; only whoever has proven who they are acts in their own name. It is in nobody's way."""
    actor = audit.actor_of(request) if request else audit.current_actor()
    named = user.get_username() if user else username
    by = audit.Actor(
        kind=ActorKind.STAFF if user and proven else ActorKind.GUEST,
        user_id=user.pk if user and proven else None,
        ip=actor.ip,
        user_agent=actor.user_agent,
        request_id=actor.request_id,
    )
    with audit.acting(by):
        record_sign_in(kind, username=named)

"""What staff decide through a program of their own: the API, with an access token."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from django.test import Client

from bookings import access_tokens
from bookings.models import Booking
from tests.trail.surfaces import ALL, FROM, NOTE, UP, F, O, Path, Stage, captured, forgettable, gone


def paths() -> Iterator[Path]:
    """Yield every decision there is over the API, by everybody who may take it."""
    for name, who, ready, act, why in decisions():
        for role in who:
            yield Path("API", name, role, ready, act, reason=why)
    yield Path(
        "API, manage", "decline", F, Stage.waiting, manages("PATCH", action="reject", reason=NOTE), reason=NOTE
    )


def decisions() -> Iterator[tuple[str, tuple[str, ...], Any, Any, str]]:
    """Yield name, who may, what is needed, what is done, and the reason that is kept."""
    yield "approve", ALL, Stage.waiting, decides("approve"), ""
    yield "decline", ALL, Stage.waiting, decides("decline", reason=NOTE), NOTE
    yield "cancel", ALL, Stage.agreed, decides("cancel", reason=NOTE), NOTE
    yield "mark_paid", ALL, Stage.agreed, decides("mark-paid", method="Cash", note=NOTE), NOTE
    yield "refund", UP, captured, decides("refund", amount="100.00", reason=NOTE), NOTE
    yield "soft_delete", UP, lambda on: on.own.booking(), decides("soft-delete", reason=NOTE), NOTE
    yield "restore", UP, gone, decides("restore", reason=NOTE), NOTE
    yield "hard_delete", (O,), forgettable, manages("DELETE", reason=NOTE), NOTE


def decides(end: str, **body: str) -> Callable[[Stage, Booking], None]:
    """Take a decision at its own address."""

    def act(stage: Stage, booking: Booking) -> None:
        path = f"/api/staff/hotel/{booking.hotel.slug}/room-bookings/{booking.booking_id}/{end}/"
        sent(stage, "POST", path, body)

    return act


def manages(method: str, **body: str) -> Callable[[Stage, Booking], None]:
    """Take a decision at the address that older programs know."""

    def act(stage: Stage, booking: Booking) -> None:
        more = {"confirm": booking.booking_id} if method == "DELETE" else {}
        sent(stage, method, f"/api/booking/manage/{booking.booking_id}/", body | more)

    return act


def sent(stage: Stage, method: str, path: str, body: dict[str, str]) -> None:
    """Send one request with an access token of whoever acts."""
    _token, key = access_tokens.create(stage.person, name="Website", hotel=None, expires_at=None)
    headers = {"Authorization": f"Bearer {key}"}
    answer = Client(**FROM).generic(method, path, json.dumps(body), "application/json", headers=headers)
    assert answer.status_code == 200, answer.content

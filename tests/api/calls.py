"""Programs that call the API: a guest's, and the browser of a member of staff."""

import json
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from bookings import access_tokens
from bookings.models import Booking, User
from cancellations import tokens
from tests.api import document
from tests.factories import UserFactory

FORBIDDEN = {"success": False, "code": "ERR_FORBIDDEN", "error": "User not authorized"}
NOT_FOUND = {"success": False, "code": "ERR_NOT_FOUND", "error": "Booking not found"}


def address(booking: Booking, end: str = "") -> str:
    """The address of a booking, and of what is below it."""
    return f"/api/public/hotel/{booking.hotel.slug}/room-bookings/{booking.booking_id}/{end}"


def key_of(booking: Booking, hours: int = 24, **fields: Any) -> str:
    """A fresh key; `hours` says how long it works."""
    return tokens.reveal(tokens.issue(booking, expires_at=timezone.now() + timedelta(hours=hours), **fields))


class Program:
    """Speaks JSON. Every answer is compared with the API's own document."""

    def __init__(self, key: str = "", *, user: User | None = None, strict: bool = False, **headers: str) -> None:
        self.client = Client(enforce_csrf_checks=strict, raise_request_exception=False, headers=headers)
        self.headers = {"Authorization": f"Bearer {key}"} if key else {}
        if user:
            self.client.force_login(user)

    def get(self, path: str, **more: Any) -> Any:
        """Ask."""
        return self.checked(self.client.get(path, headers=self.headers | more.pop("headers", {}), **more))

    def post(self, path: str, body: Any = None, **more: Any) -> Any:
        """Act; the body is sent as JSON, if there is one."""
        headers = self.headers | more.pop("headers", {})
        if body is None:
            return self.checked(self.client.generic("POST", path, headers=headers, **more))
        return self.checked(self.client.post(path, body, "application/json", headers=headers, **more))

    def send(self, method: str, path: str, body: Any, **more: Any) -> Any:
        """Act by another method."""
        return self.checked(
            self.client.generic(method, path, json.dumps(body), "application/json", headers=self.headers, **more)
        )

    def checked(self, answer: Any) -> Any:
        """Return an answer that the document describes."""
        assert document.problems_of(answer) == []
        assert (answer["Cache-Control"], answer["Referrer-Policy"]) == ("no-store", "no-referrer")
        return answer


def guest(booking: Booking, hours: int = 24) -> Program:
    """The program of a booking's guest."""
    return Program(key_of(booking, hours))


def program(hotel: Any, role: str = "Manager", **token: Any) -> Program:
    """A program with the token of somebody of a hotel."""
    person = UserFactory(role=role, hotels=[hotel])
    _token, key = access_tokens.create(person, **{"name": "Website", "hotel": None, "expires_at": None, **token})
    return Program(key, strict=True)

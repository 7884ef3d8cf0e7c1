"""Every answer that Stripe's library gets from the simulator is held against Stripe's OpenAPI document.

A fixture in tests/conftest.py does so around each test, so that none can pass on an answer that Stripe's own
description does not allow. Webhooks are checked by the receivers that take them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
import stripe

from tests.simulator import openapi


@contextmanager
def answers() -> Iterator[None]:
    """Check the answers inside, whoever asked; AssertionError at the end, since a worker survives any error."""
    if openapi.location() is None:
        yield
        return
    found: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stripe.RequestsClient, "request", _checking(found))
        yield
    assert found == [], f"answered what Stripe does not: {found[:5]}"


def _checking(found: list[str]) -> Any:
    plain = stripe.RequestsClient.request

    def request(self: Any, method: str, url: str, headers: Any, post_data: Any = None) -> Any:
        text, status, answered = plain(self, method, url, headers, post_data)
        found.extend(complaints(method.upper(), urlsplit(url).path, status, text))
        return text, status, answered

    return request


def complaints(method: str, path: str, status: int, text: str | bytes) -> list[str]:
    """What Stripe's document says against an answer; nothing against the fault "malformed", which is no JSON."""
    try:
        body = json.loads(text)
    except ValueError:
        return []
    return openapi.answer_problems(method, path, status, body)

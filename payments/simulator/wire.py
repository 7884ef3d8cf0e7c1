"""Requests and answers between the socket and the rest."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs


@dataclass(frozen=True)
class Request:
    """What arrived; header names in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text; bytes that aren't UTF-8 are replaced, and then refused as unknown values."""
        return self.body.decode("utf-8", "replace")

    def form(self) -> dict[str, str]:
        """The last value of each field of a submitted page."""
        return {key: values[-1] for key, values in parse_qs(self.text, keep_blank_values=True).items()}

    def query_value(self, name: str, default: str = "") -> str:
        """The last value of a query parameter."""
        return parse_qs(self.query, keep_blank_values=True).get(name, [default])[-1]


@dataclass
class Reply:
    """What is sent; `drop` closes the connection instead."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False


def as_json(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
    """A JSON answer."""
    body = json.dumps(value, indent=2).encode()
    return Reply(status, body, {"Content-Type": "application/json", **(headers or {})})


def redirect(location: str) -> Reply:
    """303: the browser goes on with GET."""
    return Reply(303, b"", {"Location": location, "Cache-Control": "no-store"})

"""Decodes the form encoding of Stripe's SDKs: `a[b][0][c]=x`, `expand[]=y`."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

from payments.simulator.errors import invalid

_KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)\Z")


def decode(encoded: str) -> dict[str, Any]:
    """Nested dictionaries of strings; list positions stay keys ("0", "1") until a schema asks for a list."""
    root: dict[str, Any] = {}
    for key, value in parse_qsl(encoded, keep_blank_values=True):
        _place(root, _path(key), value, key)
    return root


def readable(value: Any) -> Any:
    """Decoded parameters with lists as lists, for the request log."""
    if not isinstance(value, dict):
        return value
    if value and list(value) == [str(place) for place in range(len(value))]:
        return [readable(item) for item in value.values()]
    return {key: readable(item) for key, item in value.items()}


def _path(key: str) -> list[str]:
    match = _KEY.match(key)
    if match is None:
        raise invalid(f"Invalid parameter name: {key}", param=key)
    return [match.group(1), *re.findall(r"\[([^\[\]]*)\]", match.group(2))]


def _place(root: dict[str, Any], path: list[str], value: str, key: str) -> None:
    node = root
    for part in path[:-1]:
        child = node.setdefault(_position(node, part), {})
        if not isinstance(child, dict):
            raise invalid(f"Invalid parameter: {key} is both a value and a hash", param=key)
        node = child
    last = _position(node, path[-1])
    if isinstance(node.get(last), dict):
        raise invalid(f"Invalid parameter: {key} is both a value and a hash", param=key)
    node[last] = value


def _position(node: dict[str, Any], part: str) -> str:
    """`[]` appends."""
    return part or str(len(node))

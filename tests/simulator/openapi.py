"""Checks a value against Stripe's published OpenAPI schema; only what that schema uses is implemented."""

from __future__ import annotations

import importlib.util
import json
import os
from functools import cache
from pathlib import Path
from typing import Any

_TYPES: dict[str, tuple[type, ...]] = {
    "array": (list,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "object": (dict,),
    "string": (str,),
}


def location() -> Path | None:
    """Where spec3.json is: STRIPE_OPENAPI, or the installed package `seahaven-stripe-world`."""
    if "STRIPE_OPENAPI" in os.environ:
        return Path(os.environ["STRIPE_OPENAPI"])
    found = importlib.util.find_spec("seahaven_stripe_world")
    if found is None or found.origin is None:
        return None
    return Path(found.origin).parent / "spec" / "spec3.json"


@cache
def schemas() -> dict[str, Any]:
    """All component schemas."""
    path = location()
    if path is None:
        raise LookupError("set STRIPE_OPENAPI to Stripe's spec3.json")
    loaded: dict[str, Any] = json.loads(path.read_text())["components"]["schemas"]
    return loaded


def problems(value: Any, schema: dict[str, Any], where: str) -> list[str]:
    """What is wrong with `value`, keys that the schema doesn't know included."""
    if "$ref" in schema:
        return problems(value, schemas()[schema["$ref"].rsplit("/", 1)[1]], where)
    if value is None:
        return [] if schema.get("nullable") or _is_anything(schema) else [f"{where} is null"]
    if "anyOf" in schema:
        return _any_of(value, schema["anyOf"], where)
    return _typed(value, schema, where)


def _is_anything(schema: dict[str, Any]) -> bool:
    return not ({"type", "anyOf", "enum"} & set(schema))


def _any_of(value: Any, options: list[dict[str, Any]], where: str) -> list[str]:
    """The complaints of the option that complains least."""
    return min((problems(value, option, where) for option in options), key=len)


def _typed(value: Any, schema: dict[str, Any], where: str) -> list[str]:
    kind = schema.get("type")
    if kind and (not isinstance(value, _TYPES[kind]) or (kind == "integer" and isinstance(value, bool))):
        return [f"{where} is {value!r}, not {kind}"] * 100
    found = []
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{where} is {value!r}, not one of {schema['enum']}")
    if kind == "array":
        for index, item in enumerate(value):
            found += problems(item, schema.get("items", {}), f"{where}[{index}]")
    if kind == "object":
        found += _object(value, schema, where)
    return found


def _object(value: dict[str, Any], schema: dict[str, Any], where: str) -> list[str]:
    known = schema.get("properties", {})
    found = [f"{where}.{name} is missing" for name in schema.get("required", []) if name not in value]
    for name, item in value.items():
        if name in known:
            found += problems(item, known[name], f"{where}.{name}")
        elif isinstance(schema.get("additionalProperties"), dict):
            found += problems(item, schema["additionalProperties"], f"{where}.{name}")
        elif known:
            found.append(f"{where}.{name} is unknown")
    return found

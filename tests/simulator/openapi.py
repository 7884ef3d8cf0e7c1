"""Checks a value against Stripe's published OpenAPI schema; only what that schema uses is implemented."""

from __future__ import annotations

import importlib.util
import json
import os
import re
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
# The schema's file is of version 2026-08-26; these came with 2026-10-28, which the SDK pins.
_NEWER = re.compile(r".*\.allowed_payment_method_types\b")


def location() -> Path | None:
    """Where spec3.json is: STRIPE_OPENAPI, or the installed package `seahaven-stripe-world`."""
    if "STRIPE_OPENAPI" in os.environ:
        return Path(os.environ["STRIPE_OPENAPI"])
    found = importlib.util.find_spec("seahaven_stripe_world")
    if found is None or found.origin is None:
        return None
    return Path(found.origin).parent / "spec" / "spec3.json"


@cache
def document() -> dict[str, Any]:
    """The whole document; LookupError when it isn't here."""
    path = location()
    if path is None:
        raise LookupError("set STRIPE_OPENAPI to Stripe's spec3.json")
    loaded: dict[str, Any] = json.loads(path.read_text())
    return loaded


def schemas() -> dict[str, Any]:
    """All component schemas."""
    found: dict[str, Any] = document()["components"]["schemas"]
    return found


@cache
def template(method: str, path: str) -> str | None:
    """The documented address that an address is of: the one with the fewest placeholders."""
    fitting = [
        known
        for known, methods in document()["paths"].items()
        if method.lower() in methods and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", known), path)
    ]
    return min(fitting, key=lambda known: known.count("{"), default=None)


def answer_problems(method: str, path: str, status: int, body: Any) -> list[str]:
    """What is wrong with an answer, by the documentation of its address; events are looked into as well."""
    known = template(method, path)
    if status != 200:
        return _complaints(body, schemas()["error"], f"{status} {method} {path}")
    if known is None:
        return [f"{method} {path} is not an address of Stripe's"]
    described = document()["paths"][known][method.lower()]["responses"]["200"]
    schema = described["content"]["application/json"]["schema"]
    found = _complaints(body, schema, f"{method} {known}")
    return found + [text for event in _events(body) for text in object_problems(event["data"]["object"])]


def _events(body: Any) -> list[Any]:
    rows = body["data"] if body["object"] == "list" else [body]
    return [row for row in rows if row["object"] == "event"]


def object_problems(value: Any, name: str | None = None) -> list[str]:
    """What is wrong with an object of the API; an event's own object is looked into as well."""
    name = name or str(value["object"])
    inside = object_problems(value["data"]["object"]) if name == "event" else []
    return _complaints(value, schemas()[name], name) + inside


def _complaints(value: Any, schema: dict[str, Any], where: str) -> list[str]:
    return [text for text in problems(value, schema, where) if not _NEWER.match(text)]


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
    if kind == "string" and len(value) > schema.get("maxLength", len(value)):
        found.append(f"{where} is longer than {schema['maxLength']}")
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

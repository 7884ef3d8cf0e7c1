"""The API's own OpenAPI document, and what an answer has that it does not describe."""

import json
from datetime import date, datetime
from functools import cache
from typing import Any

from site_config.api import api

TYPES: dict[str, Any] = {
    "string": str,
    "integer": int,
    "boolean": bool,
    "array": list,
    "object": dict,
    "null": type(None),
}
FORMATS: dict[str, Any] = {"date": date.fromisoformat, "date-time": datetime.fromisoformat}


@cache
def document() -> dict[str, Any]:
    """The document as programs get it."""
    made: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema()))
    return made


def problems_of(answer: Any) -> list[str]:
    """What is wrong with an answer, by the description of its address, method and status."""
    request, match = answer.wsgi_request, answer.wsgi_request.resolver_match
    path = "/" + match.route.replace("<", "{").replace(">", "}") if match else ""
    body = json.loads(answer.content)
    known = document()["paths"].get(path, {}).get(request.method.lower())
    if known is None:
        return problems(body, {"$ref": "#/components/schemas/Problem"}, path, closed=False)
    described = known["responses"].get(str(answer.status_code))
    if described is None:
        return [f"{request.method} {path} never answers {answer.status_code}"]
    return problems(body, described["content"]["application/json"]["schema"], f"{answer.status_code} {path}")


def problems(value: Any, schema: dict[str, Any], where: str, *, closed: bool = True) -> list[str]:
    """What is wrong with a value; in a closed object a key that is not described is wrong, too."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return problems(value, document()["components"]["schemas"][name], where, closed=closed)
    if "anyOf" in schema:
        return min((problems(value, each, where) for each in schema["anyOf"]), key=len)
    if "const" in schema and value != schema["const"]:
        return [f"{where} is {value!r}, not {schema['const']!r}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{where} is {value!r}, none of {schema['enum']}"]
    kind = schema.get("type")
    if kind and (not isinstance(value, TYPES[kind]) or (kind == "integer" and isinstance(value, bool))):
        return [f"{where} is {value!r}, no {kind}"]
    if schema.get("format") in FORMATS:
        FORMATS[schema["format"]](value)
    return inside(value, schema, where, closed=closed)


def inside(value: Any, schema: dict[str, Any], where: str, *, closed: bool) -> list[str]:
    """What is wrong with the parts of a value."""
    if isinstance(value, list):
        return [
            each for index, item in enumerate(value) for each in problems(item, schema["items"], f"{where}[{index}]")
        ]
    if not isinstance(value, dict):
        return []
    known, rest = schema.get("properties", {}), schema.get("additionalProperties")
    found = [f"{where}.{name} is missing" for name in schema.get("required", []) if name not in value]
    for name, item in value.items():
        if name in known or isinstance(rest, dict):
            found += problems(item, known.get(name, rest), f"{where}.{name}")
        elif closed:
            found.append(f"{where}.{name} is not described")
    return found

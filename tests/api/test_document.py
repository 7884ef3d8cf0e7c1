"""The OpenAPI document says all there is, and its page needs nothing from elsewhere."""

import re

import pytest
from django.test import Client

from bookings.api_errors import STATUS, Code
from site_config.api import DESCRIPTION
from tests.api.document import document, problems

HOTEL = "/api/public/hotel/{slug}/room-bookings/{booking_id}/"
CLIENT = "/api/booking/client/{booking_id}/"
DESK = "/api/staff/hotel/{slug}/room-bookings/"
MANAGE = "/api/booking/manage/"
DEEDS = ("approve", "decline", "cancel", "refund", "mark-paid", "soft-delete", "restore")


def operations():
    """Each operation by its method and path."""
    return {(method, path): each for path, item in document()["paths"].items() for method, each in item.items()}


def test_the_document_is_open_to_all_and_lists_every_address():
    answer = Client().get("/api/openapi.json")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert answer.json() == document()
    assert document()["openapi"].startswith("3.1.")
    assert set(operations()) == {
        ("get", HOTEL),
        ("post", HOTEL),
        ("post", f"{HOTEL}cancel/"),
        ("post", f"{HOTEL}payment/session/"),
        ("post", f"{HOTEL}payment/retry/"),
        ("get", f"{HOTEL}payment/status/"),
        ("get", f"{HOTEL}payment/verify/"),
        ("get", CLIENT),
        ("post", f"{CLIENT}cancel/"),
        ("get", DESK),
        ("post", DESK),
        ("get", f"{DESK}{{booking_id}}/"),
        *(("post", f"{DESK}{{booking_id}}/{end}/") for end in DEEDS),
        ("get", MANAGE),
        *((method, f"{MANAGE}{{booking_id}}/") for method in ("get", "patch", "delete")),
    }


def test_only_the_old_address_is_deprecated():
    assert [key for key, each in operations().items() if each.get("deprecated")] == [("post", f"{HOTEL}cancel/")]


@pytest.mark.parametrize("operation", operations().values(), ids=lambda each: each["operationId"])
def test_every_answer_has_its_shape_and_every_operation_says_what_it_does(operation):
    assert operation["description"]
    for status, answer in operation["responses"].items():
        assert answer["content"]["application/json"]["schema"], status
    assert {"200", "429"} <= set(operation["responses"])


@pytest.mark.parametrize(("key", "operation"), operations().items(), ids=str)
def test_who_may_call_is_said(key, operation):
    schemes = [name for each in operation.get("security", []) for name in each]
    path = key[1]
    if path.startswith(CLIENT):
        assert schemes == []
    elif path.startswith((DESK, MANAGE)):
        assert schemes == ["Staff"]
    elif "/payment/" in path:
        assert schemes == ["PayingKey", "StaffSession"]
    else:
        assert schemes == ["GuestKey" if key[0] == "get" else "CancellingKey"]
    assert set(schemes) <= set(document()["components"]["securitySchemes"])


def test_every_code_is_described_with_its_status():
    described = dict(re.findall(r"^\| `(ERR_\w+)` \| ([\d, ]+) \|", DESCRIPTION, re.MULTILINE))
    assert set(described) == set(Code)
    for code, status in STATUS.items():
        assert str(status) in described[code].split(", ")
    assert document()["components"]["schemas"]["Code"]["enum"] == list(Code)


def test_the_page_loads_nothing_from_elsewhere():
    answer = Client().get("/api/docs")
    page = answer.content.decode()
    assert (answer.status_code, "unsafe" in answer["Content-Security-Policy"]) == (200, False)
    sources = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(sources) >= 4
    assert all(source.startswith("/static/ninja/") for source in sources)
    assert '"validatorUrl": null' in page


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, []),
        ({"success": True}, ["x.success is True, not False"]),
        ({"code": "ERR_OTHER"}, [f"x.code is 'ERR_OTHER', none of {[str(code) for code in Code]}"]),
        ({"error": 1}, ["x.error is 1, no string"]),
        ({"trace": "…"}, ["x.trace is not described"]),
    ],
)
def test_what_an_answer_has_beside_its_description_is_found(change, told):
    answer = {"success": False, "code": "ERR_STATE", "error": "…", **change}
    assert problems(answer, {"$ref": "#/components/schemas/Problem"}, "x") == told
    assert problems({}, {"$ref": "#/components/schemas/Problem"}, "x") == [
        "x.success is missing",
        "x.code is missing",
        "x.error is missing",
    ]

"""Whatever goes wrong below /api/ is JSON in one shape, and none of it is a 5xx."""

import json
import re
from pathlib import Path

import pytest
from django.test import Client

from bookings.api_errors import STATUS, Code
from cancellations import api_shapes
from tests.api.calls import Program, address, guest, key_of
from tests.guest.browser import rows
from tests.logged import logged
from tests.stays import submitted

pytestmark = pytest.mark.django_db

CHECKOUT = Path(__file__).parents[2]
NOWHERE = {"success": False, "code": "ERR_NOT_FOUND", "error": "There is nothing at this address."}


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete", "options"])
@pytest.mark.parametrize(
    "path",
    [
        "/api/",
        "/api/nowhere",
        "/api/nowhere/",
        "/api/public/hotel/x/room-bookings/",
        "/api/public/hotel/x/room-bookings/ABCDEFGH23/refund/",
        "/api/public/hotel/x/room-bookings/ABCDEFGH23",
        "/api/booking/client/",
        "/api/\N{LOCK}/%F0%9F",
    ],
)
def test_an_unknown_address_is_404_for_every_method(path, method):
    answer = getattr(Client(enforce_csrf_checks=True), method)(path)
    assert (answer.status_code, answer["Content-Type"], answer.json()) == (404, "application/json", NOWHERE)


@pytest.mark.parametrize(
    ("method", "end", "allowed"),
    [
        ("put", "", "GET, POST"),
        ("delete", "", "GET, POST"),
        ("head", "", "GET, POST"),
        ("get", "cancel/", "POST"),
        ("get", "payment/session/", "POST"),
        ("get", "payment/retry/", "POST"),
        ("post", "payment/verify/", "GET"),
        ("post", "payment/status/", "GET"),
    ],
)
def test_a_wrong_method_is_405_and_says_which_are_right(method, end, allowed):
    booking = submitted()
    program = guest(booking)
    before = rows()
    answer = getattr(program.client, method)(address(booking, end), headers=program.headers)
    assert (answer.status_code, sorted(answer["Allow"].split(", "))) == (405, allowed.split(", "))
    if method != "head":
        assert answer.json() == {
            "success": False,
            "code": "ERR_VALIDATION",
            "error": "This address does not take this method.",
        }
    assert rows() == before


def test_the_webhook_answers_in_the_same_shape():
    path = "/api/public/hotel/room-bookings/stripe-webhook/"
    assert Client().get(path).json()["code"] == "ERR_VALIDATION"
    assert Client().post(path, "{}", "application/json").json() == {
        "success": False,
        "code": "ERR_WEBHOOK",
        "error": "Invalid Stripe Signature",
    }


JSON = "application/json"
NOT_JSON = "The body is not valid JSON."
BODIES = [
    (b"{", JSON, 400, NOT_JSON),
    (b"\xff\xfe", JSON, 400, NOT_JSON),
    (b'{"reason": NaN}', JSON, 400, NOT_JSON),
    (b'{"reason": "\\ud800"}', JSON, 400, NOT_JSON),
    (b'{"reason": "' + b"\x00" + b'"}', JSON, 400, NOT_JSON),
    (b"[" * 5000, JSON, 400, NOT_JSON),
    (b'{"a":' * 5000, JSON, 400, NOT_JSON),
    (b'{"reason": "' + b"x" * 70_000 + b'"}', JSON, 400, "The body is larger than 64 KiB."),
    (b" " * 3_000_000, JSON, 400, "The body is larger than 64 KiB."),
    (b"reason=Ill", "application/x-www-form-urlencoded", 400, "Send the body as application/json."),
    (b'{"reason": "Ill"}', "text/plain", 400, "Send the body as application/json."),
    (b'{"reason": "Ill"}', "", 400, "Send the body as application/json."),
    (
        b'--x\r\ncontent-disposition: form-data; name="a"\r\n\r\nb\r\n--x--',
        "multipart/form-data; boundary=x",
        400,
        "Send",
    ),
    (b"[]", JSON, 422, "Please check: body."),
    (b'"Ill"', JSON, 422, "Please check: body."),
    (b"1e999999", JSON, 422, "Please check: body."),
    (b'{"reason": 1' + b"0" * 5000 + b"}", JSON, 400, NOT_JSON),
    (b'{"reason": 1' + b"0" * 400 + b"}", JSON, 422, "Please check: reason."),
    (b'{"reason": 1e999999}', JSON, 422, "Please check: reason."),
    (b'{"reason": "\\u0000"}', JSON, 422, "Please check: reason."),
    (b'{"reason": ["a"], "quote": {}}', JSON, 422, "Please check: reason, quote."),
    (b'{"reason": "' + b"x" * 501 + b'"}', JSON, 422, "Please check: reason."),
    (b'{"quote": "' + b"x" * 601 + b'"}', JSON, 422, "Please check: quote."),
]


@pytest.mark.parametrize(("body", "kind", "status", "words"), BODIES)
@pytest.mark.parametrize("end", ["", "cancel/"])
def test_a_body_that_is_not_understood_changes_nothing(body, kind, status, words, end):
    booking = submitted()
    program = guest(booking)
    before = rows()
    headers = {**program.headers, "Content-Type": kind}
    answer = program.client.generic("POST", address(booking, end), body, kind, headers=headers)
    said = answer.json()
    assert (answer.status_code, said["code"]) == (status, "ERR_VALIDATION")
    assert said["error"].startswith(words)
    assert ("fields" in said) is (status == 422)
    assert rows() == before


@pytest.mark.parametrize(("body", "kind", "status", "words"), BODIES)
def test_nor_does_one_for_anybody(body, kind, status, words):
    before = rows()
    answer = Client().generic("POST", "/api/booking/client/ABCDEFGH23/cancel/", body, kind)
    assert (answer.status_code, answer.json()["code"]) == (status, "ERR_VALIDATION")
    assert rows() == before


def test_a_missing_body_is_told_as_such():
    answer = Program().post("/api/booking/client/ABCDEFGH23/cancel/")
    assert (answer.status_code, answer.json()["error"]) == (422, "Please check: body.")


@pytest.mark.parametrize("path", ["/api/%00", "/api/booking/client/a%00b/", "/api/booking/client/a/?token=%00"])
def test_a_nul_character_is_400(path):
    answer = Client().get(path)
    assert (answer.status_code, answer.json()["error"]) == (400, "A NUL character is not allowed.")


def test_a_wrong_host_is_400_in_the_same_shape():
    answer = Client().get("/api/openapi.json", headers={"Host": "evil.example"})
    assert (answer.status_code, answer.json()["code"]) == (400, "ERR_VALIDATION")


def test_a_fault_of_ours_is_500_without_a_word_about_it(monkeypatch):
    def breaks(booking, **_):
        raise RuntimeError(f"secret detail of {booking}")

    monkeypatch.setattr(api_shapes, "booking_answer", breaks)
    booking = submitted()
    with logged() as log:
        answer = guest(booking).client.get(address(booking), query_params={"token": key_of(booking)})
    assert (answer.status_code, answer.json()) == (
        500,
        {"success": False, "code": "ERR_INTERNAL", "error": "Something went wrong here. It has been noted."},
    )
    assert log.one("http.error")["status"] == 500
    assert "secret detail" not in log.text


def test_every_code_in_the_product_is_in_the_one_list():
    used = set()
    for folder in ("bookings", "payments", "cancellations", "trail", "site_config", "templates"):
        for file in (CHECKOUT / folder).rglob("*"):
            if file.suffix in (".py", ".html", ".js"):
                used |= set(re.findall(r"ERR_[A-Z_]+", file.read_text()))
    assert used == set(Code) == set(STATUS)


def test_words_are_in_the_language_that_was_asked_for_or_the_booking_s(settings):
    settings.LANGUAGES = [("en", "English"), ("de", "German")]
    booking = submitted(guest_language="de")
    key = key_of(booking)
    seen = [
        Program(key).get(address(booking))["Content-Language"],
        Program(key, accept_language="en").get(address(booking))["Content-Language"],
    ]
    assert seen == ["de", "en"]


def test_one_shape_for_all():
    booking = submitted()
    answers = [
        Client().get("/api/x/"),
        Client().get(address(booking)),
        Program("ikg_x").get(address(booking)),
        Client().put(address(booking)),
    ]
    for answer in answers:
        assert list(json.loads(answer.content))[:3] == ["success", "code", "error"]

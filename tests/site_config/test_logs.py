"""Each line is one JSON object that says when, where, within which request and for whom, and nothing it must not."""

import io
import json
import logging
import re

import pytest
import structlog
from django.core.exceptions import SuspiciousOperation
from django.test import Client, RequestFactory

from bookings import audit
from bookings.audit import Actor, ActorKind
from cancellations import identity
from site_config import logs
from site_config.demo.logs import LogWatch
from tests.factories import UserFactory
from tests.logged import CANARIES, logged, watched
from tests.words import has_word

logger = structlog.get_logger("payments.somewhere")
STAFF = Actor(ActorKind.STAFF, 7, "192.0.2.1", "Desk", "request-of-staff")


def test_line_has_a_head_and_the_events_own_fields():
    with logged() as log, audit.acting(STAFF):
        logger.info("payment.captured", booking="ABCDEFGH23", amount=34000, currency="EUR")
    (line,) = log.lines
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line.pop("timestamp"))
    assert list(line.items()) == [
        ("level", "info"),
        ("event", "payment.captured"),
        ("logger", "payments.somewhere"),
        ("request_id", "request-of-staff"),
        ("actor", "staff"),
        ("user_id", 7),
        ("booking", "ABCDEFGH23"),
        ("amount", 34000),
        ("currency", "EUR"),
    ]


def test_a_caller_cannot_say_for_whom_it_logs():
    with logged() as log:
        logger.info("x.y", actor="staff", user_id=1, request_id="other", level="none")
    line = log.lines[0]
    assert (line["actor"], line["user_id"], line["request_id"], line["level"]) == ("command", None, "", "info")


def test_the_standard_librarys_lines_look_the_same():
    with logged() as log, audit.acting(STAFF):
        logging.getLogger("some.library").warning("no answer from %s", "ada@guest.example")
    line = log.lines[0]
    assert (line["event"], line["level"], line["logger"]) == ("no answer from [e-mail]", "warning", "some.library")
    assert (line["request_id"], line["actor"], line["user_id"]) == ("request-of-staff", "staff", 7)


@pytest.mark.parametrize("value", ["two\nlines", "\u2028", "a\0b", "\ud800", '"}', "🛏"])
def test_whatever_a_value_holds_it_stays_one_line(value):
    with logged() as log:
        logger.info("x.y", value=value)
    assert log.text.count("\n") == 1
    assert log.lines[0]["value"] == value


def broken(guest_name):
    """Fail with a message and a local variable that say who the guest is."""
    try:
        raise LookupError(f"no room for {guest_name}")
    except LookupError as error:
        raise ValueError(f"cannot book {guest_name}") from error


def test_traceback_tells_types_and_places_but_no_values():
    with logged() as log:
        try:
            broken("Ada Guest")
        except ValueError:
            logger.exception("x.broken")
    (line,) = log.lines
    outer, inner = line["exception"]
    assert (outer["type"], inner["type"]) == ("builtins.ValueError", "builtins.LookupError")
    places = [re.sub(r":\d+ ", ":… ", frame) for frame in outer["frames"]]
    assert places == [
        "tests/site_config/test_logs.py:… test_traceback_tells_types_and_places_but_no_values",
        "tests/site_config/test_logs.py:… broken",
    ]
    assert not has_word(log.text, "Ada")


def test_an_endless_chain_of_exceptions_ends():
    first, second = ValueError(), LookupError()
    first.__cause__, second.__cause__ = second, first
    assert [each["type"] for each in logs.told(first)] == [
        *("builtins.ValueError", "builtins.LookupError") * 2,
        "builtins.ValueError",
    ]


def test_installed_packages_are_named_without_this_machines_folders():
    assert logs.short("/x/.venv/lib/python3.13/site-packages/stripe/_error.py") == "stripe/_error.py"
    assert logs.short(str(logs.CHECKOUT / "payments/gateway.py")) == "payments/gateway.py"


def test_a_line_that_cannot_be_written_is_told_without_its_values():
    stream = io.StringIO()
    handler = logs.Stderr(stream)
    handler.setFormatter(logs.formatter("json"))
    handler.handle(logging.makeLogRecord({"name": "some.library", "msg": "%d rooms for %s", "args": ("Ada",)}))
    assert json.loads(stream.getvalue()) == {
        "level": "error",
        "event": "log.failed",
        "logger": "some.library",
        "error": "TypeError",
    }


def test_console_form_is_for_a_persons_eyes():
    with logged("console") as log, audit.acting(STAFF):
        logger.info("payment.captured", booking="ABCDEFGH23", amount=34000, code=None)
        try:
            broken("Ada Guest")
        except ValueError:
            logger.exception("x.broken")
    first, second, *places = log.text.splitlines()
    head = r"\d\d:\d\d:\d\d \[{} *\] {} +\[payments\.somewhere\] request_id=request-of-staff actor=staff user_id=7"
    assert re.fullmatch(head.format("info", "payment.captured") + " booking=ABCDEFGH23 amount=34000", first)
    assert re.fullmatch(head.format("error", "x.broken"), second)
    assert places[0] == "  builtins.ValueError"
    assert places[1].startswith("    tests/site_config/test_logs.py:")
    assert not has_word(log.text, "Ada")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "route", "status"),
    [
        ("/booking/manage/ikg_SECRETSECRET/?x=ada@guest.example", "/booking/manage/<str:key>/", 403),
        ("/booking/manage/ikg_SECRETSECRET/typing-error", None, 404),
        ("/booking/?reference=SECRETSECRET", "/booking/", 200),
        ("/SECRETSECRET", None, 404),
        ("/?SECRETSECRET=%00", None, 400),
        ("/static/SECRETSECRET.css", None, 404),
    ],
)
def test_access_line_has_the_pattern_of_the_address_and_never_the_address(path, route, status):
    with logged() as log:
        answer = Client(REMOTE_ADDR="198.51.100.7").get(path, headers={"X-Request-Id": "edge-12345678"})
    said = log.one("http.request")
    assert said.pop("ms") >= 0
    assert said == {"method": "GET", "route": route, "status": status}
    assert (answer["X-Request-Id"], log.of("http.request")[0]["request_id"]) == ("edge-12345678", "edge-12345678")
    assert "SECRETSECRET" not in log.text
    assert "198.51.100.7" not in log.text


@pytest.mark.django_db
def test_access_line_names_staff_by_number():
    person, browser = UserFactory(), Client()
    browser.force_login(person)
    with logged() as log:
        browser.get("/admin/")
    line = log.of("http.request")[-1]
    assert (line["actor"], line["user_id"], line["route"]) == ("staff", person.pk, "/admin/")


@pytest.mark.django_db
def test_style_sheets_have_no_line():
    with logged() as log:
        answer = Client().get("/static/innkeep/favicon.svg")
        answer.close()
    assert answer.status_code == 200
    assert log.text == ""


@pytest.mark.django_db
@pytest.mark.parametrize("error", [RuntimeError("SECRETSECRET"), SuspiciousOperation("SECRETSECRET")])
def test_what_breaks_in_a_view_is_told_without_its_words(monkeypatch, error):
    def fail(**_):
        raise error

    monkeypatch.setattr(identity, "ask_for_link", fail)
    browser = Client(raise_request_exception=False)
    with logged() as log:
        browser.post("/booking/", {"reference": "SECRETSECRET", "contact": "ada@guest.example"})
    line = log.of("http.error")[0]
    assert (line["route"], line["method"], line["level"]) == ("/booking/", "POST", "error")
    assert line["exception"][0]["type"].endswith(type(error).__name__)
    assert line["request_id"] == log.of("http.request")[0]["request_id"]
    assert "SECRETSECRET" not in log.text


@pytest.mark.django_db
def test_a_forged_form_is_told_without_the_address_it_claims():
    headers = {"Referer": "http://evil.example/booking/manage/ikg_SECRETSECRET/", "Origin": "http://evil.example"}
    with logged() as log:
        answer = Client(enforce_csrf_checks=True).post("/booking/", {"reference": "SECRETSECRET"}, headers=headers)
    assert answer.status_code == 403
    assert log.one("http.refused") == {"method": "POST", "route": "/booking/", "status": 403, "kind": "csrf"}
    assert "SECRETSECRET" not in log.text


def test_servers_own_access_lines_are_not_written():
    with logged() as log:
        logging.getLogger("django.server").error("GET /booking/manage/ikg_SECRETSECRET/ 500")
        logging.getLogger("gunicorn.access").error("GET /booking/manage/ikg_SECRETSECRET/ 500")
    assert log.text == ""


def test_request_without_a_page_has_no_route():
    assert logs.route_of(RequestFactory().get("/anything")) is None


def test_the_demo_shows_what_went_wrong_and_nothing_else(tmp_path):
    path = tmp_path / "web.log"
    watch = LogWatch(path)
    with logged("console") as log, audit.acting(STAFF):
        logger.info("payment.captured")
        logger.warning("operation.refused")
        logger.error("http.error")
    path.write_text(log.text)
    (problem,) = watch.problems()
    assert re.fullmatch(r"web: \d\d:\d\d:\d\d \[error *\] http\.error .*", problem)


@pytest.mark.parametrize("mark", CANARIES)
def test_every_test_looks_for_people_and_secrets_in_the_log(mark, monkeypatch):
    monkeypatch.setattr(logs, "redacted", lambda value: value)
    monkeypatch.setattr(logs, "redact", lambda text: text)
    logger = logging.getLogger("careless")
    with watched() as found:
        canary = logging.getLogger().handlers[-1]
        logger.info("a line about %s", mark)
    assert len(found) == 1
    for handler in logging.getLogger().handlers:  # the one of this very test has seen it, too
        if isinstance(handler, type(canary)):
            handler.found.clear()

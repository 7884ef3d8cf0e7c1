"""Odd and ordinary requests made from the OpenAPI document, and what is wrong with a live server's answers."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import FailureGroup

from bookings.models import Booking
from cancellations.models import TryCount
from tests.api.document import document
from tests.factories import days_ahead
from tests.fuzz import scene as scenes
from tests.fuzz.scene import UNKNOWN, Scene, written

load_all_checks()
ANSWERS: Final = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
REFUSED: Final = 400
# What the web server refuses before the product sees it: an address above 4,094 bytes.
TOO_LONG: Final = 414
DESK: Final = ("/api/staff/", "/api/booking/manage/")
OPEN: Final = "/api/booking/client/"
SECONDS: Final = 30
MOST_TOLD: Final = 25
# A request that cannot be put on the wire is none.
UNSENDABLE: Final = (requests.exceptions.InvalidHeader, requests.exceptions.InvalidURL, UnicodeError)


@dataclass
class Fuzz:
    """One run: what was sent, what came back, and what was wrong with it."""

    server: str
    scene: Scene
    cases: int
    number: int
    sent: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)
    browser: requests.Session = field(default_factory=requests.Session)
    before: dict[str, tuple[Any, ...]] = field(default_factory=written)

    def run(self, operation: Any) -> None:
        """Send the cases of one operation: ordinary ones and odd ones."""
        for mode in GenerationMode:
            self.run_mode(operation, mode)

    def run_mode(self, operation: Any, mode: GenerationMode) -> None:
        """Send the cases of one kind, each in every caller's name: to make one takes ten times as long as to send it.

        Hypothesis only makes them: what is wrong is noted, not raised.
        """

        @seed(self.number)
        @settings(
            max_examples=self.cases,
            database=None,
            deadline=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode), data=st.data())
        def each(case: Any, data: Any) -> None:
            TryCount.objects.all().delete()
            places, headers, body = case.path_parameters or {}, case.headers or {}, case.body
            for caller in scenes.CALLERS:
                # Each of them aims it elsewhere.
                case.path_parameters, case.headers = dict(places), dict(headers)
                case.body = dict(body) if isinstance(body, dict) else body
                self.send(case, data, caller)

        try:
            each()
        except Unsatisfiable:  # there is nothing about this operation that could be wrong
            self.sent["nothing to get wrong"] += 1

    def send(self, case: Any, data: Any, caller: str) -> None:
        """Aim a request at something that is there, send it, and look at the answer."""
        name = data.draw(st.sampled_from(sorted(self.scene.pool)))
        booking = self.scene.pool[name]
        aim(case, booking, data)
        headers = {**(case.headers or {}), **self.scene.headers_of(caller, booking)}
        if caller == scenes.NOBODY:
            headers.pop("Authorization", None)
        case.headers = headers
        try:
            answer = case.call(base_url=self.server, session=self.browser, timeout=SECONDS)
        except UNSENDABLE:
            return
        finally:
            # Who calls is said by headers alone; a cookie that an answer sets is nobody's.
            self.browser.cookies.clear()
        self.sent[str(answer.status_code)] += 1
        if answer.status_code != TOO_LONG:
            self.look(case, answer, caller)
        if answer.status_code < REFUSED and case.method != "GET":
            self.scene.renew(name)
            self.before = written()

    def look(self, case: Any, answer: Any, caller: str) -> None:
        """Note what is wrong with an answer."""
        found = [*conformance(case, answer), *trespass(case, answer, caller)]
        if answer.status_code >= REFUSED:
            now = written()
            found += [f"{table} was written to" for table in now if now[table] != self.before[table]]
            self.before = now
        for problem in found:
            said = answer.content[:300].decode(errors="replace")
            self.findings.append(
                f"{caller}: {problem}\n    {case.as_curl_command()}\n    {answer.status_code} {said}"
            )

    @property
    def total(self) -> int:
        """How many requests were sent."""
        return sum(count for code, count in self.sent.items() if code.isdigit())

    def summary(self) -> str:
        """Return the figures, and the findings."""
        codes = ", ".join(f"{count} × {code}" for code, count in sorted(self.sent.items()))
        told = "\n".join(self.findings[:MOST_TOLD])
        return f"{self.total} requests, {len(self.findings)} findings ({codes})\n{told}"


def operations() -> list[Any]:
    """Return every operation of the API's own document."""
    return [each.ok() for each in schemathesis.openapi.from_dict(document()).get_all_operations()]


def aim(case: Any, booking: Booking, data: Any) -> None:
    """Let most requests name a hotel and a booking that are there, and most new bookings a stay that can be had."""
    if data.draw(st.integers(0, 9)) < 8:
        real = {"slug": booking.hotel.slug, "booking_id": booking.booking_id}
        case.path_parameters = {name: real.get(name, value) for name, value in (case.path_parameters or {}).items()}
    elif data.draw(st.booleans()) and "booking_id" in (case.path_parameters or {}):
        case.path_parameters["booking_id"] = UNKNOWN
    if isinstance(case.body, dict) and data.draw(st.integers(0, 9)) < 7:
        case.body |= {name: value for name, value in likely(booking, data).items() if name in case.body}


def likely(booking: Booking, data: Any) -> dict[str, Any]:
    """Return what would be right in a body, or is nearly so."""
    start: date = days_ahead(data.draw(st.integers(-3, 700)))
    return {
        "room_type": booking.room_type.name,
        "room": data.draw(st.sampled_from(["", booking.room.number if booking.room else ""])),
        "check_in": start.isoformat(),
        "check_out": (start + timedelta(days=data.draw(st.integers(0, 400)))).isoformat(),
        "guest_email": booking.guest_email,
        "guest_language": data.draw(st.sampled_from(["en", "de", "tlh"])),
        "client_email": data.draw(st.sampled_from([booking.guest_email, "x@guest.example"])),
        "amount": data.draw(st.sampled_from([None, "1.00", "-1", "340.00", "1e400", "NaN", "٣", "0.001"])),
        "fee": data.draw(st.sampled_from([None, "0", "10.00", "9" * 20, "-0.01"])),
        "total_amount": data.draw(st.sampled_from(["", "99.50", "9" * 20, "-1", "0"])),
        "confirm": booking.booking_id,
        "token": None,
    }


def conformance(case: Any, answer: Any) -> list[str]:
    """Return how an answer differs from the document."""
    try:
        case.validate_response(answer, checks=[CHECKS.get_one(name) for name in ANSWERS])
    except FailureGroup as group:
        return [f"{type(each).__name__}: {' '.join(str(each).split())[:300]}" for each in group.exceptions]
    return []


def trespass(case: Any, answer: Any, caller: str) -> list[str]:
    """Return what a caller was let do who may not."""
    if answer.status_code >= REFUSED or case.path.startswith(OPEN):
        return []
    return [] if may(caller, case.path, case.method) else [f"{caller} was let in"]


def may(caller: str, path: str, method: str) -> bool:
    """Whether a caller may be answered anything but a refusal; written down here, not taken from the product."""
    at_desk, pays = path.startswith(DESK), "/payment/" in path
    if caller == scenes.GUEST:
        return not at_desk
    if caller == scenes.AUDITOR:
        # Reading Stripe again settles what it says: a change.
        return (at_desk or path.endswith("/payment/status/")) and method == "GET"
    if caller == scenes.FOREIGN:
        return path == "/api/booking/manage/" and method == "GET"
    return (at_desk or pays) and caller in (scenes.TOKEN, scenes.SESSION)

"""Every form that a page of the site shows, as a browser reads it, and odd ways to fill it in."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import urljoin

from django.core.cache import cache
from hypothesis import strategies as st

from tests.matrix import addresses, cells, sent
from tests.matrix.rule import Desk
from tests.matrix.world import GUEST, OWN, OWNER, World

SHOWN: Final = 200
# What the suite tries; `./run fuzz` tries the forms of all addresses.
FEW: Final = ("booking/", "booking/manage/cancel/", "admin/login/", "admin/bookings/booking/add/")
# Ends or changes how somebody is signed in, for all that is sent afterwards.
LEFT_OUT: Final = ("/admin/logout/", "/admin/sign-in/")
ODD: Final = (
    st.text(max_size=40)
    | st.integers().map(str)
    | st.floats().map(str)
    | st.sampled_from(
        (
            *("", " ", "\0", "-1", "0", "9" * 30, "1e400", "NaN", "٣", "null", "on", "xx", "10.00", "EUR"),
            *("2026-02-30", "0001-01-01", "9999-12-31", "2026-12-24", "2027-01-02", "25:61", "12:30"),
            *("x" * 5000, "{{ 7|add:7 }}", "{% include 'a' %}", "<script>", "' OR 1=1 --", "=1+1", "\ud7ff"),
            *("ada@guest.example", "a@b"),
        )
    )
)


@dataclass
class Form:
    """Where a form is posted, by whom, and what its page has filled in: name, value, other values on offer."""

    action: str
    role: int
    fields: list[tuple[str, str, list[str]]] = field(default_factory=list)


class Reader(HTMLParser):
    """The forms of a page that are posted."""

    def __init__(self, address: str, role: int, html: str) -> None:
        super().__init__()
        self.address, self.role = address, role
        self.forms: list[Form] = []
        self.form: Form | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a form, and the fields in it."""
        said = {name: value or "" for name, value in attrs}
        if tag == "form" and said.get("method", "").lower() == "post":
            self.form = Form(urljoin(self.address, said.get("action") or self.address), self.role)
            self.forms.append(self.form)
        elif self.form is None:
            return
        elif tag in ("input", "textarea", "select", "button") and (name := said.get("name")):
            self.form.fields.append((name, said.get("value", ""), []))
        elif tag == "option" and self.form.fields:
            name, value, others = self.form.fields.pop()
            chosen = said.get("value", "") if "selected" in said else value
            self.form.fields.append((name, chosen, [*others, said.get("value", "")]))

    def handle_endtag(self, tag: str) -> None:
        """A form is over."""
        if tag == "form":
            self.form = None


def found(world: World, *, all_of_them: bool) -> list[Form]:
    """Return the forms that an owner and a guest are shown, each once."""
    known: dict[tuple[str, tuple[str, ...]], Form] = {}
    for address, role in places(world, all_of_them=all_of_them):
        answer = ask(world, role, "GET", address)
        if answer.status_code != SHOWN or answer.streaming or "html" not in answer["Content-Type"]:
            continue
        for each in Reader(address, role, answer.content.decode()).forms:
            names = tuple(sorted({name for name, _, _ in each.fields}))
            if not each.action.startswith(LEFT_OUT):
                known.setdefault((each.action, names), each)
    return list(known.values())


def places(world: World, *, all_of_them: bool) -> Iterator[tuple[str, int]]:
    """Return the addresses at which there may be a form, and who opens them."""
    for pattern, rule in cells.TABLE:
        if not pattern.startswith(("admin/", "booking/")) or not (all_of_them or pattern in FEW):
            continue
        values = world.values(rule.on, OWN) if rule.on else world.of_booking(OWN) | {"object_id": "1"}
        address = addresses.filled(pattern, cells.ELSEWHERE | values) + sent.query(pattern, values)
        yield address, OWNER if isinstance(rule, Desk) else GUEST


def ask(world: World, role: int, method: str, address: str, said: dict[str, Any] | None = None) -> Any:
    """Send a request from a browser as it was at the beginning."""
    cache.clear()
    client = world.browsers[role]
    client.cookies.clear()
    client.cookies.load(world.cookies[role])
    if role == GUEST:
        client.cookies[cells.COOKIE] = world.keys[OWN]
    return client.get(address) if method == "GET" else client.post(address, said)


def filled(form: Form, data: Any) -> dict[str, Any]:
    """Fill a form in: as its page has it, but for some fields; some are missing, some there twice."""
    said: dict[str, Any] = {}
    for name, value, others in form.fields:
        how = data.draw(st.integers(0, 19))
        if how < 9:
            said[name] = value
        elif how < 13 and others:
            said[name] = data.draw(st.sampled_from(others))
        elif how < 18:
            said[name] = data.draw(ODD)
        elif how == 18:
            said[name] = [value, data.draw(ODD)]
    return said

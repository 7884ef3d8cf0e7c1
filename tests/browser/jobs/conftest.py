"""A desk with a few bookings, a hand to work with, and a table of what each job took."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from bookings.models import Booking, Room
from tests.browser import desk
from tests.browser.jobs.hands import WAYS, Hand
from tests.factories import BookingFactory, RoomFactory, UserFactory
from tests.simulator_process import StripeSimulator

DONE: pytest.StashKey[list[tuple[str, str, int, float]]] = pytest.StashKey()


def pytest_configure(config: pytest.Config) -> None:
    """Begin an empty table."""
    config.stash[DONE] = []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Show what each job took; nothing is asserted about it."""
    rows = sorted(config.stash.get(DONE, []))
    if not rows:
        return
    terminalreporter.section("jobs at the desk")
    terminalreporter.write_line(f"{'job':<40}{'by':<8}{'steps':>6}{'seconds':>9}")
    for job, way, steps, seconds in rows:
        terminalreporter.write_line(f"{job:<40}{way:<8}{steps:>6}{seconds:>9.1f}")


@dataclass
class Desk:
    """A hotel with three rooms of one type, and Stripe."""

    url: str
    stripe: StripeSimulator
    rooms: list[Room] = field(default_factory=list)

    def draft(self, number: int = 0, **fields: object) -> Booking:
        """A draft in one of the rooms."""
        return BookingFactory(room=self.rooms[number], **fields)

    def admin(self, path: str) -> str:
        """An address of the desk."""
        return f"{self.url}/admin/{path}"


@pytest.fixture
def house(live_server: LiveServer, stripe_simulator: StripeSimulator) -> Desk:
    """Everything but the browser."""
    desk.make_roles()
    first = RoomFactory.create()
    more = [RoomFactory.create(room_type=first.room_type) for _ in range(2)]
    return Desk(live_server.url, stripe_simulator, [first, *more])


@pytest.fixture(params=WAYS, ids=lambda way: way.name)
def way(request: pytest.FixtureRequest) -> type[Hand]:
    """By mouse, then by keys."""
    chosen: type[Hand] = request.param
    return chosen


@pytest.fixture
def begin(request: pytest.FixtureRequest, page: Page, house: Desk, way: type[Hand]) -> Iterator[Callable[..., Hand]]:
    """Sign in, open the page on which a job begins, and count from there to the end of the test."""
    hands: list[Hand] = []

    def open_page(path: str = "", *, role: str = "Manager") -> Hand:
        person = UserFactory(role=role, hotels=[house.rooms[0].hotel])
        page.set_viewport_size({"width": 1280, "height": 800})
        desk.sign_in(page, house.url, person.username)
        page.goto(house.admin(path))
        hands.append(way(page))
        return hands[-1]

    yield open_page
    name = request.node.originalname.removeprefix("test_").replace("_", " ")
    request.config.stash[DONE].extend((name, each.name, each.steps, each.seconds) for each in hands)

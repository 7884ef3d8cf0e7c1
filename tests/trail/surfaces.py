"""Every way to every transition: the desk's buttons, bulk runs, the guest's pages, the API, Stripe, worker, commands.

A path prepares a booking, acts through the real surface, and says what its one history row has to tell.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from bookings import audit
from bookings.models import Booking
from cancellations.wording import CANCEL_REASONS
from payments import decisions, webhooks
from site_config.management.commands import worker
from tests import stays
from tests.admin.bulk_runs import choose, finished, press, run_of
from tests.admin.conftest import House
from tests.admin.pages import do, page
from tests.admin.test_no_show import seen
from tests.admin.test_reschedule import looked, typed
from tests.factories import UserFactory, days_ahead
from tests.guest.browser import link_of, quote_in
from tests.simulator_process import StripeSimulator
from tests.site_config.deliveries import deliver_all

REQUEST: Final = "row-of-the-table"
ADDRESS: Final = "192.0.2.9"
FROM: Final[dict[str, Any]] = {"REMOTE_ADDR": ADDRESS, "headers": {"User-Agent": "Table/1", "X-Request-Id": REQUEST}}
F, M, O = "Front desk", "Manager", "owner"  # noqa: E741
ALL, UP = (F, M, O), (M, O)
NOTE: Final = "Told by phone"


@dataclass
class Stage:
    """One hotel, the simulated Stripe, and whoever acts."""

    own: House
    simulator: StripeSimulator
    person: Any = None
    browser: Any = None

    def enter(self, role: str) -> None:
        """Let somebody act: with a role at the desk, or a guest."""
        self.browser = Client(**FROM)
        if role in ALL:
            self.person = UserFactory(role=role, hotels=[] if role == O else [self.own.hotel])
            self.browser.force_login(self.person)

    def waiting(self, **fields: Any) -> Booking:
        """A request that is paid on arrival."""
        return stays.submitted(self.own.booking(payment_method="ARRIVAL", **fields))

    def agreed(self, **fields: Any) -> Booking:
        """The same, confirmed."""
        with stays.by_staff():
            return decisions.approve(self.waiting(**fields)).booking


@dataclass(frozen=True)
class Path:
    """How somebody brings one transition about, and on which of the booking's rows it is recorded."""

    surface: str
    transition: str
    role: str
    ready: Callable[[Stage], Booking]
    act: Callable[[Stage, Booking], Any]
    kind: str = "staff"
    reason: str = ""
    model: str = "booking"

    @property
    def name(self) -> str:
        """What the table calls it."""
        return f"{self.model}.{self.transition} by {self.role}, {self.surface}"


def press_button(name: str, **data: Any) -> Callable[[Stage, Booking], Any]:
    """Press one of the desk's buttons."""
    return lambda stage, booking: do(stage.browser, booking, name, **data)


def cancels(stage: Stage, booking: Booking) -> Any:
    """Cancel by policy, at the amounts that the dialog shows."""
    shown: Any = stage.browser.get(page(booking, "cancel"))
    data = {"reason": CANCEL_REASONS[0], "seen": shown.context["form"]["seen"].value(), "fee": "policy"}
    return do(stage.browser, booking, "cancel", **data)


def moves(stage: Stage, booking: Booking) -> Any:
    """Look at what another stay means, then press again."""
    _answer, again = looked(stage.browser, booking, typed(booking, nights=1))
    return do(stage.browser, booking, "reschedule", **again)


def assigns(stage: Stage, booking: Booking) -> Any:
    """Give the guest another room."""
    data = {"room": stage.own.rooms[1].pk, "reason": "Other", "note": NOTE}
    return do(stage.browser, booking, "assign_room", **data)


def no_show(stage: Stage, booking: Booking) -> Any:
    """Note that nobody came."""
    return do(stage.browser, booking, "mark_no_show", seen=seen(stage.browser, booking), note=NOTE)


def erases(name: str) -> Callable[[Stage, Booking], Any]:
    """Type the reference and why."""
    return lambda stage, booking: do(stage.browser, booking, name, typed=booking.booking_id, note=NOTE)


def gone(stage: Stage) -> Booking:
    """A deleted draft."""
    with stays.by_staff():
        return decisions.soft_delete(stage.own.booking(), reason="Twice").booking


def forgettable(stage: Stage) -> Booking:
    """The same, in a hotel that lets owners delete for good."""
    stage.own.hotel.allow_admin_deletion = True
    stage.own.hotel.save()
    return gone(stage)


def over(stage: Stage) -> Booking:
    """A declined request."""
    with stays.by_staff():
        return decisions.decline(stage.waiting(), reason="Full").booking


def expired(stage: Stage) -> Booking:
    """A hold that ran out."""
    booking = stays.submitted(stage.own.booking())
    lets_time_pass(stage, booking)
    return stays.fresh(booking)


def lets_time_pass(stage: Stage, booking: Booking) -> None:
    """The worker's round after the hold has run out."""
    later = timezone.now() + timedelta(hours=25)
    with stays.clock_at(later):
        turn(later)


def turn(moment: Any) -> None:
    """One round of the worker's."""
    for work in (*worker.ALWAYS, *(work for _, work in worker.PERIODIC)):
        with audit.acting(audit.Actor(kind="worker", request_id=REQUEST)):
            work(moment)


def stripe_tells(stage: Stage, booking: Booking) -> None:
    """Stripe delivers what has happened, and the worker processes it."""
    deliver_all()
    webhooks.process_due(timezone.now())


def instant(stage: Stage) -> Booking:
    """A guest of an instant hotel has paid."""
    return paying(stage, stays.in_instant_hotel())


def paying(stage: Stage, booking: Booking | None = None, card: str = stays.GOOD_CARD) -> Booking:
    """The guest has paid at Stripe; the desk has not heard of it."""
    payment = stays.with_page(booking or stage.own.booking())
    return stays.fresh(stays.pay(stage.simulator, payment, card).booking)


def ended(stage: Stage) -> Booking:
    """A stay that ends today."""
    booking = stage.agreed()
    Booking.objects.filter(pk=booking.pk).update(check_in=days_ahead(-2), check_out=days_ahead(-1))
    return stays.fresh(booking)


def held(stage: Stage) -> Booking:
    """The guest's money is held."""
    return stays.paid(stage.simulator, stage.own.booking())


def captured(stage: Stage) -> Booking:
    """The guest's money is taken."""
    return stays.confirmed(stage.simulator, stage.own.booking())


def opens_link(stage: Stage, booking: Booking) -> None:
    """Open the guest's link."""
    stage.browser.get(link_of(booking))


def guest_cancels(stage: Stage, booking: Booking) -> Any:
    """Cancel on the guest's page."""
    opens_link(stage, booking)
    shown = stage.browser.get("/booking/manage/cancel/")
    return stage.browser.post("/booking/manage/cancel/", {"quote": quote_in(shown), "reason": NOTE})


def guest_pays(stage: Stage, booking: Booking) -> Any:
    """Ask for the payment page."""
    opens_link(stage, booking)
    return stage.browser.post("/booking/manage/pay/")


def program_cancels(stage: Stage, booking: Booking) -> Any:
    """Cancel over the API, with the link's key."""
    key = link_of(booking).rstrip("/").rpartition("/")[2]
    path = f"/api/public/hotel/{booking.hotel.slug}/room-bookings/{booking.booking_id}/cancel/"
    return stage.browser.post(path, {"token": key, "reason": NOTE}, "application/json")


# What the page with the button asks for.
OWN_WORDS: Final = {"reason": "Other", "note": NOTE}
WHY: Final[dict[str, dict[str, str]]] = {"decline": OWN_WORDS, "cancel": OWN_WORDS, "soft_delete": {"note": NOTE}}


def in_bulk(name: str) -> Callable[[Stage, Booking], Any]:
    """Tick the booking, press the button, and let the worker carry it out."""

    def act(stage: Stage, booking: Booking) -> Any:
        query = "?deleted=only" if name == "restore" else ""
        shown = choose(stage.browser, name, booking, query=query)
        return finished(run_of(press(stage.browser, shown, **WHY.get(name, {}))))

    return act


def erased_at_night(stage: Stage, booking: Booking) -> None:
    """The command that forgets whose time is over."""
    hotel = booking.hotel
    hotel.retention_months = 1
    hotel.save()
    with stays.clock_at(timezone.now() + timedelta(days=120)):
        call_command("erase_expired_guests")


def desk() -> Iterator[tuple[str, tuple[str, ...], Any, Any, str]]:
    """Yield the desk's buttons: name, who may, what is needed, what is done, and the reason that is asked."""
    refund = {"amount": "100.00", "stripe_reason": "duplicate", "note": NOTE, "seen_left": "34000"}
    yield "submit", ALL, lambda on: on.own.booking(payment_method="ARRIVAL"), press_button("submit"), ""
    yield "approve", ALL, Stage.waiting, press_button("approve", seen="0"), ""
    yield "decline", ALL, Stage.waiting, press_button("decline", reason="No room available"), "No room available"
    yield "cancel", ALL, Stage.agreed, cancels, CANCEL_REASONS[0]
    yield "mark_paid", ALL, Stage.agreed, press_button("mark_paid", method="Cash", note=NOTE, seen="34000"), NOTE
    yield "complete", ALL, ended, press_button("complete"), ""
    yield "mark_no_show", ALL, lambda on: on.agreed(check_in=days_ahead(-1), check_out=days_ahead(2)), no_show, NOTE
    yield "reopen", ALL, expired, press_button("reopen", note=NOTE), NOTE
    yield "reschedule", ALL, Stage.agreed, moves, "The guest asked for it"
    yield "assign_room", ALL, Stage.agreed, assigns, NOTE
    yield "fresh_link", ALL, Stage.agreed, press_button("fresh_link", note=NOTE), NOTE
    yield "refund", UP, captured, press_button("refund", **refund), NOTE
    yield "soft_delete", UP, lambda on: on.own.booking(), press_button("soft_delete", note=NOTE), NOTE
    yield "restore", UP, gone, press_button("restore", note=NOTE), NOTE
    yield "anonymise", UP, over, erases("anonymise"), NOTE
    yield "hard_delete", (O,), forgettable, erases("hard_delete"), NOTE


BULK: Final[tuple[tuple[str, Any], ...]] = (
    ("approve", Stage.waiting),
    ("decline", Stage.waiting),
    ("cancel", Stage.agreed),
    ("soft_delete", lambda on: on.own.booking()),
    ("restore", gone),
)


def paths() -> list[Path]:
    """Return every path there is."""
    return [
        *(Path("desk", name, role, ready, act, reason=why) for name, who, ready, act, why in desk() for role in who),
        *(Path("bulk", name, M, ready, in_bulk(name), reason=NOTE if name in WHY else "") for name, ready in BULK),
        Path("guest's page", "cancel", "guest", Stage.agreed, guest_cancels, "guest", NOTE),
        Path("API", "cancel", "guest", Stage.agreed, program_cancels, "guest", NOTE),
        Path("webhook", "authorize", "Stripe", paying, stripe_tells, "stripe"),
        Path("webhook", "confirm_paid", "Stripe", instant, stripe_tells, "stripe"),
        Path("worker", "expire", "worker", lambda on: stays.submitted(on.own.booking()), lets_time_pass, "worker"),
        Path("command", "anonymise", "command", over, erased_at_night, "command", "keeps guests' data"),
        *of_payments(),
    ]


def of_payments() -> Iterator[Path]:
    """Yield the ways to the payments' own transitions."""
    refund = {"amount": "100.00", "stripe_reason": "duplicate", "note": NOTE, "seen_left": "34000"}
    decline = press_button("decline", reason="No room available")
    refused = lambda on: paying(on, card=stays.REFUSED_CARD)  # noqa: E731
    more: dict[str, Any] = {"model": "payment"}
    yield Path(
        "guest's page",
        "open_session",
        "guest",
        lambda on: stays.submitted(on.own.booking()),
        guest_pays,
        "guest",
        **more,
    )
    yield Path("webhook", "authorize", "Stripe", paying, stripe_tells, "stripe", **more)
    yield Path("webhook", "fail", "Stripe", refused, stripe_tells, "stripe", **more)
    yield Path("webhook", "capture", "Stripe", instant, stripe_tells, "stripe", **more)
    yield Path("desk", "capture", F, held, press_button("approve", seen="34000"), **more)
    yield Path("desk", "void", F, held, decline, **more)
    yield Path("desk", "follow_refunds", M, captured, press_button("refund", **refund), **more)
    yield Path("worker", "expire", "worker", unpaid, lets_time_pass, "worker", **more)


def unpaid(stage: Stage) -> Booking:
    """A guest who has opened the page and gone away."""
    return stays.with_page(stage.own.booking()).booking

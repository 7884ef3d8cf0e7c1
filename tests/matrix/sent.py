"""What goes along with an address that would answer everybody alike without: its query, or its form."""

from typing import Final
from urllib.parse import urlencode

from bookings.admin import bulk_plan
from bookings.models import Booking, FeeChoice
from tests.factories import days_ahead
from tests.matrix.world import FOREIGN, OWN, STRANGER, World

REPORT: Final = "admin/bookings/booking/reports/<slug:report>/"
# The world's confirmed stays begin in thirty days.
SPAN: Final = f"from={days_ahead(0)}&to={days_ahead(60)}"
QUERIES: Final = {
    REPORT: f"hotel={{hotel}}&{SPAN}",
    f"{REPORT}export/": f"hotel={{hotel}}&{SPAN}",
    f"{REPORT}figure/": f"hotel={{hotel}}&{SPAN}&table=stays&row=total&column=arrivals",
}
# What the page with the button has carried along: the world's requests are paid on arrival, so nothing is captured.
FORMS: Final = {"admin/bookings/booking/<path:object_id>/approve/": urlencode({"seen": "0"})}
PLANS: Final = ("admin/bookings/bulkrun/plan/", "admin/bookings/bulkrun/start/")


def query(pattern: str, values: dict[str, str]) -> str:
    """Return what stands behind an address, with its question mark."""
    return f"?{QUERIES[pattern].format(**values)}" if pattern in QUERIES else ""


def form(world: World, pattern: str, role: int) -> str:
    """Return the form that a person posts; empty for nearly every address."""
    if pattern not in PLANS or role not in world.people:
        return FORMS.get(pattern, "")
    booking = world.rows["booking", FOREIGN if role == STRANGER else OWN]
    return urlencode({"plan": sealed(booking, world.people[role].pk), "fee": FeeChoice.POLICY.value})


def sealed(booking: Booking, person: int) -> str:
    """Return the plan to delete a booking, as its page would carry it for this person."""
    lines = [bulk_plan.Line(booking)]
    return bulk_plan.seal(lines, key=f"k{person}", action="soft_delete", fee="policy", person=person, retry_of=None)

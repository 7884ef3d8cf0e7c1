"""The start page's context: what needs a decision, who comes and goes, how full the house is."""

from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from site_config.today import badges, charts, first_steps, numbers, occupancy, stays
from site_config.today.numbers import APPROVALS, STAYS
from site_config.today.scope import Scope, scope_of


def today(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Fill the start page; every number leads to the list behind it."""
    user: Any = request.user
    context = {**context, "title": _("Today")}
    if not user.has_perm("bookings.view_booking"):
        return {**context, "nothing": _("Your account has no role yet. Ask an owner to give you one.")}
    scope = scope_of(request)
    steps = first_steps.first_steps(scope)
    if not scope.hotels and not user.is_superuser:
        return {**context, "nothing": _("You do not belong to a hotel yet. Ask an owner to add you to one.")}
    if not scope.hotels:
        return {**context, "steps": steps}
    return {**context, "steps": steps, **whole_page(scope)}


def whole_page(scope: Scope) -> dict[str, Any]:
    """Return everything of a hotel, or of several."""
    counts = numbers.counted(scope, numbers.EVERY)
    stay_lines = {each.key: numbers.line(scope, each, counts) for each in STAYS}
    worries = numbers.worry_lines(scope, counts)
    return {
        "hotels": scope.hotels,
        "hotel": scope.hotel,
        "several": len(scope.shown) > 1,
        "approvals": stays.approvals(scope),
        "approvals_line": numbers.line(scope, APPROVALS, counts),
        "numbers": [*stay_lines.values(), *worries],
        # A worry that is none only hides the others.
        "worries": [worry for worry in worries if worry["urgent"]],
        "stay_numbers": list(stay_lines.values()),
        "comings": (
            (
                _("Arrivals"),
                "arrivals",
                stay_lines["arriving_today"],
                stays.arrivals(scope),
                _("Nobody arrives today."),
            ),
            (
                _("Departures"),
                "departures",
                stay_lines["leaving_today"],
                stays.departures(scope),
                _("Nobody leaves today."),
            ),
        ),
        "strips": occupancy.occupancy(scope),
        "charts": charts.charts(scope),
        "calendar": reverse("admin:bookings_booking_calendar"),
    }


def badge(request: HttpRequest, *, key: str) -> str:
    """Return a number beside an entry of the sidebar; nothing for none."""
    return str(badges.badges(request).get(key) or "")


# Unfold finds each by its dotted path, and gives it nothing but the request.
approvals_badge = partial(badge, key="approvals")
payments_badge = partial(badge, key="payments")
refunds_badge = partial(badge, key="refunds")
requests_badge = partial(badge, key="requests")
disputes_badge = partial(badge, key="disputes")
drift_badge = partial(badge, key="drift")
mails_badge = partial(badge, key="mails")
webhooks_badge = partial(badge, key="webhooks")


def environment(request: HttpRequest) -> tuple[str, str] | None:
    """Return the label that says that no real money moves here."""
    return None if "_live_" in settings.STRIPE_SECRET_KEY else (_("TEST MODE"), "warning")

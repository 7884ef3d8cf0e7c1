"""Who got there first: what to tell a person whose step was refused because somebody else had just taken one."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.admin.history_rows import who
from bookings.admin.timeline_words import WON, ago
from bookings.audit import ActorKind
from bookings.models import Booking

# A dialog that stood open for longer was not a race.
RACE: Final = timedelta(hours=1)
NAMES: Final = {ActorKind.GUEST: gettext_lazy("The guest"), ActorKind.WORKER: gettext_lazy("The worker")}


def winner(row: Any, *, user: Any, now: datetime) -> tuple[str, str]:
    """Return who took the newest step in a row's history, and "Anna Moran approved it 2 minutes ago."; `now` is UTC.

    Nothing where it was the person's own, where it is long ago, or where the row is no booking.
    """
    if not isinstance(row, Booking) or row.pk is None:
        return "", ""
    steps = (
        row.history.exclude(transition="").filter(history_date__gt=now - RACE).exclude(actor_kind=ActorKind.COMMAND)
    )
    latest = steps.select_related("history_user").order_by("-history_id").first()
    if latest is None or latest.history_user_id == user.pk:
        return "", ""
    name = who(latest) if latest.history_user else str(NAMES.get(latest.actor_kind) or who(latest))
    words = str(WON.get(latest.transition) or _("%(who)s changed it %(ago)s."))
    return name, words % {"who": name, "ago": ago(latest.history_date, now)}


def with_winner(words: str, row: Any, *, user: Any, now: datetime) -> str:
    """Return the words of a refusal, and who won; once is enough where they name them already."""
    name, told = winner(row, user=user, now=now)
    return words if not told or name.lower() in words.lower() else f"{words} {told}"

"""How staff read a difference: what we say beside what Stripe says."""

from dataclasses import dataclass
from typing import Any, Final

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.admin.words import EMPTY, money
from bookings.models import BookingStatus
from payments.books import Side
from payments.models import DisputeStatus, Drift

LABELS: Final = {
    "reference": gettext_lazy("Names the booking"),
    "booking": gettext_lazy("Booking"),
    "money": gettext_lazy("Money"),
    "held": gettext_lazy("Held"),
    "captured": gettext_lazy("Captured"),
    "refunded": gettext_lazy("Refunded"),
    "refunding": gettext_lazy("Refund on its way"),
    "kept": gettext_lazy("Kept by the hotel"),
    "currency": gettext_lazy("Currency"),
    "dispute": gettext_lazy("Dispute"),
    "page": gettext_lazy("Payment page"),
}
AMOUNTS: Final = ("held", "captured", "refunded", "refunding", "kept")
WORDS: Final[dict[str, dict[str, Any]]] = {
    "money": {
        "none": gettext_lazy("Neither held nor taken"),
        "held": gettext_lazy("Held"),
        "captured": gettext_lazy("Captured"),
        "unknown": gettext_lazy("Unknown"),
    },
    "page": {"open": gettext_lazy("Open"), "closed": gettext_lazy("Closed")},
    "booking": dict(BookingStatus.choices),
    "dispute": {"": gettext_lazy("None"), **dict(DisputeStatus.choices)},
}


@dataclass(frozen=True)
class Line:
    """One value on both sides."""

    label: Any
    ours: str
    theirs: str
    differs: bool


def lines(ours: Side, theirs: Side) -> list[Line]:
    """Return both sides value by value; an amount is shown in its own side's currency."""
    known = [key for key in LABELS if key in ours or key in theirs]
    return [
        Line(LABELS[key], shown(key, ours, theirs), shown(key, theirs, ours), differ(key, ours, theirs))
        for key in known
    ]


def differ(key: str, ours: Side, theirs: Side) -> bool:
    """Whether both sides say something, and not the same."""
    return key in ours and key in theirs and ours[key] != theirs[key]


def shown(key: str, side: Side, other: Side) -> str:
    """Return one value as people read it."""
    if key not in side:
        return EMPTY
    if key in AMOUNTS:
        return money(side[key], side.get("currency") or other.get("currency") or "")
    return str(WORDS.get(key, {}).get(side[key], side[key])) or EMPTY


def summary(drift: Drift) -> str:
    """Return what differs in one line: "Captured: €330.00 here, €340.00 at Stripe"."""
    return "; ".join(
        _("%(label)s: %(ours)s here, %(theirs)s at Stripe")
        % {"label": line.label, "ours": line.ours, "theirs": line.theirs}
        for line in lines(drift.ours, drift.theirs)
        if line.differs
    )


def changes(before: Side, after: Side) -> str:
    """Return what has changed on our side: "Refunded: €0.00 → €10.00"."""
    return "; ".join(f"{line.label}: {line.ours} → {line.theirs}" for line in lines(before, after) if line.differs)


def words(side: Side) -> str:
    """Return one side in a line, as the history shows it: "Captured: €330.00; Refunded: €0.00"."""
    return "; ".join(f"{label}: {shown(key, side, {})}" for key, label in LABELS.items() if key in side)


def table(drift: Drift) -> SafeString:
    """Return both sides as a table."""
    return SafeString(render_to_string("admin/desk/sides.html", {"lines": lines(drift.ours, drift.theirs)}))

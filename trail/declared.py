"""What the trail knows of each history: in which chain its rows stand, and what in them is personal."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.apps.registry import Apps
from django.db.models import Model

from cancellations.personal_fields import HOLDERS

# Columns of every history row that tell of whoever acted.
OF_WHOEVER_ACTED: Final[Mapping[str, Any]] = {"ip": None, "user_agent": "", "history_change_reason": None}
ERASURES: Final = "trail.erasure"


@dataclass(frozen=True, kw_only=True)
class Source:
    """A table of history. `via` is the column that leads to the hotel, or to a row of `parent` that knows it.

    A row without `via` belongs to the installation.
    """

    history: str
    via: str = ""
    parent: str = ""
    # Lists that simple-history keeps in tables of their own: name → (table, column).
    lists: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    personal: tuple[str, ...] = ()


# Not among them are the outbox's rows, `Message` and `SampleMail`: the worker claims them by counted updates. Each
# says itself who asked, when, to whom it went and what became of it. The words in it have a history (`Wording`).
SOURCES: Final[Mapping[str, Source]] = {
    "bookings.hotel": Source(history="bookings.HistoricalHotel", via="id"),
    "bookings.roomtype": Source(history="bookings.HistoricalRoomType", via="hotel_id"),
    "bookings.room": Source(history="bookings.HistoricalRoom", via="hotel_id"),
    "bookings.user": Source(
        history="bookings.HistoricalUser",
        lists={"hotels": ("bookings.HistoricalUser_hotels", "hotel_id")},
        personal=("username", "first_name", "last_name", "email"),
    ),
    "bookings.accesstoken": Source(history="bookings.HistoricalAccessToken", via="hotel_id"),
    "bookings.refusedattempt": Source(history="bookings.HistoricalRefusedAttempt", via="hotel_id"),
    "bookings.signin": Source(history="bookings.HistoricalSignIn", personal=("username", "actor")),
    "bookings.signinrelease": Source(history="bookings.HistoricalSignInRelease", personal=("username", "ip_address")),
    "bookings.booking": Source(history="bookings.HistoricalBooking", via="hotel_id"),
    "bookings.bookingimport": Source(history="bookings.HistoricalBookingImport"),
    "bookings.bulkrun": Source(history="bookings.HistoricalBulkRun"),
    "bookings.exportrecord": Source(history="bookings.HistoricalExportRecord"),
    "bookings.wording": Source(history="bookings.HistoricalWording", via="hotel_id"),
    "payments.payment": Source(history="payments.HistoricalPayment", via="booking_id", parent="bookings.booking"),
    "payments.paymentoperation": Source(
        history="payments.HistoricalPaymentOperation", via="booking_id", parent="bookings.booking"
    ),
    "payments.refund": Source(history="payments.HistoricalRefund", via="payment_id", parent="payments.payment"),
    "payments.refundrequest": Source(
        history="payments.HistoricalRefundRequest", via="booking_id", parent="bookings.booking"
    ),
    "payments.dispute": Source(history="payments.HistoricalDispute", via="payment_id", parent="payments.payment"),
    "payments.drift": Source(history="payments.HistoricalDrift", via="booking_id", parent="bookings.booking"),
    "payments.exchangerate": Source(history="payments.HistoricalExchangeRate"),
    "payments.stripewebhookevent": Source(
        history="payments.HistoricalStripeWebhookEvent", via="booking_id", parent="bookings.booking"
    ),
    "cancellations.cancellationpolicy": Source(history="cancellations.HistoricalCancellationPolicy", via="hotel_id"),
    "cancellations.cancellationtier": Source(
        history="cancellations.HistoricalCancellationTier", via="policy_id", parent="cancellations.cancellationpolicy"
    ),
    "cancellations.managementtoken": Source(
        history="cancellations.HistoricalManagementToken", via="booking_id", parent="bookings.booking"
    ),
    ERASURES: Source(history="trail.Erasure", via="chain"),
}


def _personal() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for label, source in SOURCES.items():
        found[label] = {**OF_WHOEVER_ACTED, **dict.fromkeys(source.personal, "")}
    for holder in HOLDERS:
        if holder.model._meta.label_lower in found:
            said = dict.fromkeys((*holder.read_over, *holder.rewritten), "")
            found[holder.model._meta.label_lower] |= said | dict(holder.emptied)
    return found


# For each history its personal fields, with what an erasure leaves in an empty one.
PERSONAL: Final = _personal()
LABELS: Final = {source.history.lower(): label for label, source in SOURCES.items()}


def label_of(model: type[Model]) -> str:
    """Return under which name a history stands in the trail. KeyError for one that is not declared."""
    return LABELS[model._meta.label_lower]


def sources(apps: Apps) -> dict[str, Source]:
    """Return the histories that there are; at an earlier migration those that came later are missing."""
    there = {model._meta.label_lower for model in apps.get_models(include_auto_created=True)}
    return {label: source for label, source in SOURCES.items() if source.history.lower() in there}


def history_of(label: str, apps: Apps) -> Any:
    """Return the history model behind a name; `apps` are those of a migration, or the running ones."""
    return apps.get_model(SOURCES[label].history)

"""The list of what differs between our books and Stripe's: found, seen again, gone, explained.

`note` and `gone` are called in a transaction that holds the booking's lock, where there is a booking.
"""

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from bookings import audit
from bookings.lifecycle import Outcome
from bookings.models import Booking
from bookings.outcome import RowOutcome
from bookings.refusals import Refused
from bookings.retold import retold
from payments.books import Difference
from payments.models import Drift, DriftKind, Payment

GONE = gettext_noop("The difference is gone: both books say the same.")


def note(kind: DriftKind, stripe_id: str, difference: Difference, *, booking: Booking | None) -> None:
    """List a difference, once; `seen_at` tells when it was last there. What a person explained stays closed."""
    if is_explained(kind, stripe_id, difference):
        return
    now = timezone.now()
    said = {"ours": difference.ours, "theirs": difference.theirs}
    with audit.change("find_drift"):
        # Locked: somebody may be explaining it just now.
        drift, is_new = Drift.objects.select_for_update(of=("self",)).get_or_create(
            stripe_id=stripe_id,
            kind=kind,
            resolved_at=None,
            defaults={**said, "booking": booking, "payment": difference.payment, "found_at": now, "seen_at": now},
        )
    if not is_new:
        drift.ours, drift.theirs, drift.seen_at = difference.ours, difference.theirs, now
        with audit.change("find_drift_again"):
            drift.save()


def is_explained(kind: DriftKind, stripe_id: str, difference: Difference) -> bool:
    """Whether the newest word about this very difference is a person's explanation."""
    last = Drift.objects.filter(kind=kind, stripe_id=stripe_id).first()
    if last is None or not last.is_explained:
        return False
    return (last.ours, last.theirs) == (difference.ours, difference.theirs)


def gone(drifts: QuerySet[Drift]) -> None:
    """Close the open ones among some drifts: a fresh look has shown no difference."""
    for drift in drifts.filter(resolved_at=None).select_for_update(of=("self",)):
        drift.resolved_at, drift.resolution = timezone.now(), GONE
        with audit.change("drift_gone", GONE):
            drift.save()


def of_payment(payment: Payment) -> QuerySet[Drift]:
    """Return what was found between our row of a payment and Stripe's."""
    return Drift.objects.filter(payment=payment, kind__in=(DriftKind.AMOUNTS, DriftKind.UNKNOWN_AT_STRIPE))


def explain(drift: Drift, *, reason: str) -> RowOutcome:
    """Close a difference that is to stay. It is listed again only once it has changed."""
    if not reason.strip():
        raise Refused(_("Please give a reason; it is kept in the history."), code="ERR_VALIDATION")
    with transaction.atomic():
        drift = Drift.objects.select_for_update(of=("self",)).get(pk=drift.pk)
        if not drift.is_open:
            words = _("Already closed. %(resolution)s") % {"resolution": retold(drift.resolution)}
            return RowOutcome(Outcome.ALREADY, words)
        drift.resolved_at, drift.resolution = timezone.now(), reason.strip()
        drift.is_explained = True
        with audit.change("explain_drift", reason.strip()):
            drift.save()
    return RowOutcome()

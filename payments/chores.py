"""What is done now and then by whichever worker gets to it first: fetch what was missed, compare, forget, erase.

When each chore is due is a row in the database: a worker may be killed at any moment, any number of them may run,
and what fell due while none did is done as soon as one is back.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from bookings import realtime, repeats, uploads
from cancellations import erasure, links, retention, throttle
from payments import alerts, catch_up, reconcile
from payments.full_reconcile import full_reconcile
from payments.models import Chore
from trail import heads

logger = structlog.get_logger(__name__)

# When the hotels are asleep: three in the morning, UTC.
NIGHT_HOUR: Final = 3
COMPARED_DAYS: Final = 2
FIVE_MINUTES: Final = timedelta(minutes=5)
QUARTER: Final = timedelta(minutes=15)
# A chore that broke, or whose worker died, is tried again after this time.
CLAIM: Final = timedelta(hours=2)


@dataclass(frozen=True)
class Plan:
    """One chore: what it does (now, and when it was last done), when it is due again, and when if it breaks."""

    name: str
    work: Callable[[datetime, datetime | None], object]
    due_after: Callable[[datetime], datetime]
    claim: timedelta = CLAIM


def do_due(now: datetime) -> int:
    """Do the chores that are due; return how many. One that breaks is tried again later and stops no other."""
    return sum(done(plan, now) for plan in PLANS)


def done(plan: Plan, now: datetime) -> bool:
    """Do one chore if it is due and no other worker has it."""
    chore = claimed(plan, now)
    if chore is None:
        return False
    try:
        plan.work(now, chore.done_at)
    except Exception:  # noted with its traceback; the claim runs out and it is tried again
        logger.exception("chore.failed", chore=plan.name)
        return False
    Chore.objects.filter(pk=chore.pk).update(next_at=plan.due_after(now), done_at=now)
    return True


def claimed(plan: Plan, now: datetime) -> Chore | None:
    """Return the chore if it is due and was ours to take. A new installation begins with the next regular time."""
    chore, is_new = Chore.objects.get_or_create(name=plan.name, defaults={"next_at": plan.due_after(now)})
    if is_new or chore.next_at > now:
        return None
    # Claimed by a counted update: if it is not 1, another worker got there.
    claim = Chore.objects.filter(pk=chore.pk, next_at=chore.next_at)
    return chore if claim.update(next_at=now + plan.claim) == 1 else None


def fetch_missed_events(now: datetime, last: datetime | None) -> None:
    """Store every event since the last time that Stripe did not deliver, whatever the reason."""
    found = catch_up.fetch_missed_events(now, since=last or catch_up.newest_event() or now)
    if found:
        logger.warning("webhook.missed", events=found)


def compare(now: datetime, last: datetime | None) -> None:
    """Compare the last days with Stripe; after a longer pause, as many days as it lasted."""
    days = max(COMPARED_DAYS, (now - last).days + 1) if last else COMPARED_DAYS
    report = full_reconcile(now, days=days)
    logger.info(
        "drift.compared",
        payments=report.compared,
        healed=len(report.healed),
        failed=len(report.failed),
        drifts=report.drifts.count(),
    )


def forget(now: datetime, last: datetime | None) -> None:
    """Delete the events, Stripe's and our own, requests for links, and files that wait for nobody, when old."""
    logger.info("webhook.pruned", events=catch_up.prune(now))
    logger.info("event.pruned", events=realtime.prune(now))
    logger.info("link.pruned", requests=links.prune(now), counts=throttle.prune(now))
    logger.info("import.pruned", files=uploads.prune(now))
    logger.info("key.pruned", keys=repeats.prune(now))


def erase(now: datetime, last: datetime | None) -> None:
    """Erase the guests whose hotel keeps their data no longer, and whatever came late about erased ones."""
    logger.info(
        "erasure.round",
        guests=retention.erase_expired(now),
        events=erasure.sweep(now),
    )


def sign_heads(now: datetime, last: datetime | None) -> None:
    """Write down, signed, where every chain of the audit trail ends."""
    logger.info("trail.heads_signed", chains=heads.publish(now))


def soon(now: datetime) -> datetime:
    """Return when to look again for what its owner should be told of."""
    return now + FIVE_MINUTES


def next_quarter(now: datetime) -> datetime:
    """Return when to look for missed events again."""
    return now + QUARTER


def next_night(now: datetime) -> datetime:
    """Return the next three in the morning (UTC)."""
    tonight = now.replace(hour=NIGHT_HOUR, minute=0, second=0, microsecond=0)
    return tonight if tonight > now else tonight + timedelta(days=1)


PLANS: Final = (
    Plan("alert", alerts.tell, soon, claim=FIVE_MINUTES),
    Plan("fetch_missed_events", fetch_missed_events, next_quarter, claim=QUARTER),
    Plan("strays", reconcile.settle_all_strays, next_night),
    Plan("compare", compare, next_night),
    Plan("prune", forget, next_night),
    Plan("erase", erase, next_night),
    # The last, so that what the others did tonight is signed as well.
    Plan("sign_heads", sign_heads, next_night),
)

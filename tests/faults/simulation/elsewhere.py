"""What happens without the desk: at Stripe, at banks, on the way, with time, and in the worker."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any, Final

from payments import catch_up, reconcile
from payments.full_reconcile import full_reconcile
from tests.faults import actions
from tests.faults.simulation.acts import Act, told
from tests.faults.simulation.stage import Stage
from tests.faults.world import delivery

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# A page ends, a hold ends, keys are forgotten, a tier of the fee begins, an authorization ends.
PAUSES: Final = (*(10 * MINUTE,) * 6, *(HOUR,) * 5, *(5 * HOUR,) * 2, DAY, 25 * HOUR, 3 * DAY, 8 * DAY)


def dashboard(stage: Stage) -> Act | None:
    """Somebody refunds, captures or releases in Stripe's Dashboard; or a bank wants money back."""
    dice, rows = stage.dice, stage.at_stripe()
    if not rows:
        return None
    row = dice.choice(rows)
    what = dice.choice(("refund", "refund", "capture", "cancel", "dispute"))
    given: dict[str, Any] = {}
    if what == "refund" and dice.random() < 0.5:
        given["amount"] = max(1, row["amount"] * dice.choice((1, 20, 50)) // 100)
    if what == "dispute":
        given["kind"] = dice.choice(("chargeback", "inquiry"))
    said = " ".join(str(each) for each in given.values())
    words = f"at Stripe: {what} {said} of {stage.name_of(row)}"
    return at_stripe(stage, words, f"dashboard/payment_intents/{row['payment_intent']}/{what}", **given)


def bank_decides(stage: Stage) -> Act | None:
    """A bank goes on with a dispute."""
    disputes = [each for row in stage.at_stripe() for each in stage.world.disputes(row)]
    if not disputes:
        return None
    dispute = stage.dice.choice(disputes)["id"]
    what = stage.dice.choice(("review", "won", "lost", "warning_closed", "escalate"))
    if what in ("review", "escalate"):
        return at_stripe(stage, f"a bank: {what}", f"dashboard/disputes/{dispute}/{what}")
    return at_stripe(stage, f"a bank: {what}", f"dashboard/disputes/{dispute}/close", status=what)


def refunds_get_slow(stage: Stage) -> Act:
    """The next refund won't arrive at once."""
    modes = ("pending", "pending_then_failed", "pending_then_succeeded", "requires_action", "succeeded_then_failed")
    mode = stage.dice.choice(modes)
    return at_stripe(stage, f"the next refund will be {mode}", "refund_outcome", mode=mode)


def bank_ends_refund(stage: Stage) -> Act | None:
    """A refund arrives, fails, or comes back."""
    refunds = [each for row in stage.at_stripe() for each in row["refunds"]]
    if not refunds:
        return None
    refund, status = stage.dice.choice(refunds), stage.dice.choice(("succeeded", "failed", "canceled"))
    words = f"a refund of {refund['amount']} becomes {status}"
    return at_stripe(stage, words, f"refunds/{refund['id']}/resolve", status=status)


def at_stripe(stage: Stage, words: str, path: str, **given: Any) -> Act:
    """What happens at Stripe; its no is an answer."""
    do = partial(stage.simulator.control, path, **given)
    return Act(words, lambda: stage.outside(do), is_ours=False)


def events_arrive(stage: Stage) -> Act | None:
    """Some events arrive: the newest, or any, or old ones once more, in any order; what never does is lost."""
    dice = stage.dice
    events = stage.events()
    if not events:
        return None
    how = dice.choice(("the newest", "the newest", "some", "one again and again", "all of the last"))
    if how == "the newest":
        chosen = events[-dice.randint(1, 4) :]
    elif how == "some":
        chosen = dice.choices(events, k=dice.randint(1, 6))
    elif how == "one again and again":
        chosen = [dice.choice(events)] * dice.randint(2, 5)
    else:
        chosen = dice.sample(events[-12:], len(events[-12:]))

    def deliver() -> str:
        return " ".join(actions.deliver(delivery(event))[0] for event in chosen)

    return Act(f"Stripe delivers {how}: {', '.join(event['type'] for event in chosen)}", deliver)


def time_passes(stage: Stage) -> Act:
    """Minutes, hours or days pass; what is under way to Stripe has arrived by then."""
    pause = stage.dice.choice(PAUSES)

    def passes() -> str:
        came = stage.post.arrives()
        stage.clock.passes(pause)
        stage.sign_in()
        return f"{came} late requests arrived" if came else "done"

    return Act(f"{pause} pass", passes, is_ours=False)


def worker_turns(stage: Stage) -> Act:
    """The worker takes a turn, or does only one of its kinds of work."""
    what = stage.dice.choice(("worker", "worker", "worker", "janitor", "reconcile", "fetch_missed_events"))
    turns: dict[str, Callable[[], Any]] = {
        "worker": stage.worker,
        "janitor": lambda: reconcile.reconcile(stage.clock.now() + reconcile.GRACE),
        "reconcile": lambda: full_reconcile(stage.clock.now(), days=2),
        "fetch_missed_events": lambda: catch_up.fetch_missed_events(stage.clock.now()),
    }
    return Act(f"{what} turns", lambda: told(turns[what], by=actions.as_worker()))


def post_arrives(stage: Stage) -> Act | None:
    """What was under way to Stripe arrives."""
    if not stage.post.waiting:
        return None
    return Act("what was under way to Stripe arrives", lambda: f"{stage.post.arrives()} requests", is_ours=False)


STEPS: Final = (
    (5, dashboard),
    (3, bank_decides),
    (2, refunds_get_slow),
    (3, bank_ends_refund),
    (10, events_arrive),
    (10, time_passes),
    (12, worker_turns),
    (3, post_arrives),
)

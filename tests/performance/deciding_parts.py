"""Parts of the table about what a decision costs: by a person, and by an event of Stripe's."""

from collections.abc import Iterator, Mapping

from site_config.devtools.proof import Row
from tests.performance import drain, own, peer


def own_time(env: Mapping[str, str]) -> Iterator[Row]:
    """What approving and cancelling cost beside Stripe."""
    found = own.measure(env)
    for act in found.acts:
        yield Row(
            goal="own",
            what=f"{act.what}, ms without Stripe's answer",
            ours=act.wall,
            reference=found.bare.wall,
            at_most=own.GOAL,
            against=found.bare.what,
            note=f"{act.statements:.0f} statements, {act.cpu:.1f} ms of our CPU",
        )


def drained_inbox(env: Mapping[str, str]) -> Iterator[Row]:
    """How fast a full inbox becomes bookings that moved, and how late a steady stream is handled."""
    found, theirs = drain.measure(env), peer.measure(env)
    for goal, rate, reference, at_least in (
        ("drained", found.at_once, theirs.processed, peer.DRAIN_GOAL),
        ("drained, slow", found.slow, theirs.processed_slowly, peer.DRAIN_SLOW_GOAL),
    ):
        slow = f", Stripe at {drain.ANSWER_SECONDS * 1000:.0f} ms" if rate is found.slow else ""
        yield Row(
            goal=goal,
            what=f"full inbox to transitioned bookings{slow}, events/s",
            ours=rate.per_second,
            reference=reference.per_second,
            at_least=at_least,
            against="dj-stripe on events of payments",
            note=f"{rate.events} events, {rate.cpu_milliseconds:.1f} ms of our CPU each",
        )
    yield Row(
        goal="delay",
        what=f"webhook to transitioned booking at {drain.PER_SECOND}/s, p95 in s",
        ours=found.delay,
        at_most=drain.LATEST,
        digits=2,
    )

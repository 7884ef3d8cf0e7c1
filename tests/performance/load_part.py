"""The part that puts a whole installation under load, at the full rates and, where they are too much, at less."""

import os
from collections.abc import Iterator, Mapping
from typing import Final

from site_config.devtools.proof import Row
from tests.performance import mixed
from tests.performance.database import SIZE, database

# Of the full rates: the goal is for the first; the others say what it does sustain.
SHARES: Final = (1.0, 0.5, 0.25, 0.1)


def steady_load(env: Mapping[str, str]) -> Iterator[Row]:
    """What becomes of everything that is sent, each time in an emptied database, until a rate is sustained."""
    seconds = int(env[SIZE] or mixed.SECONDS)
    for share in SHARES:
        with database(os.environ["DATABASE_URL"]) as url:
            found = mixed.measure({**env, "DATABASE_URL": url}, seconds, share)
        yield from under_load(found, share)
        if found.is_sustained:
            return


def under_load(found: mixed.Found, share: float) -> Iterator[Row]:
    """One run at a share of the rates."""
    goal, most = ("load", 0) if share == 1 else ("", None)
    at = f"{mixed.WEBHOOKS * share:.0f} webhooks/s and {mixed.PAGES * share:.0f} pages/s"
    for what, ours in (("lost", found.lost), ("5xx", found.broken), ("wrong in the books", len(found.wrong))):
        note = (
            f"of {sum(found.sent.values())} in {found.seconds} s" if what == "lost" else "; ".join(found.wrong)[:200]
        )
        yield Row(goal=goal, what=f"{at}: {what}", ours=ours, at_most=most, note=note, digits=0)
    for kind, slow in found.p95.items():
        yield Row(what=f"{at}: {kind}, p95 in ms", ours=slow, digits=0)
    yield Row(what=f"{at}: webhook to processed, p95 in ms", ours=found.delay_p95, digits=0)
    spent = ", ".join(f"{name} {each:.0f} s" for name, each in found.cpu.items())
    yield Row(what=f"{at}: CPU, s", ours=sum(found.cpu.values()), note=spent, digits=0)
    yield Row(what=f"{at}: seconds until all was done", ours=found.drained, digits=0)
    yield Row(what=f"{at}: seconds without a web process", ours=found.without_web)

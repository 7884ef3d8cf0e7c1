"""Put history that was written before there were chains into them, in the order in which it was written."""

from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import batched
from typing import Any, Final

from django.apps.registry import Apps

from trail import writing
from trail.declared import ERASURES, history_of, sources

BATCH: Final = 1000
# What hangs on another row goes first.
FORGOTTEN: Final = ("Salt", "Dropped", "Entry", "Chain", "Erasure", "SignedHeads", "Shape")


def run(apps: Apps, using: str) -> int:
    """Put every history row into its chain, by moment, model and key; return how many. Holds one batch at a time."""
    return sum(writing.append(keys, apps=apps, using=using) for keys in batched(in_order(apps, using), BATCH))


def undo(apps: Apps, using: str) -> None:
    """Forget all chains."""
    for name in FORGOTTEN:
        rows = apps.get_model("trail", name)._base_manager.using(using).all()
        # no history: the chains themselves, which have none
        rows._raw_delete(using)


def in_order(apps: Apps, using: str) -> Iterator[writing.Key]:
    """Yield the keys of all history rows as they were written."""
    labels = sorted(label for label in sources(apps) if label != ERASURES)
    for _at, label, key in merge(*(of_one(label, apps, using) for label in labels)):
        yield label, key


def of_one(label: str, apps: Apps, using: str) -> Iterable[tuple[Any, str, int]]:
    """Yield the moments and keys of one history."""
    rows = history_of(label, apps)._base_manager.using(using).order_by("history_date", "history_id")
    for at, key in rows.values_list("history_date", "history_id").iterator(chunk_size=BATCH):
        yield at, label, key

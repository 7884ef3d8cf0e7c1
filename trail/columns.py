"""Before a migration removes a column of a history: keep what its entries stand for."""

from itertools import batched
from typing import Final

from django.apps.registry import Apps

from trail.rows import Table

BATCH: Final = 1000


def keep(label: str, column: str, apps: Apps, using: str) -> int:
    """Keep the values of a column for its entries; return of how many. Called by the migration that removes it.

    Of a personal field the commitment stays, and nothing else.
    """
    table, kept = Table(label, apps, using), apps.get_model("trail.Dropped")
    entries = apps.get_model("trail.Entry")._base_manager.using(using).filter(model=label).order_by("pk")
    count = 0
    for batch in batched(entries.iterator(chunk_size=BATCH), BATCH):
        rows = table.read([entry.record_id for entry in batch])
        found = [
            kept(entry_id=entry.pk, field=column, value=None if column in entry.commitments else row[column])
            for entry in batch
            if (row := rows.get(entry.record_id))
        ]
        # no history: rows of the trail have none
        kept._base_manager.using(using).bulk_create(found)
        count += len(found)
    return count

"""The erasure path: the one way in which a history row ever changes.

What a guest's erasure replaces in a row no longer answers to the row's commitment, so the secret behind that goes,
too: nobody can find out by trying what stood there. Instead the chain itself records which fields were erased, and
the hash of what stands there since: whoever changes that later is found out like anybody else.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import connections, models, transaction
from django.utils import timezone

from bookings import audit
from trail import canonical, writing
from trail.declared import label_of
from trail.models import Entry, Erasure, Salt


def erase_from_history(record: models.Model, values: Mapping[str, Any]) -> None:
    """Put empty values into one history row, and record in its chain that they were erased."""
    using = record._state.db or "default"
    with erasing(using):
        row = type(record)._base_manager.using(using).filter(pk=record.pk)
        # Nothing else ever changes one.
        row.update(**values)
        entry = Entry.objects.using(using).filter(model=label_of(type(record)), record_id=record.pk).first()
        # A row of this very transaction has no entry yet, and gets it without the guest.
        if entry is not None:
            record_erasure(entry, row.values(*values).get())


@contextmanager
def erasing(using: str) -> Iterator[None]:
    """Let the triggers pass what the block writes, all of it or nothing."""
    connection: Any = connections[using]
    with transaction.atomic(using=using):
        set_erasing(connection, is_on=True)
        try:
            yield
        except BaseException:
            # PostgreSQL takes its own setting back with the block.
            connection.erasing = False
            raise
        set_erasing(connection, is_on=False)


def set_erasing(connection: Any, *, is_on: bool) -> None:
    """Tell the triggers of this connection, and of no other, that a guest is erased."""
    connection.erasing = is_on
    if connection.vendor == "postgresql":
        # no history: a setting of the transaction, no row
        with connection.cursor() as cursor:
            # Until the transaction ends, whatever becomes of this block.
            # no history: a setting of the transaction, no row
            cursor.execute("SELECT set_config('innkeep.erasing', %s, true)", ["on" if is_on else "off"])


def record_erasure(entry: Entry, left: Mapping[str, Any]) -> None:
    """Forget the secrets of erased fields; `left` is what stands in them now."""
    using = entry._state.db
    fields = {name: value for name, value in left.items() if name in entry.commitments}
    salt = Salt.objects.using(using).get(entry=entry)
    salt.values = {name: value for name, value in salt.values.items() if name not in fields}
    salt.save(using=using, update_fields=["values"])
    actor = audit.current_actor()
    erasure = Erasure.objects.using(using).create(
        id=entry.pk,
        chain=entry.chain,
        reference=entry.reference,
        fields={name: canonical.value_hash(name, canonical.plain(value)) for name, value in fields.items()},
        history_date=timezone.now(),
        history_user_id=actor.user_id,
        actor_kind=actor.kind,
        transition="erase",
        request_id=actor.request_id,
    )
    writing.note(erasure)

"""Put history rows into their chains: all rows of a transaction together, as the last thing before its commit.

The chains are locked only then, in the order of their keys, so that they are held for milliseconds and never while
something else is waited for. The rows are read again: what a savepoint took back is not there, and what is hashed is
what the database really keeps.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final

from django.apps import apps as running
from django.apps.registry import Apps
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from trail import canonical
from trail.backends import pending
from trail.declared import PERSONAL, label_of, sources
from trail.models import Entry
from trail.placing import Place, Places
from trail.rows import Table, Values, by_label, changed_fields, marks

type Key = tuple[str, int]

INDEXED: Final = ("at", "kind", "actor_kind", "user_id", "transition", "request_id")


def note(history: Any) -> None:
    """Remember a history row that was just written; outside a transaction it is put into its chain at once."""
    connection = connections[history._state.db]
    with transaction.atomic(using=connection.alias, savepoint=False):
        noted = pending.of(connection)
        key = (label_of(type(history)), history.pk)
        # A key that a savepoint gave back is used again: the later row counts.
        noted.pop(key, None)
        noted[key] = None


def write_pending(using: str = "default") -> int:
    """Put the noted rows into their chains now; return how many. A commit does it by itself."""
    connection = connections[using]
    noted = pending.of(connection)
    keys = list(noted)
    noted.clear()
    with transaction.atomic(using=using, savepoint=False):
        return append(keys, apps=running, using=using)


def seal(connection: BaseDatabaseWrapper) -> None:
    """Called by the connection before it commits."""
    write_pending(connection.alias)


def append(keys: Iterable[Key], *, apps: Apps, using: str) -> int:
    """Put history rows into their chains, in this order, inside a transaction; return how many there were."""
    order = list(keys)
    tables = {label: Table(label, apps, using) for label, _ in order}
    read = {label: tables[label].read_with_before(found) for label, found in by_label(order).items()}
    rows = {label: own for label, (own, _before) in read.items()}
    changed = {label: changed_fields(tables[label], *found) for label, found in read.items()}
    places = Places(rows, apps, using)
    by_chain: dict[int, list[Entry]] = defaultdict(list)
    for label, key in order:
        if row := rows[label].get(key):
            place = places.of(label, row)
            by_chain[place[0]].append(entry_of(tables[label], row, place, changed[label][key]))
    if by_chain:
        Chains(apps, using).extend(by_chain)
    return sum(map(len, by_chain.values()))


def entry_of(table: Table, row: Values, place: Place, changed: str) -> Any:
    """Return the entry of a row without its place in the chain; what is personal is committed to."""
    chain, reference = place
    entry: Any = table.apps.get_model("trail.Entry")(
        chain=chain,
        model=table.label,
        object_id=row["id"],
        record_id=row["history_id"],
        reference=reference,
        changed=changed,
        version=canonical.VERSION,
        shape=table.shape,
        **index_of(row),
    )
    entry.salts = {name: canonical.new_salt() for name in personal_in(table.label, row)}
    entry.commitments = {name: canonical.commitment(salt, name, row[name]) for name, salt in entry.salts.items()}
    entry.row = {name: value for name, value in row.items() if name not in entry.salts}
    return entry


def index_of(row: Values) -> dict[str, Any]:
    """Return what an entry repeats of its row, so that people can look for it."""
    return {
        "at": row["history_date"],
        "kind": row["history_type"],
        "actor_kind": row["actor_kind"],
        "user_id": row["history_user_id"],
        "transition": row["transition"],
        "request_id": row["request_id"],
    }


def personal_in(label: str, row: Values) -> list[str]:
    """Return the fields of a row that tell of a person; an empty one does not, where an erasure leaves it empty."""
    return [name for name, left in PERSONAL[label].items() if name in row and (row[name] or left)]


def content_of(entry: Any, row: Values) -> dict[str, Any]:
    """Return all that an entry's digest stands for; `row` is without what is committed to."""
    return {
        "version": entry.version,
        "chain": entry.chain,
        "position": entry.position,
        "model": entry.model,
        "object_id": entry.object_id,
        "record_id": entry.record_id,
        "reference": entry.reference,
        "changed": entry.changed,
        **{name: canonical.plain(getattr(entry, name)) for name in INDEXED},
        "commitments": entry.commitments,
        "row": row,
    }


class Chains:
    """The ends of chains, locked from the first look at them until the transaction ends."""

    def __init__(self, apps: Apps, using: str) -> None:
        self.apps, self.using = apps, using

    def extend(self, by_chain: dict[int, list[Any]]) -> None:
        """Add entries at the ends of their chains, with their salts."""
        chains = self.locked(sorted(by_chain))
        for chain in chains:
            for entry in by_chain[chain.pk]:
                chain.length += 1
                entry.position = chain.length
                entry.digest = canonical.digest(content_of(entry, entry.row))
                entry.hash = chain.head = canonical.linked(chain.head, entry.digest)
        entries = [entry for chain in chains for entry in by_chain[chain.pk]]
        if connections[self.using].vendor == "postgresql":
            self.write_at_once(chains, entries)
        else:
            self.write(chains, entries)

    def write(self, chains: list[Any], entries: list[Any]) -> None:
        """Write entries, their salts and the new ends of their chains."""
        # no history: rows of the trail have none
        self.table("Entry").bulk_create(entries, batch_size=500)
        salt = self.apps.get_model("trail.Salt")
        salts = [salt(entry_id=each.pk, values=each.salts) for each in entries if each.salts]
        # no history: rows of the trail have none
        self.table("Salt").bulk_create(salts, batch_size=500)
        # no history: rows of the trail have none
        with connections[self.using].cursor() as cursor:
            grown = [(chain.length, chain.head, chain.pk) for chain in chains]
            # no history: rows of the trail have none
            cursor.executemany("UPDATE trail_chain SET length = %s, head = %s WHERE id = %s", grown)

    def write_at_once(self, chains: list[Any], entries: list[Any]) -> None:
        """Write the same in one statement: whoever waits for a chain waits for each answer of the database, too."""
        connection = connections[self.using]
        fields = [field for field in entries[0]._meta.concrete_fields if not field.primary_key]
        salted = [each for each in entries if each.salts]
        statement = (
            f"WITH entry AS (INSERT INTO trail_entry ({', '.join(field.column for field in fields)})"  # noqa: S608
            f" VALUES {tuples(len(entries), marks(fields))} RETURNING id, chain, position), "
            "grown AS (UPDATE trail_chain SET length = said.length, head = said.head"
            f" FROM (VALUES {tuples(len(chains), '%s, %s, %s')}) AS said(id, length, head)"
            " WHERE trail_chain.id = said.id) "
        )
        values = [
            field.get_db_prep_save(getattr(each, field.attname), connection) for each in entries for field in fields
        ]
        values += [value for chain in chains for value in (chain.pk, chain.length, chain.head)]
        if salted:
            statement += (
                'INSERT INTO trail_salt (entry_id, "values") SELECT entry.id, said.secret FROM entry JOIN'  # noqa: S608
                f" (VALUES {tuples(len(salted), '%s, %s, %s::jsonb')}) AS said(chain, position, secret)"
                " USING (chain, position)"
            )
            values += [value for each in salted for value in (each.chain, each.position, json.dumps(each.salts))]
        else:
            statement += "SELECT 1"
        # no history: rows of the trail have none
        with connection.cursor() as cursor:
            # no history: rows of the trail have none
            cursor.execute(statement, values)

    def locked(self, keys: list[int]) -> list[Any]:
        """Lock chains in the order of their keys; one that is not there yet is begun."""
        found = self.there(keys)
        if len(found) == len(keys):
            return found
        model = self.apps.get_model("trail.Chain")
        # Two transactions may begin the same chain: the second waits here, and then sees what the first wrote.
        new = [model(pk=key) for key in keys if key not in {chain.pk for chain in found}]
        # no history: rows of the trail have none
        self.table("Chain").bulk_create(new, ignore_conflicts=True)
        return self.there(keys)

    def there(self, keys: list[int]) -> list[Any]:
        """Lock the chains that there are. In plain SQL, as every commit does this."""
        connection, model = connections[self.using], self.apps.get_model("trail.Chain")
        lock = " FOR UPDATE" if connection.features.has_select_for_update else ""
        # no history: reads the ends of chains
        with connection.cursor() as cursor:
            sql = f"SELECT id, length, head FROM trail_chain WHERE id IN ({marks(keys)}) ORDER BY id{lock}"  # noqa: S608
            # no history: reads the ends of chains
            cursor.execute(sql, keys)
            return [model(id=key, length=length, head=head) for key, length, head in cursor.fetchall()]

    def table(self, name: str) -> Any:
        """The rows of a model of the trail."""
        return self.apps.get_model("trail", name)._base_manager.using(self.using)


def tuples(number: int, marks: str) -> str:
    """Return so many lists of place holders, one for each row."""
    return ", ".join([f"({marks})"] * number)


def shapes(apps: Apps) -> list[Any]:
    """Return the shapes that rows of every declared history have now."""
    model, found = apps.get_model("trail.Shape"), []
    for label in sources(apps):
        table = Table(label, apps, "")
        found.append(model(id=table.shape, model=label, fields=table.columns))
    return found

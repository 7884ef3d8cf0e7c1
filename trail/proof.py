"""The proof that goes with an export: whoever has the file verifies it without us, by `trail/verify_export.py`.

The entries that are shown come whole: what they say, their rows, their commitments with the secrets behind them. Of
the entries between them comes the digest alone, so that the hashes close up to a head that was signed.
"""

from collections import defaultdict
from collections.abc import Iterable
from itertools import batched
from typing import Any, Final

from django.apps import apps

from trail import heads
from trail.models import Dropped, Entry, Salt, Shape, SignedHeads
from trail.rows import Table, by_label
from trail.writing import content_of

VERSION: Final = 1
BATCH: Final = 1000


def proof_of(entries: Iterable[Entry], *, using: str = "default") -> dict[str, Any]:
    """Return the proof of entries as plain JSON: for each of their chains the piece from the first to a signed head.

    A chain that grew beyond its last signed head is shown up to its end, which then nobody has signed yet.
    """
    chosen: dict[int, set[int]] = defaultdict(set)
    for entry in entries:
        chosen[entry.chain].add(entry.position)
    signed = list(SignedHeads.objects.using(using).order_by("-pk").values_list("text", flat=True)[:1])
    ends = {key: max(found) for key, found in heads.read(signed).items()} if signed else {}
    pieces = [piece(key, places, ends.get(key, 0), using) for key, places in sorted(chosen.items())]
    return {"version": VERSION, "chains": pieces, "heads": signed}


def piece(chain: int, places: set[int], end: int, using: str) -> dict[str, Any]:
    """Return one chain from its first shown entry to its last or to the signed end, whichever is later."""
    first, last = min(places), max(*places, end)
    every = Entry.objects.using(using).filter(chain=chain).order_by("position")
    before = every.filter(position=first - 1).values_list("hash", flat=True).first()
    links: list[dict[str, Any]] = []
    rows = every.filter(position__gte=first, position__lte=last).iterator(chunk_size=BATCH)
    for batch in batched(rows, BATCH):
        whole = {each["position"]: each for each in shown([one for one in batch if one.position in places], using)}
        links += [whole.get(one.position) or {"position": one.position, "digest": one.digest} for one in batch]
    return {"chain": chain, "previous": before or "", "entries": links}


def shown(entries: list[Entry], using: str) -> list[dict[str, Any]]:
    """Return entries whole: what was hashed, and the values and secrets behind what was committed to."""
    keys = by_label((entry.model, entry.record_id) for entry in entries)
    rows = {label: Table(label, apps, using).read(found) for label, found in keys.items()}
    salts = dict(Salt.objects.using(using).filter(entry__in=entries).values_list("pk", "values"))
    shapes = dict(Shape.objects.using(using).values_list("pk", "fields"))
    dropped: dict[int, dict[str, Any]] = defaultdict(dict)
    for key, name, value in (
        Dropped.objects.using(using).filter(entry__in=entries).values_list("entry", "field", "value")
    ):
        dropped[key][name] = value
    return [
        whole(entry, {**rows[entry.model].get(entry.record_id, {}), **dropped[entry.pk]}, shapes, salts)
        for entry in entries
    ]


def whole(entry: Entry, row: dict[str, Any], shapes: dict[str, list[str]], salts: dict[int, Any]) -> dict[str, Any]:
    """Return one entry whole. Of an erased value only its commitment is left."""
    values = {name: row.get(name) for name in shapes.get(entry.shape, row)}
    own = salts.get(entry.pk, {})
    return {
        "position": entry.position,
        "content": content_of(entry, {name: each for name, each in values.items() if name not in entry.commitments}),
        "personal": {
            name: {"salt": own[name], "value": values.get(name)} for name in entry.commitments if name in own
        },
        "hash": entry.hash,
        "digest": entry.digest,
    }

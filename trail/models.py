"""Where each history row stands in its hotel's chain, and what the explorer looks for.

One chain for each hotel and one of the installation (users, rates). An entry says little that its history row does
not say as well: it is an index over the history of every model, and the seal on it. Keys are plain numbers without a
foreign key, because an entry outlives whatever it tells of.
"""

from typing import Final

from django.db import models

from bookings.actor import ActorKind

# The chain of what belongs to no hotel. Every other chain has its hotel's primary key.
INSTALLATION: Final = 0


class Chain(models.Model):
    """How long a chain is, and the hash of its last entry: locked while entries are added."""

    # INSTALLATION or the primary key of a hotel.
    id = models.BigIntegerField(primary_key=True)
    length = models.BigIntegerField(default=0)
    head = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"chain {self.pk}"


class Entry(models.Model):
    """One history row: what the explorer filters by, its place in the chain, and its hash."""

    class Kind(models.TextChoices):
        """What happened to the row that the history is about, as simple-history writes it."""

        CREATED = "+"
        CHANGED = "~"
        DELETED = "-"

    # INSTALLATION or the primary key of a hotel; with the position it says where the entry stands.
    chain = models.BigIntegerField()
    position = models.BigIntegerField()
    # Which model, such as "bookings.booking", which of its rows, and which row of its history.
    model = models.CharField(max_length=60)
    object_id = models.BigIntegerField()
    record_id = models.BigIntegerField()
    # The booking that it concerns, if any: of a payment, a refund, a mail …
    reference = models.CharField(max_length=20, blank=True)
    # UTC, as in the history row.
    at = models.DateTimeField()
    kind = models.CharField(max_length=1, choices=Kind.choices)
    actor_kind = models.CharField(max_length=10, choices=ActorKind.choices)
    user_id = models.BigIntegerField(null=True)
    transition = models.CharField(max_length=40, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    # The names of the fields that differ from the row before, between blanks: " refund_amount status ".
    changed = models.TextField(blank=True)
    # How the canonical form was made, so that old entries verify for ever.
    version = models.PositiveSmallIntegerField()
    # For each personal field a salted commitment: it holds when the value is erased and its salt is gone.
    commitments = models.JSONField(default=dict)
    previous = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name_plural = "entries"
        constraints = [
            models.UniqueConstraint(fields=["chain", "position"], name="entry_place"),
            models.UniqueConstraint(fields=["model", "record_id"], name="entry_record"),
        ]

    def __str__(self) -> str:
        return f"entry {self.position} of chain {self.chain}"


class Salt(models.Model):
    """The secret that binds an entry's commitments to the values; deleted with the guest's data."""

    entry = models.OneToOneField(Entry, models.CASCADE, primary_key=True, related_name="salt")
    value = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"salt of {self.entry_id}"

"""Where each history row stands in its hotel's chain, and what the explorer looks for.

One chain for each hotel and one of the installation (users, rates). An entry says little that its history row does
not say as well: it is an index over the history of every model, and the seal on it. Keys are plain numbers without a
foreign key, because an entry outlives whatever it tells of.
"""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from bookings.actor import ActorKind
from bookings.audit import HistoryContext

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
    # How the canonical form was made, and of which columns (`Shape`), so that old entries verify for ever.
    version = models.PositiveSmallIntegerField()
    shape = models.CharField(max_length=16)
    # For each personal field a salted commitment: it holds when the value is erased and its salt is gone.
    commitments = models.JSONField(default=dict)
    # Of all that this entry and its row say; and of the hash before together with that.
    digest = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("history entry")
        verbose_name_plural = _("history")
        constraints = [
            models.UniqueConstraint(fields=["chain", "position"], name="entry_place"),
            models.UniqueConstraint(fields=["model", "record_id"], name="entry_record"),
        ]
        # The explorer lists the newest first: one index for each filter, so that no list is sorted or counted. Which
        # fields changed has one on PostgreSQL alone, made by the migration.
        indexes = [
            models.Index(fields=["at", "id"], name="entry_time"),
            models.Index(fields=["chain", "at"], name="entry_chain"),
            models.Index(fields=["user_id", "at"], name="entry_person"),
            models.Index(fields=["actor_kind", "at"], name="entry_actor"),
            models.Index(fields=["model", "at"], name="entry_model"),
            models.Index(fields=["model", "object_id", "record_id"], name="entry_object"),
            models.Index(fields=["transition", "at"], name="entry_transition"),
            # The one pair of filters that may keep next to nothing of much: what one person did of one kind.
            models.Index(fields=["user_id", "transition", "at"], name="entry_person_transition"),
            models.Index(fields=["reference", "at"], name="entry_reference"),
            models.Index(fields=["request_id", "at"], name="entry_request"),
        ]

    def __str__(self) -> str:
        return f"entry {self.position} of chain {self.chain}"


class Salt(models.Model):
    """The secrets that bind an entry's commitments to the values, one for each field; they go with the value."""

    entry = models.OneToOneField(Entry, models.CASCADE, primary_key=True, related_name="salt")
    values = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"salts of {self.entry_id}"


class Shape(models.Model):
    """Which columns of a history took part in an entry: what a later version adds is not looked for in old ones."""

    # The beginning of the hash of all that follows.
    id = models.CharField(max_length=16, primary_key=True)
    model = models.CharField(max_length=60)
    fields = models.JSONField()

    def __str__(self) -> str:
        return f"{self.model}: {len(self.fields)} columns"


class Dropped(models.Model):
    """What stood in a column of a chained row before a migration removed the column."""

    entry = models.ForeignKey(Entry, models.CASCADE, related_name="dropped", db_constraint=False)
    field = models.CharField(max_length=80)
    # In the canonical form; nothing for a personal field, whose commitment is all that is left.
    value = models.JSONField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "field"], name="dropped_once")]

    def __str__(self) -> str:
        return f"{self.field} of {self.entry_id}"


class Erasure(HistoryContext):
    """Which personal fields of a history row were erased, and the hash of what stands there since.

    A row of history about a row of history: it has the same columns, and an entry of its own in the same chain.
    """

    history_id = models.BigAutoField(primary_key=True)
    history_date = models.DateTimeField()
    history_type = models.CharField(max_length=1, default=Entry.Kind.CREATED)
    history_user_id = models.BigIntegerField(null=True)
    history_change_reason = models.TextField(null=True)
    # The entry whose row lost something, in which chain it is, and what booking it concerned.
    id = models.BigIntegerField(db_index=True)
    chain = models.BigIntegerField()
    reference = models.CharField(max_length=20, blank=True)
    fields = models.JSONField()

    def __str__(self) -> str:
        return f"erasure in entry {self.id}"


class SignedHeads(models.Model):
    """Where every chain ended at a moment, signed: what was cut off afterwards is missed."""

    at = models.DateTimeField()
    # The very lines that were signed, as they also went to a file or a mailbox.
    text = models.TextField()

    class Meta:
        verbose_name_plural = "signed heads"

    def __str__(self) -> str:
        return f"heads of {self.at:%Y-%m-%d %H:%M} UTC"

"""Work that is done now and then by whichever worker gets to it first."""

from django.db import models


class Chore(models.Model):
    """When one kind of work is due next, and up to when it has been done (both UTC).

    The one place where workers agree on it: the row is claimed by a counted update, so it holds nothing that
    anybody has to explain, and no history.
    """

    name = models.CharField(max_length=40, unique=True)
    next_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

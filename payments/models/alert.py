"""What the owner of the installation was told, so that each cause is told once."""

from django.db import models


class Alert(models.Model):
    """One cause: a word for its kind and the keys of its rows. What is behind it has a history of its own."""

    cause = models.CharField(max_length=100, unique=True)
    found_at = models.DateTimeField()
    # Empty until the mail server has taken the mail about it.
    told_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.cause

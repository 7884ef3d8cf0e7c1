"""Keys with which programs act in the name of a member of staff."""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy

from bookings import audit
from bookings.models.hotel import Hotel, User


class AccessToken(models.Model):
    """A personal access token. Only its hash is stored; its first characters tell people which one it is."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="access_tokens", editable=False)
    name = models.CharField(max_length=80, help_text=gettext_lazy("What uses it, such as “Website”."))
    hotel = models.ForeignKey(
        Hotel,
        verbose_name=gettext_lazy("only for"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=gettext_lazy("Empty: all hotels of its owner."),
    )
    prefix = models.CharField(max_length=12, editable=False)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(
        gettext_lazy("works until"), null=True, blank=True, help_text=gettext_lazy("In UTC. Empty: for ever.")
    )
    revoked_at = models.DateTimeField(null=True, editable=False)

    history = audit.history(excluded_fields=["token_hash"])

    class Meta:
        ordering = ("-pk",)
        verbose_name = gettext_lazy("access token")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def is_live(self, at: datetime) -> bool:
        """Whether it is neither revoked nor expired at a moment (UTC)."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > at)


class TokenUse(models.Model):
    """When a token was last used. Beside the token, as its history is about people's decisions."""

    token = models.OneToOneField(AccessToken, on_delete=models.CASCADE, related_name="use")
    last_used_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.token}: {self.last_used_at:%Y-%m-%d %H:%M}"

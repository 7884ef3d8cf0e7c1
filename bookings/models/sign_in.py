"""What staff decided about signing in."""

from django.db import models

from bookings.models.hotel import User


class SignInRelease(models.Model):
    """A lock that somebody has released: whose, from which address, who and when. Never changed, never deleted."""

    username = models.CharField("name", max_length=255, blank=True)
    ip_address = models.GenericIPAddressField("address", null=True)
    failures = models.PositiveIntegerField("wrong tries")
    released_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    request_id = models.CharField(max_length=64, blank=True)
    released_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)
        verbose_name = "released lock"

    def __str__(self) -> str:
        return f"{self.username} · {self.ip_address}"

"""What staff decided about signing in."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from bookings import audit
from bookings.models.hotel import User


class SignInRelease(models.Model):
    """A lock that somebody has released: whose, from which address, who and when. Never changed, never deleted."""

    username = models.CharField(_("name"), max_length=255, blank=True)
    ip_address = models.GenericIPAddressField(_("address"), null=True)
    failures = models.PositiveIntegerField(_("wrong tries"))
    released_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(_("reason"))
    request_id = models.CharField(max_length=64, blank=True)
    released_at = models.DateTimeField(auto_now_add=True)

    history = audit.history()

    class Meta:
        ordering = ("-id",)
        verbose_name = _("released lock")

    def __str__(self) -> str:
        return " · ".join(filter(None, (self.username, self.ip_address)))

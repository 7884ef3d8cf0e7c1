"""What was tried and refused, who signed in or could not, and how often the same thing happened again."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from bookings import audit
from bookings.models.hotel import Hotel


class Surface(models.TextChoices):
    """Where somebody tried something."""

    DESK = "desk", _("Desk")
    GUEST = "guest", _("Guest's page")
    API = "api", _("API")
    BULK = "bulk", _("Bulk run")


class SignInKind(models.TextChoices):
    """What happened at the door."""

    SIGNED_IN = "signed_in", _("Signed in")
    PASSWORD = "password", _("Password right, code asked for")
    FAILED = "failed", _("Wrong name or password")
    CODE_FAILED = "code_failed", _("Wrong code")
    LOCKED = "locked", _("Locked out")
    SIGNED_OUT = "signed_out", _("Signed out")
    TOKEN_CREATED = "token_created", _("Access token made")
    TOKEN_USED = "token_used", _("Access token used, first on this day")
    TOKEN_REFUSED = "token_refused", _("Access token refused")


class Happening(audit.Kept):
    """Something that happened and changed nothing else. `actor` is whoever did it, as history rows name them.

    `key` is the same for the same thing within the same minute (or day); how often it was repeated is in `Repeat`,
    so that hammering at a door makes one row and not thousands.
    """

    key = models.CharField(max_length=64, unique=True, editable=False)
    at = models.DateTimeField(auto_now_add=True, db_index=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    actor_kind = models.CharField(max_length=10, choices=audit.ActorKind.choices)
    actor = models.JSONField(default=dict)
    request_id = models.CharField(max_length=64, blank=True, db_index=True)

    class Meta:
        abstract = True


class RefusedAttempt(Happening):
    """One action that was refused, and why.

    `reference` and `hotel` are known where the row was the person's to see; else there is only what they `asked`
    for. The amount is in minor units, as it was asked.
    """

    surface = models.CharField(max_length=5, choices=Surface.choices)
    tried = models.CharField(max_length=40)
    # Which kind of row it was about, such as "payments.refund", and the id in the address.
    model = models.CharField(max_length=60, blank=True)
    asked = models.CharField(max_length=64, blank=True)
    reference = models.CharField(max_length=16, blank=True, db_index=True)
    hotel = models.ForeignKey(Hotel, models.PROTECT, null=True, related_name="+")
    amount = models.PositiveBigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    code = models.CharField(max_length=40)
    words = models.TextField(blank=True)

    history = audit.history()

    class Meta:
        ordering = ("-id",)
        verbose_name = _("refused attempt")
        verbose_name_plural = _("refused attempts")

    def __str__(self) -> str:
        return self.reference or self.asked


class SignIn(Happening):
    """Somebody signed in or out, could not, or used an access token. `username` is what was typed."""

    kind = models.CharField(max_length=15, choices=SignInKind.choices)
    username = models.CharField(max_length=150, blank=True)
    # By which people recognise a token; never the key itself.
    token = models.CharField(max_length=12, blank=True)

    history = audit.history()

    class Meta:
        ordering = ("-id",)
        verbose_name = _("sign-in record")
        verbose_name_plural = _("sign-in records")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.username}".strip()


class Repeat(models.Model):
    """How often the same thing happened again, and when last. Beside it, as its history tells of it once."""

    key = models.CharField(max_length=64, primary_key=True)
    times = models.PositiveIntegerField(default=1)
    last_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.times} more"

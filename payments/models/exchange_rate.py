"""Exchange rates: what one unit of a currency is worth in another. Staff edit them or a command loads them."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bookings import audit


class ExchangeRate(models.Model):
    """How many units of `target` one unit of `base` buys, since `quoted_at` (UTC), according to `source`."""

    base = models.CharField(_("from"), max_length=3, help_text=_("Three letters, such as PKR."))
    target = models.CharField(_("to"), max_length=3, help_text=_("Three letters, such as USD."))
    rate = models.DecimalField(max_digits=24, decimal_places=12, validators=[MinValueValidator(0)])
    source = models.CharField(max_length=80)
    quoted_at = models.DateTimeField()
    updated_at = models.DateTimeField(auto_now=True)

    history = audit.history()

    class Meta:
        ordering = ("base", "target")
        constraints = (
            models.UniqueConstraint(fields=("base", "target"), name="one_rate_per_pair"),
            models.CheckConstraint(condition=Q(rate__gt=0), name="rate_is_positive"),
            models.CheckConstraint(condition=~Q(base=F("target")), name="rate_between_two"),
        )

    def __str__(self) -> str:
        return f"{self.base} → {self.target}"

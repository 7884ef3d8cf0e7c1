"""What is known of the chains: since when their ends are signed, and with what anybody can verify an export."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from bookings.admin.words import moment
from trail.models import SignedHeads


def verified() -> str:
    """Return up to when the chains' ends are signed; nothing as long as nobody has signed any."""
    at = SignedHeads.objects.order_by("-at").values_list("at", flat=True).first()
    if at is None:
        return ""
    said = _("The ends of all chains were signed on %(at)s: what was recorded until then cannot be changed unseen.")
    return said % {"at": moment(None, at, seconds=True)}


def verifier() -> str | None:
    """Return the source of the verifier; None where there is none yet."""
    return None


def proof(entries: Iterable[Any]) -> dict[str, Any] | None:
    """Return what proves that entries stand in their chains unaltered; None where there is no such proof yet."""
    return None

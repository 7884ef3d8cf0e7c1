"""What is known of the chains: since when their ends are signed, and with what anybody can verify an export."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext as _

from bookings.admin.words import moment
from trail.models import Entry, SignedHeads
from trail.proof import proof_of

VERIFIER: Final = Path(__file__).resolve().parents[1] / "verify_export.py"


def verified() -> str:
    """Return up to when the chains' ends are signed; nothing as long as nobody has signed any."""
    at = SignedHeads.objects.order_by("-at").values_list("at", flat=True).first()
    if at is None:
        return ""
    said = _("The ends of all chains were signed on %(at)s: what was recorded until then cannot be changed unseen.")
    return said % {"at": moment(None, at, seconds=True)}


def verifier() -> bytes:
    """Return the program that verifies a JSON file; it needs nothing of ours."""
    return VERIFIER.read_bytes()


def proof(entries: Iterable[Entry]) -> dict[str, Any]:
    """Return what proves that entries stand in their chains unaltered: the keys that the verifier reads."""
    return proof_of(entries)

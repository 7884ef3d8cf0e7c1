"""Links from our records to Stripe's pages about the same thing."""

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

DASHBOARD = "https://dashboard.stripe.com"


def open_in_stripe(intent_id: str | None) -> SafeString | str:
    """Return a link to a payment at Stripe; to the simulator's page where that stands in for Stripe."""
    if not intent_id:
        return "–"
    if settings.STRIPE_API_BASE:
        address = settings.STRIPE_API_BASE
    else:
        test = "test/" if "_test_" in settings.STRIPE_SECRET_KEY else ""
        address = f"{DASHBOARD}/{test}payments/{intent_id}"
    return format_html(
        '<a class="desk-link" href="{}" target="_blank" rel="noopener noreferrer">{}</a>',
        address,
        _("Open in Stripe"),
    )

"""What Unfold shows around the admin's pages: title, colours, sidebar."""

from typing import Any

from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

FAVICON = "innkeep/favicon.svg"


def list_of(model: str) -> Any:
    """The address of a model's list (`"bookings_booking"`), found when the sidebar is drawn."""
    return lazy(changelist, str)(model)


def changelist(model: str) -> str:
    """A model without a page of its own leads to the start page."""
    try:
        return reverse(f"admin:{model}_changelist")
    except NoReverseMatch:
        return reverse("admin:index")


def entry(title: Any, icon: str, model: str) -> dict[str, Any]:
    """One line of the sidebar, shown to those who may see the model."""
    app, _separator, name = model.partition("_")
    permission = f"{app}.view_{name}"
    return {
        "title": title,
        "icon": icon,
        "link": list_of(model),
        "permission": lambda request: request.user.has_perm(permission),
    }


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Innkeep",
    "SITE_HEADER": "Innkeep",
    "SITE_SUBHEADER": _("Booking desk"),
    "SITE_SYMBOL": "bed",
    "SITE_URL": "/booking/",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lazy(static, str)(FAVICON)}],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    # The palette's results are cached and its history stays in the browser: personal data.
    "COMMAND": {"search_models": False, "show_history": False},
    "COLORS": {
        "primary": {
            "50": "oklch(98.4% 0.014 180.7)",
            "100": "oklch(95.3% 0.051 180.8)",
            "200": "oklch(91% 0.096 180.4)",
            "300": "oklch(85.5% 0.138 181.1)",
            "400": "oklch(77.7% 0.152 181.9)",
            "500": "oklch(60% 0.118 184.7)",
            "600": "oklch(51.1% 0.096 186.4)",
            "700": "oklch(43.7% 0.078 188.2)",
            "800": "oklch(38.6% 0.063 188.4)",
            "900": "oklch(33% 0.053 189)",
            "950": "oklch(27.7% 0.046 192.5)",
        },
    },
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": False,
        "navigation": [
            {
                "title": _("Front desk"),
                "items": [
                    {"title": _("Today"), "icon": "today", "link": lazy(reverse, str)("admin:index")},
                    entry(_("Bookings"), "luggage", "bookings_booking"),
                ],
            },
            {
                "title": _("Money"),
                "separator": True,
                "items": [
                    entry(_("Payments"), "payments", "payments_payment"),
                    entry(_("Operations"), "sync_alt", "payments_paymentoperation"),
                    entry(_("Refunds"), "currency_exchange", "payments_refund"),
                    entry(_("Webhook inbox"), "inbox", "payments_stripewebhookevent"),
                ],
            },
            {
                "title": _("Hotel"),
                "separator": True,
                "items": [
                    entry(_("Hotels"), "domain", "bookings_hotel"),
                    entry(_("Rooms"), "bed", "bookings_room"),
                    entry(_("Cancellation policies"), "policy", "cancellations_cancellationpolicy"),
                    entry(_("Staff"), "badge", "bookings_user"),
                ],
            },
        ],
    },
}

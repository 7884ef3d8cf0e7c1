"""What Unfold shows around the admin's pages: title, colours, sidebar."""

from functools import cache
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.functional import lazy
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

FAVICON = "innkeep/favicon.svg"
STYLES = ("desk", "today", "bulk", "add_booking", "booking_page", "reports", "keys", "trail")
SCRIPTS = ("desk", "live", "booking_page", "list_keys")


def list_of(model: str) -> Any:
    """The address of a model's list (`"bookings_booking"`), found when the sidebar is drawn."""
    return lazy(changelist, str)(model)


def name_of_list(label: str) -> str:
    """What a model's list is called; settings are read before there is any admin to ask."""
    return str(import_string("bookings.list_names.name_of_model")(label))


@cache  # Unfold compares every entry with every tab, on every page
def changelist(model: str) -> str:
    """A model without a page of its own leads to the start page."""
    try:
        return reverse(f"admin:{model}_changelist")
    except NoReverseMatch:
        return reverse("admin:index")


def entry(icon: str, model: str, **more: Any) -> dict[str, Any]:
    """One line of the sidebar, shown to those who may see the model; it is called as the model's list is."""
    app, _separator, name = model.partition("_")
    permission = f"{app}.view_{name}"
    return {
        "title": lazy(name_of_list, str)(f"{app}.{name}"),
        "icon": icon,
        "link": list_of(model),
        "permission": lambda request: request.user.has_perm(permission),
        **more,
    }


def badge(key: str, variant: str) -> dict[str, str]:
    """What shows a number beside an entry; open pages keep it up to date by its key."""
    return {"badge": f"site_config.dashboard.{key}_badge", "badge_key": key, "badge_variant": variant}


def report(title: Any, icon: str, name: str) -> dict[str, Any]:
    """One report's line of the sidebar."""
    link = lazy(lambda: reverse("admin:bookings_booking_report", args=[name]), str)()
    return {
        "title": title,
        "icon": icon,
        "link": link,
        "permission": lambda request: request.user.has_perm("bookings.view_reports"),
        "active": lambda request: request.path.startswith(str(link)),
    }


def tab(title: Any, name: str = "", value: str = "") -> dict[str, Any]:
    """One tab above the bookings: a link to the list with one filter set, or with none."""
    query = f"?{name}={value}" if name else ""
    return {
        "title": title,
        "link": lazy(lambda: f"{changelist('bookings_booking')}{query}", str)(),
        "active": lambda request: is_on_tab(request, name, value),
    }


def is_on_tab(request: HttpRequest, name: str, value: str) -> bool:
    """Whether the list shows what a tab stands for; without filters, that is all bookings."""
    if name:
        return request.GET.get(name) == value
    return not any(request.GET.get(key) == chosen for key, chosen in TAB_FILTERS)


def is_calendar(request: HttpRequest) -> bool:
    """Whether the calendar is shown; its address lies below the bookings'."""
    return request.path == reverse("admin:bookings_booking_calendar")


def is_of_bookings(request: HttpRequest) -> bool:
    """Whether the list of bookings or one of them is shown; reports and the import have lines of their own."""
    first = changelist("bookings_booking")
    return request.path.startswith(first) and not request.path.startswith((f"{first}reports/", f"{first}import/"))


def is_connections(request: HttpRequest) -> bool:
    """Whether the page about Stripe, mail and worker is shown; its address lies below the hotels'."""
    return request.path == reverse("admin:bookings_hotel_connections")


def is_of_hotels(request: HttpRequest) -> bool:
    """Whether the list of hotels or one of them is shown."""
    return request.path.startswith(changelist("bookings_hotel"))


TAB_FILTERS = (
    ("status__exact", "PENDING_APPROVAL"),
    ("stay", "arriving"),
    ("stay", "in_house"),
    ("status__exact", "CANCELLED"),
    ("deleted", "only"),
)
TAB_TITLES = (_("Needs approval"), _("Arriving"), _("In house"), _("Cancelled"), _("Deleted"))


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
    "SHOW_LANGUAGES": True,
    "LANGUAGES": {"action": lazy(reverse, str)("desk_language")},
    # The palette's results are cached and its history stays in the browser: personal data.
    "COMMAND": {"search_models": False, "show_history": False, "search_callback": "site_config.palette.find"},
    # Named by their dotted paths: settings are read before the apps are.
    "DASHBOARD_CALLBACK": "site_config.dashboard.today",
    "ENVIRONMENT": "site_config.dashboard.environment",
    "STYLES": [lazy(static, str)(f"bookings/{name}.css") for name in STYLES],
    "SCRIPTS": [lazy(static, str)(f"bookings/{name}.js") for name in SCRIPTS],
    "TABS": [
        {
            "models": ["bookings.booking"],
            "items": [
                *(tab(title, *chosen) for title, chosen in zip(TAB_TITLES, TAB_FILTERS, strict=True)),
                tab(_("All")),
            ],
        }
    ],
    "COLORS": {
        "primary": {
            "50": "oklch(98.4% 0.014 180.7)",
            "100": "oklch(95.3% 0.051 180.8)",
            "200": "oklch(91% 0.096 180.4)",
            "300": "oklch(85.5% 0.138 181.1)",
            "400": "oklch(77.7% 0.152 181.9)",
            "500": "oklch(65% 0.12 183.5)",
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
                    entry(
                        "luggage",
                        "bookings_booking",
                        **badge("approvals", "warning"),
                        active=lambda request: is_of_bookings(request) and not is_calendar(request),
                    ),
                    entry(
                        "calendar_month",
                        "bookings_booking",
                        title=_("Calendar"),
                        link=lazy(reverse, str)("admin:bookings_booking_calendar"),
                        active=is_calendar,
                    ),
                    entry("checklist", "bookings_bulkrun"),
                    entry("mail", "bookings_message", **badge("mails", "danger")),
                    entry("delete_forever", "bookings_removedbooking"),
                ],
            },
            {
                "title": _("Money"),
                "separator": True,
                "items": [
                    entry("payments", "payments_payment", **badge("payments", "warning")),
                    entry("sync_alt", "payments_paymentoperation"),
                    entry("currency_exchange", "payments_refund", **badge("refunds", "danger")),
                    entry("how_to_reg", "payments_refundrequest", **badge("requests", "warning")),
                    entry("gavel", "payments_dispute", **badge("disputes", "danger")),
                    entry("difference", "payments_drift", **badge("drift", "danger")),
                    entry("price_change", "payments_exchangerate"),
                    entry("inbox", "payments_stripewebhookevent", **badge("webhooks", "danger")),
                ],
            },
            {
                "title": _("Reports"),
                "separator": True,
                "items": [
                    report(_("Cancellations"), "event_busy", "cancellations"),
                    report(_("Taken and returned"), "account_balance", "money"),
                    report(_("Occupancy and stays"), "monitoring", "stays"),
                    entry("manage_search", "trail_entry"),
                    entry("download", "bookings_exportrecord"),
                    entry("gpp_bad", "bookings_refusedattempt"),
                    entry(
                        "upload_file",
                        "bookings_booking",
                        title=_("Import bookings"),
                        link=lazy(reverse, str)("admin:bookings_booking_import"),
                        permission=lambda request: request.user.has_perm("bookings.import_booking"),
                        active=lambda request: request.path.startswith(reverse("admin:bookings_booking_import")),
                    ),
                ],
            },
            {
                "title": _("Hotel"),
                "separator": True,
                "items": [
                    entry(
                        "domain",
                        "bookings_hotel",
                        active=lambda request: is_of_hotels(request) and not is_connections(request),
                    ),
                    entry(
                        "cable",
                        "bookings_hotel",
                        title=_("Connections"),
                        link=lazy(reverse, str)("admin:bookings_hotel_connections"),
                        active=is_connections,
                    ),
                    entry("king_bed", "bookings_roomtype"),
                    entry("bed", "bookings_room"),
                    entry("policy", "cancellations_cancellationpolicy"),
                    entry("edit_note", "bookings_wording"),
                    entry("badge", "bookings_user"),
                ],
            },
            {
                "title": _("Access"),
                "separator": True,
                "items": [
                    {
                        "title": _("Sign-in security"),
                        "icon": "shield_person",
                        "link": lazy(reverse, str)("sign-in-security"),
                    },
                    entry("key", "bookings_accesstoken"),
                    entry("fingerprint", "bookings_signin"),
                    entry("lock", "axes_accessattempt"),
                    entry("lock_open", "bookings_signinrelease"),
                ],
            },
        ],
    },
}

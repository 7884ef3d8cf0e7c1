"""The admin's site: what Unfold puts around every page, without working out again what all of them share."""

from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import SimpleLazyObject
from django.views.i18n import JavaScriptCatalog
from unfold.sites import UnfoldAdminSite

from bookings.list_names import name_of_model
from site_config import fixed_parts
from site_config.navigation import UNFOLD
from site_config.sidebar import sidebar


class DeskSite(UnfoldAdminSite):
    """Unfold's site with a lighter frame: version 0.110 merges its settings again some thirty times a page."""

    # As `bookings.admin.words` has it, which cannot be read yet when the site is made.
    empty_value_display = "–"

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        # What settings say. Words and addresses in it are looked up when they are drawn, in the page's language.
        self.of_settings: dict[str, Any] = {}

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Return what stands around a page. What few pages show is only worked out there."""
        if not self.of_settings:
            self.of_settings = super().each_context(request)
        may = self.has_permission(request)
        return {
            **self.of_settings,
            "has_permission": may,
            "available_apps": SimpleLazyObject(partial(self.get_app_list, request)),
            "log_entries": partial(self.get_log_entries, request),
            "environment": self._get_value(UNFOLD["ENVIRONMENT"], request),
            "tab_list": self.get_tabs_list(request),
            "sidebar": partial(sidebar, request) if may else "",
            "command": partial(fixed_parts.palette, request),
            "shortcuts": fixed_parts.keys,
        }

    def _build_app_dict(self, request: HttpRequest, label: str | None = None) -> dict[str, Any]:
        """Call each list as its own page does; the palette finds it by that name."""
        found = super()._build_app_dict(request, label)
        # Of one app it is that app alone.
        for app in (found,) if label else found.values():
            for model in app.get("models", ()):
                model["name"] = name_of_model(model["model"]._meta.label)
        return found

    def i18n_javascript(self, request: HttpRequest, extra_context: Any = None) -> HttpResponseBase:
        """Answer with the words of scripts: Django's, and those that it left in English."""
        return JavaScriptCatalog.as_view(packages=["django.contrib.admin", "site_config"])(request)

    def get_sidebar_list(self, request: HttpRequest) -> list[Any]:
        """Return nothing: `sidebar` is what the page shows."""
        return []

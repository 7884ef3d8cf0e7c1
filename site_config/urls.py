"""Every address of the site."""

from django.contrib import admin
from django.templatetags.static import static
from django.urls import include, path, re_path
from django.utils.functional import lazy
from django.views.generic import RedirectView

from bookings.admin.scoping import not_found
from bookings.views import mail_webhook
from site_config import api_aliases, sign_in
from site_config.api import api, unknown_address
from site_config.desk_language import choose_language
from site_config.navigation import FAVICON
from site_config.today import live

urlpatterns = [
    path("", RedirectView.as_view(url="/booking/"), name="home"),
    # Browsers ask for it wherever a page names no icon.
    path("favicon.ico", RedirectView.as_view(url=lazy(static, str)(FAVICON))),
    path("booking/", include("cancellations.urls")),
    # "View on site" would tell which rows of other hotels exist.
    path("admin/r/<path:rest>", not_found),
    path("admin/live/", live.changes, name="live"),
    path("admin/live/channel/", live.channel, name="live_channel"),
    path("admin/language/", admin.site.admin_view(choose_language), name="desk_language"),
    path("admin/login/", sign_in.login),
    path("admin/sign-in/code/", sign_in.code, name="sign-in-code"),
    path("admin/sign-in/security/", sign_in.security, name="sign-in-security"),
    path("admin/", admin.site.urls),
    path("webhooks/mail/<slug:provider>/", mail_webhook, name="mail_webhook"),
    path("api/public/hotel/", include("payments.urls")),
    *api_aliases.urlpatterns,
    path("api/", unknown_address),
    path("api/", api.urls),
    re_path("^api/", unknown_address),
]

"""The page on which managers see whether Stripe, mail and worker are there, and try each."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextInputWidget

from bookings.admin import connection_checks as checks
from bookings.admin.connection_checks import Answer
from bookings.admin.scoping import HotelScopedAdmin


class TestMailForm(forms.Form):
    """Where the test mail goes."""

    to = forms.EmailField(
        label=gettext_lazy("Test mail to"), widget=UnfoldAdminTextInputWidget(attrs={"type": "email"})
    )


class ConnectionsAdmin(HotelScopedAdmin):
    """An admin of hotels with a page about what the whole installation is connected to.

    Whoever may see hotels may read it; whoever may change their settings may try a connection.
    """

    def get_urls(self) -> list[URLPattern]:
        """Add the page and its three buttons, each a POST."""
        wrap = self.admin_site.admin_view
        tries = (
            ("stripe", lambda request: checks.stripe_account()),
            ("webhook", lambda request: checks.stripe_webhook()),
            ("mail", try_mail),
        )
        pages = [path("connections/", wrap(self.connections), name="bookings_hotel_connections")]
        for name, check in tries:
            view = wrap(self.trying(check))
            pages.append(path(f"connections/{name}/", view, name=f"bookings_hotel_connections_{name}"))
        return [*pages, *super().get_urls()]

    def connections(self, request: HttpRequest) -> HttpResponse:
        """Show what is known without asking anybody."""
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        if not self.has_view_permission(request):
            raise PermissionDenied
        user: Any = request.user
        known = checks.facts(timezone.now())
        context = {
            **self.admin_site.each_context(request),
            **known,
            "title": _("Connections"),
            "may_try": self.has_change_permission(request),
            "form": TestMailForm(initial={"to": user.email}),
            "last_event_ago": checks.ago(known["last_event"]),
            "worker_ago": checks.ago(known["worker_at"]),
            "failed_events": list_of("payments_stripewebhookevent", "processing_result__exact=failed"),
            "failed_mails": list_of("bookings_message", "waiting=unread"),
        }
        return TemplateResponse(request, "admin/bookings/hotel/connections.html", context)

    def trying(self, check: Callable[[HttpRequest], Answer]) -> Callable[[HttpRequest], HttpResponse]:
        """Return the view of a button: it asks, and the page then says what was answered and when."""

        def view(request: HttpRequest) -> HttpResponse:
            if not self.has_change_permission(request):
                raise PermissionDenied
            if request.method != "POST":
                return HttpResponseNotAllowed(["POST"])
            answer = check(request)
            level = messages.SUCCESS if answer.is_good else messages.ERROR
            messages.add_message(request, level, f"{answer.words} ({timezone.now():%H:%M:%S} UTC)")
            return HttpResponseRedirect(reverse("admin:bookings_hotel_connections"))

        return view


def list_of(model: str, query: str) -> str:
    """Return the address of a filtered list."""
    return f"{reverse(f'admin:{model}_changelist')}?{query}"


def try_mail(request: HttpRequest) -> Answer:
    """Send a test mail to the address that was typed."""
    form = TestMailForm(request.POST)
    if not form.is_valid():
        return Answer(False, _("This is not an e-mail address, so nothing was sent."))
    return checks.send_test_mail(to=form.cleaned_data["to"], person=request.user)

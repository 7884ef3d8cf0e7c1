"""Signing in with a code after the password, and the page on which people set that up for themselves."""

from typing import Any, Final

import segno
from django import forms
from django.contrib import admin, messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from unfold.widgets import UnfoldAdminTextInputWidget

from bookings import audit, second_step
from bookings.models import User
from site_config import door, lockout
from site_config.half_signed_in import CODE, PROVEN, SET_UP, Half, half_signed_in, proof_of

READ_OR_POST: Final = ("GET", "HEAD", "POST")


class CodeForm(forms.Form):
    """One code: of the app, or a backup code."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=40,
        widget=UnfoldAdminTextInputWidget(
            attrs={
                "autocomplete": "one-time-code",
                "autofocus": True,
                "spellcheck": "false",
                "autocapitalize": "none",
            }
        ),
    )

    def refuse(self, request: HttpRequest, user: User) -> None:
        """Record that the code was wrong, and say so, or that it is too early to try another."""
        door.wrong_code(request, user)
        if second_step.has_to_wait(user):
            self.add_error(
                None, _("This code is wrong. Wait a little before the next try: it takes longer each time.")
            )
        else:
            self.add_error(None, _("This code is wrong, or was used before. Wait for the next one."))


@never_cache
@sensitive_post_parameters("password")
def login(request: HttpRequest) -> HttpResponse:
    """Ask for name and password; whoever has given them is asked for the rest."""
    half = half_signed_in(request)
    if half is None:
        answer = admin.site.login(request)
        if request.method == "POST" and request.user.is_authenticated:
            lockout.remember(answer)
        return answer
    page = "sign-in-code" if half.waits_for == CODE else "sign-in-security"
    return HttpResponseRedirect(reverse(page, query={"next": request.GET["next"]} if "next" in request.GET else None))


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(READ_OR_POST)
def code(request: HttpRequest) -> HttpResponse:
    """Ask for the code; nobody is signed in before it was right."""
    half = half_signed_in(request)
    if half is None or half.waits_for != CODE:
        return HttpResponseRedirect(reverse("admin:index"))
    if "leave" in request.POST:
        return leave(request)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        if second_step.is_right(half.user, form.cleaned_data["code"]):
            return let_in(request, half.user)
        form.refuse(request, half.user)
    return show(request, "code", form=form, title=_("Sign-in code"))


def let_in(request: HttpRequest, user: User) -> HttpResponse:
    """Finish signing in, and go on to where the person wanted to be."""
    request.session.cycle_key()
    request.session[PROVEN] = proof_of(user)
    door.proven(request, user)
    wanted = request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(wanted if is_ours else reverse("admin:index"))


def leave(request: HttpRequest) -> HttpResponse:
    """Forget the password that was right, too."""
    logout(request)
    return HttpResponseRedirect(reverse("admin:login"))


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(READ_OR_POST)
def security(request: HttpRequest) -> HttpResponse:
    """Let people set up, renew or remove their own second step. A GET changes nothing."""
    user = person(request)
    if user is None:
        return redirect_to_login(request.get_full_path(), reverse("admin:login"))
    if "leave" in request.POST:
        return leave(request)
    if request.method != "POST":
        return overview(request, user, CodeForm())
    with audit.acting_as_person(user.pk):
        return change(request, user)


def person(request: HttpRequest) -> User | None:
    """Return who may change their own sign-in: whoever is signed in, or has to set up a code first."""
    half: Half | None = half_signed_in(request)
    if half is not None:
        return half.user if half.waits_for == SET_UP else None
    user: Any = request.user
    return user if user.is_authenticated and user.is_staff else None


def change(request: HttpRequest, user: User) -> HttpResponse:
    """Do what a button says. What takes proof away, or gives new one, asks for a code."""
    wish = request.POST.get("do", "")
    if wish == "begin" and user.totp_since is None:
        second_step.begin(user)
        return HttpResponseRedirect(request.get_full_path())
    form = CodeForm(request.POST)
    if not form.is_valid():
        return overview(request, user, form)
    given = form.cleaned_data["code"]
    if wish == "confirm" and user.totp_since is None:
        return told(request, user, form, second_step.confirm(user, given, at=timezone.now()))
    if wish in ("renew", "remove") and user.totp_since is not None and second_step.is_right(user, given):
        return told(request, user, form, second_step.renew_codes(user)) if wish == "renew" else removed(request, user)
    form.refuse(request, user)
    return overview(request, user, form)


def told(request: HttpRequest, user: User, form: CodeForm, codes: list[str] | None) -> HttpResponse:
    """Show the backup codes, this once; they go neither through the session nor through an address."""
    if codes is None:
        form.refuse(request, user)
        return overview(request, user, form)
    request.session[PROVEN] = proof_of(user)
    return show(request, "codes", codes=codes, title=_("Your backup codes"), next=request.GET.get("next", ""))


def removed(request: HttpRequest, user: User) -> HttpResponse:
    """Ask for the password alone from now on."""
    second_step.remove(user, transition="remove_code")
    messages.success(request, _("You sign in with your password alone now."))
    return HttpResponseRedirect(reverse("sign-in-security"))


def overview(request: HttpRequest, user: User, form: CodeForm) -> HttpResponse:
    """Show what is set up, or how to set it up."""
    device = second_step.begun(user)
    address = device.config_url if device and user.totp_since is None else ""
    shown = {
        "person": user,
        "form": form,
        "codes_left": second_step.codes_left(user),
        "qr": segno.make(address).svg_data_uri(scale=5, light="#fff", border=4) if address else "",
        "key": second_step.readable_key(device) if device and address else "",
        "is_required": half_signed_in(request) is not None,
    }
    return show(request, "security", title=_("Sign-in security"), **shown)


def show(request: HttpRequest, name: str, **more: Any) -> HttpResponse:
    """Draw one of the pages; like the sign-in page for whoever is not signed in yet."""
    is_half = half_signed_in(request) is not None
    layout = "unfold/layouts/unauthenticated.html" if is_half else "admin/base_site.html"
    context = {**admin.site.each_context(request), "layout": layout, **more}
    return TemplateResponse(request, f"admin/sign_in/{name}.html", context)

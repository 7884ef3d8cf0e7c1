"""What every page has and never changes: the command palette and the list of keys, drawn once for a language."""

from django.http import HttpRequest
from django.template import Context, Engine
from django.template.loader import render_to_string
from django.template.loaders.app_directories import Loader
from django.utils.safestring import SafeString

from bookings.drawn_once import drawn_once

MAC = "Macintosh"


def palette(request: HttpRequest) -> SafeString:
    """Return the command palette as HTML; its key has another name on a Mac."""
    return drawn_palette(is_mac=MAC in request.META.get("HTTP_USER_AGENT", ""))


@drawn_once(32)
def drawn_palette(*, is_mac: bool) -> SafeString:
    """Draw it with Unfold's own template, for which a template of the same name makes room on our pages."""
    asked = {"user": {"is_staff": True}, "META": {"HTTP_USER_AGENT": MAC if is_mac else ""}}
    template = Loader(Engine.get_default()).get_template("unfold/helpers/command.html")
    return template.render(Context({"request": asked}))


@drawn_once(16)
def keys() -> SafeString:
    """Return the list of keys as HTML."""
    return render_to_string("admin/desk/keys.html")

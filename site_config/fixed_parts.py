"""What every page has and never changes: the command palette and the list of keys, drawn once for a language."""

from functools import lru_cache

from django.http import HttpRequest
from django.template import Context, Engine
from django.template.loader import render_to_string
from django.template.loaders.app_directories import Loader
from django.utils.safestring import SafeString
from django.utils.translation import get_language

MAC = "Macintosh"


def palette(request: HttpRequest) -> SafeString:
    """Return the command palette as HTML; its key has another name on a Mac."""
    return drawn_palette(get_language(), is_mac=MAC in request.META.get("HTTP_USER_AGENT", ""))


@lru_cache(maxsize=32)
def drawn_palette(language: str, *, is_mac: bool) -> SafeString:
    """Draw it with Unfold's own template, for which a template of the same name makes room on our pages."""
    asked = {"user": {"is_staff": True}, "META": {"HTTP_USER_AGENT": MAC if is_mac else ""}}
    template = Loader(Engine.get_default()).get_template("unfold/helpers/command.html")
    return template.render(Context({"request": asked}))


def keys() -> SafeString:
    """Return the list of keys as HTML."""
    return drawn_keys(get_language())


@lru_cache(maxsize=16)
def drawn_keys(language: str) -> SafeString:
    """Draw it."""
    return render_to_string("admin/desk/keys.html")

"""What every page has and never changes: the command palette and the list of shortcuts, drawn once for a language."""

from functools import lru_cache

from django.http import HttpRequest
from django.template import Context, Engine
from django.template.loaders.app_directories import Loader
from django.utils.safestring import SafeString
from django.utils.translation import get_language

MAC = "Macintosh"


def fixed_part(name: str, request: HttpRequest) -> SafeString:
    """Return a part of Unfold's as HTML; keys have other names on a Mac."""
    return drawn(name, get_language(), is_mac=MAC in request.META.get("HTTP_USER_AGENT", ""))


@lru_cache(maxsize=32)
def drawn(name: str, language: str, *, is_mac: bool) -> SafeString:
    """Draw it with Unfold's own template, for which a template of the same name makes room on our pages."""
    asked = {"user": {"is_staff": True}, "META": {"HTTP_USER_AGENT": MAC if is_mac else ""}}
    template = Loader(Engine.get_default()).get_template(f"unfold/helpers/{name}.html")
    return template.render(Context({"request": asked}))

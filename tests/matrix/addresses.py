"""Every address of the site, as Django's resolver knows it."""

import re
from collections.abc import Iterator
from typing import Any

from django.urls import get_resolver
from django.urls.resolvers import URLResolver

# The admin lists its apps in the order in which they were registered.
APPS = re.compile(r"\(\?P<app_label>[^)]*\)")
# What stands for a part of an address, in the order in which it may stand there.
PLACE = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)|\(\[\^/\]\+\)")


def patterns() -> list[str]:
    """Return each pattern once, as it is written in the code, in order; the admin's list of apps is left out."""
    return sorted({APPS.sub("(?P<app_label>)", each) for each in below(get_resolver())})


def below(resolver: Any, before: str = "") -> Iterator[str]:
    """Walk the tree of patterns."""
    for each in resolver.url_patterns:
        here = f"{before}{each.pattern}"
        if isinstance(each, URLResolver):
            yield from below(each, here)
        else:
            yield here


def filled(pattern: str, values: dict[str, str]) -> str:
    """Return an address for a pattern; unnamed parts are the row and its version, as in simple-history's pages."""
    unnamed = iter(("object_id", "version"))
    chosen = PLACE.sub(lambda found: values[found[1] or found[2] or next(unnamed)], pattern)
    return "/" + chosen.replace("^", "").replace("$", "")

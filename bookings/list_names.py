"""What the desk's lists are called: the same in the sidebar, above the page, in its title and in the palette."""

from functools import cache
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.urls import reverse
from django.utils.text import capfirst


def list_name(of: Any) -> str:
    """Return what an admin calls its list: after what is in it, unless it says a name of its own."""
    return str(getattr(of, "list_name", "") or capfirst(of.opts.verbose_name_plural))


def name_of_model(label: str) -> str:
    """Return what the list of a model ("bookings.booking") is called."""
    model = apps.get_model(label)
    registered = admin.site._registry.get(model)
    return list_name(registered) if registered else str(capfirst(model._meta.verbose_name_plural))


def name_of_step(step: dict[str, Any]) -> str:
    """Return what a step of the way to a page is called: a list by its name, a row as it is."""
    found = by_address().get(str(step.get("link", "")))
    return list_name(found) if found else str(step["title"])


@cache  # every page asks for some steps, and addresses do not change
def by_address() -> dict[str, Any]:
    """Return the admins by the addresses of their lists."""
    registered = admin.site._registry.values()
    return {reverse(f"admin:{each.opts.app_label}_{each.opts.model_name}_changelist"): each for each in registered}

"""Every model with a history, by the name under which the trail knows it."""

from typing import Any, Final

from django.apps import apps
from django.contrib import admin
from django.urls import NoReverseMatch, reverse
from django.utils.text import capfirst

from bookings.admin.history_rows import worded_fields
from trail.models import Entry


def history_model(model: Any) -> Any:
    """Return the model of the history rows."""
    return getattr(model, model._meta.simple_history_manager_attribute).model


def has_history(model: Any) -> bool:
    """Whether a model keeps a history of its own; a proxy shares that of its model."""
    return hasattr(model._meta, "simple_history_manager_attribute") and not model._meta.proxy


TRACKED: Final[dict[str, Any]] = {each._meta.label_lower: each for each in apps.get_models() if has_history(each)}
# What names a row that belongs to no booking, the first one that it has.
NAMES: Final = ("booking_id", "name", "number", "username", "slug", "base", "what", "kind")


def model_words(name: str) -> str:
    """Return what a model is called: "Booking"."""
    model = TRACKED.get(name)
    return str(capfirst(model._meta.verbose_name)) if model else name


def fields_of(name: str) -> dict[str, str]:
    """Return the fields of a model that its history follows, by name, in words."""
    model = TRACKED.get(name)
    if model is None:
        return {}
    history = history_model(model)
    followed = (*worded_fields(history), *history._history_m2m_fields)
    named = {each.name: str(capfirst(each.verbose_name)) for each in followed}
    return dict(sorted(named.items(), key=lambda pair: pair[1]))


def page_of(entry: Entry, user: Any) -> str:
    """Return the address of the row that an entry is about; nothing where nobody could open it."""
    model = TRACKED.get(entry.model)
    if model is None or not admin.site.is_registered(model):
        return ""
    label, name = model._meta.app_label, model._meta.model_name
    if not user.has_perm(f"{label}.view_{name}"):
        return ""
    try:
        return reverse(f"admin:{label}_{name}_change", args=[entry.object_id])
    except NoReverseMatch:  # the words of a mail have no page of a row: they are edited where the mail is chosen
        return ""


def subject_of(entry: Entry, record: Any) -> str:
    """Return what names the row: the booking's reference, its own name, or its number."""
    if entry.reference:
        return entry.reference
    said = next((str(found) for name in NAMES if (found := getattr(record, name, ""))), "")
    return said or f"#{entry.object_id}"

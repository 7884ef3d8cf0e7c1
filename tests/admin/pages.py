"""Addresses of the admin, and what its answers say."""

from typing import Any

from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse


def page(row: Any, name: str = "change", *more: Any) -> str:
    """The address of a row's page: change, history, simple_history, or an action."""
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{name}", args=[row.pk, *more])


def listing(model: Any, query: str = "") -> str:
    """The address of a model's list."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist") + query


def do(client: Client, row: Any, action: str, **data: Any) -> HttpResponse:
    """Post an action's dialog."""
    return client.post(page(row, action), data)


def press(client: Client, row: Any, action: str, **data: Any) -> HttpResponse:
    """Open an action's dialog, and post it with the amounts that it shows."""
    shown: Any = client.get(page(row, action))
    return do(client, row, action, seen=shown.context["form"]["seen"].value(), **data)


def said(response: Any) -> list[tuple[str, str]]:
    """The messages that the next page shows: level and words."""
    return [(message.level_tag, message.message) for message in get_messages(response.wsgi_request)]


def text(response: Any) -> str:
    """The page's HTML."""
    return str(response.content.decode())

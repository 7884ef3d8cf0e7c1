"""Filters of the desk's pages: days and moments as the person who reads them writes them."""

from datetime import date, datetime
from typing import Any

from django import template

from bookings.list_names import name_of_step
from bookings.spoken import formatted

register = template.Library()


@register.filter
def step_title(step: dict[str, Any]) -> str:
    """Return what a step of the way to a page is called."""
    return name_of_step(step)


@register.filter
def short_day(value: date) -> str:
    """Return "Tue 1 Dec"."""
    return formatted(value, "EEE d MMM", "MMMEd")


@register.filter
def full_day(value: date) -> str:
    """Return "Tue 1 Dec 2026"."""
    return formatted(value, "EEE d MMM y", "yMMMEd")


@register.filter
def day_and_month(value: date) -> str:
    """Return "1 Dec"."""
    return formatted(value, "d MMM", "MMMd")


@register.filter
def day_and_year(value: date) -> str:
    """Return "1 Dec 2026"."""
    return formatted(value, "d MMM y", "yMMMd")


@register.filter
def utc_moment(value: datetime) -> str:
    """Return "1 Dec 2026, 15:00" of a moment in UTC."""
    return f"{formatted(value.date(), 'd MMM y', 'yMMdd')}, {value:%H:%M}"

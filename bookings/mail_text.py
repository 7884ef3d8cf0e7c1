"""The two texts of a mail from its templates, or, where a template is broken, the bare facts in built-in words.

What happened to the booking has happened: a mistake in a text must not undo it. So nothing that a template does,
apart from losing the database, reaches the transaction that queues the mail.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from django.db import DatabaseError
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from bookings.models import Booking

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Written:
    """A mail's two texts; `is_fallback` when they are the built-in ones."""

    text: str
    html: str
    is_fallback: bool = False


def written(booking: Booking, kind: str, context: Callable[[], Mapping[str, Any]], *, link: str) -> Written:
    """Return the texts of a kind of mail in the active language; `link` is where the built-in words lead to."""

    def rendered() -> Written:
        said = dict(context())
        return Written(
            text=render_to_string(f"emails/{kind}.txt", said),
            html=render_to_string(f"emails/{kind}.html", said),
        )

    return unbroken(booking, kind, rendered) or in_plain_words(booking, link)


def unbroken[T](booking: Booking, kind: str, make: Callable[[], T]) -> T | None:
    """Return what a part of a mail comes to, or None where it is broken, which the log then tells."""
    try:
        return make()
    except DatabaseError:  # the transaction is lost with it, and may be tried again
        raise
    except Exception:  # a template, or a translation, can be broken in any way
        logger.exception("mail.template_broken", kind=kind, booking=booking.booking_id)
        return None


def in_plain_words(booking: Booking, link: str) -> Written:
    """Return which booking it is about, where to see it and whom to ask."""
    hotel = booking.hotel
    values = {"reference": booking.booking_id, "hotel": hotel.name}
    news = _("There is news about your booking %(reference)s at %(hotel)s.") % values
    way = _("This page always shows how it stands:")
    foot = [line for line in (hotel.name, hotel.contact_phone, hotel.contact_email) if line]
    return Written(
        text="\n".join([news, "", way, link, "", *foot, ""]),
        html=format_html(
            '<!doctype html><html lang="{}"><head><meta charset="utf-8"><title>{}</title></head>'
            '<body><p>{}</p><p>{}<br><a href="{}">{}</a></p><p>{}</p></body></html>',
            *(get_language() or "en", booking.booking_id, news, way, link, booking.booking_id),
            format_html_join("", "{}<br>", ((line,) for line in foot)),
        ),
        is_fallback=True,
    )

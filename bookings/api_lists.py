"""Lists of bookings for programs: filters, the admin's own search, and pages that hold still while rows are added."""

from typing import Final

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from bookings.api_body import wrong_fields
from bookings.api_schemas import Asked, BookingList, Filters
from bookings.api_shapes import staff_booking
from bookings.models import Booking, BookingStatus

VIEW: Final = "bookings.view_booking"
DATES: Final = {
    "check_in_from": "check_in__gte",
    "check_in_until": "check_in__lte",
    "check_out_from": "check_out__gte",
    "check_out_until": "check_out__lte",
}


def listed(request: HttpRequest, asked: Asked, rows: QuerySet[Booking]) -> BookingList:
    """Return one part of some bookings, the newest first. Raises ApiError for what is no filter."""
    found = filtered(request, asked, rows)
    part = after(found, asked.cursor, rows).order_by("-pk").select_related("hotel", "room_type", "room")
    # One more than asked for tells whether there is another part.
    shown = list(part.prefetch_related("payments__refunds", "payments__disputes")[: asked.limit + 1])
    page = shown[: asked.limit]
    return BookingList(
        bookings=[staff_booking(each) for each in page],
        total_count=found.count(),
        filters=Filters(**{name: getattr(asked, name) for name in Filters.model_fields} | {"status": spelled(asked)}),
        next_cursor=page[-1].booking_id if len(shown) > asked.limit else None,
    )


def filtered(request: HttpRequest, asked: Asked, rows: QuerySet[Booking]) -> QuerySet[Booking]:
    """Return the bookings that all filters let through."""
    given = {lookup: getattr(asked, name) for name, lookup in DATES.items() if getattr(asked, name)}
    found = rows.filter(**given)
    if not asked.include_deleted:
        found = found & Booking.objects.active()
    if asked.status:
        found = found.filter(status__in=statuses(asked))
    if not asked.search:
        return found
    desk = admin.site.get_model_admin(Booking)
    # It finds none twice, so nothing has to be made distinct.
    searched, _may_repeat = desk.get_search_results(request, found, asked.search)
    return searched


def statuses(asked: Asked) -> list[str]:
    """Return the statuses that are named. Raises ApiError for a word that is none."""
    named = [each.strip().upper() for each in asked.status.split(",") if each.strip()]
    if unknown := [each for each in named if each not in BookingStatus.values]:
        words = _("There is no status %(status)s. Use %(all)s.")
        every = ", ".join(BookingStatus.values)
        raise wrong_fields({"status": words % {"status": unknown[0][:20], "all": every}})
    return named


def spelled(asked: Asked) -> str:
    """Return the statuses as they were understood."""
    return ",".join(statuses(asked))


def after(found: QuerySet[Booking], cursor: str, rows: QuerySet[Booking]) -> QuerySet[Booking]:
    """Return what comes after the booking that ended the part before. Raises ApiError for one that is not there."""
    if not cursor:
        return found
    last = rows.filter(booking_id=cursor).values_list("pk", flat=True).first()
    if last is None:
        raise wrong_fields({"cursor": _("Send the `next_cursor` of the part before, as it was.")})
    return found.filter(Q(pk__lt=last))

"""The guest's pages: open a link, see the booking, cancel it.

Each view parses, calls one function and answers. Asking for a link is in `ask_views`, paying in `payment_views`.
"""

from datetime import timedelta
from typing import Final

import structlog
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from bookings import calendar_file
from bookings.happenings import note_refusal
from bookings.lifecycle import Outcome
from bookings.models import Booking, BookingStatus
from bookings.refusals import Refused
from cancellations import cancel as cancelling
from cancellations import guest_words, pages, tokens
from cancellations.forms import CancelForm
from cancellations.guest_access import (
    READ,
    SeeOther,
    bad_link,
    guest_page,
    no_booking,
    remember,
    show,
    with_token,
)
from cancellations.models import CANCELLED, ManagementToken
from payments.gateway import Declined

logger = structlog.get_logger(__name__)

LOOK_AGAIN: Final = 5  # seconds until a page that waits for Stripe looks again
# The link that cancelled goes on showing the result, until the refund has arrived at the slowest of banks.
RESULT_LASTS: Final = timedelta(days=30)


@guest_page(*READ)
def open_link(request: HttpRequest, key: str) -> HttpResponse:
    """Move a link's key out of the address. Mail scanners come here, too: nothing is used up."""
    token = tokens.known(key)
    if token is None or not tokens.is_live(token, at=timezone.now()):
        return bad_link(request, token)
    logger.info("link.used", booking=token.booking.booking_id, link_id=token.pk, action="open")
    answer = HttpResponseRedirect(reverse("guest:manage"))
    remember(answer, key)
    return answer


@guest_page(*READ)
@with_token
def manage(request: HttpRequest, token: ManagementToken) -> HttpResponse:
    """Show the booking, or what became of it."""
    template, context = pages.current(token.booking, now=timezone.now())
    if template == pages.IN_PROGRESS:
        return in_progress(request, token.booking)
    return show(request, template, context)


@guest_page(*READ)
@with_token
def calendar(request: HttpRequest, token: ManagementToken) -> HttpResponse:
    """Hand out a confirmed stay as a file for the guest's calendar."""
    booking = token.booking
    if booking.status != BookingStatus.CONFIRMED:
        return SeeOther(reverse("guest:manage"))
    answer = HttpResponse(
        calendar_file.download(booking, now=timezone.now()), content_type="text/calendar; charset=utf-8"
    )
    answer["Content-Disposition"] = f'attachment; filename="{booking.booking_id}.ics"'
    return answer


@guest_page(*READ, "POST")
@with_token
def cancel(request: HttpRequest, token: ManagementToken) -> HttpResponse:
    """Ask before cancelling; cancel on POST."""
    if request.method == "POST":
        return confirmed(request, token)
    return offer(request, token.booking)


def offer(
    request: HttpRequest, booking: Booking, form: CancelForm | None = None, notice: str = "", code: int = 200
) -> HttpResponse:
    """Show what cancelling costs, with a quote that holds for the next 15 minutes.

    A new quote is given only to those who may cancel now: it outlives the deadline.
    """
    if booking.status == BookingStatus.CANCELLED:
        return done(request, booking)
    if pages.is_cancelling(booking):
        return in_progress(request, booking)
    refusal = pages.guest_refusal(booking, now=timezone.now())
    if refusal is not None:
        return cannot_cancel(request, booking, refusal)
    context = pages.confirm(booking, form, now=timezone.now())
    return show(request, "guest/cancel.html", {**context, "notice": notice}, status=code)


def confirmed(request: HttpRequest, token: ManagementToken) -> HttpResponse:
    """Cancel, and answer as it came out."""
    booking, form = token.booking, CancelForm(request.POST)
    if not form.is_valid():
        return offer(request, booking, form, code=400)
    said = form.cleaned_data
    try:
        outcome = cancelling.cancel_booking(booking, reason=said["reason"], signed_quote=said["quote"])
    except cancelling.QuoteChanged as changed:
        notice = guest_words.quote_notice(cancelling.read_quote(booking, said["quote"]), changed.quote)
        return offer(request, pages.fresh(booking), form, notice=notice, code=409)
    except Refused as refusal:
        return refused_now(request, pages.fresh(booking), refusal)
    except Declined:
        return show(request, "guest/cancel_failed.html", pages.stay(booking), status=502)
    return cancelled(request, token, outcome)


def cancelled(request: HttpRequest, token: ManagementToken, outcome: Outcome) -> HttpResponse:
    """Answer a cancellation that went through, now or before, or that waits for Stripe."""
    if outcome.state == Outcome.ALREADY:
        return done(request, outcome.booking)
    now = timezone.now()
    token.record_action(CANCELLED, at=now, until=now + RESULT_LASTS)
    if outcome.state == Outcome.IN_PROGRESS:
        return in_progress(request, token.booking)
    return SeeOther(reverse("guest:manage"))


def refused_now(request: HttpRequest, booking: Booking, refusal: Refused) -> HttpResponse:
    """Explain a refusal by the booking as it is now: somebody else may just have changed or deleted it."""
    note_refusal(refusal.code, refusal.message, booking=booking)
    return no_booking(request) if booking.is_deleted else cannot_cancel(request, booking, refusal)


def cannot_cancel(request: HttpRequest, booking: Booking, refusal: Refused) -> HttpResponse:
    """409 in a guest's words, with whom to ask."""
    context = pages.cannot_cancel(booking, refusal, now=timezone.now())
    return show(request, "guest/cannot_cancel.html", context, status=409)


def in_progress(request: HttpRequest, booking: Booking) -> HttpResponse:
    """202: the guest has nothing more to do; the page looks again by itself."""
    answer = show(request, pages.IN_PROGRESS, pages.stay(booking), status=202)
    answer["Refresh"] = f"{LOOK_AGAIN}; url={reverse('guest:manage')}"
    return answer


def done(request: HttpRequest, booking: Booking) -> HttpResponse:
    """Show the recorded result, however often it is asked for."""
    return show(request, pages.DONE, pages.done(booking))

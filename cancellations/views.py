"""The guest's pages: ask for a link, open it, see the booking, cancel it.

Each view parses, calls one function and answers. The pages for paying are in `payment_views`.
"""

from typing import Final

import structlog
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from bookings.lifecycle import Outcome
from bookings.models import Booking, BookingStatus
from bookings.refusals import Refused
from cancellations import cancel as cancelling
from cancellations import guest_words, links, pages, tokens
from cancellations.forms import AskForm, CancelForm
from cancellations.guest_access import bad_link, guest_page, no_booking, remember, with_token
from cancellations.links import TooManyRequests
from cancellations.models import ManagementToken
from payments.gateway import Declined

logger = structlog.get_logger(__name__)

READ: Final = ("GET", "HEAD")
LOOK_AGAIN: Final = 5  # seconds until a page that waits for Stripe looks again


class SeeOther(HttpResponseRedirect):
    """The answer to a POST: go on with a GET, so that reloading repeats nothing."""

    status_code = 303


@guest_page(*READ, "POST")
def ask(request: HttpRequest, booking_id: str = "") -> HttpResponse:
    """Take a reference and a contact. Whether they fit is found out later, so the answer cannot tell."""
    if request.method != "POST":
        return render(request, "guest/ask.html", {"form": AskForm(initial={"reference": booking_id[:40]})})
    form = AskForm(request.POST)
    if not form.is_valid():
        return render(request, "guest/ask.html", {"form": form}, status=400)
    try:
        links.ask_for_link(**form.cleaned_data)
    except TooManyRequests as refusal:
        return too_many(request, refusal)
    return SeeOther(reverse("guest:sent"))


def too_many(request: HttpRequest, refusal: TooManyRequests) -> HttpResponse:
    """429, saying when to come back."""
    minutes = -(-refusal.retry_after // 60)
    answer = render(request, "guest/too_many.html", {"minutes": minutes}, status=429)
    answer["Retry-After"] = str(refusal.retry_after)
    return answer


@guest_page(*READ)
def sent(request: HttpRequest) -> HttpResponse:
    """Say the same to everybody who asked."""
    return render(request, "guest/sent.html")


@guest_page(*READ)
def open_link(request: HttpRequest, key: str) -> HttpResponse:
    """Move a link's key out of the address. Mail scanners come here, too: nothing is used up."""
    token = tokens.find(key, at=timezone.now())
    if token is None:
        return bad_link(request, key)
    logger.info("link.used", booking=token.booking.booking_id, link_id=token.pk, action="open")
    answer = HttpResponseRedirect(reverse("guest:manage"))
    remember(answer, key)
    return answer


@guest_page(*READ)
@with_token
def manage(request: HttpRequest, token: ManagementToken) -> HttpResponse:
    """Show the booking, or what became of it."""
    booking = token.booking
    if booking.status == BookingStatus.CANCELLED:
        return done(request, booking)
    if pages.is_cancelling(booking):
        return in_progress(request, booking)
    return render(request, "guest/manage.html", pages.manage(booking, now=timezone.now()))


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
    return render(request, "guest/cancel.html", {**context, "notice": notice}, status=code)


def confirmed(request: HttpRequest, token: ManagementToken) -> HttpResponse:
    """Cancel, and answer as it came out."""
    booking, form = token.booking, CancelForm(request.POST)
    if not form.is_valid():
        return offer(request, booking, form, code=400)
    said = form.cleaned_data
    try:
        outcome = cancelling.cancel_booking(booking, reason=said["reason"], signed_quote=said["quote"])
    except cancelling.QuoteChanged:
        in_time = cancelling.read_quote(booking, said["quote"]) is not None
        notice = guest_words.quote_notice(in_time=in_time)
        return offer(request, pages.fresh(booking), form, notice=notice, code=409)
    except Refused as refusal:
        return refused_now(request, pages.fresh(booking), refusal)
    except Declined:
        return render(request, "guest/cancel_failed.html", pages.stay(booking), status=502)
    return cancelled(request, token, outcome)


def cancelled(request: HttpRequest, token: ManagementToken, outcome: Outcome) -> HttpResponse:
    """Answer a cancellation that went through, now or before, or that waits for Stripe."""
    if outcome.state == Outcome.ALREADY:
        return done(request, outcome.booking)
    token.record_action("CANCEL", at=timezone.now())
    if outcome.state == Outcome.IN_PROGRESS:
        return in_progress(request, token.booking)
    return SeeOther(reverse("guest:manage"))


def refused_now(request: HttpRequest, booking: Booking, refusal: Refused) -> HttpResponse:
    """Explain a refusal by the booking as it is now: somebody else may just have changed or deleted it."""
    return no_booking(request) if booking.is_deleted else cannot_cancel(request, booking, refusal)


def cannot_cancel(request: HttpRequest, booking: Booking, refusal: Refused) -> HttpResponse:
    """409 in a guest's words, with whom to ask."""
    context = pages.cannot_cancel(booking, refusal, now=timezone.now())
    return render(request, "guest/cannot_cancel.html", context, status=409)


def in_progress(request: HttpRequest, booking: Booking) -> HttpResponse:
    """202: the guest has nothing more to do; the page looks again by itself."""
    answer = render(request, "guest/in_progress.html", pages.stay(booking), status=202)
    answer["Refresh"] = f"{LOOK_AGAIN}; url={reverse('guest:manage')}"
    return answer


def done(request: HttpRequest, booking: Booking) -> HttpResponse:
    """Show the recorded result, however often it is asked for."""
    return render(request, "guest/done.html", pages.done(booking))

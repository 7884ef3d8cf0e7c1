"""How guests without a link get on: they say who they are and get a mail, or cancel where a match is enough."""

from datetime import timedelta
from typing import Final

import structlog
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from bookings import audit
from bookings.models import Booking
from cancellations import identity, pages, throttle, tokens
from cancellations.forms import AskForm
from cancellations.guest_access import READ, SeeOther, guest_page, remember, too_many
from cancellations.throttle import TooManyRequests

logger = structlog.get_logger(__name__)

MATCH_LASTS: Final = timedelta(minutes=30)


@guest_page(*READ, "POST")
def ask(request: HttpRequest) -> HttpResponse:
    """Take a reference and a contact. Whether they fit is found out later, so the answer cannot tell."""
    if request.method != "POST":
        return show_form(request, None, AskForm())
    form = AskForm(request.POST)
    if not form.is_valid():
        return show_form(request, None, form, status=400)
    try:
        identity.ask_for_link(**form.cleaned_data)
    except TooManyRequests as refusal:
        return too_many(request, refusal)
    return SeeOther(reverse("guest:sent"))


@guest_page(*READ)
def sent(request: HttpRequest) -> HttpResponse:
    """Say the same to everybody who asked."""
    return render(request, "guest/sent.html")


@guest_page(*READ, "POST")
def ask_for(request: HttpRequest, booking_id: str) -> HttpResponse:
    """Take the contact for one reference. Looking shows what a match of the hotel's would cancel, and no guest."""
    if request.method == "POST":
        return compare(request, booking_id)
    booking = identity.by_match(booking_id)
    if booking is None:
        try:
            throttle.count_guess(ip=audit.current_actor().ip)
        except TooManyRequests as refusal:
            return too_many(request, refusal)
    return show_form(request, booking, AskForm(initial={"reference": booking_id[: identity.REFERENCE_LENGTH]}))


def compare(request: HttpRequest, booking_id: str) -> HttpResponse:
    """Let a match go on to the page that asks once more; answer everybody else as if a link had been asked for."""
    form = AskForm({"reference": booking_id, **request.POST.dict()})
    if not form.is_valid():
        return show_form(request, identity.by_match(booking_id), form, status=400)
    try:
        booking = identity.find_by_contact(**form.cleaned_data)
    except TooManyRequests as refusal:
        return too_many(request, refusal)
    return SeeOther(reverse("guest:sent")) if booking is None else let_in(booking)


def let_in(booking: Booking) -> HttpResponse:
    """Give the browser a short-lived key that can cancel this booking, and nothing else."""
    token = tokens.issue(booking, expires_at=timezone.now() + MATCH_LASTS, only_cancels=True)
    logger.info("link.matched", booking=booking.booking_id, link_id=token.pk)
    answer = SeeOther(reverse("guest:cancel"))
    remember(answer, tokens.reveal(token))
    return answer


def show_form(request: HttpRequest, booking: Booking | None, form: AskForm, *, status: int = 200) -> HttpResponse:
    """Ask who it is; for a hotel that takes a match, beside its name, the dates and what cancelling costs when."""
    if booking is None:
        return render(request, "guest/ask.html", {"form": form}, status=status)
    context = {**pages.without_guest(booking, now=timezone.now()), "form": form}
    return render(request, "guest/match.html", context, status=status)

"""The guest's way to Stripe's page and back."""

from contextlib import suppress
from functools import partial
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse

from bookings import audit
from bookings.happenings import note_refusal
from bookings.lifecycle import Outcome
from bookings.models import Booking
from bookings.refusals import Refused
from cancellations import guest_words, pages
from cancellations.guest_access import READ, SeeOther, guest_page, in_its_language, show, token_of, with_token
from cancellations.models import ManagementToken
from cancellations.views import in_progress
from payments import checkout, ledger, operations
from payments.gateway import Declined, OutcomeUnknown
from payments.models import Payment, PaymentStatus

# Without a script the return page reloads itself; with one it also asks every 2 s. Both stop after a minute.
SECONDS_PER_LOOK: Final = 10
LAST_LOOK: Final = 6
GIVEN_UP: Final = (PaymentStatus.VOIDED, PaymentStatus.EXPIRED)


@guest_page(*READ, "POST")
@with_token
def pay(request: HttpRequest, token: ManagementToken) -> HttpResponse:
    """Send the guest to a page where they can pay; a mere look at this address pays nothing."""
    if request.method != "POST":
        return SeeOther(reverse("guest:manage"))
    if token.only_cancels:  # Stripe's page shows the guest's address
        return SeeOther(reverse("guest:ask"))
    booking = token.booking
    try:
        outcome, payment = page_for(booking)
    except Refused as refusal:
        if refusal.code != "ERR_CURRENCY":
            return cannot_pay(request, token, refusal)
        return not_started(request, booking)
    except Declined:
        return not_started(request, booking)
    if outcome.state == Outcome.IN_PROGRESS or payment is None or not payment.session_url:
        return in_progress(request, booking)
    if payment.exchange_rate is not None:
        return show(request, "guest/converted.html", pages.converted(payment))
    return SeeOther(payment.session_url)


def page_for(booking: Booking) -> tuple[Outcome, Payment | None]:
    """Begin another attempt after a refused card; without one left, the guest may try again on the open page."""
    payment = ledger.current_payment(booking)
    if payment is not None and payment.status == PaymentStatus.FAILED:
        with suppress(Refused):
            return checkout.retry_payment(booking)
    return checkout.open_payment_page(booking)


def not_started(request: HttpRequest, booking: Booking) -> HttpResponse:
    """502: Stripe said no. Why is the hotel's to know; the guest reads that nothing was charged, and whom to ask."""
    return show(request, "guest/pay_failed.html", pages.stay(booking), status=502)


def cannot_pay(request: HttpRequest, token: ManagementToken, refusal: Refused) -> HttpResponse:
    """409 in a guest's words."""
    booking = pages.fresh(token.booking)
    note_refusal(refusal.code, refusal.message, booking=booking)
    reason = guest_words.why_not_pay(booking, refusal)
    return show(request, "guest/cannot_pay.html", {**pages.stay(booking), "reason": reason}, status=409)


@guest_page(*READ)
def returned(request: HttpRequest) -> HttpResponse:
    """Receive the guest back from Stripe. The address is not believed: only Stripe knows who paid."""
    token = token_of(request)
    if token is None:
        return render(request, "guest/returned_unknown.html")
    return in_its_language(token, partial(show_return, request, token))


def show_return(request: HttpRequest, token: ManagementToken) -> HttpResponse:
    """Show what became of the payment, and look again for a minute while Stripe has not said."""
    look = look_number(request.GET.get("look", ""))
    payment = ledger.current_payment(token.booking)
    if look in (0, LAST_LOOK) and payment is not None and not is_settled(token.booking, payment):
        ask_stripe(payment)
        token = token_of(request) or token
    facts = facts_of(token.booking)
    waiting = not facts["settled"] and look < LAST_LOOK
    context = {**pages.returned(token.booking), **facts, "waiting": waiting, "look": look + 1}
    answer = show(request, "guest/returned.html", context)
    if waiting:
        answer["Refresh"] = f"{SECONDS_PER_LOOK}; url={reverse('guest:returned')}?look={look + 1}"
    return answer


def look_number(given: str) -> int:
    """Return how many times the page has looked; anything odd ends the waiting."""
    if given == "":
        return 0
    return int(given) if given in map(str, range(LAST_LOOK)) else LAST_LOOK


def ask_stripe(payment: Payment) -> None:
    """Re-read the payment once. If that fails, Stripe's own message will come."""
    with audit.acting_as(audit.ActorKind.STRIPE):
        try:
            operations.refresh(payment)
        except (Declined, OutcomeUnknown):
            return


@guest_page(*READ)
@with_token
def status(request: HttpRequest, token: ManagementToken) -> JsonResponse:
    """Tell the waiting page's script how far the payment is."""
    return JsonResponse(facts_of(token.booking))


def facts_of(booking: Booking) -> dict[str, Any]:
    """Return the states, and whether there is anything left to wait for."""
    payment = ledger.current_payment(booking)
    return {
        "status": booking.status,
        "payment_status": payment.status if payment else "",
        "settled": is_settled(booking, payment),
    }


def is_settled(booking: Booking, payment: Payment | None) -> bool:
    """Whether the booking has stopped waiting for this payment. After a refused card, another may follow."""
    waits = ledger.due(booking) is not None
    return not waits or payment is None or payment.status in GIVEN_UP

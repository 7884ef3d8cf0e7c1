"""What a process can be killed in: each action through its real entry, answered in one word.

`done`, `already` and `in_progress` are the product's own outcomes; `refused` and `declined` are its two noes.
"""

from collections.abc import Callable, Mapping
from io import StringIO
from typing import Any, Final

from django.contrib.messages import constants, get_messages
from django.core.management import call_command
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bookings import audit, bulk, lifecycle
from bookings.audit import Actor, ActorKind
from bookings.models import Booking
from bookings.refusals import Refused
from cancellations.guest_access import COOKIE
from payments import operations, reconcile
from payments.models import Payment

type Job = Mapping[str, Any]
type Answer = tuple[str, str]
SESSION: Final = "innkeep_session"
BY_LEVEL: Final = {
    constants.SUCCESS: "done",
    constants.INFO: "already",
    constants.WARNING: "in_progress",
    constants.ERROR: "refused",
}
BY_STATUS: Final = {200: "already", 202: "in_progress", 303: "done", 409: "refused", 502: "declined"}


def staff(job: Job) -> Answer:
    """Press the button of an admin dialog: job holds its address and what the form posts."""
    client = Client()
    client.cookies[SESSION] = job["session"]
    response = client.post(job["url"], job["data"])
    if response.status_code != 302:
        return "refused", form_errors(response)
    (said,) = get_messages(response.wsgi_request)
    return BY_LEVEL[said.level], str(said)


def form_errors(response: Any) -> str:
    """Return what the dialog says when it stays open."""
    return f"{response.status_code} {response.context_data['form'].errors.as_text()}"


def submit(job: Job) -> Answer:
    """Offer the room of a draft."""
    actor = Actor(ActorKind.STAFF, request_id=audit.new_request_id())
    booking = Booking.objects.select_related("hotel", "room", "room_type").get(pk=job["booking"])
    with audit.acting(actor):
        try:
            outcome = lifecycle.submit(booking)
        except Refused as refusal:
            return "refused", refusal.message
    return outcome.state, outcome.message


def guest_cancel(job: Job) -> Answer:
    """Confirm the cancellation on the guest's page."""
    return by_status(guest(job).post(reverse("guest:cancel"), {"reason": "", "quote": job["quote"]}))


def guest_pay(job: Job) -> Answer:
    """Press "Pay" on the guest's page."""
    response = guest(job).post(reverse("guest:pay"))
    # In another currency the guest is shown the amount first, and goes on from there.
    return ("done", "converted") if response.status_code == 200 else by_status(response)


def guest_returns(job: Job) -> Answer:
    """Come back from Stripe's page."""
    return by_status(guest(job).get(reverse("guest:returned")))


def guest(job: Job) -> Client:
    """A browser that has opened the guest's link."""
    client = Client()
    client.cookies[COOKIE] = job["key"]
    return client


def by_status(response: HttpResponseBase) -> Answer:
    """The answer of a guest page."""
    return BY_STATUS[response.status_code], response.headers.get("Location", "")


def webhook(job: Job) -> Answer:
    """Deliver one event of Stripe's, then let the worker take its turn."""
    deliver(job)
    return worker(job)


def deliver(job: Job) -> Answer:
    """Deliver one event of Stripe's."""
    response = Client().post(
        reverse("stripe-webhook"),
        job["body"].encode(),
        content_type="application/json",
        headers={"Stripe-Signature": job["signature"]},
    )
    return {200: "done", 400: "refused"}[response.status_code], ""


def refresh(job: Job) -> Answer:
    """Re-read a booking's newest payment at Stripe, as the worker does for a webhook."""
    payment = Payment.objects.select_related("booking").filter(booking=job["booking"]).latest("attempt_number")
    with as_worker():
        operations.refresh(payment)
    return "done", ""


def expire(job: Job) -> Answer:
    """Expire a hold, as the worker does with each that is due."""
    with as_worker():
        closed = reconcile.expired(Booking.objects.get(pk=job["booking"]))
    return ("done" if closed else "in_progress"), ""


def undo(job: Job) -> Answer:
    """Undo an unpaid change, as the worker does with each that is due."""
    with as_worker():
        closed = reconcile.undone(Booking.objects.get(pk=job["booking"]))
    return ("done" if closed else "in_progress"), ""


def worker(_job: Job) -> Answer:
    """Let the worker take one turn."""
    call_command("worker", "--once", stdout=StringIO())
    return "done", ""


def bulk_turn(_job: Job) -> Answer:
    """Let the worker carry out what is due of all runs."""
    with as_worker():
        bulk.run_due(timezone.now())
    return "done", ""


def compare(_job: Job) -> Answer:
    """Compare all payments with Stripe's."""
    try:
        call_command("reconcile", full=True, stdout=StringIO())
    except SystemExit:
        return "differs", ""
    return "done", ""


def janitor(_job: Job) -> Answer:
    """Only the janitor, with no patience for young operations."""
    with as_worker():
        reconcile.reconcile(timezone.now() + reconcile.GRACE)
    return "done", ""


def as_worker() -> Any:
    """Act as the worker."""
    return audit.acting(Actor(ActorKind.WORKER, request_id=audit.new_request_id()))


ACTIONS: Final[Mapping[str, Callable[[Job], Answer]]] = {
    each.__name__: each
    for each in (
        staff,
        submit,
        guest_cancel,
        guest_pay,
        guest_returns,
        webhook,
        deliver,
        refresh,
        expire,
        undo,
        worker,
        bulk_turn,
        compare,
        janitor,
    )
}

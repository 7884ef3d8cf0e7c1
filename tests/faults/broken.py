"""Builds with a known mistake. The suite must catch each of them, or it proves nothing."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, Final
from unittest import mock

from django.db import transaction
from django.utils import timezone

from bookings import audit, emails, lifecycle
from bookings.lifecycle import Outcome
from bookings.models import Booking
from cancellations import cancel
from payments import operations, settle
from payments.gateway import Declined
from payments.models import OperationKind, PaymentOperation
from payments.operations import Decide
from payments.snapshot import Snapshot

type Patch = Callable[[], Any]


@contextmanager
def build(name: str) -> Iterator[None]:
    """Run a block with a mistake built in; without a name, the product as it is."""
    with ExitStack() as stack:
        for patch in BUILDS[name]() if name else ():
            stack.enter_context(patch)
        yield


def stripe_inside_the_transaction() -> list[Any]:
    """The decision, the call and the settling are one transaction."""

    def run(booking: Booking, decide: Decide) -> Outcome:
        with transaction.atomic():
            decided = decide(lifecycle.lock(booking))
            return decided if isinstance(decided, Outcome) else operations.perform(decided)

    return [mock.patch.object(operations, "run", run)]


def a_new_key_for_each_call() -> list[Any]:
    """The key is made when Stripe is called and stored nowhere."""
    call = operations.call

    def with_new_key(operation: PaymentOperation) -> Snapshot:
        operation.idempotency_key = audit.new_request_id()
        return call(operation)

    return [mock.patch.object(operations, "call", with_new_key)]


def no_look_up() -> list[Any]:
    """An open operation is sent again, under a fresh key, without asking what became of it."""

    def resolve(operation: PaymentOperation) -> bool:
        with transaction.atomic():
            lifecycle.lock(operation.booking)
            operations.renew_key(operation)
        try:
            return operations.perform(operation).state != Outcome.IN_PROGRESS
        except Declined:
            return True

    return [mock.patch.object(operations, "resolve", resolve)]


def no_lock() -> list[Any]:
    """The booking is read without being locked."""

    def unlocked(booking: Booking) -> Booking:
        return Booking.objects.select_related("hotel", "room", "room_type").get(pk=booking.pk)

    return [mock.patch.object(lifecycle, "lock", unlocked)]


def no_open_operation() -> list[Any]:
    """Nobody looks whether an operation is open already."""
    return [mock.patch.object(operations, "open_operation", return_value=None)]


def mail_after_the_commit() -> list[Any]:
    """The mail is queued by a hook that runs after the commit."""
    to_guest = emails.to_guest

    def later(*said: Any, **options: Any) -> None:
        transaction.on_commit(lambda: to_guest(*said, **options))

    return [mock.patch.object(emails, "to_guest", later)]


def history_after_the_commit() -> list[Any]:
    """The history row is written by a hook that runs after the commit."""

    def save(booking: Any, transition: str, reason: str = "") -> None:
        booking.skip_history_when_saving = True
        booking.save()
        del booking.skip_history_when_saving
        transaction.on_commit(lambda: with_history(booking, transition, reason))

    return [mock.patch.object(lifecycle, "save", save)]


def with_history(booking: Booking, transition: str, reason: str) -> None:
    """Save once more, for the history row alone."""
    with audit.change(transition, reason):
        booking.save()


def amount_worked_out_again() -> list[Any]:
    """What was decided is not what is sent: a cancellation's refund is worked out anew at each call."""
    call = operations.call

    def recalculated(operation: PaymentOperation) -> Snapshot:
        if operation.kind == OperationKind.REFUND and operation.transition == "cancel":
            operation.amount = cancel.quote(operation.booking, at=timezone.now()).refund or 1
        return call(operation)

    return [mock.patch.object(operations, "call", recalculated)]


def settles_twice() -> list[Any]:
    """A settled operation is completed again by whoever comes second."""

    def still(booking: Booking) -> PaymentOperation | None:
        return booking.operations.select_related("payment").order_by("-id").first()

    return [mock.patch.object(settle, "open_operation", still)]


BUILDS: Final[Mapping[str, Patch]] = {
    each.__name__: each
    for each in (
        stripe_inside_the_transaction,
        a_new_key_for_each_call,
        no_look_up,
        no_lock,
        no_open_operation,
        mail_after_the_commit,
        history_after_the_commit,
        settles_twice,
        amount_worked_out_again,
    )
}

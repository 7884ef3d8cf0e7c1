"""Builds with a known mistake. The suite must catch each of them, or it proves nothing.

Each is a patch on the product as it is. Where a constraint of the database stands behind what the patch takes away,
the patch takes that away, too (`GUARDS`): the suite has to notice what really happened, not an error.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, Final
from unittest import mock

from django.db import connection, connections, transaction
from django.utils import timezone

from bookings import audit, emails, lifecycle
from bookings.lifecycle import Outcome
from bookings.models import Booking
from cancellations import cancel
from payments import operations, owed, settle, webhooks
from payments.gateway import Declined
from payments.models import OperationKind, Payment, PaymentOperation
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


def no_lock() -> list[Any]:
    """The booking is read without being locked."""

    def unlocked(booking: Booking) -> Booking:
        return Booking.objects.select_related("hotel", "room", "room_type").get(pk=booking.pk)

    return [mock.patch.object(lifecycle, "lock", unlocked)]


def no_stored_key() -> list[Any]:
    """The key is made when Stripe is called and stored nowhere."""
    return [mock.patch.object(operations, "call", keyed(lambda _: audit.new_request_id()))]


def key_per_booking() -> list[Any]:
    """Everything of one kind that is done to a booking has the same key."""
    return [mock.patch.object(operations, "call", keyed(lambda each: f"{each.kind}:{each.booking.booking_id}"))]


def keyed(key: Callable[[PaymentOperation], str]) -> Callable[[PaymentOperation], Snapshot]:
    """Return a way to call Stripe that takes its key from somewhere else than the operation's row."""
    call = operations.call

    def with_key(operation: PaymentOperation) -> Snapshot:
        stored, operation.idempotency_key = operation.idempotency_key, key(operation)
        try:
            return call(operation)
        finally:
            operation.idempotency_key = stored

    return with_key


def stripe_inside_the_transaction() -> list[Any]:
    """The decision, the call and the settling are one transaction."""

    def run(booking: Booking, decide: Decide) -> Outcome:
        with transaction.atomic():
            decided = decide(lifecycle.lock(booking))
            return decided if isinstance(decided, Outcome) else operations.perform(decided)

    return [mock.patch.object(operations, "run", run)]


def recalculated_amount() -> list[Any]:
    """What was decided is not what is sent: a cancellation's refund is worked out anew at each call."""
    call = operations.call

    def recalculated(operation: PaymentOperation) -> Snapshot:
        if operation.kind == OperationKind.REFUND and operation.transition == "cancel":
            operation.amount = cancel.quote(operation.booking, at=timezone.now()).refund
        return call(operation)

    return [mock.patch.object(operations, "call", recalculated)]


def no_deduplication() -> list[Any]:
    """Each delivery is a new event, and news about a refund that came back is acted on each time it is heard."""
    store = webhooks.store
    reopen = owed.reopen_undone
    seen = iter(range(10**9))

    def stored_anew(event: Mapping[str, Any], payload_hash: str) -> None:
        store({**event, "id": f"{event['id']}:{audit.new_request_id()}:{next(seen)}"}, payload_hash)

    def owed_each_time(payment: Payment) -> None:
        payment.refunds.filter(replaces__isnull=False).update(replaces=None)
        reopen(payment)

    return [
        mock.patch.object(webhooks, "store", stored_anew),
        mock.patch.object(owed, "reopen_undone", owed_each_time),
    ]


def mail_before_commit() -> list[Any]:
    """The mail leaves while the transaction runs, whatever becomes of it."""
    to_guest = emails.to_guest

    def at_once(*said: Any, **options: Any) -> None:
        error: list[BaseException] = []
        worker = threading.Thread(target=beside, args=(lambda: to_guest(*said, **options), error))
        worker.start()
        worker.join()
        if error:
            raise error[0]

    return [mock.patch.object(emails, "to_guest", at_once)]


def beside(work: Callable[[], Any], error: list[BaseException]) -> None:
    """Do something on a connection of its own, which commits by itself and waits for no lock."""
    try:
        with connection.cursor() as cursor:
            # Without it the foreign key to the booking waits for the transaction that waits for us.
            cursor.execute("SET session_replication_role = replica")
        work()
    except BaseException as problem:  # it belongs to whoever waits for this thread
        error.append(problem)
    finally:
        connections.close_all()


def history_outside() -> list[Any]:
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


def mail_after_the_commit() -> list[Any]:
    """The mail is queued by a hook that runs after the commit."""
    to_guest = emails.to_guest

    def later(*said: Any, **options: Any) -> None:
        transaction.on_commit(lambda: to_guest(*said, **options))

    return [mock.patch.object(emails, "to_guest", later)]


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

    return [
        mock.patch.object(operations, "resolve", resolve),
        # Each refund looks at Stripe first, which alone would be enough here.
        mock.patch.object(operations, "seen_before", return_value=None),
    ]


def no_open_operation() -> list[Any]:
    """Nobody looks whether an operation is open already."""
    return [mock.patch.object(operations, "open_operation", return_value=None)]


def settles_twice() -> list[Any]:
    """A settled operation is completed again by whoever comes second."""

    def still(booking: Booking) -> PaymentOperation | None:
        return booking.operations.select_related("payment").order_by("-id").first()

    return [mock.patch.object(settle, "open_operation", still)]


# The eight that docs/operations.md names, and more.
CONTROLS: Final[tuple[Patch, ...]] = (
    no_lock,
    no_stored_key,
    key_per_booking,
    stripe_inside_the_transaction,
    recalculated_amount,
    no_deduplication,
    mail_before_commit,
    history_outside,
)
EXTRA: Final[tuple[Patch, ...]] = (mail_after_the_commit, no_look_up, no_open_operation, settles_twice)
BUILDS: Final[Mapping[str, Patch]] = {each.__name__: each for each in (*CONTROLS, *EXTRA)}
# Which constraints of a model stand behind a mistake and would turn its harm into an error.
GUARDS: Final[Mapping[str, tuple[tuple[type[Any], str], ...]]] = {
    "no_open_operation": ((PaymentOperation, "one_open_operation_per_booking"),),
}


@contextmanager
def unguarded(name: str) -> Iterator[None]:
    """Take the constraints behind a mistake out of the database for a while; it must be empty afterwards."""
    guards = [(model, find(model, name_of)) for model, name_of in GUARDS.get(name, ())]
    with connection.schema_editor() as editor:
        for model, constraint in guards:
            editor.remove_constraint(model, constraint)
    try:
        yield
    finally:
        with connection.schema_editor() as editor:
            for model, constraint in guards:
                editor.add_constraint(model, constraint)


def find(model: type[Any], name: str) -> Any:
    """Return a constraint of a model."""
    (found,) = (each for each in model._meta.constraints if each.name == name)
    return found
